//! Files that are withheld for what their bytes are, and would be let in by what the lock says of them.

use crate::refusal::{ErrorClass, Refusal};
use modelpin_policy::Withheld;
use modelpin_schema::{Name, RepoPath};
use std::collections::BTreeMap;

/// The files that `observed` withholds and `recorded` does not: a refusal each, since every command that only reads the
/// lock would look for them in the target.
pub(super) fn undeclared(recorded: &BTreeMap<Name, Withheld>, observed: &BTreeMap<Name, Withheld>) -> Vec<Refusal> {
    let files = observed.iter().flat_map(|(name, withheld)| all(withheld).map(move |path| (name, path)));
    let undeclared = files.filter(|(name, path)| !recorded.get(*name).is_some_and(|withheld| withheld.contains(path)));
    undeclared.map(|(name, path)| refusal(path).entry(name)).collect()
}

/// `refusals` without those that say less of a file than another one does: that a file runs code is one fact, however many
/// ways there are to notice that the lock does not say so.
pub(crate) fn one_a_file(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    let about = |refusal: &Refusal| Some((refusal.name.clone()?, refusal.path.clone()?));
    let mut gravest = BTreeMap::new();
    for refusal in &refusals {
        if let Some(about) = about(refusal) {
            let weight = gravest.entry(about).or_insert(0);
            *weight = weight_of(refusal).max(*weight);
        }
    }
    refusals.retain(|refusal| about(refusal).is_none_or(|about| gravest.get(&about) == Some(&weight_of(refusal))));
    refusals
}

/// That the lock is wrong, that the file is found out late, what the policy says, that something is not recorded.
fn weight_of(refusal: &Refusal) -> u8 {
    match (refusal.class, refusal.rule) {
        (ErrorClass::Integrity, _) => 3,
        (ErrorClass::Policy, None) => 2,
        (ErrorClass::Policy, Some(_)) => 1,
        _ => 0,
    }
}

fn all(withheld: &Withheld) -> impl Iterator<Item = &RepoPath> {
    withheld.uncertified.iter().chain(&withheld.quarantined).chain(&withheld.refused)
}

fn refusal(path: &RepoPath) -> Refusal {
    Refusal::new(ErrorClass::Stale, "models.lock does not record that the file can run code")
        .file(path)
        .why("whoever reviewed models.lock did not see it")
        .help("run `modelpin sync` without `--locked` to record it, then review and commit models.lock")
}
