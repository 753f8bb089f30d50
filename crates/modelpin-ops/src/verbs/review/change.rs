//! The lines that differ between two sets of code files.

use super::reviewed_file::{Content, ReviewedFile};
use modelpin_schema::lockfile::CodePath;
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline, group_diff_ops};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long one file is compared. Lines made to be hard to compare come out as a longer change after that, never as a
/// wrong one.
const PATIENCE: Duration = Duration::from_secs(2);

/// Lines around a change.
const AROUND: usize = 3;

/// A file that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// What a user calls it: see [`ReviewedFile::called`].
    pub called: String,
    /// What it was; none where it is new.
    pub old: Option<ReviewedFile>,
    /// What it is; none where it is gone.
    pub new: Option<ReviewedFile>,
    /// The parts that differ; none where it cannot be read.
    pub hunks: Option<Vec<Hunk>>,
}

/// A part of a file with changed lines and those around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its lines in the old file, counted from 0.
    pub old: Range<usize>,
    /// Its lines in the new file, counted from 0.
    pub new: Range<usize>,
    /// All of them.
    pub lines: Vec<Line>,
}

/// One line of a [`Hunk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the old file, from 1; none where it is new.
    pub old: Option<usize>,
    /// Its number in the new file, from 1; none where it is gone.
    pub new: Option<usize>,
    /// It, with its end.
    pub bytes: Vec<u8>,
}

/// The lines of a file, each with its end: a line feed, a carriage return, or both, as Python and the scan count them.
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
        if ends {
            lines.extend(bytes.get(start..=at));
            start = at + 1;
        }
    }
    lines.extend(bytes.get(start..).filter(|rest| !rest.is_empty()));
    lines
}

/// Every file that differs between the sets, by place; those in an archive behind it. Of the files of a set that are
/// called the same, as an archive can have them, the first is held against the first, and so on.
pub(super) fn changes<'a>(
    old: impl Iterator<Item = &'a ReviewedFile>,
    new: impl Iterator<Item = &'a ReviewedFile>,
) -> Vec<Change> {
    let mut both: BTreeMap<_, (Option<&ReviewedFile>, Option<&ReviewedFile>)> = BTreeMap::new();
    numbered(old).for_each(|(key, file)| both.entry(key).or_default().0 = Some(file));
    numbered(new).for_each(|(key, file)| both.entry(key).or_default().1 = Some(file));
    let differs = |(old, new): &(Option<&ReviewedFile>, Option<&ReviewedFile>)| {
        let sum = |side: &Option<&ReviewedFile>| side.and_then(|code| code.sha256);
        sum(old).is_none() || sum(old) != sum(new)
    };
    let change = |(old, new): (Option<&ReviewedFile>, Option<&ReviewedFile>)| {
        let hunks = text(old).zip(text(new)).map(|(old, new)| hunks(&old, &new, PATIENCE));
        let called = new.or(old).map(ReviewedFile::called).unwrap_or_default();
        Change { called, old: old.cloned(), new: new.cloned(), hunks }
    };
    both.into_values().filter(differs).map(change).collect()
}

/// Where a file is, and which of those it is that are called so.
type Key<'a> = (&'a CodePath, &'a [String], usize);

fn numbered<'a>(files: impl Iterator<Item = &'a ReviewedFile>) -> impl Iterator<Item = (Key<'a>, &'a ReviewedFile)> {
    let mut seen: BTreeMap<(&CodePath, &[String]), usize> = BTreeMap::new();
    files.map(move |file| {
        let count = seen.entry((&file.place, &file.member)).or_default();
        *count += 1;
        ((&file.place, file.member.as_slice(), *count), file)
    })
}

/// The lines of one side; none where they cannot be read.
fn text(side: Option<&ReviewedFile>) -> Option<Vec<&[u8]>> {
    match side.map(|code| &code.content) {
        None => Some(Vec::new()),
        Some(Content::Lines(bytes)) => Some(lines(bytes)),
        Some(Content::Opaque(_)) => None,
    }
}

fn hunks(old: &[&[u8]], new: &[&[u8]], patience: Duration) -> Vec<Hunk> {
    let deadline = Instant::now().checked_add(patience);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, old, new, deadline);
    group_diff_ops(ops, AROUND).iter().map(|group| hunk(old, new, group)).collect()
}

fn hunk(old: &[&[u8]], new: &[&[u8]], group: &[similar::DiffOp]) -> Hunk {
    let mut lines = Vec::new();
    let of = |side: &[&[u8]], at: usize| side.get(at).map(|line| line.to_vec()).unwrap_or_default();
    for op in group {
        if op.tag() == DiffTag::Equal {
            let pairs = op.old_range().zip(op.new_range());
            lines.extend(pairs.map(|(was, is)| Line { old: Some(was + 1), new: Some(is + 1), bytes: of(new, is) }));
            continue;
        }
        lines.extend(op.old_range().map(|at| Line { old: Some(at + 1), new: None, bytes: of(old, at) }));
        lines.extend(op.new_range().map(|at| Line { old: None, new: Some(at + 1), bytes: of(new, at) }));
    }
    let span = |range: fn(&similar::DiffOp) -> Range<usize>| {
        let start = group.first().map_or(0, |op| range(op).start);
        start..group.last().map_or(start, |op| range(op).end)
    };
    Hunk { old: span(similar::DiffOp::old_range), new: span(similar::DiffOp::new_range), lines }
}

#[cfg(test)]
mod tests {
    use super::{PATIENCE, hunks, lines};
    use std::time::{Duration, Instant};

    fn slices(lines: &[Vec<u8>]) -> Vec<&[u8]> {
        lines.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn lines_are_those_of_python() {
        let of = |text: &'static str| -> Vec<&str> {
            lines(text.as_bytes()).into_iter().map(|line| std::str::from_utf8(line).unwrap()).collect()
        };
        assert_eq!(of("a\nb\r\nc\rd"), ["a\n", "b\r\n", "c\r", "d"]);
        assert_eq!(of("\n\n"), ["\n", "\n"]);
        assert!(of("").is_empty());
    }

    #[test]
    fn a_changed_line_is_shown_with_those_around_it() {
        let old: Vec<Vec<u8>> = (0..20).map(|at| format!("{at}\n").into_bytes()).collect();
        let mut new = old.clone();
        new[10] = b"ten\n".to_vec();
        let found = hunks(&slices(&old), &slices(&new), PATIENCE);
        assert_eq!((found.len(), found[0].old.clone(), found[0].lines.len()), (1, 7..14, 8));
        assert!(hunks(&slices(&old), &slices(&old), PATIENCE).is_empty());
    }

    #[test]
    fn lines_that_are_hard_to_compare_take_no_longer_and_come_out_whole() {
        let line = |seed: u32| (seed.wrapping_mul(2_654_435_761) >> 25).to_string().into_bytes();
        let old: Vec<Vec<u8>> = (0..20_000).map(line).collect();
        let new: Vec<Vec<u8>> = (0..20_000).map(|at| line(at * 7 + 3)).collect();
        let begun = Instant::now();
        let found = hunks(&slices(&old), &slices(&new), Duration::from_millis(1));
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let mut was = old.clone();
        let mut is = new.clone();
        for line in found.iter().flat_map(|hunk| &hunk.lines) {
            if let Some(at) = line.old {
                assert!(line.new.is_some() || old[at - 1] == line.bytes);
                was[at - 1].clear();
            }
            if let Some(at) = line.new {
                assert_eq!(new[at - 1], line.bytes);
                is[at - 1].clear();
            }
        }
        // What no hunk shows is the same on both sides.
        was.retain(|line| !line.is_empty());
        is.retain(|line| !line.is_empty());
        assert_eq!(was, is);
    }
}
