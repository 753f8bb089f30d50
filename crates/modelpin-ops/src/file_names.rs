//! The names of a project's files and folders.

pub use modelpin_schema::{AUDITS, LOCK, MANIFEST};
pub use modelpin_store::OWN_FOLDER;
