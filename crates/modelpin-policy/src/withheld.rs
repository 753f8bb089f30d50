//! The locked files that stay out of the target.

use modelpin_schema::{Name, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// The files of an entry that stay out of the target, by why they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Code that is not certified.
    pub uncertified: BTreeSet<RepoPath>,
    /// The entries that would run that code, where the entry itself does not: certifying those lets it in.
    pub needed_by: BTreeSet<Name>,
    /// Who certified that code so far, where it is the entry's own and more than one person has to.
    pub approvals: Option<Approvals>,
    /// Files that an exemption lets into the quarantine only.
    pub quarantined: BTreeSet<RepoPath>,
    /// Files that the policy denies.
    pub refused: BTreeSet<RepoPath>,
    /// Files whose converted results are installed instead, unless an exemption lets them into the quarantine.
    pub replaced: BTreeSet<RepoPath>,
}

/// How many people certified code, and how many have to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approvals {
    /// People who certified it.
    pub given: usize,
    /// People who have to: `[policy] audits`.
    pub required: u32,
}

/// The withheld files of each entry that has some.
pub type WithheldByName = BTreeMap<Name, Withheld>;

impl Withheld {
    /// Whether the file at `path` stays out of the target.
    #[must_use]
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.sets().iter().any(|files| files.contains(path))
    }

    /// Whether no file stays out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets().iter().all(|files| files.is_empty())
    }

    fn sets(&self) -> [&BTreeSet<RepoPath>; 4] {
        [&self.uncertified, &self.quarantined, &self.refused, &self.replaced]
    }
}
