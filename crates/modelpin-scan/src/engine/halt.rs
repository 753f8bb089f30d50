//! How a scanner ends: everything was followed, or why not.

use super::place::At;
use modelpin_rules::Rule;

/// A scanner's word that it followed every byte a loader could interpret. Only a scanner that did may hand it
/// out; without it a file cannot be `safe`.
#[derive(Debug)]
pub(crate) struct Followed;

/// Why a scanner stopped before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The bytes end before they may; with the place.
    Truncated(u64),
    /// A limit was hit; says which.
    Budget(&'static str),
    /// The bytes could not be read.
    Unreadable(String),
    /// The content breaks the rules of its format; with the rule to report and the place.
    Broken(&'static Rule, At, String),
}

pub(crate) type Outcome = Result<Followed, Halt>;
