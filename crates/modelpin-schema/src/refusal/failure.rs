//! Everything that ends a command without success.

use super::{ErrorClass, Refusal, Refusals};
use crate::fault::Fault;
use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

/// Why a command could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Something was refused or not found.
    Refused(Refusals),
    /// A file that people edit is wrong at some place.
    Fault(Box<Fault>),
    /// A file or folder could not be read or written.
    Io {
        /// What was being done, as in `write`.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The system gave something else than a file not: a thread, a process.
    System {
        /// What was being done, as in `start a thread`.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another program that was needed did not do its work.
    Program {
        /// The program, as in `git`.
        program: &'static str,
        /// What it printed.
        message: String,
    },
    /// A file changed while it was read, so that what was read of it proves nothing. Another run may succeed.
    Changed {
        /// The file: a path in a repo, or a place on this machine.
        path: String,
    },
    /// A fault of modelpin itself.
    Internal {
        /// What went wrong, in one clause.
        what: String,
    },
}

impl Failure {
    /// The class that decides the exit code.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Refused(refusals) => refusals.class(),
            Self::Fault(_) => ErrorClass::Usage,
            Self::Io { .. }
            | Self::System { .. }
            | Self::Program { .. }
            | Self::Changed { .. }
            | Self::Internal { .. } => ErrorClass::Internal,
        }
    }

    /// For `map_err`: an error of the system with the file at `path`.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// For `map_err`: an error of the system without a file.
    pub fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }

    /// A fault of modelpin: `what` went wrong.
    pub fn internal(what: impl Display) -> Self {
        Self::Internal { what: what.to_string() }
    }

    /// `path` changed while it was read.
    pub fn changed(path: impl Display) -> Self {
        Self::Changed { path: path.to_string() }
    }

    /// The failure with each of its refusals, where it has any, changed by `change`.
    #[must_use]
    pub fn map_refusals(self, change: impl FnMut(Refusal) -> Refusal) -> Self {
        match self {
            Self::Refused(refusals) => Self::Refused(refusals.map(change)),
            other => other,
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => {
                for (at, refusal) in refusals.iter().enumerate() {
                    let separator = if at == 0 { "" } else { "; " };
                    write!(f, "{separator}{refusal}")?;
                }
                Ok(())
            }
            Self::Fault(fault) => Display::fmt(fault, f),
            Self::Io { doing, path, .. } => write!(f, "cannot {doing} `{}`", path.display()),
            Self::System { doing, .. } => write!(f, "cannot {doing}"),
            Self::Program { program, message } => write!(f, "{program} failed: {message}"),
            Self::Changed { path } => write!(f, "`{path}` changed while it was read"),
            Self::Internal { what } => write!(f, "internal error: {what}"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::System { source, .. } => Some(source),
            Self::Refused(_) | Self::Fault(_) | Self::Program { .. } | Self::Changed { .. } | Self::Internal { .. } => {
                None
            }
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Refusals> for Failure {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// Success where `refusals` is empty.
///
/// # Errors
/// All of `refusals`, where there are any.
pub fn fail_if_any(refusals: Vec<Refusal>) -> Result<(), Failure> {
    Refusals::new(refusals).map_or(Ok(()), |refusals| Err(refusals.into()))
}
