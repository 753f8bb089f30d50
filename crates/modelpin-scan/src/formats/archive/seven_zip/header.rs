//! The header of 7z archives (7-Zip's DOC/7zFormat.txt): how streams are packed, and which files they hold.

use crate::engine::Halt;
use crate::engine::{At, Scan};
use modelpin_rules::archive::ARCHIVE_DAMAGED;

/// More folders, coders, streams or files than an archive is read with.
const MOST: u64 = 100_000;

/// A step of unpacking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) properties: Vec<u8>,
    /// Length of what comes out.
    pub(super) size: u64,
}

/// A packed stream with the steps that unpack it.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    /// In the order in which the bytes go through them; nothing where they are no chain.
    pub(super) chain: Option<Vec<Coder>>,
    /// How many packed streams it takes.
    pub(super) packed: usize,
    /// Lengths of the files in it.
    pub(super) files: Vec<u64>,
    crc: bool,
}

/// What is packed how.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams {
    /// Where the packed streams begin, counted from the end of the start header.
    pub(super) begin: u64,
    /// Their lengths.
    pub(super) sizes: Vec<u64>,
    pub(super) folders: Vec<Folder>,
}

/// A file.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub(super) name: String,
    /// Whether there is a stream of it.
    pub(super) has_content: bool,
    /// Windows' attributes, with a Unix mode in the upper half where the second byte says so.
    pub(super) attributes: u32,
}

/// A header.
pub(super) enum Header {
    /// The header itself is packed.
    Packed(Streams),
    Plain(Streams, Vec<File>),
}

/// Reads through a header.
pub(super) struct Reader<'h, 's, 'l> {
    bytes: &'h [u8],
    scan: &'s mut Scan<'l>,
}

fn broken(what: &str) -> Halt {
    Halt::Broken(&ARCHIVE_DAMAGED, At::Whole, format!("7z header: {what}"))
}

impl<'h, 's, 'l> Reader<'h, 's, 'l> {
    pub(super) fn new(bytes: &'h [u8], scan: &'s mut Scan<'l>) -> Self {
        Self { bytes, scan }
    }

    fn take(&mut self, count: usize) -> Result<&'h [u8], Halt> {
        self.scan.budget.step()?;
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(|| broken("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Halt> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    /// A number: the set bits at the top of the first byte say how many bytes follow.
    fn number(&mut self) -> Result<u64, Halt> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let rest = self.take(usize::try_from(more).unwrap_or(8))?;
        let low = rest.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let mask = 0x7f_u8.checked_shr(more).unwrap_or(0);
        let high = u64::from(first & mask).checked_shl(more.saturating_mul(8)).unwrap_or(0);
        Ok(low | high)
    }

    fn count(&mut self) -> Result<usize, Halt> {
        let count = self.number()?;
        if count > MOST {
            return Err(Halt::Budget("entries of a 7z archive"));
        }
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn bits(&mut self, count: usize) -> Result<Vec<bool>, Halt> {
        let bytes = self.take(count.div_ceil(8))?;
        let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte & 0x80_u8.wrapping_shr((at % 8) as u32) != 0);
        Ok((0..count).map(bit).collect())
    }

    /// A bit for each, unless all are set.
    fn defined(&mut self, count: usize) -> Result<Vec<bool>, Halt> {
        if self.byte()? == 0 { self.bits(count) } else { Ok(vec![true; count]) }
    }

    /// Checksums: which are there. Their values are not needed, for damaged data is judged all the same.
    fn digests(&mut self, count: usize) -> Result<Vec<bool>, Halt> {
        let defined = self.defined(count)?;
        let there = defined.iter().filter(|there| **there).count();
        self.take(there.saturating_mul(4))?;
        Ok(defined)
    }

    fn demand(&mut self, id: u8) -> Result<(), Halt> {
        if self.byte()? == id { Ok(()) } else { Err(broken("a part is missing")) }
    }

    pub(super) fn header(&mut self) -> Result<Header, Halt> {
        match self.byte()? {
            0x17 => Ok(Header::Packed(self.streams()?)),
            0x01 => {
                let (mut streams, mut files) = (Streams::default(), Vec::new());
                loop {
                    match self.byte()? {
                        0x00 => return Ok(Header::Plain(streams, files)),
                        0x02 => {
                            while self.byte()? != 0 {
                                let size = self.count()?;
                                self.take(size)?;
                            }
                        }
                        0x03 => {
                            self.streams()?;
                        }
                        0x04 => streams = self.streams()?,
                        0x05 => files = self.files()?,
                        _ => return Err(broken("an unknown part")),
                    }
                }
            }
            _ => Err(broken("it is none")),
        }
    }

    fn streams(&mut self) -> Result<Streams, Halt> {
        let mut streams = Streams::default();
        loop {
            match self.byte()? {
                0x00 => break,
                0x06 => self.packed(&mut streams)?,
                0x07 => self.folders(&mut streams)?,
                0x08 => {
                    self.substreams(&mut streams)?;
                    return Ok(streams);
                }
                _ => return Err(broken("unknown streams")),
            }
        }
        for folder in &mut streams.folders {
            folder.files = folder.chain.iter().flatten().last().map(|coder| coder.size).into_iter().collect();
        }
        Ok(streams)
    }

    fn packed(&mut self, streams: &mut Streams) -> Result<(), Halt> {
        streams.begin = self.number()?;
        let count = self.count()?;
        loop {
            match self.byte()? {
                0x00 => return Ok(()),
                0x09 => streams.sizes = (0..count).map(|_| self.number()).collect::<Result<_, _>>()?,
                0x0a => {
                    self.digests(count)?;
                }
                _ => return Err(broken("unknown packed streams")),
            }
        }
    }

    fn folders(&mut self, streams: &mut Streams) -> Result<(), Halt> {
        self.demand(0x0b)?;
        let count = self.count()?;
        self.demand(0)?;
        let raw: Vec<Raw> = (0..count).map(|_| self.folder()).collect::<Result<_, _>>()?;
        self.demand(0x0c)?;
        for mut folder in raw {
            for coder in &mut folder.coders {
                for out in 0..coder.outs {
                    let size = self.number()?;
                    coder.coder.size = if out == 0 { size } else { coder.coder.size };
                }
            }
            let packed = folder.packed;
            streams.folders.push(Folder { chain: folder.chain(), packed, ..Folder::default() });
        }
        loop {
            match self.byte()? {
                0x00 => return Ok(()),
                0x0a => {
                    let defined = self.digests(count)?;
                    for (folder, crc) in streams.folders.iter_mut().zip(defined) {
                        folder.crc = crc;
                    }
                }
                _ => return Err(broken("unknown folders")),
            }
        }
    }

    fn folder(&mut self) -> Result<Raw, Halt> {
        let count = self.count()?;
        let mut raw = Raw::default();
        let (mut ins, mut outs) = (0_usize, 0_usize);
        for _ in 0..count.min(33) {
            let flags = self.byte()?;
            let id = self.take(usize::from(flags & 0x0f))?.to_vec();
            let (one, other) = if flags & 0x10 == 0 { (1, 1) } else { (self.count()?, self.count()?) };
            let length = if flags & 0x20 == 0 { 0 } else { self.count()? };
            let properties = self.take(length)?.to_vec();
            ins = ins.saturating_add(one);
            outs = outs.saturating_add(other);
            raw.coders.push(RawCoder { coder: Coder { id, properties, size: 0 }, ins: one, outs: other });
        }
        if count > 32 || ins > 64 || outs > 64 || outs == 0 {
            return Err(broken("too many steps"));
        }
        for _ in 1..outs {
            raw.bonds.push((self.count()?, self.count()?));
        }
        raw.packed = ins.saturating_sub(raw.bonds.len());
        if raw.packed > 1 {
            for _ in 0..raw.packed {
                self.number()?;
            }
        }
        Ok(raw)
    }

    fn substreams(&mut self, streams: &mut Streams) -> Result<(), Halt> {
        let mut counts = vec![1_usize; streams.folders.len()];
        let mut id = self.byte()?;
        if id == 0x0d {
            for count in &mut counts {
                *count = self.count()?;
            }
            id = self.byte()?;
        }
        for (folder, count) in streams.folders.iter_mut().zip(&counts) {
            let mut left = folder.chain.iter().flatten().last().map_or(0, |coder| coder.size);
            for _ in 1..*count {
                let size = if id == 0x09 { self.number()? } else { 0 };
                left = left.saturating_sub(size);
                folder.files.push(size);
            }
            if *count > 0 {
                folder.files.push(left);
            }
        }
        if id == 0x09 {
            id = self.byte()?;
        }
        if id == 0x0a {
            let pairs = streams.folders.iter().zip(&counts);
            let unknown = pairs.map(|(folder, count)| if *count == 1 && folder.crc { 0 } else { *count });
            let unknown = unknown.fold(0_usize, usize::saturating_add);
            self.digests(unknown)?;
            id = self.byte()?;
        }
        if id != 0 {
            return Err(broken("unknown files in streams"));
        }
        // The end mark of the streams follows that of their files.
        self.demand(0)
    }

    fn files(&mut self) -> Result<Vec<File>, Halt> {
        let count = self.count()?;
        if count > self.bytes.len().saturating_mul(8) {
            return Err(broken("it announces more files than it has room for"));
        }
        let mut files = vec![File { has_content: true, ..File::default() }; count];
        loop {
            let id = self.byte()?;
            if id == 0 {
                return Ok(files);
            }
            let size = usize::try_from(self.number()?).unwrap_or(usize::MAX);
            let body = self.take(size)?;
            let mut inner = Reader { bytes: body, scan: &mut *self.scan };
            match id {
                0x0e => {
                    for (file, empty) in files.iter_mut().zip(inner.bits(count)?) {
                        file.has_content = !empty;
                    }
                }
                0x11 => {
                    inner.demand(0)?;
                    names(inner.bytes, &mut files);
                }
                0x15 => {
                    let defined = inner.defined(count)?;
                    inner.demand(0)?;
                    for (file, _) in files.iter_mut().zip(defined).filter(|(_, there)| *there) {
                        let bytes = inner.take(4)?;
                        file.attributes = bytes.iter().rev().fold(0, |all, byte| (all << 8) | u32::from(*byte));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Names: UTF-16, each with a zero behind.
fn names(bytes: &[u8], files: &mut [File]) {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    let units: Vec<u16> = units.collect();
    for (file, name) in files.iter_mut().zip(units.split(|unit| *unit == 0)) {
        file.name = String::from_utf16_lossy(name);
    }
}

struct RawCoder {
    coder: Coder,
    ins: usize,
    outs: usize,
}

#[derive(Default)]
struct Raw {
    coders: Vec<RawCoder>,
    /// An input and the output that feeds it.
    bonds: Vec<(usize, usize)>,
    packed: usize,
}

impl Raw {
    /// The coders in the order of the bytes, where each has one input and one output.
    fn chain(self) -> Option<Vec<Coder>> {
        if self.packed != 1 || self.coders.iter().any(|coder| coder.ins != 1 || coder.outs != 1) {
            return None;
        }
        let mut at = (0..self.coders.len()).find(|at| self.bonds.iter().all(|(fed, _)| fed != at))?;
        let mut chain = Vec::new();
        while chain.len() < self.coders.len() {
            chain.push(self.coders.get(at)?.coder.clone());
            match self.bonds.iter().find(|(_, from)| *from == at) {
                Some((fed, _)) => at = *fed,
                None => break,
            }
        }
        (chain.len() == self.coders.len()).then_some(chain)
    }
}
