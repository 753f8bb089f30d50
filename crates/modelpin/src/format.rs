//! The output formats.

use crate::out::Form;
use clap::ValueEnum;

/// Text for people, or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The formats of a report of problems: `check` and `scan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// For code scanning and editors (SARIF 2.1.0)
    Sarif,
    /// For GitHub Actions, as annotations
    Github,
    /// For a pull request
    Markdown,
}

impl ReportFormat {
    /// How the text leaves the program.
    pub(crate) fn form(self) -> Form {
        if self == Self::Github { Form::Commands } else { Form::Plain }
    }
}

/// The formats of a change report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChangeFormat {
    /// For a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For a browser
    Html,
    /// For programs
    Json,
}
