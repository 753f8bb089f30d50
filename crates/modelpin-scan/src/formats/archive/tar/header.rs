//! The headers of tar archives: ustar and the older form without magic, GNU's long names, the records of pax
//! (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format").

use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError};

/// Everything is in blocks of this size.
pub(super) const BLOCK: u64 = 512;

/// The longest name, or list of pax records, that is read.
const LONG: u64 = 1 << 20;

/// A member.
#[derive(Debug, Clone, Default)]
pub(super) struct Header {
    pub(super) name: String,
    /// Where a link leads.
    pub(super) target: String,
    /// The type of the member, as written.
    pub(super) kind: u8,
    /// Length of its content.
    pub(super) size: u64,
    /// Where its content begins.
    pub(super) data: u64,
    /// Where its first header is.
    pub(super) at: u64,
    /// Length of its content as the plain header has it, where pax says otherwise.
    pub(super) other_size: Option<u64>,
    /// Whether parts of the file are left out of the archive.
    pub(super) sparse: bool,
}

/// What comes next in an archive.
pub(super) enum Next {
    Member(Header),
    /// The end mark, or the end of the bytes without one.
    End {
        at: u64,
        marked: bool,
    },
    /// No header; with the place.
    Broken(u64),
}

/// Whether a block is a header, by its checksum: the sum of its bytes, counted as signed ones by some writers.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..512) else {
        return false;
    };
    let Some(told) = octal(block.get(148..156).unwrap_or_default()) else {
        return false;
    };
    let mut plain = 0_u64;
    let mut signed = 0_i64;
    for (at, byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&at) { b' ' } else { *byte };
        plain = plain.saturating_add(u64::from(byte));
        signed = signed.saturating_add(i64::from(byte.cast_signed()));
    }
    let blank = block.get(..100).is_none_or(|name| name.iter().all(|byte| *byte == 0));
    told > 256 && !blank && (told == plain || i64::try_from(told) == Ok(signed))
}

/// A number in octal digits, with spaces around and NUL after.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches([' ', '\0']);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    u64::from_str_radix(text, 8).ok()
}

/// A number field: octal, or binary where the highest bit is set (GNU).
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => rest
            .iter()
            .try_fold(0_u64, |sum, byte| sum.checked_mul(256).and_then(|sum| sum.checked_add(u64::from(*byte)))),
        [0xff, ..] => None,
        _ if field.iter().all(|byte| matches!(byte, 0 | b' ')) => Some(0),
        _ => octal(field),
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// What long names and pax records say of the next member, beside its header.
#[derive(Default)]
pub(super) struct Overrides {
    name: Option<String>,
    target: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

/// Walks an archive.
pub(super) struct Walk<'p, 'a> {
    part: &'p ByteRange<'a>,
    at: u64,
    /// What pax says of every member that follows.
    always: Overrides,
}

impl<'p, 'a> Walk<'p, 'a> {
    pub(super) fn new(part: &'p ByteRange<'a>) -> Self {
        Self { part, at: 0, always: Overrides::default() }
    }

    pub(super) fn next(&mut self, scan: &mut Scan<'_>) -> Result<Next, ScanError> {
        let mut overrides = Overrides::default();
        let first = self.at;
        loop {
            let block = self.part.bytes(self.at, 512)?;
            if block.is_empty() {
                return Ok(Next::End { at: self.at, marked: false });
            }
            if block.len() == 512 && block.iter().all(|byte| *byte == 0) {
                return Ok(Next::End { at: self.at, marked: true });
            }
            if !is_header(&block) {
                return Ok(Next::Broken(self.at));
            }
            scan.budget.entry()?;
            let Some(mut header) = plain(&block, self.at) else {
                return Ok(Next::Broken(self.at.saturating_add(BLOCK)));
            };
            match header.kind {
                b'L' | b'K' | b'x' | b'g' | b'X' => self.extension(&header, &mut overrides)?,
                _ => {
                    header.at = first;
                    self.apply(&mut header, overrides);
                    if header.kind == b'S' {
                        header.data = self.sparse_maps(&block, header.data)?;
                    }
                    let holds = !matches!(header.kind, b'1'..=b'6');
                    self.at = header.data.saturating_add(if holds { blocks(header.size) } else { 0 });
                    return Ok(Next::Member(header));
                }
            }
            self.at = header.data.saturating_add(blocks(header.size));
        }
    }

    /// A header that says something of the next one.
    fn extension(&mut self, header: &Header, overrides: &mut Overrides) -> Result<(), ScanError> {
        let content = self.part.slice(header.data, header.size);
        if content.len() < header.size {
            return Err(ScanError::Truncated(header.data));
        }
        if header.size > LONG {
            return Err(ScanError::LimitReached("the name of a member"));
        }
        let bytes = content.bytes(0, 1 << 20)?;
        match header.kind {
            b'L' => overrides.name = Some(text(&bytes)),
            b'K' => overrides.target = Some(text(&bytes)),
            b'g' => records(&bytes, &mut self.always),
            _ => records(&bytes, overrides),
        }
        Ok(())
    }

    fn apply(&self, header: &mut Header, overrides: Overrides) {
        let always = &self.always;
        if let Some(name) = overrides.name.or_else(|| always.name.clone()) {
            header.name = name;
        }
        if let Some(target) = overrides.target.or_else(|| always.target.clone()) {
            header.target = target;
        }
        if let Some(size) = overrides.size.or(always.size) {
            // Files of more than 8 GiB have their length in pax alone.
            header.other_size = Some(header.size).filter(|plain| *plain != size && *plain != 0);
            header.size = size;
        }
        header.sparse = header.kind == b'S' || overrides.sparse || always.sparse;
    }

    /// Steps over the maps of holes that follow the header of a sparse file (GNU).
    fn sparse_maps(&self, block: &[u8], mut at: u64) -> Result<u64, ScanError> {
        let mut more = block.get(482) == Some(&1);
        for _ in 0..10_000 {
            if !more {
                return Ok(at);
            }
            more = self.part.bytes(at, 512)?.get(504) == Some(&1);
            at = at.saturating_add(BLOCK);
        }
        Err(ScanError::LimitReached("maps of a sparse file"))
    }
}

/// Length in whole blocks.
pub(super) fn blocks(size: u64) -> u64 {
    size.div_ceil(BLOCK).saturating_mul(BLOCK)
}

fn plain(block: &[u8], at: u64) -> Option<Header> {
    let field = |from: usize, length: usize| block.get(from..from.saturating_add(length)).unwrap_or_default();
    let mut name = text(field(0, 100));
    // GNU keeps times where ustar keeps the first part of the name.
    let prefix = text(field(345, 155));
    if field(257, 6) == b"ustar\0" && !prefix.is_empty() {
        name = format!("{prefix}/{name}");
    }
    Some(Header {
        name,
        target: text(field(157, 100)),
        kind: block.get(156).copied().unwrap_or_default(),
        size: number(field(124, 12))?,
        data: at.saturating_add(BLOCK),
        at,
        other_size: None,
        sparse: false,
    })
}

/// The records of pax: length, space, key, `=`, value, line feed.
fn records(mut bytes: &[u8], overrides: &mut Overrides) {
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(bytes.get(..space).unwrap_or_default()).ok().and_then(|n| n.parse().ok());
        let Some((record, rest)) = length.and_then(|length: usize| bytes.split_at_checked(length)) else {
            return;
        };
        let record = record.get(space.saturating_add(1)..record.len().saturating_sub(1)).unwrap_or_default();
        let Some(equals) = record.iter().position(|byte| *byte == b'=') else {
            return;
        };
        let value = String::from_utf8_lossy(record.get(equals.saturating_add(1)..).unwrap_or_default()).into_owned();
        match record.get(..equals).unwrap_or_default() {
            b"path" | b"GNU.sparse.name" => overrides.name = Some(value),
            b"linkpath" => overrides.target = Some(value),
            b"size" => overrides.size = value.parse().ok(),
            key if key.starts_with(b"GNU.sparse.") => overrides.sparse = true,
            _ => {}
        }
        if rest.len() == bytes.len() {
            return;
        }
        bytes = rest;
    }
}
