//! Decides which locked files a project may install. Pure functions of the manifest, the lock, people's decisions and
//! the day: no files, no network, no clock.
//!
//! A call goes [`Admission::evaluate`] or [`evaluate`] → `entry`, `dependencies` and `files` for each entry, `unused`
//! at the end. Each of them reports [`Violation`]s of the rules in `modelpin_rules`.
//!
//! - [`Decisions`]: the audits and exemptions that count
//! - `levels`: what a project wants done about a rule
//! - `entry`: an entry as a whole: licence, publisher, age, ticket, requirements
//! - `dependencies`: what an entry takes from other repos
//! - `files`: which files stay out of the target, and why; `code`: whose code may run
//! - `unused`: decisions that apply to nothing that is locked
//! - [`expiring`](expiring()): exemptions that end soon
//! - [`new_dependencies`](new_dependencies()): repos that an update takes something from for the first time

mod admission;
mod code;
mod decisions;
mod dependencies;
mod entry;
mod evaluation;
mod evaluator;
mod expiring;
mod files;
mod levels;
mod location;
mod new_dependencies;
mod remedies;
mod text;
mod unused;
mod violation;
mod withheld;

pub use admission::{Admission, Disguised, disguised};
pub use decisions::Decisions;
pub use evaluation::{Evaluation, evaluate, evaluate_observed};
pub use expiring::{Expiring, expiring};
pub use files::{executes, findings, is_more_than_code};
pub use levels::{ProjectPolicy, check_levels};
pub use new_dependencies::new_dependencies;
pub use violation::Violation;
pub use withheld::{Approvals, Withheld, WithheldByName};
