//! 7z archives. What is packed with the usual methods is unpacked and judged, the rest is opaque.

mod header;

use super::inflate::{self, unpack};
use super::input::{Gauge, Input};
use super::{layers, member_name};
use crate::engine::name::Name;
use crate::engine::source::Part;
use crate::engine::{At, Followed, Halt, Outcome, Scan};
use header::{Coder, File, Folder, Header, Reader, Streams};
use lzma_rust2::filter::{bcj::BcjReader, delta::DeltaReader};
use modelpin_rules::archive::{ARCHIVE_DAMAGED, ARCHIVE_LINK, ARCHIVE_OPAQUE};
use modelpin_rules::file::{TRAILING_BYTES, TRUNCATED};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// The start header: signature, version, and where the header is.
const START: u64 = 32;

/// The longest header that is read.
const HEADER: u64 = 16 << 20;

/// How often a header may be packed.
const LAYERS: usize = 3;

/// Judges an archive.
pub(crate) fn scan(part: &Part<'_>, _name: &Name, scan: &mut Scan<'_>) -> Outcome {
    let start = part.array::<32>(0)?;
    let field = |at: usize| start.iter().skip(at).take(8).rev().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    let (offset, size) = (field(12), field(20));
    let place = START.saturating_add(offset);
    let end = place.saturating_add(size);
    if end > part.len() {
        scan.find(&ARCHIVE_OPAQUE, At::Whole, "the header is missing: nothing could be unpacked");
        return Err(Halt::Truncated(part.len()));
    }
    if end < part.len() {
        scan.find(
            &TRAILING_BYTES,
            At::Byte(end),
            format!("{} bytes behind the archive", part.len().saturating_sub(end)),
        );
        layers::judge(&part.from(end), "(behind the archive)", scan);
    }
    let mut header = part.slice(place, size);
    for _ in 0..LAYERS {
        if header.len() == 0 {
            return Ok(Followed);
        }
        if header.len() > HEADER {
            return Err(Halt::Budget("the header of a 7z archive"));
        }
        let bytes = header.all(16 << 20)?;
        match Reader::new(&bytes, scan).header()? {
            Header::Plain(streams, files) => {
                members(part, &streams, &files, scan)?;
                return Ok(Followed);
            }
            Header::Packed(streams) => {
                let Some(unpacked) = first(part, &streams, scan) else {
                    scan.find(
                        &ARCHIVE_OPAQUE,
                        At::Byte(place),
                        "the header is encrypted or packed by an unknown method",
                    );
                    return Ok(Followed);
                };
                header = unpacked;
            }
        }
    }
    scan.give_up(&ARCHIVE_OPAQUE, "the header is packed again and again")
}

/// The first stream of a packed header: the header itself.
fn first<'a>(part: &Part<'_>, streams: &Streams, scan: &mut Scan<'_>) -> Option<Part<'a>> {
    let folder = streams.folders.first()?;
    let packed = part.slice(START.saturating_add(streams.begin), *streams.sizes.first()?);
    let (reader, gauge) = chain(packed, folder).ok()?;
    let size = *folder.files.first()?;
    let unpacked = unpack(&mut reader.take(size), &gauge, scan);
    (unpacked.broken.is_none() && unpacked.part.len() == size).then_some(unpacked.part)
}

/// Judges the files of an archive, folder by folder.
fn members(part: &Part<'_>, streams: &Streams, files: &[File], scan: &mut Scan<'_>) -> Result<(), Halt> {
    for file in files {
        scan.budget.entry()?;
        member_name::check(&file.name, 0, scan);
        special(file, scan);
    }
    let mut names = files.iter().filter(|file| file.has_content);
    let mut place = START.saturating_add(streams.begin);
    let mut sizes = streams.sizes.iter();
    for folder in &streams.folders {
        let mut packed: u64 = 0;
        for size in sizes.by_ref().take(folder.packed) {
            packed = packed.saturating_add(*size);
        }
        let content = part.slice(place, packed);
        if content.len() < packed {
            scan.find(&TRUNCATED, At::Byte(place), "a packed stream reaches past the end");
        }
        place = place.saturating_add(packed);
        solid(content, folder, &mut names, scan)?;
    }
    if names.next().is_some() {
        scan.find(&ARCHIVE_DAMAGED, At::Whole, "there are more files than streams");
    }
    Ok(())
}

/// Links and the like.
fn special(file: &File, scan: &mut Scan<'_>) {
    let unix = file.attributes & 0x8000 != 0;
    let mode = (file.attributes >> 16) & 0o170_000;
    if (unix && !matches!(mode, 0 | 0o100_000 | 0o040_000)) || file.attributes & 0x400 != 0 {
        scan.find(&ARCHIVE_LINK, At::Whole, format!("`{}` is a link or special", file.name));
    }
}

/// Judges the files of one folder, which are packed as one stream.
fn solid<'f>(
    content: Part<'_>,
    folder: &Folder,
    names: &mut impl Iterator<Item = &'f File>,
    scan: &mut Scan<'_>,
) -> Result<(), Halt> {
    let (mut reader, gauge) = match chain(content, folder) {
        Ok(opened) => opened,
        Err(error) => {
            for _ in &folder.files {
                let name = names.next().map_or("", |file| file.name.as_str());
                scan.find(&ARCHIVE_OPAQUE, At::Whole, format!("`{name}`: {error}"));
                scan.unopened(name);
            }
            return Ok(());
        }
    };
    for size in &folder.files {
        scan.budget.entry()?;
        let name = names.next().map_or("(without a name)", |file| file.name.as_str());
        let unpacked = unpack(&mut (&mut reader).take(*size), &gauge, scan);
        let length = unpacked.part.len();
        let is_broken = unpacked.broken.is_some();
        if let Some(why) = unpacked.broken {
            let rule = if length == 0 { &ARCHIVE_OPAQUE } else { &ARCHIVE_DAMAGED };
            scan.find(rule, At::Whole, format!("`{name}`: {why}"));
        } else if length < *size {
            scan.find(&ARCHIVE_DAMAGED, At::Whole, format!("`{name}` ends after {length} of {size} bytes"));
        }
        layers::judge(&unpacked.part, name, scan);
        if is_broken {
            break;
        }
    }
    Ok(())
}

type Boxed<'a> = Box<dyn BufRead + 'a>;

/// The decompressors of a folder, one behind the other.
fn chain<'a>(content: Part<'a>, folder: &Folder) -> io::Result<(Boxed<'a>, Rc<Gauge>)> {
    let Some(coders) = &folder.chain else {
        return Err(io::Error::other("packed by several streams"));
    };
    let (input, gauge) = Input::new(content);
    let mut reader: Boxed<'a> = Box::new(input);
    for coder in coders {
        reader = step(reader, coder)?;
    }
    Ok((reader, gauge))
}

fn step<'a>(from: Boxed<'a>, coder: &Coder) -> io::Result<Boxed<'a>> {
    let refused = |why: &str| io::Error::other(format!("{why} {:02x?}", coder.id));
    let property = coder.properties.first().copied();
    Ok(match (coder.id.as_slice(), property) {
        ([0], _) => from,
        ([0x21], Some(dictionary)) => buffered(inflate::lzma2(from, dictionary)?),
        ([3, 1, 1], _) => {
            let properties = <[u8; 5]>::try_from(coder.properties.as_slice()).map_err(io::Error::other)?;
            buffered(inflate::lzma_raw(from, properties, coder.size)?)
        }
        ([4, 1, 8], _) => buffered(flate2::bufread::DeflateDecoder::new(from)),
        ([4, 2, 2], _) => buffered(bzip2::bufread::BzDecoder::new(from)),
        ([4, 0xf7, 0x11, 1], _) => buffered(inflate::zstd(from)?),
        ([3], Some(distance)) => buffered(DeltaReader::new(from, usize::from(distance).saturating_add(1))),
        ([3, 3, 1, 3] | [4], _) => buffered(BcjReader::new_x86(from, 0)),
        ([3, 3, 5, 1] | [7], _) => buffered(BcjReader::new_arm(from, 0)),
        ([0xa], _) => buffered(BcjReader::new_arm64(from, 0)),
        ([6, 0xf1, 7, 1], _) => return Err(refused("encrypted by")),
        _ => return Err(refused("packed by the method")),
    })
}

fn buffered<'a>(reader: impl Read + 'a) -> Boxed<'a> {
    Box::new(BufReader::with_capacity(16 * 1024, reader))
}
