//! MATLAB's files of version 5: elements with a tag, one after another
//! (<https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNSCANNED_FORMAT;

/// Length of the text and the version at the front.
const HEADER: u64 = 128;

/// Arrays, whole and compressed: what a file holds.
const ARRAY: u32 = 14;
const COMPRESSED: u32 = 15;

/// Whether the head is the text that MATLAB and SciPy write, with version and order of bytes after it.
pub(crate) fn is_matlab(head: &[u8]) -> bool {
    head.starts_with(b"MATLAB 5.0 MAT-file") && matches!(head.get(124..128), Some(b"\0\x01IM" | b"\x01\0MI"))
}

/// Follows the elements to the end. Readers build arrays of them, and run nothing.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let is_little = part.bytes(126, 2)? == b"IM";
    let mut reader = part.reader(HEADER);
    while reader.left() > 0 {
        scan.budget.step()?;
        let at = reader.at();
        let [a, b] = [reader.array::<4>()?, reader.array::<4>()?]
            .map(|bytes| if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) });
        if a != ARRAY && a != COMPRESSED {
            // Zeros after the last one are padding; anything else is scanned.
            if at > HEADER {
                trailing::check(part, at, scan)?;
                return Ok(FullyCovered);
            }
            return Err(ScanError::Malformed(
                &UNSCANNED_FORMAT,
                Location::Byte(at),
                format!("an element of the type {a}"),
            ));
        }
        // Compressed elements are not padded, the others are counted with what pads them.
        reader.skip(u64::from(b))?;
    }
    Ok(FullyCovered)
}
