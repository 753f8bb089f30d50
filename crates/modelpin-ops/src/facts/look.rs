//! What a few ranges of a file show: what sort of file it is, before all of it is downloaded. The same is seen of the
//! same bytes wherever they are, so that what could be seen when a pin was made can be told later.

use super::kind::kind;
use super::observed::is_scanned_at_lock;
use crate::ranges::{Bounds, Parts, RangeReader};
use modelpin_rules::file::NOT_READ;
use modelpin_scan::{Format, Limits, Report, scan};
use modelpin_schema::{FileKind, Pin, RepoPath};
use std::collections::BTreeMap;

/// How much is read: of most files one small head, more of what could still be anything, and most of archives and
/// pickles, so that what is in them counts as well.
const STEPS: [Bounds; 3] = [
    Bounds { head: 16 << 10, bytes: 16 << 10, requests: 1 },
    Bounds { head: 16 << 10, bytes: 256 << 10, requests: 24 },
    Bounds { head: 16 << 10, bytes: 2 << 20, requests: 256 },
];

/// The most files of one entry that are looked at, and of those the most of which all steps are taken: a dataset can
/// have a million files, and whoever publishes it decides what is in them.
const MOST: usize = 4096;
const MOST_DEEPLY: usize = 256;

/// How far a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// As far as it takes.
    Deep,
    /// The front, and the end where that may say more.
    Slight,
}

/// The files of `pin` that are looked at when it is made, of those that are not scanned as a whole. It depends on
/// their names and sizes alone.
#[must_use]
pub fn looked_at(pin: &Pin) -> BTreeMap<&RepoPath, Effort> {
    let files = pin.files().iter().filter(|(path, file)| !is_scanned_at_lock(path, file.size));
    let mut paths: Vec<&RepoPath> = files.map(|(path, _)| path).collect();
    // Names that say the least first; where there are too many, rows and pictures are left.
    paths.sort_by_key(|path| (rank(FileKind::of(path)), *path));
    let effort = |place| if place < MOST_DEEPLY { Effort::Deep } else { Effort::Slight };
    paths.into_iter().take(MOST).enumerate().map(|(place, path)| (path, effort(place))).collect()
}

/// Those of them of which `old`, the pin that `pin` takes the place of, does not say already what would be seen.
#[must_use]
pub fn looked_at_anew<'a>(pin: &'a Pin, old: Option<&Pin>) -> BTreeMap<&'a RepoPath, Effort> {
    let mut looked = looked_at(pin);
    if let Some(old) = old {
        let before = looked_at(old);
        let is_as_deep = |path, effort| before.get(path).is_some_and(|was| *was == Effort::Deep || *was == effort);
        looked.retain(|path, effort| !(is_as_deep(*path, *effort) && is_known(pin, old, path)));
    }
    looked
}

/// Whether `old` has the same bytes at `path`, and all that they show is recorded under that path: neither do other
/// files depend on it, nor it on them, nor a fact about the whole.
fn is_known(pin: &Pin, old: &Pin, path: &RepoPath) -> bool {
    let (Some(file), Some(was)) = (pin.files().get(path), old.files().get(path)) else { return false };
    let named = FileKind::of(path);
    file.sha256 == was.sha256
        && match was.kind {
            // An archive under such a name can hold a list of packages, which is recorded under no path.
            FileKind::Pickle => old.facts.has_file(path) && old.facts.requires.is_empty(),
            // Its tensors are compared with the configuration beside it.
            FileKind::Safetensors => named == was.kind && path.file_name() != "adapter_model.safetensors",
            FileKind::Gguf | FileKind::Flax | FileKind::Numpy | FileKind::Data | FileKind::Media => named == was.kind,
            _ => false,
        }
}

/// The smaller, the less a name says of what is in the file.
fn rank(kind: FileKind) -> u8 {
    match kind {
        FileKind::Data | FileKind::Media => 2,
        FileKind::Safetensors | FileKind::Gguf | FileKind::Onnx => 1,
        _ => 0,
    }
}

/// What the scan of a few ranges of the file at `path` reports.
pub(crate) fn look(path: &RepoPath, effort: Effort, parts: impl Parts) -> Report {
    let [first, second, third] = STEPS;
    let reader = RangeReader::new(parts, first);
    let mut report = scan(&reader, path.as_str(), &Limits::default());
    let more: &[Bounds] = if effort == Effort::Deep { &[second, third] } else { &[second] };
    for bounds in more {
        if is_whole(&report) || is_settled(path, &report) {
            break;
        }
        reader.extend(*bounds);
        report = scan(&reader, path.as_str(), &Limits::default());
    }
    report
}

/// Whether everything was read that the scan of the whole file would have read.
pub(crate) fn is_whole(report: &Report) -> bool {
    report.findings.iter().all(|finding| finding.rule != &NOT_READ)
}

/// Whether the front of the file says what it is, and that nothing in it is unpickled.
fn is_settled(path: &RepoPath, report: &Report) -> bool {
    match report.format {
        Format::Zip | Format::Binary => false,
        // Of the members of other archives nothing is known before they are reached.
        Format::Tar => FileKind::of(path) == FileKind::Archive,
        _ => !report.is_pickle(),
    }
}

/// Whether `report`, of a file that was seen in part, says enough to be recorded: all of it, or that there is a pickle
/// in something that is none itself.
pub(crate) fn is_recorded(path: &RepoPath, report: &Report) -> bool {
    let runs = matches!(kind(path, report), FileKind::Pickle | FileKind::Code);
    is_whole(report) || (!runs && !report.facts.globals.is_empty())
}
