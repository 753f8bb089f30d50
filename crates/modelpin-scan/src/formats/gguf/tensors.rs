//! The table of tensors, checked against the data.

use super::types::block;
use super::value::{Bytes, broken};
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::trailing;
use modelpin_rules::tensor::GGUF_MALFORMED;
use std::collections::HashSet;

/// How many tensors a file may have.
const TENSORS: u64 = 1_000_000;

/// The most dimensions (`GGML_MAX_DIMS`).
const DIMENSIONS: u32 = 4;

/// How much of a name is kept.
const NAME: usize = 1024;

/// Where the data of tensors are, from the beginning of all data.
#[derive(Default)]
struct Layout {
    places: Vec<(u64, u64)>,
    /// Whether the size of every tensor is known.
    is_whole: bool,
}

/// Reads the table of `count` tensors, and follows the data to the end of the file.
pub(super) fn read(
    part: &ByteRange<'_>,
    bytes: &mut Bytes<'_>,
    count: u64,
    alignment: u64,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    // The least entry: an empty name, no dimension, type, offset.
    bytes.fits(count, if bytes.is_wide { 24 } else { 20 }, "tensors")?;
    if count > TENSORS {
        return Err(ScanError::LimitReached("tensors"));
    }
    let mut layout = Layout { is_whole: true, ..Layout::default() };
    let mut seen = HashSet::new();
    for _ in 0..count {
        scan.budget.step()?;
        tensor(bytes, alignment, &mut layout, &mut seen, scan)?;
    }
    if count == 0 {
        return trailing::padded(part, bytes.at(), alignment, scan);
    }
    let start = bytes.at().checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
    let end = layout.check(start, part.len(), alignment, scan);
    if layout.is_whole {
        trailing::padded(part, end, alignment, scan)?;
    }
    Ok(())
}

/// One entry of the table.
fn tensor(
    bytes: &mut Bytes<'_>,
    alignment: u64,
    layout: &mut Layout,
    seen: &mut HashSet<Vec<u8>>,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    let at = bytes.at();
    let (name, _) = bytes.text(NAME)?;
    let shown = String::from_utf8_lossy(&name).into_owned();
    let dimensions = bytes.u32()?;
    let mut odd = |what: String| scan.report(&GGUF_MALFORMED, Location::Byte(at), format!("tensor `{shown}`: {what}"));
    if dimensions > DIMENSIONS {
        odd(format!("{dimensions} dimensions; at most {DIMENSIONS} are allowed"));
    }
    if dimensions > 64 {
        return Err(broken(at, "a tensor with more dimensions than are scanned"));
    }
    bytes.fits(u64::from(dimensions), if bytes.is_wide { 8 } else { 4 }, "dimensions")?;
    let mut first = None;
    let mut elements = Some(1_u64);
    for _ in 0..dimensions {
        let size = bytes.count()?;
        first.get_or_insert(size);
        elements = elements.and_then(|elements| elements.checked_mul(size));
    }
    let kind = bytes.u32()?;
    let offset = bytes.u64()?;
    if !seen.insert(name) {
        odd("given twice".to_owned());
    }
    if !offset.is_multiple_of(alignment) {
        odd(format!("offset {offset} is not aligned to {alignment} bytes"));
    }
    let Some((block, width)) = block(kind) else {
        odd(format!("unknown type {kind}"));
        layout.is_whole = false;
        return Ok(());
    };
    if !first.unwrap_or(1).is_multiple_of(block) {
        odd(format!("its rows are not a multiple of {block} elements"));
    }
    match elements.and_then(|elements| elements.div_ceil(block).checked_mul(width)) {
        Some(size) => layout.places.push((offset, offset.saturating_add(size))),
        None => odd("its number of elements overflows".to_owned()),
    }
    Ok(())
}

impl Layout {
    /// Holds the places against each other and against the file, and says where the last of them ends.
    fn check(&mut self, start: u64, file: u64, alignment: u64, scan: &mut Scan<'_>) -> u64 {
        self.places.sort_unstable();
        let data = file.saturating_sub(start);
        let mut used = 0_u64;
        for (from, to) in &self.places {
            let next = used.checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
            let what = if *to > data {
                "extend past the end of the file"
            } else if *from < used {
                "overlap others"
            } else if *from > next && self.is_whole {
                "leave a gap before them"
            } else {
                ""
            };
            if !what.is_empty() {
                scan.report(&GGUF_MALFORMED, Location::Whole, format!("bytes {from} to {to} of the data {what}"));
            }
            used = used.max(*to);
        }
        start.saturating_add(used).min(file)
    }
}
