//! The change report: what changed in the three files of a project, and what of it a reviewer reads first.
//!
//! - [`diff`]: what changed in models.lock, entry by entry
//! - [`manifest`]: what changed in models.toml, key by key, as it is spelled
//! - [`audits`]: what changed in models.audits.toml

pub mod audits;
mod fact;
mod firmness;
mod lock;
pub mod manifest;
mod report;

pub use fact::FactChange;
pub use lock::{Change, ChangeKind, FileChange, diff};
pub use report::{ChangeReport, Highlight, Subject};
