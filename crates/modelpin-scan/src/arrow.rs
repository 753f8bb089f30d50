//! Tables in Apache Arrow's file format: data, but for one kind of column that readers unpickled.

use crate::rules::file::TRUNCATED;
use crate::rules::tensor::PARQUET_PICKLE;
use crate::source::Part;
use crate::{At, Followed, Outcome, Scan};

/// The name of columns whose type is a pickle: `pyarrow` before 14.0.1 loaded it (CVE-2023-47248).
const PICKLED: &[u8] = b"arrow.py_extension_type";

/// Bytes at each end in which the schema lies.
const ENDS: usize = 4 << 20;

/// Judges a file of tables.
pub(crate) fn scan(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    if part.bytes(part.len().saturating_sub(6), 6)? != b"ARROW1" {
        scan.find(&TRUNCATED, At::Byte(part.len()), "the mark at the end is missing");
    }
    // The schema stands at the front and, once more, in the footer.
    for start in [0, part.len().saturating_sub(ENDS as u64)] {
        let bytes = part.bytes(start, ENDS)?;
        scan.budget.on_time()?;
        if bytes.windows(PICKLED.len()).any(|window| window == PICKLED) {
            scan.find(&PARQUET_PICKLE, At::Whole, "a column whose type is a pickle");
            break;
        }
    }
    Ok(Followed)
}
