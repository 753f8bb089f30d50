//! Safetensors: a length, a header in JSON, and the data, of which every byte belongs to one tensor
//! (<https://github.com/huggingface/safetensors#format>).

mod header;

use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use header::Header;
use modelpin_rules::tensor::SAFETENSORS_MALFORMED;

/// The longest header that the library reads, in bytes.
const HEADER: u64 = 100_000_000;

/// The length of the header, where there is one: `{` follows it.
fn header_length(part: &ByteRange<'_>) -> Result<Option<u64>, ScanError> {
    let head = part.bytes(0, 9)?;
    let (Some(length), Some(b'{')) = (head.first_chunk::<8>(), head.get(8)) else { return Ok(None) };
    Ok(Some(u64::from_le_bytes(*length)))
}

/// Whether this is a safetensors file: the length fits the file, or the name says that it is meant to.
pub(crate) fn is_safetensors(part: &ByteRange<'_>, name: &Name) -> Result<bool, ScanError> {
    let fits = |length: u64| (2..=HEADER).contains(&length) && length <= part.len().saturating_sub(8);
    Ok(header_length(part)?.is_some_and(|length| name.suffix == "safetensors" || fits(length)))
}

/// Scans a file.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let length = header_length(part)?.unwrap_or(0);
    let rest = part.len().saturating_sub(8);
    if length > HEADER.min(rest) {
        let evidence = format!("the header has {length} bytes, of {rest} in the file; at most {HEADER} are allowed");
        return Err(ScanError::Malformed(&SAFETENSORS_MALFORMED, Location::Byte(0), evidence));
    }
    let mut header = Header::new(scan);
    header.read(&part.slice(8, length))?;
    let used = header.layout(rest.saturating_sub(length));
    let end = length.saturating_add(8).saturating_add(used);
    trailing::check(part, end, scan)?;
    Ok(FullyCovered)
}
