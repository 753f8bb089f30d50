//! The content of a member: a window of the archive where it is stored, inflated where it is compressed.

use super::member::Member;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::archive::inflate::{self, Unpacked, unpack_replayable};
use crate::formats::archive::input::Input;
use crate::formats::archive::replay::Opened;
use flate2::Crc;
use modelpin_rules::archive::{ARCHIVE_DAMAGED, ARCHIVE_OPAQUE};
use std::io::{self, Read};

/// Stored members up to this size are checked against their checksum.
const CHECKED: u64 = 16 << 20;

/// The same where each read is a request: most of what is larger are tensors, of which only the header is read.
const CHECKED_REMOTELY: u64 = 256 << 10;

/// The content of a member, and what is odd about it.
pub(super) struct Content<'a> {
    pub(super) part: ByteRange<'a>,
    pub(super) anomalies: Vec<String>,
}

/// What the member holds; nothing where it cannot be unpacked.
pub(super) fn of<'a>(
    part: &ByteRange<'a>,
    member: &Member,
    overlaps: bool,
    scan: &mut Scan<'_>,
) -> Result<Option<Content<'a>>, ScanError> {
    let packed = part.slice(member.data, member.packed);
    let mut anomalies = Vec::new();
    if packed.len() < member.packed {
        anomalies.push("its data extends past the end of the file".to_owned());
    }
    if member.method == 0 {
        if member.size != member.packed {
            anomalies.push(format!("stored uncompressed, but {} bytes are declared as {}", member.packed, member.size));
        }
        if overlaps {
            // Else the length of the archive bounds the work.
            scan.budget.charge_bytes(usize::try_from(packed.len().min(CHECKED)).unwrap_or(usize::MAX))?;
        }
        let checked = if part.is_remote() { CHECKED_REMOTELY } else { CHECKED };
        if packed.len() <= checked && sum(&packed)? != member.crc && !member.is_encrypted() {
            anomalies.push("its checksum is wrong".to_owned());
        }
        return Ok(Some(Content { part: packed, anomalies }));
    }
    let length = packed.len();
    let replay = packed.clone();
    let described = member.clone();
    let (unpacked, used) = match unpack_replayable(Box::new(move || open(replay.clone(), &described)), scan) {
        Ok(unpacked) => unpacked,
        Err(error) => {
            scan.report(&ARCHIVE_OPAQUE, Location::Whole, error.to_string());
            return Ok(None);
        }
    };
    let Unpacked { part, crc, broken } = unpacked;
    let size = part.len();
    if let Some(why) = broken {
        if member.is_encrypted() && size == 0 {
            return Ok(None);
        }
        scan.report(&ARCHIVE_DAMAGED, Location::Byte(member.data), format!("`{}`: {why}", member.name));
    } else if part.is_cut() {
        // Of what was not unpacked nothing is known.
        return Ok(Some(Content { part, anomalies }));
    } else if crc != member.crc {
        anomalies.push("its checksum is wrong".to_owned());
    }
    if size != member.size {
        anomalies.push(format!("it decompresses to {size} bytes, not {}", member.size));
    }
    // LZMA reads ahead over the end of its stream.
    if used < length && member.method != 14 {
        anomalies.push(format!("{} bytes follow its compressed data", length.saturating_sub(used)));
    }
    Ok(Some(Content { part, anomalies }))
}

/// What unpacks a member.
fn open<'a>(packed: ByteRange<'a>, member: &Member) -> io::Result<Opened<'a>> {
    let (input, gauge) = Input::new(packed);
    let reader: Box<dyn Read + 'a> = match member.method {
        8 => Box::new(flate2::bufread::DeflateDecoder::new(input)),
        12 => Box::new(bzip2::bufread::BzDecoder::new(input)),
        14 => Box::new(lzma(input, member)?),
        93 => Box::new(inflate::zstd(input)?),
        95 => Box::new(inflate::xz(input)),
        method => return Err(io::Error::other(format!("compression method {method}"))),
    };
    Ok((reader, gauge))
}

/// LZMA as it is in zip archives: a version, the length of the properties, the properties (APPNOTE 5.8.8).
fn lzma<'a>(mut input: Input<'a>, member: &Member) -> io::Result<impl Read + use<'a>> {
    let mut head = [0; 9];
    input.read_exact(&mut head)?;
    let [_, _, 5, 0, properties @ ..] = head else {
        return Err(io::Error::other("LZMA with invalid properties"));
    };
    let marked = member.flags & 2 != 0;
    inflate::lzma_raw(input, properties, if marked { u64::MAX } else { member.size })
}

fn sum(part: &ByteRange<'_>) -> Result<u32, ScanError> {
    let mut crc = Crc::new();
    let mut at = 0_u64;
    while at < part.len() {
        let bytes = part.bytes(at, 64 * 1024)?;
        if bytes.is_empty() {
            break;
        }
        crc.update(&bytes);
        at = at.saturating_add(bytes.len() as u64);
    }
    Ok(crc.sum())
}
