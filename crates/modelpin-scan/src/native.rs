//! native

use crate::source::Part;
use crate::{Outcome, Scan};

pub(crate) fn scan(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    let _ = part;
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}

pub(crate) fn script(part: &Part<'_>, s: &mut Scan<'_>) -> Outcome {
    scan(part, s)
}

pub(crate) fn path_hook(part: &Part<'_>, s: &mut Scan<'_>) -> Outcome {
    scan(part, s)
}
