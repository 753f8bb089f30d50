//! Whole numbers, least significant byte first.

use crate::engine::ScanError;
use crate::engine::source::Reader;

pub(super) fn u16_of(reader: &mut Reader<'_>) -> Result<u16, ScanError> {
    Ok(u16::from_le_bytes(reader.array()?))
}

pub(super) fn u32_of(reader: &mut Reader<'_>) -> Result<u32, ScanError> {
    Ok(u32::from_le_bytes(reader.array()?))
}

pub(super) fn u64_of(reader: &mut Reader<'_>) -> Result<u64, ScanError> {
    Ok(u64::from_le_bytes(reader.array()?))
}
