//! A file that is left out, and files that are shown as one.

use crate::RepoPath;
use crate::selection::Reason;

/// A file of the commit that is not locked.
#[derive(Debug, Clone, Copy)]
pub struct LeftOutFile<'a> {
    /// Its path.
    pub path: &'a RepoPath,
    /// Its size in bytes.
    pub size: u64,
    /// Why it is not locked.
    pub reason: Reason,
    /// The file that holds the same, or that makes it needless.
    pub beside: Option<&'a RepoPath>,
}

/// Files that are left out for one reason and are shown as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutGroup {
    /// Why they are not locked.
    pub reason: Reason,
    /// What they are called: a path, a folder with a `/` at its end, or either with `*` for what differs. None for
    /// all that a reason has besides the groups with a name.
    pub label: Option<String>,
    /// How many files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The file that holds the same, or that makes them needless; none where that is another one for each.
    pub beside: Option<String>,
    /// How the command line takes them: the value of `--include` or `--variant`.
    pub take: Option<Take>,
}

/// What takes files that are left out by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// A glob for `include`.
    Include(String),
    /// The name of a variant.
    Variant(String),
}
