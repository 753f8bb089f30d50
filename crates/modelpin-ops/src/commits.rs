//! Whether the lock has the bytes that its commits have, as far as that can be known without a network: a commit never
//! changes, so that two locks which disagree about one are not both true. What the Hub told this machine decides; else the
//! lock that was there first, in the project's own history.

use crate::git::{History, history};
use crate::project::{LOCK, Project};
use crate::record::Record;
use crate::refusal::{Class, Failure, Refusal};
use crate::told;
use modelpin_schema::{CommitId, Digest, Lockfile, Name, Pin, RepoPath, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What is not true of the lock, and whether the history that could tell more is not here.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) is_cut: bool,
}

/// Content that was said to be at a place, and the commits of the project that say so.
type Said = BTreeMap<Digest, BTreeMap<Digest, BTreeSet<String>>>;

/// Holds `lock` against the past.
///
/// # Errors
/// A git that does not come to an end.
pub(crate) fn hold(project: &Project, record: Option<&Record>, lock: &Lockfile) -> Result<Held, Failure> {
    let told = told::known(record);
    let past = history(&project.dir, LOCK)?.unwrap_or_default();
    let said = said(&past, lock);
    let mut refusals = Vec::new();
    for (name, pin) in &lock.pins {
        let mut others = pin.files().iter().filter_map(|(path, file)| {
            let place = told::place(&pin.source, &pin.revision, path);
            let other = match told.get(&place) {
                Some(content) if *content == file.sha256 => None,
                Some(content) => Some((*content, "the Hub told this machine".to_owned())),
                None => earlier(&past, said.get(&place)?, &file.sha256),
            };
            other.map(|other| (path, file.sha256, other))
        });
        if let Some((path, got, (expected, by))) = others.next() {
            refusals.push(refusal(name, pin, path, (&expected, &by), &got, others.count()));
        }
    }
    Ok(Held { refusals, is_cut: past.is_cut })
}

/// What the locks of the past say of the places of `lock`.
fn said(past: &History, lock: &Lockfile) -> Said {
    let wanted: BTreeSet<(&Source, &CommitId)> = lock.pins.values().map(|pin| (&pin.source, &pin.revision)).collect();
    let mut said = Said::new();
    for (text, commits) in &past.texts {
        // What is no lock to this program says nothing.
        let Ok(old) = Lockfile::read(LOCK, text) else { continue };
        for pin in old.pins.values().filter(|pin| wanted.contains(&(&pin.source, &pin.revision))) {
            for (path, file) in pin.files() {
                let place = said.entry(told::place(&pin.source, &pin.revision, path)).or_default();
                place.entry(file.sha256).or_default().extend(commits.iter().cloned());
            }
        }
    }
    said
}

/// Other content that was there before anybody said `content`, and who said so. What took its place, and went again, was
/// there later.
fn earlier(past: &History, said: &BTreeMap<Digest, BTreeSet<String>>, content: &Digest) -> Option<(Digest, String)> {
    let none = BTreeSet::new();
    let same = said.get(content).unwrap_or(&none);
    let mut others = said.iter().filter(|(other, _)| *other != content);
    others.find_map(|(other, commits)| {
        let first = commits.iter().find(|commit| !past.has_before(commit, same))?;
        let short: String = first.chars().take(12).collect();
        Some((*other, format!("models.lock of the project's commit {short} says")))
    })
}

fn refusal(
    name: &Name,
    pin: &Pin,
    path: &RepoPath,
    (expected, by): (&Digest, &str),
    got: &Digest,
    more: usize,
) -> Refusal {
    let commit = pin.revision;
    let also = match more {
        0 => String::new(),
        more => format!(", and so have {more} more of its files"),
    };
    Refusal {
        class: Class::Integrity,
        rule: None,
        at: None,
        name: Some(name.clone()),
        path: Some(path.to_string()),
        what: format!("it has other bytes under the same commit than before{also}"),
        expected: format!("{expected}, as {by} of {} at {}", pin.source, commit.short()),
        got: got.to_string(),
        why: "a commit never changes, so that one of the two was not made from the Hub".to_owned(),
        help: format!(
            "`git log -p -- models.lock` shows who changed it; `modelpin update {name} --precise {commit}` asks the Hub, and what that says is proven on this machine"
        ),
    }
}
