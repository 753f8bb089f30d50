//! LZ4 frames (LZ4 Frame Format Description 1.6.4), which joblib can write; `lz4_flex` decompresses their blocks.
//!
//! The frame reader of that library takes a frame without an end mark for a whole one, and stops at a block that holds
//! nothing. Other readers go on there, so frames are read here. Checksums are skipped: a reader that checks them
//! refuses more than is scanned here.

use lz4_flex::block::decompress_into_with_dict;
use std::io::{self, Read};

/// How far back a block may refer.
const HISTORY: usize = 64 * 1024;

/// One frame, as a reader.
pub(super) struct Frame<R> {
    input: R,
    flags: u8,
    /// Bytes that a block may hold, decompressed.
    block: usize,
    /// What blocks may refer to, followed by what was decompressed last.
    window: Vec<u8>,
    /// The next byte of `window` that is returned.
    next: usize,
    /// Where blocks are decompressed to: as many bytes as one may hold, allocated once.
    output: Vec<u8>,
    done: bool,
}

fn broken(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl<R: Read> Frame<R> {
    /// Reads the header of the frame.
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let [m0, m1, m2, m3, flags, sizes] = bytes(&mut input)?;
        if [m0, m1, m2, m3] != [0x04, 0x22, 0x4d, 0x18] || flags >> 6 != 1 {
            return Err(broken("not an LZ4 frame"));
        }
        if flags & 0x01 != 0 {
            return Err(broken("the frame needs an external dictionary"));
        }
        let block = match (sizes >> 4) & 7 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err(broken("an unknown block size")),
        };
        if flags & 0x08 != 0 {
            bytes::<8>(&mut input)?;
        }
        bytes::<1>(&mut input)?;
        Ok(Self { input, flags, block, window: Vec::new(), next: 0, output: Vec::new(), done: false })
    }

    fn step(&mut self) -> io::Result<()> {
        let size = u32::from_le_bytes(bytes(&mut self.input)?);
        if size == 0 {
            if self.flags & 0x04 != 0 {
                bytes::<4>(&mut self.input)?;
            }
            self.done = true;
            return Ok(());
        }
        let length = usize::try_from(size & 0x7fff_ffff).unwrap_or(usize::MAX);
        if length > self.block {
            return Err(broken("a block is longer than the frame allows"));
        }
        let mut packed = vec![0; length];
        self.input.read_exact(&mut packed)?;
        if self.flags & 0x10 != 0 {
            bytes::<4>(&mut self.input)?;
        }
        let keep = if self.flags & 0x20 == 0 { HISTORY } else { 0 };
        self.window.drain(..self.window.len().saturating_sub(keep));
        self.next = self.window.len();
        if size >> 31 == 1 {
            self.window.extend(packed);
            return Ok(());
        }
        self.output.resize(self.block, 0);
        let count = decompress_into_with_dict(&packed, &mut self.output, &self.window)
            .map_err(|_| broken("a block does not decompress"))?;
        self.window.extend_from_slice(self.output.get(..count).unwrap_or_default());
        Ok(())
    }
}

impl<R: Read> Read for Frame<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.next >= self.window.len() && !self.done {
            self.step()?;
        }
        let count = self.window.get(self.next..).unwrap_or_default().read(into)?;
        self.next = self.next.saturating_add(count);
        Ok(count)
    }
}

fn bytes<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
