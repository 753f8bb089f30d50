//! CTranslate2's `model.bin`: named arrays, one after another
//! (<https://github.com/OpenNMT/CTranslate2/blob/master/python/ctranslate2/specs/model_spec.py>).

use super::little_endian::{u16_of, u32_of};
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNSCANNED_FORMAT;

/// The versions of the format that are laid out as below.
const VERSIONS: std::ops::RangeInclusive<u32> = 4..=6;

/// The longest name of a model or an array, in bytes.
const NAME: u16 = 1024;

/// Whether the head is a version, the name of a model in letters with a NUL after it, and a revision.
pub(crate) fn is_ctranslate2(head: &[u8]) -> bool {
    let [a, b, c, d, low, high, rest @ ..] = head else { return false };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let name = length.checked_sub(1).and_then(|letters| rest.get(..letters)).unwrap_or_default();
    VERSIONS.contains(&u32::from_le_bytes([*a, *b, *c, *d]))
        && (5..=64).contains(&length)
        && name.iter().all(u8::is_ascii_alphanumeric)
        && name.ends_with(b"Spec")
        && rest.get(name.len()) == Some(&0)
}

/// Follows the arrays to the end of the file.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(4);
    name(&mut reader)?;
    reader.skip(4)?;
    let arrays = u32_of(&mut reader)?;
    for _ in 0..arrays {
        scan.budget.steps(8)?;
        name(&mut reader)?;
        let [rank] = reader.array()?;
        reader.skip(u64::from(rank).saturating_mul(4))?;
        let at = reader.at();
        let [kind] = reader.array()?;
        if kind > 16 {
            return Err(ScanError::Malformed(
                &UNSCANNED_FORMAT,
                Location::Byte(at),
                format!("an array of the unknown type {kind}"),
            ));
        }
        let length = u32_of(&mut reader)?;
        reader.skip(u64::from(length))?;
    }
    let aliases = u32_of(&mut reader)?;
    for _ in 0..aliases {
        scan.budget.steps(8)?;
        name(&mut reader)?;
        name(&mut reader)?;
    }
    trailing::check(part, reader.at(), scan)?;
    Ok(FullyCovered)
}

/// A text with its length before it and a NUL after it.
fn name(reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    let length = u16_of(reader)?;
    let text = reader.take(u64::from(length), usize::from(NAME))?;
    if !(1..=NAME).contains(&length) || text.last() != Some(&0) || !text.is_ascii() {
        return Err(ScanError::Malformed(
            &UNSCANNED_FORMAT,
            Location::Byte(at),
            "a name that is not valid UTF-8".to_owned(),
        ));
    }
    Ok(())
}
