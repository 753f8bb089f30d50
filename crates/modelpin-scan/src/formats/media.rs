//! Pictures, sound, video, documents. No loader of models interprets them; what could hide is what comes after
//! their end.

use crate::engine::source::{ByteRange, Reader};
use crate::engine::{Format, FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::{TRAILING_BYTES, UNCHECKED_FORMAT};

/// Whether a magic that begins after the first byte, or is very short, is one of media.
pub(crate) fn is_media(head: &[u8]) -> bool {
    match head {
        // Icons have one picture at least, and fonts one table: a safetensors header of 65,536 or 256 bytes has none.
        [0, 0, 1, 0, count, ..] => head.len() > 22 && *count > 0,
        [0, 1, 0, 0, 0, tables, ..] => *tables > 0,
        [b'R', b'I', b'F', b'F', ..] => true,
        // The first block of FLAC has 34 bytes; pages of Ogg are of version 0; an ID3 tag is of version 2.2 to 2.4.
        [b'f', b'L', b'a', b'C', kind, length @ ..] => kind & 0x7f == 0 && length.starts_with(&[0, 0, 34]),
        [b'O', b'g', b'g', b'S', version, ..] => *version == 0,
        [b'I', b'D', b'3', version, ..] => (2..=4).contains(version),
        [b'w', b'O', b'F', b'F' | b'2', flavor @ ..] => {
            [b"\0\x01\0\0", b"OTTO", b"true", b"typ1"].iter().any(|known| flavor.starts_with(*known))
        }
        // Windows bitmaps: their length, four bytes of nothing, where the picture begins.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, high, 0, 0, ..] => *high < 8,
        [b'B', b'M', ..] => false,
        // The first box of an MPEG-4 file holds a few names of four letters.
        [0, 0, high, low, b'f', b't', b'y', b'p', ..] => *high < 4 && low % 4 == 0,
        _ => !matches!(head.get(4..8), Some(b"ftyp")) && !matches!(head.get(8..12), Some(b"WEBP" | b"WAVE")),
    }
}

/// Scans what is after the end of a picture. Other media are not followed: they may go on as they like.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(0);
    let end = match part.bytes(0, 12)?.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => whole(png(&mut reader, scan), scan)?,
        [b'G', b'I', b'F', b'8', ..] => whole(gif(&mut reader, scan), scan)?,
        [0xff, 0xd8, ..] => whole(jpeg(&mut reader, scan), scan)?,
        [b'R', b'I', b'F', b'F', a, b, c, d, ..] => {
            // Writers that cannot go back leave a length that means nothing.
            let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            Some(length.saturating_add(length % 2).saturating_add(8)).filter(|end| length > 0 && *end < part.len())
        }
        _ => None,
    };
    if let Some(end) = end {
        after_end(part, end, scan)?;
    }
    Ok(FullyCovered)
}

/// The end of a picture, if it has one. One that breaks off shows a part of itself: no viewer runs anything of it.
fn whole(end: Result<u64, ScanError>, scan: &mut Scan<'_>) -> Result<Option<u64>, ScanError> {
    match end {
        Err(ScanError::Truncated(at)) => {
            scan.report(&UNCHECKED_FORMAT, Location::Byte(at), "a truncated picture");
            Ok(None)
        }
        end => end.map(Some),
    }
}

/// Cameras put more pictures and films after the first picture, and padding between them.
fn after_end(part: &ByteRange<'_>, end: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let rest = part.from(end);
    let more = scan.format_of(&rest, "trailing")?;
    if more == Format::Media && scan.depth() < scan.limits.depth {
        scan.in_member("next picture", |scan| scan.scan_content(&rest, "trailing"));
        return Ok(());
    }
    // Nothing interprets pictures, nor what no reader knows after one.
    let is_unknown = matches!(more, Format::Binary | Format::Protobuf | Format::Msgpack);
    if is_unknown && !trailing::is_padding(&rest, u64::from(u16::MAX))? {
        scan.report(&TRAILING_BYTES, Location::Byte(end), format!("{} bytes", rest.len()));
        return Ok(());
    }
    trailing::padded(part, end, u64::from(u16::MAX), scan)
}

/// Chunks, up to the one that says `IEND` (PNG specification, section 5).
fn png(reader: &mut Reader<'_>, scan: &mut Scan<'_>) -> Result<u64, ScanError> {
    reader.skip(8)?;
    loop {
        scan.budget.step()?;
        let length = u64::from(u32::from_be_bytes(reader.array()?));
        let kind: [u8; 4] = reader.array()?;
        reader.skip(length.saturating_add(4))?;
        if &kind == b"IEND" {
            return Ok(reader.at());
        }
    }
}

/// Blocks, up to the trailer (GIF89a specification, section 27).
fn gif(reader: &mut Reader<'_>, scan: &mut Scan<'_>) -> Result<u64, ScanError> {
    reader.skip(10)?;
    let [flags, _, _] = reader.array()?;
    reader.skip(table(flags))?;
    loop {
        scan.budget.step()?;
        match reader.array()? {
            [0x3b] => return Ok(reader.at()),
            [0x2c] => {
                reader.skip(8)?;
                let [flags] = reader.array()?;
                reader.skip(table(flags).saturating_add(1))?;
            }
            [0x21] => reader.skip(1)?,
            _ => return Err(ScanError::Truncated(reader.at())),
        }
        loop {
            scan.budget.step()?;
            let [length] = reader.array()?;
            if length == 0 {
                break;
            }
            reader.skip(u64::from(length))?;
        }
    }
}

/// Length of a table of colours, in bytes.
fn table(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 6_u64.wrapping_shl(u32::from(flags & 7)) }
}

/// How many coded bytes are passed before they are charged.
const CODED: u64 = 4096;

/// Segments, up to the end of the image; between those that begin a scan and the next are coded bits, in which
/// `ff` is followed by 0 or a restart (ITU-T T.81, annex B).
fn jpeg(reader: &mut Reader<'_>, scan: &mut Scan<'_>) -> Result<u64, ScanError> {
    reader.skip(2)?;
    let mut charged = reader.at();
    loop {
        let at = reader.at();
        let byte = reader.byte()?.ok_or(ScanError::Truncated(at))?;
        // Coded bits are searched, as all that is; a step for each byte would be the end of 50 MiB of pictures.
        let passed = at.saturating_sub(charged);
        if passed >= CODED {
            scan.budget.charge_bytes(usize::try_from(passed).unwrap_or(usize::MAX))?;
            charged = at;
        }
        if byte != 0xff {
            continue;
        }
        match reader.byte()?.ok_or(ScanError::Truncated(at))? {
            0xd9 => return Ok(reader.at()),
            // A fill byte begins the marker anew.
            0xff => reader.go(at.saturating_add(1)),
            0 | 1 | 0xd0..=0xd8 => {}
            _ => {
                scan.budget.charge_bytes(usize::try_from(passed).unwrap_or(usize::MAX))?;
                scan.budget.step()?;
                let length = u64::from(u16::from_be_bytes(reader.array()?));
                reader.skip(length.saturating_sub(2))?;
                charged = reader.at();
            }
        }
    }
}
