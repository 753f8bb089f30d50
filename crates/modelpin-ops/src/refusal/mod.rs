//! What modelpin says when its answer is no.
//!
//! A [`Refusal`] always has five parts: what happened (and to which model and file), what was expected, what
//! was got, why it matters, and what to type next. The functions that make them live here, one place for each
//! sort of trouble, so that the words can be read and kept alike:
//! [`files`] (models.toml, models.lock), [`content`] (bytes), [`convert`] (conversions), [`git`] (revisions of the
//! project), [`upstream`] (the Hub), [`usage`] (what was asked).
//! What the policy refuses is in [`crate::policy`].

pub mod content;
pub mod convert;
pub mod files;
pub mod git;
pub mod upstream;
pub mod usage;

use modelpin_schema::fault::Fault;
use modelpin_schema::{Name, RepoPath};
use std::path::{Path, PathBuf};

/// The sort of trouble, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Unexpected, or the machine's own trouble: exit 1.
    Internal,
    /// What was typed or written cannot be meant: exit 2.
    Usage,
    /// The lock is missing or does not answer the manifest: exit 3.
    Stale,
    /// Bytes, sizes or files are not those of the lock: exit 4.
    Integrity,
    /// The bytes are those of the lock, and may not come in: exit 5.
    Policy,
    /// A repo is not the one that was locked: exit 6.
    Identity,
    /// The Hub is gone, gated, limited or out of reach: exit 7.
    Upstream,
}

impl ErrorClass {
    /// Which of several decides: what cannot be read stops everything, then integrity, identity, policy, staleness.
    fn rank(self) -> u8 {
        match self {
            Self::Internal => 7,
            Self::Usage => 6,
            Self::Integrity => 5,
            Self::Identity => 4,
            Self::Policy => 3,
            Self::Stale => 2,
            Self::Upstream => 1,
        }
    }
}

/// A line of a file that people review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file, as a person calls it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// One "no", in five parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The sort of trouble.
    pub class: ErrorClass,
    /// The rule of the policy that says no, where one does.
    pub rule: Option<&'static str>,
    /// The line of a file of the project that it is about, where there is one.
    pub at: Option<Line>,
    /// The model or dataset it is about.
    pub name: Option<Name>,
    /// The file it is about.
    pub path: Option<String>,
    /// What happened, in one clause.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was got.
    pub got: String,
    /// Why it matters, in one clause.
    pub why: String,
    /// What to type next.
    pub help: String,
}

impl Refusal {
    /// The same refusal, of the entry `name`; `NAME` in its advice becomes that name, so that it can be typed
    /// as it stands.
    #[must_use]
    pub fn of(self, name: &Name) -> Self {
        Self { help: self.help.replace("NAME", name.as_str()), name: Some(name.clone()), ..self }
    }

    /// The same refusal, of the file `path`.
    #[must_use]
    pub fn file(self, path: &RepoPath) -> Self {
        Self { path: Some(path.to_string()), ..self }
    }
}

/// Why a verb could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The answer is no; never empty.
    Refused(Vec<Refusal>),
    /// A file that people edit is wrong at some place.
    Fault(Box<Fault>),
    /// The machine's own trouble.
    Io {
        /// What was being done, as in `write`.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program that was needed did not do its work.
    Tool {
        /// The program.
        program: &'static str,
        /// What it said.
        message: String,
    },
}

impl Failure {
    /// The sort of trouble that decides the exit code.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Refused(refusals) => worst(refusals),
            Self::Fault(_) => ErrorClass::Usage,
            Self::Io { .. } | Self::Tool { .. } => ErrorClass::Internal,
        }
    }

    /// For `map_err`: the system's word about `path`.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

fn worst(refusals: &[Refusal]) -> ErrorClass {
    let classes = refusals.iter().map(|refusal| refusal.class);
    classes.max_by_key(|class| class.rank()).unwrap_or(ErrorClass::Internal)
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// `Ok(())`, or everything that was refused.
///
/// # Errors
/// All of `refusals`, where there are any.
pub fn all(refusals: Vec<Refusal>) -> Result<(), Failure> {
    if refusals.is_empty() { Ok(()) } else { Err(Failure::Refused(refusals)) }
}

#[cfg(test)]
mod tests {
    use super::{ErrorClass, Failure, Refusal};

    #[test]
    fn the_worst_of_several_decides() {
        let refusal = |class| Refusal {
            class,
            rule: None,
            at: None,
            name: None,
            path: None,
            what: String::new(),
            expected: String::new(),
            got: String::new(),
            why: String::new(),
            help: String::new(),
        };
        let worst = |classes: &[ErrorClass]| Failure::Refused(classes.iter().copied().map(refusal).collect()).class();
        assert_eq!(worst(&[ErrorClass::Upstream, ErrorClass::Integrity, ErrorClass::Stale]), ErrorClass::Integrity);
        assert_eq!(worst(&[ErrorClass::Stale, ErrorClass::Identity]), ErrorClass::Identity);
        assert_eq!(worst(&[ErrorClass::Policy, ErrorClass::Identity]), ErrorClass::Identity);
        assert_eq!(worst(&[ErrorClass::Stale, ErrorClass::Policy]), ErrorClass::Policy);
        assert_eq!(worst(&[ErrorClass::Upstream, ErrorClass::Stale]), ErrorClass::Stale);
    }
}
