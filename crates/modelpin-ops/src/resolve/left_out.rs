//! What a new pin leaves out of its commit: in the lock, and for people, as long as the listing is here.

use crate::online::Online;
use modelpin_hub::Entry;
use modelpin_schema::left_out::{LeftOutFile, LeftOutSummary, Take};
use modelpin_schema::selection::{Choice, Reason};
use modelpin_schema::{Name, Pin, RepoPath, Selection};
use std::collections::BTreeMap;

/// Records in `pin` what `selection` leaves out of the `listed` files, and in `online` how it is told.
pub(super) fn record(online: &Online, name: &Name, pin: &mut Pin, listed: &[Entry], selection: &Selection<'_>) {
    let sizes: BTreeMap<&RepoPath, u64> = listed.iter().map(|entry| (&entry.path, entry.size)).collect();
    let mut files = Vec::new();
    for (path, why) in selection.left_out() {
        pin.hub.leave_out(path, why.reason);
        let size = sizes.get(path).copied().unwrap_or_default();
        files.push(LeftOutFile { path, size, reason: why.reason, beside: why.beside });
    }
    note_without_original(online, name, &files, selection);
    let mut summary = LeftOutSummary::of(&files, selection.taken());
    let variants = selection.variants();
    for group in &mut summary.groups {
        // What a name looks like is not yet what somebody can choose.
        let is_one = |name: &String| variants.iter().any(|variant| variant.eq_ignore_ascii_case(name));
        group.take = group.take.take().filter(|take| !matches!(take, Take::Variant(name) if !is_one(name)));
    }
    online.left_out.add(name, pin, summary);
}

/// Says where a file is left out as a copy of one that `exclude` leaves out as well: neither is locked.
fn note_without_original(online: &Online, name: &Name, files: &[LeftOutFile<'_>], selection: &Selection<'_>) {
    let is_excluded = |path: &RepoPath| matches!(selection.choice(path), Some(Choice::LeftOut(why)) if why.reason == Reason::Excluded);
    let mut without = files.iter().filter_map(|file| Some((file, file.beside.filter(|beside| is_excluded(beside))?)));
    let Some((file, beside)) = without.next() else { return };
    let more = match without.count() {
        0 => String::new(),
        more => format!("; so are {more} more"),
    };
    let LeftOutFile { path, reason, .. } = file;
    let sort = match reason {
        Reason::Copy => "a copy",
        Reason::Variant => "a variant",
        _ => "one more form",
    };
    online.note(format_args!(
        "`{name}`: `{path}` is left out as {sort} of `{beside}`, which `exclude` leaves out too{more}; `--include` takes it"
    ));
}
