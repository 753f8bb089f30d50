//! Protocol buffers by their wire format, without a schema.

use crate::name::Name;
use crate::source::Part;
use crate::{Format, Halt};

/// Which protocol buffer this is, if it is one.
pub(crate) fn sniff(part: &Part<'_>, name: &Name) -> Result<Format, Halt> {
    let _ = (part, name);
    Ok(Format::Binary)
}
