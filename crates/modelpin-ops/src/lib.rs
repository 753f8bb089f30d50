//! The verbs of modelpin: what each command does, without a word of how it is typed or printed.
//!
//! Every verb has the same five steps: read, resolve, check, write, report. It is given a [`Workspace`], and an
//! [`Online`] beside it where it may use a network; where it changes the project, a [`WritableWorkspace`].
//!
//! - [`verbs`]: one file a verb
//! - [`workspace`]: a project with all that a verb needs; [`writable`]: one that may be changed
//! - [`online`]: where content comes from that is not on this machine
//! - [`project`]: models.toml and models.lock on disk; `discover`: where they are; `file_names`: what they are called
//! - [`settings`]: flags, variables and the user's own configuration, which decide what a project may only ask for
//! - [`locations`]: where the target, the mirrors and the imports of a project are
//! - `locate`: where the bytes of a locked file are on this machine
//! - [`files`]: how files of a project are read and written
//! - [`resolve`]: from a requirement to a pin
//! - [`fetch`]: from a pin to verified content in the store; [`sources`]: where that comes from
//! - [`convert`]: from a locked pickle to safetensors
//! - [`facts`]: what the bytes are and do; `scanning`: scanning files; `ranges`: by parts of them
//! - [`decisions`]: what people decided about exact bytes; `exclusions`: what that keeps out of the target
//! - [`preflight`]: whether the target and the quarantine may be used
//! - [`exec`]: what a program is given so that its loaders find what is pinned and nothing else
//! - [`dependency_graph`]: what each entry depends on, and what depends on it
//! - [`known_projects`]: the projects that a store knows
//! - `commit_contents`: whether the lock has the bytes that its commits had before; [`hub_answers`]: what the Hub said of them
//! - [`left_out`]: the files that new pins leave out of their commits
//! - `git`: what git says of the project's folder
//! - [`runtime`]: waiting for a network, and threads that may block
//! - [`reporter`]: what happens while a verb works
//! - [`refusal`]: every "no", in five parts

mod commit_contents;
pub mod convert;
pub mod decisions;
pub mod dependency_graph;
mod discover;
mod exclusions;
pub mod exec;
pub mod facts;
pub mod fetch;
mod file_names;
pub mod files;
mod git;
pub mod hub_answers;
pub mod known_projects;
pub mod left_out;
mod locate;
pub mod locations;
pub mod online;
pub mod preflight;
pub mod project;
mod ranges;
pub mod refusal;
pub mod reporter;
pub mod resolve;
pub mod runtime;
mod scanning;
pub mod settings;
pub mod sources;
pub mod verbs;
pub mod workspace;
pub mod writable;

pub use modelpin_hub::{Config, Hub};
pub use modelpin_store::install::Depth;
pub use modelpin_store::{Record, Store};
pub use online::Online;
pub use project::Project;
pub use refusal::{ErrorClass, Failure, Line, Refusal, Refusals};
pub use runtime::Runtime;
pub use settings::UserSettings;
pub use workspace::Workspace;
pub use writable::WritableWorkspace;
