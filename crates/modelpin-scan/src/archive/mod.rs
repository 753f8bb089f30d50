//! Archives.

pub(crate) mod compressed;
pub(crate) mod seven_zip;
pub(crate) mod tar;
pub(crate) mod zip;

use crate::name::Name;
use crate::{Format, Outcome, Scan};

pub(crate) fn unsupported(format: Format, _name: &Name, scan: &mut Scan<'_>) -> Outcome {
    scan.give_up(&crate::rules::archive::OPAQUE, format.word())
}
