//! The names of a project's files and folders.

/// The manifest's file name.
pub const MANIFEST: &str = "models.toml";
/// The lock's file name.
pub const LOCK: &str = "models.lock";
/// The file name of people's decisions: audits and exemptions.
pub const AUDITS: &str = "models.audits.toml";
pub use modelpin_store::OWN_FOLDER;
