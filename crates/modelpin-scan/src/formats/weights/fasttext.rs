//! fastText's models, whole (`.bin`) and packed (`.ftz`): a vocabulary and two matrices
//! (<https://github.com/facebookresearch/fastText/blob/main/src/fasttext.cc>, `saveModel`).

use super::little_endian::{u32_of, u64_of};
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::{UNCHECKED_FORMAT, UNSCANNED_FORMAT};

/// The magic number, and the known versions.
const MAGIC: [u8; 4] = 793_712_314_u32.to_le_bytes();

/// The longest word, in bytes.
const WORD: usize = 64 << 10;

/// Length of the settings after the version: twelve numbers and a fraction.
const SETTINGS: u64 = 56;

/// Values that each part of a vector is rounded to.
const CENTROIDS: u64 = 256;

pub(crate) fn is_fasttext(head: &[u8]) -> bool {
    head.starts_with(&MAGIC) && matches!(head.get(4..8), Some([11 | 12, 0, 0, 0]))
}

/// Scans a model. Where it is laid out in another way, or breaks off, its reader fails and runs nothing.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    match follow(part, scan) {
        Err(ScanError::Truncated(at) | ScanError::Malformed(_, Location::Byte(at), _)) => {
            scan.report(&UNCHECKED_FORMAT, Location::Byte(at), "a fastText model that cannot be read further");
            Ok(FullyCovered)
        }
        outcome => outcome,
    }
}

/// Follows a model to its end.
fn follow(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(8_u64.saturating_add(SETTINGS));
    let words = u32_of(&mut reader)?;
    reader.skip(8 + 8)?;
    let pruned = u64_of(&mut reader)?;
    for _ in 0..words {
        scan.budget.steps(4)?;
        word(&mut reader, scan)?;
        // How often it occurred, and whether it is a word or a label.
        reader.skip(9)?;
    }
    // A vocabulary that was not pruned says -1.
    if i64::try_from(pruned).is_ok() {
        reader.skip(pruned.checked_mul(8).ok_or(ScanError::Truncated(reader.at()))?)?;
    }
    matrix(&mut reader)?;
    matrix(&mut reader)?;
    trailing::check(part, reader.at(), scan)?;
    Ok(FullyCovered)
}

fn word(reader: &mut Reader<'_>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    let mut length = 0_usize;
    while reader.byte()?.ok_or(ScanError::Truncated(at))? != 0 {
        length = length.saturating_add(1);
        if length > WORD {
            return broken(at, "an unterminated word");
        }
    }
    scan.budget.charge_bytes(length)
}

/// A matrix with a mark before it: of plain numbers, or packed.
fn matrix(reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    match reader.array()? {
        [0] => {
            let rows = u64_of(reader)?;
            let columns = u64_of(reader)?;
            let size = rows.checked_mul(columns).and_then(|count| count.checked_mul(4));
            reader.skip(size.ok_or(ScanError::Truncated(at))?)
        }
        [1] => packed(reader),
        _ => broken(at, "a matrix that is neither plain nor quantized"),
    }
}

fn packed(reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    let [has_norms] = reader.array()?;
    let rows = u64_of(reader)?;
    reader.skip(8)?;
    let codes = u32_of(reader)?;
    reader.skip(u64::from(codes))?;
    quantizer(reader)?;
    match has_norms {
        0 => Ok(()),
        1 => {
            reader.skip(rows)?;
            quantizer(reader)
        }
        _ => broken(at, "a matrix that is neither plain nor quantized"),
    }
}

fn quantizer(reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let dimensions = u32_of(reader)?;
    reader.skip(12)?;
    reader.skip(u64::from(dimensions).saturating_mul(CENTROIDS).saturating_mul(4))
}

fn broken<T>(at: u64, what: &str) -> Result<T, ScanError> {
    Err(ScanError::Malformed(&UNSCANNED_FORMAT, Location::Byte(at), what.to_owned()))
}
