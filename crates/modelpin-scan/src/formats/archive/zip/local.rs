//! The local header of a member (APPNOTE.TXT 4.3.7) and the descriptor after its data (4.3.9), checked against what
//! the directory says.

use super::directory::{Entry, extra, number, short};
use super::names::text;
use crate::engine::ScanError;
use crate::engine::source::ByteRange;

/// Flags that change what a reader does: encryption, descriptor, patch data, strong encryption, the character
/// set of the name, a masked header. The others are hints of the compressor.
const FLAGS: u16 = 0x1 | 0x8 | 0x20 | 0x40 | 0x800 | 0x2000;

/// Set where sizes and checksum follow the data.
const DESCRIPTOR: u16 = 0x8;

/// The longest descriptor, in bytes.
pub(super) const DESCRIPTOR_LENGTH: u64 = 24;

/// A local header.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) raw: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where the data begins.
    pub(super) data: u64,
}

/// The local header at `at`, if there is one.
pub(super) fn read(part: &ByteRange<'_>, at: u64) -> Result<Option<Local>, ScanError> {
    let head = part.bytes(at, 30)?;
    if !head.starts_with(b"PK\x03\x04") || head.len() < 30 {
        return Ok(None);
    }
    let name = number(&head, 26, 2);
    let fields = number(&head, 28, 2);
    let raw = part.bytes(at.saturating_add(30), usize::try_from(name.min(4096)).unwrap_or(0))?;
    let fields_at = at.saturating_add(30).saturating_add(name);
    let mut packed = number(&head, 18, 4);
    let mut size = number(&head, 22, 4);
    if packed == 0xffff_ffff || size == 0xffff_ffff {
        let bytes = part.bytes(fields_at, usize::try_from(fields).unwrap_or(0))?;
        if let Some((_, wide)) = extra(&bytes).find(|(id, _)| *id == 1) {
            let mut next = 0_usize;
            for field in [&mut size, &mut packed] {
                if *field == 0xffff_ffff {
                    *field = number(wide, next, 8);
                    next = next.saturating_add(8);
                }
            }
        }
    }
    Ok(Some(Local {
        raw,
        flags: short(&head, 6),
        method: short(&head, 8),
        crc: u32::try_from(number(&head, 14, 4)).unwrap_or_default(),
        packed,
        size,
        data: fields_at.saturating_add(fields),
    }))
}

/// Bytes that the local header of a member named `raw` may take, with fields that align its data.
pub(super) fn most(raw: &[u8]) -> u64 {
    (raw.len() as u64).saturating_add(30 + 128)
}

/// What the local header says otherwise than the directory.
pub(super) fn disagreements(entry: &Entry, local: &Local) -> Vec<String> {
    let mut anomalies = Vec::new();
    if entry.raw != local.raw {
        anomalies.push(format!("its local header names it `{}`", text(&local.raw)));
    }
    if entry.flags & FLAGS != local.flags & FLAGS {
        anomalies.push(format!("flags {:#x} in the directory, {:#x} in the local header", entry.flags, local.flags));
    }
    if entry.method != local.method {
        anomalies.push(format!("method {} in the directory, {} in the local header", entry.method, local.method));
    }
    // A writer that streams does not know these beforehand: zeros, or all ones.
    let later = local.flags & DESCRIPTOR != 0;
    let agrees = |own: u64, declared: u64| own == declared || (later && (declared == 0 || declared == 0xffff_ffff));
    if !agrees(entry.packed, local.packed) || !agrees(entry.size, local.size) {
        let a = entry.packed;
        let b = entry.size;
        let c = local.packed;
        let d = local.size;
        anomalies.push(format!("{a} bytes for {b} in the directory, {c} for {d} in the local header"));
    }
    if !agrees(u64::from(entry.crc), u64::from(local.crc)) {
        anomalies.push(format!("checksum {:08x} in the directory, {:08x} in the local header", entry.crc, local.crc));
    }
    anomalies
}

/// Where a member ends: after its data, and after the descriptor where there is one. Says as well whether the
/// descriptor is missing or says something else than the directory.
pub(super) fn end(part: &ByteRange<'_>, entry: &Entry, local: &Local) -> Result<(u64, bool), ScanError> {
    let data_end = local.data.saturating_add(entry.packed);
    if local.flags & DESCRIPTOR == 0 {
        return Ok((data_end, true));
    }
    let bytes = part.bytes(data_end, 24)?;
    // With or without a signature, with sizes of four or of eight bytes.
    for (sign, width) in [(4, 4), (4, 8), (0, 4), (0, 8)] {
        let sizes = usize::saturating_add(sign, 4);
        let length = sizes.saturating_add(usize::saturating_mul(width, 2));
        let signed = sign == 0 || bytes.starts_with(b"PK\x07\x08");
        let declared =
            [number(&bytes, sign, 4), number(&bytes, sizes, width), number(&bytes, sizes.saturating_add(width), width)];
        let same = declared == [u64::from(entry.crc), entry.packed, entry.size];
        if signed && same && bytes.len() >= length {
            return Ok((data_end.saturating_add(length as u64), true));
        }
    }
    // The sizes may be in the local header all the same, and some writers leave the descriptor out then.
    let declared = local.packed == entry.packed && local.size == entry.size && local.crc == entry.crc;
    Ok((data_end, declared && !bytes.starts_with(b"PK\x07\x08")))
}
