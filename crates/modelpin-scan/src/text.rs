//! text

use crate::source::Part;
use crate::{Outcome, Scan};

pub(crate) fn scan(part: &Part<'_>, _name: &crate::name::Name, scan: &mut Scan<'_>) -> Outcome {
    let _ = part;
    scan.give_up(&crate::rules::file::UNJUDGED_FORMAT, "not yet")
}

pub(crate) fn is_text_start(head: &[u8]) -> bool {
    std::str::from_utf8(head).is_ok()
}

pub(crate) fn sniff(_head: &[u8], name: &crate::name::Name) -> crate::Format {
    if name.suffix == "py" { crate::Format::Python } else { crate::Format::Text }
}

pub(crate) fn name(_path: &str, _scan: &mut Scan<'_>) {}
