//! The verbs of modelpin: what each command does, without a word of how it is typed or printed.
//!
//! Every verb has the same five beats: read, resolve, check, write, tell.
//!
//! - [`verbs`]: one file a verb
//! - [`project`]: models.toml and models.lock on disk; `discover`: where they are
//! - [`settings`]: what the person said, who decides what a project may only ask for
//! - `locate`: where the bytes of a locked file are
//! - `file_names`: what the files of a project are called
//! - [`locations`]: where the target, the mirrors and the imports of a project are
//! - [`preflight`]: whether the trees may be used
//! - [`files`]: how files of a project are read and written
//! - [`writable`]: a workspace whose project this process may change
//! - `commits`: whether the lock has the bytes that its commits had before; [`told`]: what the Hub said of them
//! - `git`: what git says of the project's folder
//! - [`online`]: the store, the Hub and the reporter that a verb is given
//! - [`runtime`]: waiting for a network, and threads that may block
//! - [`workspace`]: a project with all that a verb needs; [`online`]: where content comes from that is not here
//! - [`resolve`]: from a wish to a pin
//! - [`fetch`]: from a pin to proven bytes in the store
//! - [`sources`]: where content comes from that is not in the store
//! - [`facts`]: what the bytes are and do
//! - `scanning`: judging files by their bytes
//! - [`decisions`]: what people decided about exact bytes
//! - [`leads`]: what each entry leads to, and what leads to it
//! - [`known`]: the projects that a store knows
//! - [`exec`]: what a program is told so that its loaders find what is pinned and nothing else
//! - [`refusal`]: every "no", in five parts

mod commits;
pub mod convert;
pub mod decisions;
mod discover;
mod exclusions;
pub mod exec;
pub mod facts;
pub mod fetch;
mod file_names;
pub mod files;
mod git;
pub mod known;
pub mod leads;
mod locate;
pub mod locations;
pub mod online;
pub mod preflight;
pub mod project;
pub mod refusal;
pub mod reporter;
pub mod resolve;
pub mod runtime;
mod scanning;
pub mod settings;
pub mod sources;
pub mod told;
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
