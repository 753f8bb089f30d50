//! Compressed streams: what they hold is scanned as a file of its own.

use super::inflate::{self, unpack_replayable};
use super::input::{Gauge, Input};
use super::replay::Opened;
use super::{layers, lz4};
use crate::engine::source::ByteRange;
use crate::engine::{Format, FullyCovered, Location, Scan, ScanResult};
use modelpin_rules::archive::{ARCHIVE_DAMAGED, ARCHIVE_OPAQUE};
use modelpin_rules::file::TRAILING_BYTES;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that a zlib stream has to yield before it counts as one.
const PROBE: usize = 64;

/// Scans what a stream holds.
pub(crate) fn scan(format: Format, part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let packed = part.clone();
    let (unpacked, used) =
        match unpack_replayable(Box::new(move || Ok(Streams::open_all(format, packed.clone()))), scan) {
            Ok(unpacked) => unpacked,
            Err(error) => return scan.give_up(&ARCHIVE_OPAQUE, &format!("{}: {error}", format.word())),
        };
    if let Some(why) = unpacked.broken {
        let rule = if unpacked.part.len() == 0 { &ARCHIVE_OPAQUE } else { &ARCHIVE_DAMAGED };
        scan.report(rule, Location::Byte(used), format!("{}: {why}", format.word()));
    } else if !unpacked.part.is_cut() && used < part.len() {
        let rest = part.from(used);
        if !layers::is_zeros(&rest, 1 << 20)? {
            scan.report(&TRAILING_BYTES, Location::Byte(used), format!("{} bytes after the stream", rest.len()));
            layers::scan_member(&rest, "(after the stream)", scan);
        }
    }
    scan.in_transparent_layer(|scan| layers::scan_member(&unpacked.part, &inner_name(path), scan));
    Ok(FullyCovered)
}

/// The name of what a stream holds: that of the stream without its suffix.
fn inner_name(path: &str) -> String {
    let Some((stem, suffix)) = path.rsplit_once('.') else {
        return path.to_owned();
    };
    match suffix.to_ascii_lowercase().as_str() {
        "gz" | "bz2" | "xz" | "lzma" | "zst" | "zstd" | "lz4" | "z" | "zz" => stem.to_owned(),
        "tgz" | "tbz2" | "txz" | "tbz" => format!("{stem}.tar"),
        "svgz" => format!("{stem}.svg"),
        _ => path.to_owned(),
    }
}

/// Whether the part is a zlib stream: its first bytes inflate.
pub(crate) fn is_zlib(part: &ByteRange<'_>) -> bool {
    let (input, _) = Input::new(part.slice(0, 64 * 1024));
    let mut reader = flate2::bufread::ZlibDecoder::new(input);
    let mut bytes = [0; PROBE];
    let mut filled = 0_usize;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => return true,
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) => return filled > 0 && error.kind() == io::ErrorKind::UnexpectedEof,
        }
    }
    true
}

/// How joblib before 0.10 began what it compressed, and still reads: `ZF`, the length of the content in hexadecimal,
/// padded to 19 bytes, perhaps one more space, then a zlib stream (`joblib/numpy_pickle_compat.py`, `read_zfile`). Where
/// the stream begins.
pub(crate) fn old_joblib(part: &ByteRange<'_>) -> Option<u64> {
    let head = part.bytes(0, 22).ok()?;
    let length = head.strip_prefix(b"ZF")?.get(..19)?;
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'_' | b'+' | b' ' | 9..=13);
    let is_number = length.iter().all(is_digit);
    let at = if head.get(21) == Some(&b' ') { 22 } else { 21 };
    (is_number && is_zlib(&part.from(at))).then_some(at)
}

/// Whether the part is an LZMA stream of the older format: properties, the size of the dictionary, that of the content,
/// then a stream that begins with a zero and yields something. joblib takes all that begins with `5d 00` for one.
pub(crate) fn is_lzma_alone(part: &ByteRange<'_>) -> bool {
    let Ok([0..=224, d0, d1, d2, d3, s0, s1, s2, s3, s4, s5, s6, s7, 0]) = part.array(0) else { return false };
    let dictionary = u32::from_le_bytes([d0, d1, d2, d3]);
    let size = u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]);
    if size != u64::MAX && (dictionary == 0 || size >= 1 << 38) {
        return false;
    }
    let (input, _) = Input::new(part.slice(0, 64 * 1024));
    let Ok(mut reader) = inflate::lzma_alone(input) else { return false };
    reader.read(&mut [0; 1]).is_ok_and(|count| count > 0)
}

/// The streams of a file one after another, as `gzip` and its kin read them.
struct Streams<'a> {
    format: Format,
    part: ByteRange<'a>,
    /// Where the stream at hand begins.
    base: u64,
    stream: Option<Opened<'a>>,
    gauge: Rc<Gauge>,
    count: u32,
}

impl<'a> Streams<'a> {
    /// All of them as one.
    fn open_all(format: Format, part: ByteRange<'a>) -> Opened<'a> {
        let gauge = Rc::new(Gauge::default());
        (Box::new(Self { format, part, base: 0, stream: None, gauge: Rc::clone(&gauge), count: 0 }), gauge)
    }

    /// Goes to the next stream, if there is one.
    fn open(&mut self) -> io::Result<bool> {
        self.base = self.base.saturating_add(self.fill());
        if self.format == Format::Zlib && self.count == 0 {
            self.base = old_joblib(&self.part).unwrap_or(0);
        }
        let rest = self.part.from(self.base);
        let head = rest.bytes(0, 6).unwrap_or_default();
        let more = match self.format {
            Format::Gzip => head.starts_with(b"\x1f\x8b"),
            Format::Bzip2 => head.starts_with(b"BZh"),
            Format::Xz => head.starts_with(b"\xfd7zXZ\0"),
            Format::Zstd => head.starts_with(b"\x28\xb5\x2f\xfd"),
            Format::Lz4 => head.starts_with(b"\x04\x22\x4d\x18"),
            _ => false,
        };
        if self.count > 0 && !more {
            self.gauge.used_up_to(self.base);
            return Ok(false);
        }
        self.stream = Some(open(self.format, rest)?);
        self.count = self.count.saturating_add(1);
        Ok(true)
    }

    /// What may be between two streams: skippable frames, the padding of xz.
    fn fill(&self) -> u64 {
        let mut at = 0_u64;
        loop {
            let head = self.part.bytes(self.base.saturating_add(at), 8).unwrap_or_default();
            let step = match (self.format, head.as_slice()) {
                (Format::Zstd | Format::Lz4, [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d]) => {
                    u64::from(u32::from_le_bytes([*a, *b, *c, *d])).saturating_add(8)
                }
                (Format::Xz, [0, 0, 0, 0, ..]) if self.count > 0 && at < 1 << 20 => 4,
                _ => return at,
            };
            at = at.saturating_add(step);
        }
    }
}

impl Read for Streams<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stream.is_none() && !self.open()? {
                return Ok(0);
            }
            let Some((reader, gauge)) = &mut self.stream else {
                return Ok(0);
            };
            let result = reader.read(into);
            let used = self.base.saturating_add(gauge.used());
            self.gauge.take(used, gauge);
            match result {
                Ok(0) => {
                    self.base = used;
                    self.stream = None;
                }
                result => return result,
            }
        }
    }
}

/// A reader of one stream.
fn open(format: Format, part: ByteRange<'_>) -> io::Result<Opened<'_>> {
    let (input, gauge) = Input::new(part);
    let reader: Box<dyn Read + '_> = match format {
        Format::Gzip => Box::new(flate2::bufread::GzDecoder::new(input)),
        Format::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(input)),
        Format::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(input)),
        Format::Xz => Box::new(inflate::xz(input)),
        Format::Lzma => Box::new(inflate::lzma_alone(input)?),
        Format::Zstd => Box::new(inflate::zstd(input)?),
        Format::Lz4 => Box::new(lz4::Frame::new(input)?),
        _ => return Err(io::Error::other("not a compressed stream")),
    };
    Ok((reader, gauge))
}
