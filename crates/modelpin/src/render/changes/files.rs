//! The files of a change report: a bounded number of lines, and of the rest how many there are of each kind.

use super::parts::FILES;
use crate::render::bytes;
use modelpin_schema::Artifact;
use modelpin_schema::FileKind;
use modelpin_schema::changes::{Change, ChangeKind, FileChange};
use std::collections::BTreeMap;

/// The files of a change in one line; `arrow` leads from before to after.
pub(super) fn summary(change: &Change, arrow: &str) -> String {
    let count = |test: fn(&FileChange) -> bool| change.files.iter().filter(|file| test(file)).count();
    let parts = [
        (count(|file| file.old.is_none()), "new"),
        (count(|file| file.old.is_some() && file.new.is_some()), "changed"),
        (count(|file| file.new.is_none()), "gone"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() {
        return "no file differs".to_owned();
    }
    let size = |side: fn(&FileChange) -> Option<Artifact>| {
        change.files.iter().filter_map(side).fold(0_u64, |sum, file| sum.saturating_add(file.size))
    };
    let old = size(|file| file.old);
    let new = size(|file| file.new);
    let sizes = match change.kind {
        ChangeKind::Added => bytes(new),
        ChangeKind::Removed => bytes(old),
        // Files that stay are not counted: where all that changed is gone, or is new, an arrow would lead to nothing.
        ChangeKind::Changed if change.files.iter().all(|file| file.old.is_none()) => bytes(new),
        ChangeKind::Changed if change.files.iter().all(|file| file.new.is_none()) => bytes(old),
        ChangeKind::Changed => format!("{} {arrow} {}", bytes(old), bytes(new)),
    };
    format!("files: {}; {sizes}", parts.join(", "))
}

/// How many lines each of `changes` may have: what one does not need, others get.
pub(super) fn shares(changes: &[Change]) -> Vec<usize> {
    let mut shares = vec![0_usize; changes.len()];
    let mut left = FILES;
    while left > 0 {
        let mut given = false;
        for (share, change) in shares.iter_mut().zip(changes) {
            if left > 0 && *share < change.files.len() {
                (*share, left, given) = (*share + 1, left - 1, true);
            }
        }
        if !given {
            break;
        }
    }
    shares
}

/// The files of a change that are shown, `most` of them, and what there is to say of the others. Where not all are, the
/// kinds of which there are few come first: one script among a thousand tables is what somebody should see.
pub(super) fn shown(change: &Change, most: usize) -> (Vec<&FileChange>, Option<String>) {
    let mut kinds: BTreeMap<FileKind, usize> = BTreeMap::new();
    for file in &change.files {
        *kinds.entry(kind(file)).or_default() += 1;
    }
    let mut files: Vec<&FileChange> = change.files.iter().collect();
    if files.len() <= most {
        return (files, None);
    }
    files.sort_by_key(|file| kinds.get(&kind(file)).copied());
    let rest = files.split_off(most);
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &rest {
        *left.entry(kind(file).word()).or_default() += 1;
    }
    let left: Vec<String> = left.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    (files, Some(format!("and {} more: {}", rest.len(), left.join(", "))))
}

/// What a file is, or was.
pub(super) fn kind(file: &FileChange) -> FileKind {
    file.new.or(file.old).map_or(FileKind::Other, |artifact| artifact.kind)
}

/// Both kinds of a file that became another.
pub(super) fn kinds(file: &FileChange) -> String {
    match (file.old.map(|old| old.kind), file.new.map(|new| new.kind)) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        _ => kind(file).to_string(),
    }
}
