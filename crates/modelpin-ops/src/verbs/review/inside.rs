//! Code inside of archives: each member that the scan calls code, as a code file of its own.

use super::reviewed_file::{Content, MAX_SHOWN, ReviewedFile, keeps_changing};
use crate::refusal::Failure;
use crate::scanning::{Opened, on_scanner_thread};
use modelpin_scan::{CodeMember, Facts, Finding, Format, Limits, Report, Source, scan_inside};
use modelpin_schema::Digest;
use modelpin_store::Store;
use sha2::{Digest as _, Sha256};

/// Bytes of all members that are shown in one review: more than a user reads.
const MOST: u64 = 2 * MAX_SHOWN;

/// Bytes that are read at once.
const STEP: usize = 64 << 10;

/// Bytes of all members that are hashed in one review. Members of a hostile archive can overlap, so that they are
/// longer together than it is.
const HASHED: u64 = 4 << 30;

/// How much of members may still be shown, and hashed.
pub(super) struct Budget {
    shown: u64,
    hashed: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { shown: MOST, hashed: HASHED }
    }
}

/// Takes the code out of `outer`, which is `file` itself, in the order in which it is in there. What the scan says of a
/// member goes with it.
///
/// # Errors
/// Bytes that change meanwhile; a scanner that broke; I/O errors from reading the archive.
pub(super) fn take(store: &Store, outer: &mut ReviewedFile, budget: &mut Budget) -> Result<Vec<ReviewedFile>, Failure> {
    let place = store.blob_path(&outer.file);
    let opened = Opened::new(&place).map_err(Failure::io("open", &place))?;
    let trace = || opened.trace().map_err(Failure::io("look at", &place));
    let before = trace()?;
    let path = outer.place.path.as_str();
    let mut members = Vec::new();
    // Only the thread that scans calls the sink.
    let done = on_scanner_thread(|| {
        let mut sink = |inner: CodeMember, bytes: &dyn Source| members.push(read(inner, bytes, budget));
        let _ = scan_inside(&opened, path, &Limits::default(), &mut sink);
        sum(&opened)
    })?;
    // What is shown has to be what was verified.
    if done.flatten() != Some(outer.file) || trace()? != before {
        return Err(keeps_changing(&place));
    }
    Ok(members.into_iter().map(|member| code(outer, member)).collect())
}

/// A member with what could be read of it.
struct Member {
    inner: CodeMember,
    size: u64,
    sha256: Option<Digest>,
    content: Content,
}

fn read(inner: CodeMember, bytes: &dyn Source, budget: &mut Budget) -> Member {
    let size = bytes.size();
    let is_shown = size <= MAX_SHOWN.min(budget.shown);
    let mut text = Vec::new();
    let hashed = budget.hashed.checked_sub(size);
    let sha256 = hashed.and_then(|left| {
        budget.hashed = left;
        each(bytes, |chunk| {
            if is_shown {
                text.extend_from_slice(chunk);
            }
        })
    });
    let is_text = matches!(inner.format, Format::Python | Format::Script | Format::PathHook);
    let content = if sha256.is_none() {
        Content::Opaque("more than is read of an archive")
    } else if inner.format == Format::Binary && size == 0 {
        Content::Opaque("it cannot be unpacked here")
    } else if !is_shown {
        Content::Opaque("more than a person reads")
    } else if !is_text && text.contains(&0) {
        Content::Opaque("native code or byte code, or no text")
    } else {
        budget.shown = budget.shown.saturating_sub(size);
        Content::Lines(text)
    };
    Member { inner, size, sha256, content }
}

/// The SHA-256 of all bytes; none where not all of them can be read.
fn sum(bytes: &dyn Source) -> Option<Digest> {
    each(bytes, |_| {})
}

fn each(bytes: &dyn Source, mut work: impl FnMut(&[u8])) -> Option<Digest> {
    let mut hasher = Sha256::new();
    let mut window = vec![0; STEP];
    let mut at = 0_u64;
    while at < bytes.size() {
        let count = bytes.read_at(at, &mut window).ok().filter(|count| *count > 0)?;
        let chunk = window.get(..count)?;
        hasher.update(chunk);
        work(chunk);
        at = at.saturating_add(u64::try_from(count).ok()?);
    }
    Some(Digest::new(hasher.finalize().into()))
}

/// A member as a code file; what was found in it is no longer reported of `outer`.
fn code(outer: &mut ReviewedFile, member: Member) -> ReviewedFile {
    let Member { inner: CodeMember { member, format, capabilities }, size, sha256, content } = member;
    outer.report.facts.capabilities.clear();
    let (own, rest): (Vec<Finding>, Vec<Finding>) =
        std::mem::take(&mut outer.report.findings).into_iter().partition(|finding| finding.member == member);
    outer.report.findings = rest;
    let findings = own.into_iter().map(|finding| Finding { member: Vec::new(), ..finding }).collect();
    let facts = Facts { capabilities, ..Facts::default() }.into();
    let report = Report { format, findings, dropped: 0, facts, spent: modelpin_scan::Usage::default() };
    ReviewedFile { place: outer.place.clone(), member, file: outer.file, size, sha256, content, report }
}
