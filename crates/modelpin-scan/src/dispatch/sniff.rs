//! What the content is, by the content. A name decides only between readings that the bytes leave open.

use crate::documents::config::requirements;
use crate::documents::text;
use crate::engine::name::Name;
use crate::engine::source::{ByteRange, HELD_LIMIT};
use crate::engine::{Format, ScanError};
use crate::formats::archive::compressed;
use crate::formats::{arrow, checkpoint, gguf, graph, media, msgpack, pickle, safetensors, weights};
use crate::languages::python;

/// What the first bytes say, where they say it beyond doubt.
const MAGIC: &[(usize, &[u8], Format)] = &[
    (0, b"PK\x03\x04", Format::Zip),
    (0, b"PK\x05\x06", Format::Zip),
    (0, b"PK\x01\x02", Format::Zip),
    (257, b"ustar", Format::Tar),
    (0, b"\x1f\x8b", Format::Gzip),
    (0, b"BZh", Format::Bzip2),
    (0, b"\xfd7zXZ\x00", Format::Xz),
    (0, b"\x28\xb5\x2f\xfd", Format::Zstd),
    (0, b"\x04\x22\x4d\x18", Format::Lz4),
    (0, b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (0, b"Rar!\x1a\x07", Format::Rar),
    (0, b"\x93NUMPY", Format::Npy),
    (4, b"TFL3", Format::Tflite),
    (0, b"PAR1", Format::Parquet),
    (0, b"ARROW1\0\0", Format::Arrow),
    (0, b"lmgg", Format::Ggml),
    (0, b"fmgg", Format::Ggml),
    (0, b"tjgg", Format::Ggml),
    (0, b"algg", Format::Ggml),
    (0, b"ftrt", Format::Native),
    (0, b"BC\xc0\xde", Format::Native),
    (0, b"\x1bLua", Format::Native),
    (0, b"\x7fELF", Format::Native),
    (0, b"MZ", Format::Native),
    (0, b"jartsr='", Format::Native),
    (0, b"APEDBG='", Format::Native),
    (0, b"\xfe\xed\xfa\xce", Format::Native),
    (0, b"\xfe\xed\xfa\xcf", Format::Native),
    (0, b"\xce\xfa\xed\xfe", Format::Native),
    (0, b"\xcf\xfa\xed\xfe", Format::Native),
    (0, b"\xca\xfe\xba\xbe", Format::Native),
    (0, b"\0asm", Format::Native),
    (0, b"dex\n", Format::Native),
    (0, b"!<arch>\n", Format::Native),
    (0, b"\x89PNG\r\n\x1a\n", Format::Media),
    (0, b"\xff\xd8\xff", Format::Media),
    (0, b"GIF8", Format::Media),
    (8, b"WEBP", Format::Media),
    (8, b"WAVE", Format::Media),
    (4, b"ftyp", Format::Media),
    (0, b"fLaC", Format::Media),
    (0, b"OggS", Format::Media),
    (0, b"ID3", Format::Media),
    (0, b"%PDF-", Format::Media),
    (0, b"\x00\x00\x01\x00", Format::Media),
    (0, b"\x1a\x45\xdf\xa3", Format::Media),
    (8, b"AVI ", Format::Media),
    (0, b"OTTO\0", Format::Media),
    (0, b"\0\x01\0\0\0", Format::Media),
    (0, b"wOFF", Format::Media),
    (0, b"wOF2", Format::Media),
    (0, b"\0\0\0\x01Bud1", Format::Media),
    (0, b"BM", Format::Media),
    (0, b"II*\0", Format::Media),
    (0, b"MM\0*", Format::Media),
];

/// What `part` is.
pub(crate) fn sniff(part: &ByteRange<'_>, name: &Name) -> Result<Format, ScanError> {
    let head = part.bytes(0, 1024)?;
    if head.is_empty() {
        return Ok(Format::Empty);
    }
    // Before HDF5, which may begin where the first member of a tar archive does.
    if crate::formats::archive::tar::is_tar(&head) {
        return Ok(Format::Tar);
    }
    if is_hdf5(part, name)? {
        return Ok(Format::Hdf5);
    }
    if is_byte_code(&head, name) {
        return Ok(Format::Native);
    }
    // A few letters in front turn no text into a picture or into numbers: those have bytes that no text has.
    let may_be = |format| !(is_inert(format) && text::is_text_start(&head)) || name.promises().contains(&format);
    for (at, magic, format) in MAGIC {
        let end = at.saturating_add(magic.len());
        if head.get(*at..end) == Some(*magic) && confirmed(*format, &head) && may_be(*format) {
            return Ok(*format);
        }
    }
    if head.starts_with(b"\x5d\0") && compressed::is_lzma_alone(part) {
        return Ok(Format::Lzma);
    }
    if compressed::old_joblib(part).is_some() {
        return Ok(Format::Zlib);
    }
    if arrow::is_stream(part, &head)? {
        return Ok(Format::Arrow);
    }
    if let Some(format) = weights::sniff(part, &head)?.filter(|format| may_be(*format)) {
        return Ok(format);
    }
    if gguf::is_gguf(&head) {
        return Ok(Format::Gguf);
    }
    if checkpoint::is_records(&head) {
        return Ok(Format::Records);
    }
    if safetensors::is_safetensors(part, name)? {
        return Ok(Format::Safetensors);
    }
    if matches!(head.as_slice(), [0x80, 2..=5, ..]) {
        return Ok(Format::Pickle);
    }
    open_readings(part, name, &head)
}

/// Formats of which little or nothing is scanned, since their readers run nothing.
pub(crate) fn is_inert(format: Format) -> bool {
    matches!(
        format,
        Format::Media
            | Format::Weights
            | Format::Ggml
            | Format::FastText
            | Format::Ctranslate2
            | Format::Ubjson
            | Format::Matlab
            | Format::Tflite
            | Format::Records
    )
}

/// Whether content with a magic of two or three bytes, which other formats may have by chance, is of that format.
fn confirmed(format: Format, head: &[u8]) -> bool {
    match format {
        // Programs for any system, which are scripts to a Unix shell (`ape/specification.md` of Cosmopolitan).
        Format::Native if head.starts_with(b"MZqFpD='") => true,
        Format::Native if head.starts_with(b"MZ") => is_windows(head),
        Format::Gzip => head.get(2) == Some(&8),
        Format::Bzip2 => {
            head.get(3).is_some_and(u8::is_ascii_digit)
                && head.get(4..10) != Some(b"\0\0\0\0\0\0")
                && !text::is_text_start(head)
        }
        Format::Media => media::is_media(head),
        _ => true,
    }
}

/// Byte code of CPython: two bytes of version, CR LF, then a header of 8, 12 or 16 bytes in all, by version, before
/// the code object (`importlib/_bootstrap_external.py`).
fn is_byte_code(head: &[u8], name: &Name) -> bool {
    let code = [8, 12, 16].iter().any(|at| matches!(head.get(*at), Some(0x63 | 0xe3)));
    head.get(2..4) == Some(b"\r\n")
        && !text::is_text_start(head)
        && (code || matches!(name.suffix.as_str(), "pyc" | "pyo"))
}

/// Programs for Windows say at byte 60 where their real header is (PE format specification, "MS-DOS stub").
fn is_windows(head: &[u8]) -> bool {
    let Some(Ok(at)) = head.get(60..64).map(<[u8; 4]>::try_from) else { return false };
    let at = usize::try_from(u32::from_le_bytes(at)).unwrap_or(usize::MAX);
    match head.get(at..).and_then(|header| header.get(..2)) {
        Some(mark) => matches!(mark, b"PE" | b"NE" | b"LE" | b"LX"),
        None => at < 1 << 16,
    }
}

/// How far from the front HDF5 is looked for at first where each place is a request, unless the name says that it is
/// there.
const NEAR: u64 = 4096;

/// Whether HDF5 begins far from the front of a file on a server, at a place that [`sniff`] leaves out there.
pub(crate) fn is_far_hdf5(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    let places = || std::iter::successors(Some(2 * NEAR), |at| at.checked_mul(2)).take_while(|at| *at < part.len());
    part.announce(places().map(|at| (at, HDF5.len() as u64)));
    for at in places() {
        if part.bytes(at, HDF5.len())? == HDF5 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The signature of HDF5.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// HDF5 files may begin after a block of the user's: at 0, 512, 1024, and so on, doubling (HDF5 file format
/// specification, II.A).
fn is_hdf5(part: &ByteRange<'_>, name: &Name) -> Result<bool, ScanError> {
    let mut at = 0_u64;
    while at < part.len() {
        if at > NEAR && part.is_remote() && !name.promises().contains(&Format::Hdf5) {
            return Ok(false);
        }
        match part.bytes(at, HDF5.len()) {
            Ok(mark) if mark == HDF5 => return Ok(true),
            // Only who takes it for HDF5 looks for it so far from the front.
            Err(ScanError::NotRead(_)) if !name.promises().contains(&Format::Hdf5) => return Ok(false),
            Err(ScanError::LimitReached(HELD_LIMIT)) if !name.promises().contains(&Format::Hdf5) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        at = if at == 0 { 512 } else { at.saturating_mul(2) };
    }
    Ok(false)
}

/// What no magic tells: text of all sorts, pickles of the text protocols, protocol buffers, zlib.
fn open_readings(part: &ByteRange<'_>, name: &Name, head: &[u8]) -> Result<Format, ScanError> {
    // Small graphs may be valid text by chance; their first bytes are neither opcodes nor letters.
    if matches!(head, [0x08 | 0x0a | 0x12, ..])
        && head.iter().any(|byte| *byte < 9)
        && graph::kind(part, name)?.is_some_and(|kind| kind != graph::Kind::Other)
    {
        return graph::sniff(part, name);
    }
    let is_text = text::is_text_start(head);
    if pickle::probe(part, !is_text || name.is_weights_or_pickle())? {
        return Ok(Format::Pickle);
    }
    if is_text {
        return match text::sniff(head, name) {
            Format::Text if python::is_attack(part)? => Ok(Format::Python),
            // What loaders read by its name is that, whatever else it could be.
            Format::Text
                if (text::runs_nothing(Format::Text, name) || name.suffix == "toml")
                    && requirements::is_list(part)? =>
            {
                Ok(Format::Requirements)
            }
            format => Ok(format),
        };
    }
    // Python source in another encoding is not text here, and Python reads it all the same.
    if name.suffix == "py" && !head.contains(&0) {
        return Ok(Format::Python);
    }
    // So is JSON with a byte of another encoding, or with half of a surrogate pair.
    if name.promises() == [Format::Json] && text::begins_json(head) && !head.contains(&0) {
        return Ok(Format::Json);
    }
    if msgpack::is_msgpack(part, head, name)? {
        return Ok(Format::Msgpack);
    }
    let looks_zlib = matches!(head, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]);
    if looks_zlib && compressed::is_zlib(part) {
        return Ok(Format::Zlib);
    }
    // `lzma.open` goes by no magic.
    if matches!(name.suffix.as_str(), "lzma" | "xz") && compressed::is_lzma_alone(part) {
        return Ok(Format::Lzma);
    }
    // An archive may have anything before its first member: its directory is at its end.
    if crate::formats::archive::zip::has_directory(part)? {
        return Ok(Format::Zip);
    }
    if checkpoint::is_index(part)? {
        return Ok(Format::TensorIndex);
    }
    let format = graph::sniff(part, name)?;
    // In some encoding almost all bytes are text: believed only where the name does not speak against it.
    let may_be_text = name.suffix.is_empty() || name.promises().contains(&Format::Text);
    let is_text = format == Format::Binary && may_be_text && text::is_foreign_text(head);
    Ok(if is_text { text::sniff(head, name) } else { format })
}
