//! How certain a mark is.

use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanResult};

/// How certain a magic number and its further conditions are about the format.
#[derive(Clone, Copy)]
pub(super) enum Certainty {
    /// Front and end say the same.
    Whole,
    /// Only the front says so.
    Front,
    /// The front says so, and the structure can be followed to its end.
    Followed(fn(&ByteRange<'_>, &mut Scan<'_>) -> ScanResult),
}
