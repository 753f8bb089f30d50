//! SavedModel

use crate::source::Part;
use crate::{Outcome, Scan};

pub(crate) fn scan(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    let _ = part;
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}

/// A protocol buffer of no kind that is known here.
pub(crate) fn plain(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    let _ = part;
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}
