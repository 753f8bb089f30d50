//! Pickles: programs for a stack machine, run here on abstract values.
//!
//! [`scan`] follows every pickle of a file to its end, with what old torch files and joblib put between and
//! after them; [`probe`](mod@probe) says whether content without a magic is one; [`graph`] returns what a pickle built.

mod call;
mod dtype;
mod execute;
pub(crate) mod graph;
mod log;
mod machine;
mod probe;
mod read;
mod second;
mod stream;
mod tensor;
mod value;
mod write;

use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError, ScanResult};
pub(crate) use probe::probe;
pub(crate) use value::Id;

use std::collections::BTreeMap;

/// Follows all pickles of `part`.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    scan.mark_pickled();
    stream::file(part, scan)
}

/// Follows the one pickle of a torch archive's `data.pkl`; the bytes of each storage by its key.
pub(crate) fn torch_object(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<BTreeMap<String, u64>, ScanError> {
    stream::torch_object(part, scan)
}
