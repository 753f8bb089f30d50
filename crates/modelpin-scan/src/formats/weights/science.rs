//! Formats of measurements and scenes: images of medicine, points, arrays. None of them runs anything.

use super::certainty::Certainty;
use crate::engine::ScanError;
use crate::engine::source::ByteRange;

/// The longest head of a PLY file that is read.
const PLY: usize = 64 << 10;

/// What `part` is by its marks, and how far they say so.
pub(super) fn identify(part: &ByteRange<'_>, head: &[u8]) -> Result<Option<(&'static str, Certainty)>, ScanError> {
    let size = part.len();
    let whole = |what| Ok(Some((what, Certainty::Whole)));
    let front = |what| Ok(Some((what, Certainty::Front)));
    if is_idx(head, size) {
        whole("IDX")
    } else if is_nifti(head) {
        front("NIfTI")
    } else if is_dicom(head) {
        front("DICOM")
    } else if is_ply(part, head)? {
        front("PLY")
    } else if matches!(head, [0x76, 0x2f, 0x31, 1, 2, flags, 0, 0, ..] if flags & !0x1e == 0) {
        front("OpenEXR")
    } else if is_las(head, size) {
        front("LAS")
    } else if is_imatrix(head, size) {
        front("an importance matrix of llama.cpp")
    } else if is_matlab_4(part, head)? {
        whole("MATLAB 4")
    } else {
        Ok(None)
    }
}

fn u16_at(head: &[u8], at: usize) -> u64 {
    head.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from(u16::from_le_bytes(*bytes)))
}

fn u32_at(head: &[u8], at: usize) -> u64 {
    head.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
}

/// An array as MNIST is kept: type, count of dimensions, dimensions, and values that fill the file
/// (<http://yann.lecun.com/exdb/mnist/>).
fn is_idx(head: &[u8], size: u64) -> bool {
    let [0, 0, kind, count @ 1..=8, rest @ ..] = head else { return false };
    let width = match kind {
        8 | 9 => 1_u64,
        0xb => 2,
        0xc | 0xd => 4,
        0xe => 8,
        _ => return false,
    };
    let sides = rest.chunks_exact(4).take(usize::from(*count));
    let sides = sides.map(|side| <[u8; 4]>::try_from(side).map_or(0, |side| u64::from(u32::from_be_bytes(side))));
    let values = sides.clone().try_fold(width, |all, side| all.checked_mul(side));
    let front = u64::from(*count).saturating_mul(4).saturating_add(4);
    sides.count() == usize::from(*count) && values.and_then(|values| values.checked_add(front)) == Some(size)
}

/// Images of brains: the length of the head at its front, the mark at its end (<https://nifti.nimh.nih.gov/nifti-1>).
fn is_nifti(head: &[u8]) -> bool {
    let is_long = |long: u32| head.starts_with(&long.to_le_bytes()) || head.starts_with(&long.to_be_bytes());
    is_long(348) && matches!(head.get(344..348), Some(b"n+1\0" | b"ni1\0"))
        || is_long(540) && matches!(head.get(4..12), Some(b"n+2\0\r\n\x1a\n" | b"ni2\0\r\n\x1a\n"))
}

/// Images of medicine: 128 bytes of nothing, the mark, the first element of the head (DICOM PS3.10, 7.1). What is not
/// nothing may be another file.
fn is_dicom(head: &[u8]) -> bool {
    head.get(..128).is_some_and(|front| front.iter().all(|byte| *byte == 0))
        && head.get(128..136) == Some(b"DICM\x02\0\0\0")
}

/// Points and surfaces: lines that say what is in it, then numbers. The form in which those are text is a text.
fn is_ply(part: &ByteRange<'_>, head: &[u8]) -> Result<bool, ScanError> {
    if !head.starts_with(b"ply\n") && !head.starts_with(b"ply\r\n") {
        return Ok(false);
    }
    let bytes = part.bytes(0, PLY)?;
    let mut at = 0_usize;
    let mut is_binary = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at = at.saturating_add(line.len());
        let Ok(line) = std::str::from_utf8(line) else { return Ok(false) };
        match line.split_ascii_whitespace().next() {
            Some("end_header") => {
                let data = bytes.get(at..).unwrap_or_default();
                let data = data.get(..1024).unwrap_or(data);
                return Ok(is_binary && data.contains(&0) && !crate::documents::text::is_text_start(data));
            }
            Some("format") => {
                is_binary |= line.contains(" binary_little_endian 1.0") || line.contains(" binary_big_endian 1.0");
            }
            Some("ply" | "comment" | "obj_info" | "element" | "property") => {}
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// Points of a laser: version, length of the head, where the points begin (LAS 1.4, table 3).
fn is_las(head: &[u8], size: u64) -> bool {
    let length = u16_at(head, 94);
    head.starts_with(b"LASF")
        && matches!(head.get(24..26), Some([1, 0..=4]))
        && matches!(length, 227..=1024)
        && (length..=size).contains(&u32_at(head, 96))
}

/// How much each weight matters: count of entries, then a name with its length before it, calls, values
/// (`tools/imatrix/imatrix.cpp` of llama.cpp, before GGUF).
fn is_imatrix(head: &[u8], size: u64) -> bool {
    let count = u32_at(head, 0);
    let length = u32_at(head, 4);
    let Ok(end) = usize::try_from(length.saturating_add(8)) else { return false };
    let name = head.get(8..end).unwrap_or_default();
    let values = u32_at(head, end.saturating_add(4));
    (1..1 << 20).contains(&count)
        && (8..=256).contains(&length)
        && name.ends_with(b".weight")
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        && head.get(end.saturating_add(4)..end.saturating_add(8)).is_some()
        && values > 0
        && values.saturating_mul(4).saturating_add(end as u64).saturating_add(8) <= size
}

/// The most arrays of a file of MATLAB 4 that are followed.
const ARRAYS: usize = 10_000;

/// Arrays, one after another, that fill the file: type, rows, columns, whether there is an imaginary half, the length
/// of the name, the name, the values (MAT-file format, appendix of version 4).
fn is_matlab_4(part: &ByteRange<'_>, head: &[u8]) -> Result<bool, ScanError> {
    // Types of up to 4052, little-endian and nothing else today, and a name of a few letters.
    if head.len() < 22 || u32_at(head, 0) > 52 || !(2..=64).contains(&u32_at(head, 16)) {
        return Ok(false);
    }
    let mut at = 0_u64;
    for _ in 0..ARRAYS {
        let front = part.bytes(at, 20)?;
        let [kind, rows, columns, halves, length] = [0, 4, 8, 12, 16].map(|place| u32_at(&front, place));
        let width = match kind / 10 {
            0 => 8_u64,
            1 | 2 => 4,
            3 | 4 => 2,
            5 => 1,
            _ => return Ok(false),
        };
        if front.len() < 20 || kind % 10 > 2 || halves > 1 || !(2..=64).contains(&length) {
            return Ok(false);
        }
        let name = part.bytes(at.saturating_add(20), 64)?;
        let name = usize::try_from(length).ok().and_then(|length| name.get(..length)).and_then(<[u8]>::split_last);
        let Some((0, name)) = name else { return Ok(false) };
        if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return Ok(false);
        }
        let values = rows
            .checked_mul(columns)
            .and_then(|count| count.checked_mul(width.saturating_mul(halves.saturating_add(1))));
        let Some(values) = values else { return Ok(false) };
        at = at.saturating_add(20).saturating_add(length).saturating_add(values);
        if at >= part.len() {
            return Ok(at == part.len());
        }
    }
    Ok(false)
}
