//! Archives and compressed streams: opened by content, each member scanned as a file of its own.

pub(crate) mod compressed;
pub(crate) mod inflate;
pub(crate) mod input;
pub(crate) mod layers;
mod lz4;
mod member_name;
mod replay;
pub(crate) mod tar;
pub(crate) mod zip;

use crate::engine::{Format, Scan, ScanResult};
use modelpin_rules::archive::ARCHIVE_OPAQUE;

/// An archive that is not unpacked: no loader of models reads 7z or RAR, so there is no honest use to tell apart.
pub(crate) fn opaque(format: Format, scan: &mut Scan<'_>) -> ScanResult {
    scan.give_up(&ARCHIVE_OPAQUE, &format!("{}: its members are not scanned", format.word()))
}
