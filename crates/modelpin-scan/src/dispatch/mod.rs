//! From what the content is to who reads it.

mod scan;
mod sniff;

use crate::engine::source::ByteRange;
use crate::engine::{CodeSink, Limits, Report, Scan, Source};

/// Scans the bytes of `source`; `path` is where they are in their folder, with `/` between its parts, and is
/// used as a hint only.
///
/// ```
/// use modelpin_scan::{Limits, Verdict, scan};
/// let pickle = b"cos\nsystem\n(S'id'\ntR.".as_slice();
/// assert_eq!(scan(pickle, "notes.txt", &Limits::default()).verdict(), Verdict::Dangerous);
/// ```
#[must_use]
pub fn scan(source: &(impl Source + ?Sized), path: &str, limits: &Limits) -> Report {
    let mut scan = Scan::new(limits);
    let format = scan.scan_content(&ByteRange::whole(source), path);
    scan.into_report(format)
}

/// Scans the bytes of `source` like [`scan`](crate::dispatch::scan()), and passes each member of it that is code to
/// `sink`, in the order in which they are read.
#[must_use]
pub fn scan_inside(source: &(impl Source + ?Sized), path: &str, limits: &Limits, sink: &mut CodeSink<'_>) -> Report {
    let mut scan = Scan::new(limits);
    scan.sink = Some(sink);
    let format = scan.scan_content(&ByteRange::whole(source), path);
    scan.into_report(format)
}
