//! Compressed streams.

use crate::source::Part;
use crate::{Format, Outcome, Scan};

pub(crate) fn scan(_format: Format, _part: &Part<'_>, _path: &str, scan: &mut Scan<'_>) -> Outcome {
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}

pub(crate) fn is_zlib(_part: &Part<'_>) -> bool {
    false
}
