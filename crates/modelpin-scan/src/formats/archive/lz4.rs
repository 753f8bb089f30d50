//! LZ4 frames (LZ4 Frame Format Description 1.6.4, LZ4 Block Format Description), which joblib can write. The
//! checksums are skipped: whoever checks them refuses more than is judged here.

use std::io::{self, Read};

/// How far back a block may refer.
const HISTORY: usize = 64 * 1024;

/// One frame, as a reader.
pub(super) struct Frame<R> {
    input: R,
    flags: u8,
    /// The most a block may hold.
    block: usize,
    /// What blocks may refer to, and what was decoded behind that.
    window: Vec<u8>,
    /// What is handed out next.
    next: usize,
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
            return Err(broken("no frame of LZ4"));
        }
        if flags & 0x01 != 0 {
            return Err(broken("the frame needs a dictionary"));
        }
        let block = match (sizes >> 4) & 7 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err(broken("an unknown size of blocks")),
        };
        if flags & 0x08 != 0 {
            bytes::<8>(&mut input)?;
        }
        bytes::<1>(&mut input)?;
        Ok(Self { input, flags, block, window: Vec::new(), next: 0, done: false })
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
        let most = self.window.len().saturating_add(self.block);
        block(&packed, &mut self.window, most).ok_or_else(|| broken("a block does not unpack"))
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

/// Unpacks one block behind what is in `out`, which must not grow beyond `most`.
fn block(packed: &[u8], out: &mut Vec<u8>, most: usize) -> Option<()> {
    let mut rest = packed.iter();
    while let Some(token) = rest.next() {
        let literals = length(usize::from(token >> 4), &mut rest)?;
        let (taken, left) = rest.as_slice().split_at_checked(literals)?;
        if out.len().checked_add(literals)? > most {
            return None;
        }
        out.extend_from_slice(taken);
        rest = left.iter();
        if left.is_empty() {
            return Some(());
        }
        let back = usize::from(u16::from_le_bytes([*rest.next()?, *rest.next()?]));
        let count = length(usize::from(token & 15), &mut rest)?.checked_add(4)?;
        if back == 0 || back > out.len() || out.len().checked_add(count)? > most {
            return None;
        }
        for _ in 0..count {
            let byte = *out.get(out.len().checked_sub(back)?)?;
            out.push(byte);
        }
    }
    Some(())
}

/// A length that goes on in further bytes where the token is full.
fn length(token: usize, rest: &mut std::slice::Iter<'_, u8>) -> Option<usize> {
    let mut length = token;
    if token == 15 {
        loop {
            let byte = *rest.next()?;
            length = length.checked_add(usize::from(byte))?;
            if byte != 255 {
                break;
            }
        }
    }
    Some(length)
}
