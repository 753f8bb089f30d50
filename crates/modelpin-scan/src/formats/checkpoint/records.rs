//! Files of records: data sets (`.tfrecord`), events for TensorBoard. Each record is a length, the checksum of the
//! length, the data and their checksum
//! (<https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::tensor::CHECKPOINT_MALFORMED;

/// Whether the file starts with a length and its checksum.
pub(crate) fn is_records(head: &[u8]) -> bool {
    match (head.first_chunk::<8>(), head.get(8..12)) {
        (Some(length), Some(sum)) => masked(length).to_le_bytes() == sum,
        _ => false,
    }
}

/// Follows the records to the end. What is in them is data to anyone who reads them.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(0);
    while reader.left() > 0 {
        scan.budget.step()?;
        let at = reader.at();
        let length: [u8; 8] = reader.array()?;
        if u32::from_le_bytes(reader.array()?) != masked(&length) {
            return Err(ScanError::Malformed(
                &CHECKPOINT_MALFORMED,
                Location::Byte(at),
                "the checksum of a record length is wrong".to_owned(),
            ));
        }
        reader.skip(u64::from_le_bytes(length))?;
        reader.skip(4)?;
    }
    Ok(FullyCovered)
}

/// CRC-32C (RFC 3720, appendix B.4), masked as TensorFlow does so that checksums of checksums stay sound.
fn masked(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}
