//! zip

use crate::source::Part;
use crate::{Outcome, Scan};

pub(crate) fn scan(part: &Part<'_>, _name: &crate::name::Name, scan: &mut Scan<'_>) -> Outcome {
    let _ = part;
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}

pub(crate) fn has_directory(_part: &Part<'_>) -> Result<bool, crate::Halt> {
    Ok(false)
}
