//! One problem, whoever found it: a failed command, the policy, or the scanner.

use serde::Serialize;

/// An error, a warning or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// The rule, where a rule of the policy or of the scanner says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How bad the scanner calls it, whatever was decided about the file; only for findings of the scanner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What the rule means for a file of data: `runs-code`, `not-scanned` or `advice`; only for findings of the
    /// scanner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// The entry of models.toml or models.lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The file in the entry's repo, or the scanned file as it was named on the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The line of a file of the project, from the folder in which the command was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What is wrong, in one clause.
    pub what: String,
    /// What the scanner found in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was found instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// Why it matters, in one clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do next, one action each.
    pub help: Vec<String>,
    /// The decision that accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Whether a decision about exactly these bytes (an audit, an exemption) would accept it; only for the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_be_decided: Option<bool>,
    /// Stays the same from run to run though lines and bytes move: 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The exit code that this alone leads to; only for errors that end a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

impl Diagnostic {
    /// A problem of which nothing else is known yet.
    #[must_use]
    pub fn new(level: Level, what: impl Into<String>) -> Self {
        Self {
            level,
            rule: None,
            severity: None,
            property: None,
            entry: None,
            path: None,
            place: None,
            location: None,
            what: what.into(),
            evidence: None,
            expected: None,
            got: None,
            why: None,
            help: Vec::new(),
            decision: None,
            can_be_decided: None,
            fingerprint: None,
            exit_code: None,
        }
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// It fails the command.
    Error,
    /// It does not fail the command.
    Warning,
    /// Worth knowing, or accepted by a decision.
    Note,
}

/// How bad the scanner calls a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// The file runs code, or is built to deceive.
    Dangerous,
    /// A person has to look at it.
    Review,
    /// Worth knowing; it changes no verdict.
    Note,
}

/// A line of a file of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A place in a scanned file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The members that lead there, outermost archive first; empty for the file itself.
    pub members: Vec<String>,
    /// The byte, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The key of a document, as in `a.b[0]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A decision that accepts a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// `certified`, `exempted` or `allowed`.
    pub kind: String,
    /// Who decided; for an exemption, until when as well.
    pub by: String,
}
