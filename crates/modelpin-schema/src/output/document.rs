//! The envelope.

use super::Diagnostic;
use serde::Serialize;

/// The version of the documents.
pub const VERSION: u32 = 1;

/// What a command prints with `--format json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Document<T> {
    /// The version of the documents: 1.
    pub schema_version: u32,
    /// The command, as in `check` or `cache ls`.
    pub command: String,
    /// How the command ended: the exit code's name.
    pub status: Status,
    /// The exit code.
    pub exit_code: u8,
    /// The result; null where the command failed before there was one.
    pub result: Option<T>,
    /// Errors, warnings and notes; with an exit code other than 0 and 10, at least one error says why.
    pub diagnostics: Vec<Diagnostic>,
}

/// The names of the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// Exit code 0.
    Ok,
    /// Exit code 1.
    Unexpected,
    /// Exit code 2.
    Usage,
    /// Exit code 3.
    Stale,
    /// Exit code 4.
    Integrity,
    /// Exit code 5.
    Policy,
    /// Exit code 6.
    Identity,
    /// Exit code 7.
    Upstream,
    /// Exit code 10.
    Outdated,
}
