//! The directory of a zip archive: where it is (APPNOTE.TXT 4.3.14 to 4.3.16) and what it lists (4.3.12).

use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError};

/// The end record, without the comment.
const END: u64 = 22;

/// How far from the end of a file readers look for the end record: its size and the longest comment.
const TAIL: usize = 65_535 + 22;

/// More directories than any file needs.
const DIRECTORIES: usize = 8;

/// The longest name of a member that is read.
const NAME: u64 = 4096;

/// One reading of an archive: a directory at a place, with offsets counted from `base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directory {
    /// The place of the end record.
    pub(super) end: u64,
    /// The first of the records after the directory.
    pub(super) limit: u64,
    /// How many members it says it has.
    pub(super) count: u64,
    /// Where the directory is.
    pub(super) start: u64,
    /// How long it says it is.
    pub(super) size: u64,
    /// What offsets count from.
    pub(super) base: u64,
    /// Where the comment ends.
    pub(super) close: u64,
    /// What is odd about its end records.
    pub(super) anomaly: Option<&'static str>,
}

/// One member as the directory lists it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The name, as bytes.
    pub(super) raw: Vec<u8>,
    /// The name that the Unicode path field gives it.
    pub(super) unicode: Option<String>,
    /// How many fields of 64-bit lengths it has.
    pub(super) wide: u32,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Length as stored.
    pub(super) packed: u64,
    /// Length when unpacked.
    pub(super) size: u64,
    /// Unix mode, where one is given.
    pub(super) mode: u16,
    /// Where the local header is.
    pub(super) header: u64,
    /// The place of this record.
    pub(super) at: u64,
}

/// Reads a little-endian number of up to eight bytes; zero past the end.
pub(super) fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let field = bytes.get(at..at.saturating_add(width)).unwrap_or_default();
    field.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// The same for fields that are two bytes wide.
pub(super) fn short(bytes: &[u8], at: usize) -> u16 {
    u16::try_from(number(bytes, at, 2)).unwrap_or_default()
}

/// What a search for end records gave.
#[derive(Default)]
pub(super) struct Found {
    /// Every directory that some reader would take, the last in the file first.
    pub(super) directories: Vec<Directory>,
    /// End records that point to no directory.
    pub(super) dead: Vec<u64>,
}

/// Looks for end records from the end of the file on, as far as readers do.
pub(super) fn find(part: &ByteRange<'_>) -> Result<Found, ScanError> {
    let mut found = Found::default();
    let from = part.len().saturating_sub(TAIL as u64);
    let tail = part.bytes(from, TAIL)?;
    let places = tail.windows(4).enumerate().rev().filter(|(_, window)| *window == b"PK\x05\x06");
    for (place, _) in places {
        let at = from.saturating_add(place as u64);
        if found.directories.len() >= DIRECTORIES {
            break;
        }
        let known = found.directories.len();
        readings(part, at, &mut found)?;
        if found.directories.len() == known {
            found.dead.push(at);
        }
    }
    Ok(found)
}

/// The directories that the end record at `at` may be read to mean. Readers differ in whether they believe the
/// offset that it names (miniz, which torch uses) or count back from the record (Python).
fn readings(part: &ByteRange<'_>, at: u64, found: &mut Found) -> Result<(), ScanError> {
    let record = part.bytes(at, 22)?;
    if record.len() < 22 {
        return Ok(());
    }
    let close = at.saturating_add(END).saturating_add(number(&record, 20, 2));
    let mut plain = Directory {
        end: at,
        limit: at,
        count: number(&record, 10, 2),
        start: number(&record, 16, 4),
        size: number(&record, 12, 4),
        base: 0,
        close,
        anomaly: (number(&record, 4, 4) != 0).then_some("the archive claims to span several disks"),
    };
    let locator = part.bytes(at.saturating_sub(20), 20)?;
    let wide = if at >= 20 && locator.starts_with(b"PK\x06\x07") { zip64(part, at, &locator, &plain)? } else { None };
    let Some(mut wide) = wide else {
        return choose(part, &plain, &mut found.directories);
    };
    let agrees = |own: u64, full: u64, most: u64| own == full || own == most;
    let same = agrees(plain.count, wide.count, 0xffff)
        && agrees(plain.size, wide.size, 0xffff_ffff)
        && agrees(plain.start, wide.start, 0xffff_ffff);
    if same {
        return choose(part, &wide, &mut found.directories);
    }
    wide.anomaly = Some("the two end-of-directory records disagree");
    plain.limit = wide.limit;
    plain.anomaly = wide.anomaly;
    choose(part, &wide, &mut found.directories)?;
    choose(part, &plain, &mut found.directories)
}

/// Adds the readings of an end record under which there is a directory.
fn choose(part: &ByteRange<'_>, said: &Directory, into: &mut Vec<Directory>) -> Result<(), ScanError> {
    if said.count == 0 && said.size == 0 {
        // An archive of nothing: all that can be checked against it is that its comment ends where the file does.
        if said.start <= said.limit && said.close == part.len() {
            into.push(Directory { start: said.limit, ..said.clone() });
        }
        return Ok(());
    }
    let mut add = |start: u64, base: u64| -> Result<(), ScanError> {
        let fits = start < said.limit && part.bytes(start, 4)? == b"PK\x01\x02";
        let new = Directory { start, base, ..said.clone() };
        if fits && !into.contains(&new) {
            into.push(new);
        }
        Ok(())
    };
    add(said.start, 0)?;
    let counted = said.limit.checked_sub(said.size);
    if let Some(base) = counted.and_then(|start| start.checked_sub(said.start)) {
        add(said.start.saturating_add(base), base)?;
    } else if let Some(start) = counted {
        // The offset points after the directory: no reader takes that, but it has been tried.
        add(start, 0)?;
    }
    Ok(())
}

/// The end record of large archives, which the locator before the plain one points to.
fn zip64(part: &ByteRange<'_>, at: u64, locator: &[u8], plain: &Directory) -> Result<Option<Directory>, ScanError> {
    let said = number(locator, 8, 8);
    let close_by = at.saturating_sub(76);
    let mut anomaly = plain.anomaly;
    let mut place = said;
    if part.bytes(said, 4)? != b"PK\x06\x06" || said >= at {
        // Python does not look where the locator points, but right before it.
        if part.bytes(close_by, 4)? != b"PK\x06\x06" {
            return Ok(None);
        }
        place = close_by;
        anomaly = Some("the locator of the 64-bit end record points to another place");
    } else if part.bytes(close_by, 4)? == b"PK\x06\x06" && close_by != said {
        anomaly = Some("there are two 64-bit end records");
    }
    let record = part.bytes(place, 56)?;
    let length = number(&record, 4, 8).saturating_add(12);
    if place.saturating_add(length) != at.saturating_sub(20) {
        anomaly = anomaly.or(Some("the length of the 64-bit end record is wrong"));
    }
    Ok(Some(Directory {
        limit: place,
        count: number(&record, 32, 8),
        size: number(&record, 40, 8),
        start: number(&record, 48, 8),
        anomaly,
        ..plain.clone()
    }))
}

/// What a directory lists.
#[derive(Default)]
pub(super) struct List {
    pub(super) entries: Vec<Entry>,
    /// Where it ends.
    pub(super) end: u64,
    /// Whether a limit cut it: what comes after is not known.
    pub(super) is_cut: bool,
}

/// Reads what a directory lists, and what is odd about the list.
pub(super) fn walk(
    part: &ByteRange<'_>,
    directory: &Directory,
    anomalies: &mut Vec<(u64, String)>,
    scan: &mut Scan<'_>,
) -> Result<List, ScanError> {
    let mut entries = Vec::new();
    let mut at = directory.start;
    let declared_end = directory.start.saturating_add(directory.size);
    // Some readers go by the length, some by the count, some by the signatures: everything is read.
    while at < directory.limit {
        let head = part.bytes(at, 46)?;
        if !head.starts_with(b"PK\x01\x02") || head.len() < 46 {
            break;
        }
        // What was listed up to here is scanned.
        if let Err(error) = scan.budget.entry() {
            scan.record_error(error);
            return Ok(List { entries, end: directory.limit, is_cut: true });
        }
        let name = number(&head, 28, 2);
        let extra = number(&head, 30, 2);
        let comment = number(&head, 32, 2);
        if name > NAME {
            anomalies.push((at, format!("a name of {name} bytes")));
            break;
        }
        let raw = part.bytes(at.saturating_add(46), usize::try_from(name).unwrap_or(0))?;
        let fields_at = at.saturating_add(46).saturating_add(name);
        let fields = part.bytes(fields_at, usize::try_from(extra).unwrap_or(0))?;
        entries.push(entry(&head, raw, &fields, directory.base, at));
        at = fields_at.saturating_add(extra).saturating_add(comment);
    }
    if at != declared_end && !entries.is_empty() {
        anomalies.push((at, format!("the directory ends at {at}, its end record says {declared_end}")));
    }
    if entries.len() as u64 != directory.count && (directory.count != 0xffff || entries.len() < 0xffff) {
        anomalies.push((directory.end, format!("{} members listed, {} announced", entries.len(), directory.count)));
    }
    Ok(List { entries, end: at, is_cut: false })
}

fn entry(head: &[u8], raw: Vec<u8>, fields: &[u8], base: u64, at: u64) -> Entry {
    let mut entry = Entry {
        unicode: None,
        wide: 0,
        flags: short(head, 8),
        method: short(head, 10),
        crc: u32::try_from(number(head, 16, 4)).unwrap_or_default(),
        packed: number(head, 20, 4),
        size: number(head, 24, 4),
        mode: short(head, 40),
        header: number(head, 42, 4),
        at,
        raw,
    };
    for (id, value) in extra(fields) {
        match id {
            0x0001 => {
                entry.wide = entry.wide.saturating_add(1);
                let mut next = 0_usize;
                for field in [&mut entry.size, &mut entry.packed, &mut entry.header] {
                    if *field == 0xffff_ffff {
                        *field = number(value, next, 8);
                        next = next.saturating_add(8);
                    }
                }
            }
            0x7075 => entry.unicode = value.get(5..).map(|name| String::from_utf8_lossy(name).into_owned()),
            _ => {}
        }
    }
    entry.header = entry.header.saturating_add(base);
    entry
}

/// The extra fields, as far as they make sense.
pub(super) fn extra(mut fields: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = fields.split_at_checked(4)?;
        let (value, rest) = rest.split_at_checked(usize::from(short(head, 2)))?;
        fields = rest;
        Some((short(head, 0), value))
    })
}

/// Whether a zip reader would find a directory in `part`, also where it is of another format.
pub(crate) fn has_directory(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    Ok(part.len() >= 22 && !find(part)?.directories.is_empty())
}
