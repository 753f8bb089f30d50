//! Archives and compressed streams: opened by content, each member judged as a file of its own.

mod again;
pub(crate) mod compressed;
pub(crate) mod inflate;
pub(crate) mod input;
pub(crate) mod layers;
mod lz4;
mod member_name;
pub(crate) mod seven_zip;
pub(crate) mod tar;
pub(crate) mod zip;

use crate::engine::name::Name;
use crate::engine::{Format, Outcome, Scan};
use modelpin_rules::archive::ARCHIVE_OPAQUE;

/// Ends the judging of an archive that nothing here unpacks.
pub(crate) fn unsupported(format: Format, _name: &Name, scan: &mut Scan<'_>) -> Outcome {
    scan.give_up(&ARCHIVE_OPAQUE, format.word())
}
