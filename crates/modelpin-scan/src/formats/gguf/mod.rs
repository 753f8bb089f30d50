//! GGUF: keys and values, a table of tensors, and their data
//! (<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>).

mod metadata;
mod tensors;
mod types;
mod value;

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Scan, ScanResult};
use value::{Bytes, Order, broken};

/// Whether the file starts as GGUF does.
pub(crate) fn is_gguf(head: &[u8]) -> bool {
    head.starts_with(b"GGUF")
}

/// Scans a file.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut bytes = Bytes::new(part, Order::Little);
    bytes.skip(4)?;
    let mut version = bytes.u32()?;
    if version & 0xffff == 0 {
        // A small number whose bytes are the other way round.
        version = version.swap_bytes();
        bytes.order = Order::Big;
    }
    if !(1..=3).contains(&version) {
        return Err(broken(4, &format!("unknown version {version}")));
    }
    bytes.is_wide = version >= 2;
    let tensors = bytes.count()?;
    let entries = bytes.count()?;
    let alignment = metadata::read(&mut bytes, entries, scan)?;
    tensors::read(part, &mut bytes, tensors, alignment, scan)?;
    Ok(FullyCovered)
}
