//! Decompressors over a part, and what comes out of them: counted, checked against the limits, held in memory
//! as far as there is room.

use super::input::{Gauge, Input, WINDOW};
use super::replay::{Open, Replay};
use super::tar;
use crate::engine::limits::{Lease, Meter};
use crate::engine::source::{ByteRange, Source};
use crate::engine::{Scan, ScanError};
use flate2::Crc;
use lzma_rust2::{Action, LzmaStream, Status, StreamResult, XzStream};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// How much of the end is kept of what does not fit in memory: a zip reader looks for its directory there.
const TAIL: usize = 66 * 1024;

/// Bytes that say whether it is a tar archive: its first header.
const START: usize = 512;

/// KiB that a decompressor may set aside for its dictionary: `xz -9` asks for 64 MiB.
const DICTIONARY_KIB: u32 = 66 << 10;

/// A decompressor that is fed and asked in turns.
pub(super) trait StreamDecoder {
    fn push(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult>;

    /// Bytes taken in that turned out to be after the end of the stream.
    fn unused(&self) -> usize {
        0
    }
}

impl StreamDecoder for XzStream {
    fn push(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult> {
        self.process(input, output, action)
    }
}

impl StreamDecoder for LzmaStream {
    fn push(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult> {
        self.process(input, output, action)
    }

    fn unused(&self) -> usize {
        self.unused_input().len()
    }
}

/// A fed decompressor as a reader.
pub(super) struct DecoderReader<S, R> {
    stream: S,
    input: R,
    gauge: Rc<Gauge>,
    done: bool,
}

impl<S: StreamDecoder, R: BufRead> Read for DecoderReader<S, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.done && !into.is_empty() {
            let input = self.input.fill_buf()?;
            let action = if input.is_empty() { Action::Finish } else { Action::Run };
            let was_empty = input.is_empty();
            let result = self.stream.push(input, into, action)?;
            self.input.consume(result.bytes_consumed);
            if result.status == Status::StreamEnd {
                self.done = true;
                let unused = self.stream.unused() as u64;
                self.gauge.used.set(self.gauge.used.get().saturating_sub(unused));
            }
            if result.bytes_produced > 0 {
                return Ok(result.bytes_produced);
            }
            if was_empty && !self.done {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream has no end mark"));
            }
        }
        Ok(0)
    }
}

/// An xz stream: one, without what may follow it.
pub(super) fn xz(input: Input<'_>) -> impl Read {
    let gauge = Rc::clone(&input.gauge);
    DecoderReader { stream: XzStream::new_mem_limit(false, DICTIONARY_KIB), input, gauge, done: false }
}

/// A stream of the older LZMA format, with its header. A dictionary that is larger than the limit may be declared of
/// little content, which does not need it.
pub(super) fn lzma_alone(mut input: Input<'_>) -> io::Result<impl Read> {
    let mut header = [0; 13];
    input.read_exact(&mut header)?;
    let [bits, d0, d1, d2, d3, size @ ..] = header;
    let dictionary = u32::from_le_bytes([d0, d1, d2, d3]).clamp(4096, DICTIONARY_KIB << 10);
    let mut stream = LzmaStream::new_with_props(u64::from_le_bytes(size), bits, dictionary, None)?;
    stream.set_mem_limit(DICTIONARY_KIB + 1024);
    let gauge = Rc::clone(&input.gauge);
    Ok(DecoderReader { stream, input, gauge, done: false })
}

/// An LZMA stream without a header. `size` is all ones where only the stream says where it ends.
pub(super) fn lzma_raw<R: BufRead>(input: R, properties: [u8; 5], size: u64) -> io::Result<impl Read> {
    let [bits, d0, d1, d2, d3] = properties;
    let mut stream = LzmaStream::new_with_props(size, bits, u32::from_le_bytes([d0, d1, d2, d3]), None)?;
    stream.set_mem_limit(DICTIONARY_KIB);
    Ok(DecoderReader { stream, input, gauge: Rc::new(Gauge::default()), done: false })
}

/// One frame of Zstandard.
pub(super) fn zstd<R: Read>(input: R) -> io::Result<impl Read> {
    ruzstd::decoding::StreamingDecoder::new_with_max_window_size(input, u64::from(DICTIONARY_KIB) << 10)
        .map_err(io::Error::other)
}

/// Decompressed content.
pub(super) struct Unpacked<'a> {
    /// The bytes. Where they do not fit in memory, the middle cannot be read, unless it can be inflated again.
    pub(super) part: ByteRange<'a>,
    /// Their checksum.
    pub(super) crc: u32,
    /// Why the decompressor stopped before the end of its stream.
    pub(super) broken: Option<String>,
}

/// Inflated bytes of which the middle is not held.
struct HeadAndTail {
    head: Vec<u8>,
    tail: Vec<u8>,
    size: u64,
    _lease: Lease,
}

impl Source for HeadAndTail {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let from = self.size.saturating_sub(self.tail.len() as u64);
        if at < self.head.len() as u64 {
            self.head.read_at(at, into)
        } else if at >= from {
            self.tail.read_at(at.saturating_sub(from), into)
        } else {
            Err(io::Error::new(io::ErrorKind::OutOfMemory, "not held in memory"))
        }
    }
}

/// How many bytes of a member are held without waiting for a turn.
const BESIDE: usize = 4 << 20;

/// Takes everything out of what `open` opens. Says beside it how many bytes of the input were used.
///
/// Tar archives and pickles have to be read from end to end, however long they are: where one does not fit in memory, it
/// is inflated again while it is read. Of all else the ends say enough, or it is too much.
pub(super) fn unpack_replayable<'a>(open: Open<'a>, scan: &mut Scan<'_>) -> io::Result<(Unpacked<'a>, u64)> {
    let (mut reader, gauge) = open()?;
    let unpacked = take(&mut reader, &gauge, Some(open), scan);
    Ok((unpacked, gauge.used()))
}

fn take<'a>(reader: &mut dyn Read, gauge: &Gauge, open: Option<Open<'a>>, scan: &mut Scan<'_>) -> Unpacked<'a> {
    let mut lease = scan.budget.lease();
    let mut kept = Retained { room: usize::try_from(lease.bytes()).unwrap_or(usize::MAX), ..Retained::default() };
    let mut crc = Crc::new();
    let mut broken = None;
    let mut is_cut = false;
    let mut window = vec![0; WINDOW];
    loop {
        let count = match reader.read(&mut window) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                match gauge.error() {
                    Some(error) => {
                        is_cut = matches!(error, ScanError::LimitReached(_) | ScanError::NotRead(_));
                        scan.record_error(error);
                    }
                    None => broken = Some(error.to_string()),
                }
                break;
            }
        };
        let chunk = window.get(..count).unwrap_or_default();
        crc.update(chunk);
        kept.add(chunk);
        if kept.head.len() > BESIDE {
            lease.wait();
        }
        if scan.budget.inflate(count as u64).is_err() {
            is_cut = true;
            break;
        }
    }
    let is_long = tar::is_tar(&kept.start) || matches!(kept.start.as_slice(), [0x80, 2..=5, ..]);
    let open = open.filter(|_| is_long);
    let part = match open {
        _ if is_cut => kept.cut(lease),
        Some(open) => kept.or_replay(open, scan.budget.meter(), lease),
        None => kept.part(lease),
    };
    Unpacked { part, crc: crc.sum(), broken }
}

/// Inflated bytes while they come.
#[derive(Default)]
struct Retained {
    /// The first bytes, which say what it is even where there is no room.
    start: Vec<u8>,
    head: Vec<u8>,
    /// Used once the head is full.
    tail: Option<Vec<u8>>,
    size: u64,
    room: usize,
}

impl Retained {
    fn add(&mut self, chunk: &[u8]) {
        self.size = self.size.saturating_add(chunk.len() as u64);
        let more = START.saturating_sub(self.start.len()).min(chunk.len());
        self.start.extend_from_slice(chunk.get(..more).unwrap_or_default());
        if let Some(tail) = &mut self.tail {
            tail.extend_from_slice(chunk);
            if tail.len() > TAIL.saturating_mul(4) {
                tail.drain(..tail.len().saturating_sub(TAIL));
            }
        } else if self.size <= self.room as u64 {
            self.head.extend_from_slice(chunk);
        } else {
            let mut tail = self.head.split_off(self.head.len().saturating_sub(TAIL));
            tail.extend_from_slice(chunk);
            self.tail = Some(tail);
            // The other half is for what is inside.
            self.head.truncate(self.room / 2);
            self.head.shrink_to_fit();
        }
    }

    /// What was kept when the limit was hit. How long all of it is, nobody knows: longer, and what is after cannot be
    /// read.
    fn cut<'a>(self, mut lease: Lease) -> ByteRange<'a> {
        let Self { head, size, .. } = self;
        lease.shrink(head.len() as u64);
        ByteRange::whole(HeadAndTail { head, tail: Vec::new(), size: size.saturating_add(1), _lease: lease }).cut()
    }

    /// All of it: what was kept, or what can be inflated again.
    fn or_replay<'a>(self, open: Open<'a>, meter: Meter, mut lease: Lease) -> ByteRange<'a> {
        if self.tail.is_none() {
            return self.part(lease);
        }
        // The other half is for what is inside.
        lease.shrink(lease.bytes() / 2);
        ByteRange::whole(Replay::new(open, self.size, meter, lease))
    }

    fn part<'a>(self, mut lease: Lease) -> ByteRange<'a> {
        let Self { head, tail, size, .. } = self;
        match tail {
            None => {
                lease.shrink(head.len() as u64);
                ByteRange::held(head, lease)
            }
            Some(mut tail) => {
                tail.drain(..tail.len().saturating_sub(TAIL));
                lease.shrink((head.len() as u64).saturating_add(tail.len() as u64));
                ByteRange::whole(HeadAndTail { head, tail, size, _lease: lease })
            }
        }
    }
}
