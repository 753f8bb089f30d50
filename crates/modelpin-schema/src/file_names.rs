//! The names of a project's three files.

/// What a project asks for.
pub const MANIFEST: &str = "models.toml";

/// What it gets.
pub const LOCK: &str = "models.lock";

/// What people decided about exact bytes.
pub const AUDITS: &str = "models.audits.toml";
