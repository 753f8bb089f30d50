//! The decisions of the rules, as they are made: which files are left out so far, and beside which.

use super::choice::{LeftOut, Reason};
use crate::RepoPath;
use std::collections::BTreeMap;

/// Files that one rule made needless can be what another rule points at; a chain of them is this long at most.
const MAX_CHAIN: usize = 8;

/// Files that are left out. The first rule that says something of a file is heard.
#[derive(Debug, Default)]
pub(super) struct Decision<'a> {
    left_out: BTreeMap<&'a RepoPath, (Reason, &'a RepoPath)>,
}

impl<'a> Decision<'a> {
    /// Leaves `path` out, since `beside` holds the same or makes it needless.
    pub(super) fn leave_out(&mut self, path: &'a RepoPath, reason: Reason, beside: &'a RepoPath) {
        if path != beside {
            self.left_out.entry(path).or_insert((reason, beside));
        }
    }

    pub(super) fn of(&self, path: &RepoPath) -> Option<(Reason, &'a RepoPath)> {
        self.left_out.get(path).copied()
    }

    /// What is left out, each beside a file that is taken. What stands beside nothing that is taken, such as two files
    /// that two rules point at each other, is taken.
    pub(super) fn settled(&self) -> BTreeMap<&'a RepoPath, LeftOut<'a>> {
        let settle = |(path, (reason, beside)): (&&'a RepoPath, &(Reason, &'a RepoPath))| {
            let end = self.end(beside)?;
            Some((*path, LeftOut { reason: *reason, beside: Some(end) }))
        };
        self.left_out.iter().filter_map(settle).collect()
    }

    fn end(&self, beside: &'a RepoPath) -> Option<&'a RepoPath> {
        let mut end = beside;
        for _ in 0..MAX_CHAIN {
            match self.left_out.get(end) {
                None => return Some(end),
                Some((_, next)) => end = next,
            }
        }
        None
    }
}
