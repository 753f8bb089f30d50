//! Whether a set of code files is vouched for: by an audit of the whole, or by a chain of audits of changes that
//! begins with one.

use super::Audit;
use crate::{Digest, Source};
use std::collections::{BTreeMap, BTreeSet};

/// How a set of code files stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Somebody vouches for it.
    Certified(&'a Audit),
    /// Nobody does, but for another set of the same repo, the last of which is this one.
    Changed(&'a Audit),
    /// Nobody vouches for any code of the repo.
    Unknown,
}

impl<'a> Standing<'a> {
    /// How `digest` of `source` stands by `audits`, in their order.
    pub fn of(audits: impl IntoIterator<Item = &'a Audit>, source: &Source, digest: &Digest) -> Self {
        let audits: Vec<&Audit> = audits.into_iter().filter(|audit| audit.source == *source).collect();
        let certified = certified(&audits);
        let last = |digest: &dyn Fn(&Audit) -> bool| {
            audits.iter().rev().copied().find(|audit| certified.contains(&audit.digest) && digest(audit))
        };
        match (last(&|audit| audit.digest == *digest), last(&|_| true)) {
            (Some(audit), _) => Self::Certified(audit),
            (None, Some(audit)) => Self::Changed(audit),
            (None, None) => Self::Unknown,
        }
    }
}

/// Every digest that a chain without a gap leads to, in whatever order its audits stand.
fn certified(audits: &[&Audit]) -> BTreeSet<Digest> {
    let mut changes: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
    let mut reached = Vec::new();
    for audit in audits {
        match audit.from {
            Some(from) => changes.entry(from).or_default().push(audit.digest),
            None => reached.push(audit.digest),
        }
    }
    let mut certified = BTreeSet::new();
    while let Some(digest) = reached.pop() {
        if certified.insert(digest) {
            reached.extend(changes.remove(&digest).unwrap_or_default());
        }
    }
    certified
}
