//! Copies the elements of a tensor: as one run of bytes, inflated, or gathered from where its strides lead.

use super::dtype::BOOL;
use super::error::WriteError;
use super::output_tensor::{Dimension, OutputTensor};
use crate::formats::archive::input::Input;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use modelpin_schema::visible;
use std::io::{self, Read, Write};

/// Bytes of a run that are read at once. Every element's size divides it.
const STEP: usize = 1 << 20;

/// Bytes of gathered elements that are put together in memory.
const BLOCK: u64 = 8 << 20;

/// Bytes of a storage that are read at once for elements that are apart.
const WINDOW: u64 = 256 << 10;

/// Bytes from one element to the next up to which the bytes between them are read rather than skipped.
/// A side of a block: how many indices, how many elements are from one to the next in the storage, how many in the
const NEAR: u64 = 256;

/// Writes a tensor.
pub(super) fn piece(piece: &OutputTensor<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    match piece.deflated {
        _ if piece.bytes == 0 => Ok(()),
        Some(checksum) => inflated(piece, checksum, out),
        None if piece.is_run() => run(piece, out),
        None => Gather::of(piece).write(piece, out),
    }
}

/// Fills `into` with the bytes of a tensor from `at` on, wherever that is.
pub(super) fn part(piece: &OutputTensor<'_>, at: u64, into: &mut [u8]) -> Result<(), WriteError> {
    let item = piece.dtype.size;
    let first = at.checked_div(item as u64).unwrap_or(0);
    let skip = usize::try_from(at.saturating_sub(first.saturating_mul(item as u64))).unwrap_or(0);
    let mut elements = vec![0; skip.saturating_add(into.len()).next_multiple_of(item)];
    let begin = piece.start.saturating_add(first.saturating_mul(item as u64));
    if piece.deflated.is_some() {
        let (input, _) = Input::new(piece.storage.clone());
        let mut decoder = DeflateDecoder::new(input);
        let skipped = io::copy(&mut decoder.by_ref().take(begin), &mut io::sink());
        let read = skipped.and_then(|_| decoder.read_exact(&mut elements));
        read.map_err(|error| source_error(piece, &format!("its storage cannot be decompressed: {error}")))?;
    } else if piece.is_run() {
        exactly(piece, begin, &mut elements)?;
    } else {
        for (number, element) in (first..).zip(elements.chunks_exact_mut(item)) {
            let mut rest = number;
            let place = piece.sides.iter().rev().fold(0_u64, |place, side| {
                let index = rest.checked_rem(side.size).unwrap_or(0);
                rest = rest.checked_div(side.size).unwrap_or(0);
                place.saturating_add(index.saturating_mul(side.stride))
            });
            exactly(piece, piece.start.saturating_add(place.saturating_mul(item as u64)), element)?;
        }
    }
    turn(piece, &mut elements);
    into.iter_mut().zip(elements.iter().skip(skip)).for_each(|(to, from)| *to = *from);
    Ok(())
}

/// Elements one after another.
fn run(piece: &OutputTensor<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut buffer = buffer(piece.bytes);
    let mut done = 0_u64;
    while done < piece.bytes {
        let chunk = chunk(&mut buffer, piece.bytes.saturating_sub(done));
        exactly(piece, piece.start.saturating_add(done), chunk)?;
        emit(piece, chunk, out)?;
        done = done.saturating_add(chunk.len() as u64);
    }
    Ok(())
}

/// The same, out of a deflated storage. All of it is inflated, to know that it is what its checksum is of.
fn inflated(piece: &OutputTensor<'_>, checksum: u32, out: &mut dyn Write) -> Result<(), WriteError> {
    let (input, gauge) = Input::new(piece.storage.clone());
    let mut decoder = DeflateDecoder::new(input);
    let storage_error = |what: &str| source_error(piece, &format!("its storage {what}"));
    let failed = |error: io::Error| match (gauge.error(), error.kind()) {
        (Some(error), _) => WriteError::from(error),
        (None, io::ErrorKind::UnexpectedEof) => ended(piece),
        (None, _) => storage_error(&format!("cannot be decompressed: {error}")),
    };
    let mut crc = Crc::new();
    let mut buffer = buffer(piece.whole);
    let behind = piece.whole.saturating_sub(piece.start).saturating_sub(piece.bytes);
    for (mut left, is_tensor) in [(piece.start, false), (piece.bytes, true), (behind, false)] {
        while left > 0 {
            let chunk = chunk(&mut buffer, left);
            decoder.read_exact(chunk).map_err(failed)?;
            crc.update(chunk);
            if is_tensor {
                emit(piece, chunk, out)?;
            }
            left = left.saturating_sub(chunk.len() as u64);
        }
    }
    if decoder.read(&mut [0]).map_err(failed)? > 0 {
        return Err(storage_error("is longer than declared"));
    }
    if crc.sum() == checksum { Ok(()) } else { Err(storage_error("does not match its checksum")) }
}

/// Room for `bytes`, or for as many of them as are handled at once.
fn buffer(bytes: u64) -> Vec<u8> {
    vec![0; usize::try_from(bytes).unwrap_or(STEP).min(STEP)]
}

/// As much of the buffer as `left` bytes fill.
fn chunk(buffer: &mut [u8], left: u64) -> &mut [u8] {
    let count = usize::try_from(left).unwrap_or(STEP).min(buffer.len());
    buffer.split_at_mut(count).0
}

/// Fills `into` from the storage.
fn exactly(piece: &OutputTensor<'_>, at: u64, into: &mut [u8]) -> Result<(), WriteError> {
    if piece.storage.fill(at, into)? < into.len() { Err(ended(piece)) } else { Ok(()) }
}

fn ended(piece: &OutputTensor<'_>) -> WriteError {
    source_error(piece, "its storage ends early")
}

fn source_error(piece: &OutputTensor<'_>, what: &str) -> WriteError {
    WriteError::Source(visible(&format!("tensor `{}`: {what}", piece.name)))
}

/// Writes whole elements, in little-endian order. Booleans have to be 0 or 1: a reader may take any
/// other byte for either.
fn emit(piece: &OutputTensor<'_>, elements: &mut [u8], out: &mut dyn Write) -> Result<(), WriteError> {
    turn(piece, elements);
    if *piece.dtype == BOOL && elements.iter().any(|byte| *byte > 1) {
        return Err(source_error(piece, "a boolean is neither 0 nor 1"));
    }
    out.write_all(elements).map_err(WriteError::Output)
}

/// Turns the words of a big-endian machine round.
fn turn(piece: &OutputTensor<'_>, elements: &mut [u8]) {
    if piece.word > 1 {
        elements.chunks_exact_mut(piece.word).for_each(<[u8]>::reverse);
    }
}

/// A side of a block: how many indices, how many elements are from one to the next in the storage, how many in the
/// A dimension of a block: its size, and its strides in elements, in the storage and in the block.
#[derive(Debug, Clone, Copy)]
struct Axis {
    size: u64,
    from: u64,
    to: u64,
}

/// How the elements of a tensor are gathered: in blocks that fit in memory, each put together in the order in which
/// its elements are in the storage.
pub(super) struct Gather {
    /// Bytes of an element.
    item: u64,
    /// The sides that are stepped through from block to block.
    outer: Vec<Dimension>,
    /// The side that is cut in steps, of which each block has one.
    cut: Dimension,
    step: u64,
    /// The sides that each block has in full.
    inner: Vec<Dimension>,
}

impl Gather {
    pub(super) fn of(piece: &OutputTensor<'_>) -> Self {
        let item = piece.dtype.size as u64;
        let room = BLOCK.checked_div(item).unwrap_or(1);
        let mut outer = piece.sides.clone();
        let mut inner = Vec::new();
        let mut count = 1_u64;
        let mut cut = Dimension { size: 1, stride: 0 };
        while let Some(side) = outer.pop() {
            match count.checked_mul(side.size).filter(|count| *count <= room) {
                Some(more) => {
                    count = more;
                    inner.insert(0, side);
                }
                None => {
                    cut = side;
                    break;
                }
            }
        }
        let step = room.checked_div(count).unwrap_or(1).clamp(1, cut.size);
        Self { item, outer, cut, step, inner }
    }

    /// The most reads that it takes.
    pub(super) fn reads(&self) -> u64 {
        let outer = self.outer.iter().fold(self.cut.size.div_ceil(self.step), |n, side| n.saturating_mul(side.size));
        let (axes, run) = self.axes(self.step);
        let each = run.size.div_ceil(self.together(run));
        axes.iter().filter(|axis| axis.from > 0).fold(outer.saturating_mul(each), |n, axis| n.saturating_mul(axis.size))
    }

    /// How many elements of a run are read at once.
    fn together(&self, run: Axis) -> u64 {
        let gap = run.from.saturating_mul(self.item);
        if gap == 0 || gap > NEAR { 1 } else { WINDOW.checked_div(gap).unwrap_or(1).max(1) }
    }

    /// The axes of a block with `step` of the cut side, in the order of the tensor, without the one along which its
    /// elements are closest in the storage, which comes second.
    fn axes(&self, step: u64) -> (Vec<Axis>, Axis) {
        let mut axes = Vec::new();
        let mut to = 1_u64;
        let cut = Dimension { size: step, ..self.cut };
        for side in self.inner.iter().rev().chain([&cut]) {
            axes.insert(0, Axis { size: side.size, from: side.stride, to });
            to = to.saturating_mul(side.size);
        }
        let moves = axes.iter().enumerate().filter(|(_, axis)| axis.from > 0 && axis.size > 1);
        let closest = moves.min_by_key(|(_, axis)| axis.from).map(|(place, _)| place);
        let run = closest.map_or(Axis { size: 1, from: 0, to: 0 }, |place| axes.remove(place));
        (axes, run)
    }

    fn write(&self, piece: &OutputTensor<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
        let count = self.inner.iter().fold(self.step, |count, side| count.saturating_mul(side.size));
        let mut block = vec![0; usize::try_from(count.saturating_mul(self.item)).unwrap_or(0)];
        let mut window = Vec::new();
        let outer = self.outer.iter().map(|side| Axis { size: side.size, from: side.stride, to: 0 });
        for (at, _) in Odometer::new(outer.collect()) {
            let mut index = 0_u64;
            while index < self.cut.size {
                let step = self.step.min(self.cut.size.saturating_sub(index));
                let at = at.saturating_add(index.saturating_mul(self.cut.stride));
                let bytes = (block.len() as u64).checked_div(self.step).unwrap_or(0).saturating_mul(step);
                let block = chunk(&mut block, bytes);
                self.fill(piece, at, step, block, &mut window)?;
                emit(piece, block, out)?;
                index = index.saturating_add(step);
            }
        }
        Ok(())
    }

    /// Puts a block together: elements from `at` on, counted from the tensor's first.
    fn fill(
        &self,
        piece: &OutputTensor<'_>,
        at: u64,
        step: u64,
        block: &mut [u8],
        window: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let (axes, run) = self.axes(step);
        let (mut moving, repeated): (Vec<Axis>, Vec<Axis>) = axes.into_iter().partition(|axis| axis.from > 0);
        moving.sort_by_key(|axis| std::cmp::Reverse(axis.from));
        let together = self.together(run);
        for (from, to) in Odometer::new(moving) {
            let mut index = 0_u64;
            while index < run.size {
                let count = together.min(run.size.saturating_sub(index));
                let from = at.saturating_add(from).saturating_add(index.saturating_mul(run.from));
                let to = to.saturating_add(index.saturating_mul(run.to));
                self.scatter(piece, from, Axis { size: count, ..run }, block, to, window)?;
                index = index.saturating_add(count);
            }
        }
        // From the inside out: what is repeated is at the first index of each repeating side by now.
        for axis in repeated.iter().rev() {
            let length = self.bytes(axis.to);
            let every = self.bytes(axis.to.saturating_mul(axis.size));
            for group in block.chunks_exact_mut(every.max(1)) {
                let (first, others) = group.split_at_mut(length.min(group.len()));
                others.chunks_exact_mut(length.max(1)).for_each(|other| other.copy_from_slice(first));
            }
        }
        Ok(())
    }

    /// Reads the elements of a run and puts each in its place.
    fn scatter(
        &self,
        piece: &OutputTensor<'_>,
        from: u64,
        run: Axis,
        block: &mut [u8],
        to: u64,
        window: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let at = piece.start.saturating_add(from.saturating_mul(self.item));
        let item = self.bytes(1);
        let place = self.bytes(to);
        if run.size == 1 || (run.from == 1 && run.to == 1) {
            let length = self.bytes(run.size);
            let into = block.get_mut(place..place.saturating_add(length)).ok_or_else(|| ended(piece))?;
            return exactly(piece, at, into);
        }
        let gap = self.bytes(run.from);
        let jump = self.bytes(run.to);
        let span = run.size.saturating_sub(1).saturating_mul(run.from).saturating_add(1);
        window.resize(self.bytes(span), 0);
        exactly(piece, at, window)?;
        let places = block.get_mut(place..).unwrap_or_default().chunks_mut(jump.max(1));
        for (into, element) in places.zip(window.chunks(gap.max(1))) {
            if let (Some(into), Some(element)) = (into.get_mut(..item), element.get(..item)) {
                into.copy_from_slice(element);
            }
        }
        Ok(())
    }

    /// Bytes of as many elements, which are in memory.
    fn bytes(&self, elements: u64) -> usize {
        usize::try_from(elements.saturating_mul(self.item)).unwrap_or(usize::MAX)
    }
}

/// All indices of some axes, the last running fastest: where each leads in the storage, and in the block.
struct Odometer {
    axes: Vec<Axis>,
    index: Vec<u64>,
    next: Option<(u64, u64)>,
}

impl Odometer {
    fn new(axes: Vec<Axis>) -> Self {
        Self { index: vec![0; axes.len()], axes, next: Some((0, 0)) }
    }
}

impl Iterator for Odometer {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        let current = self.next.take()?;
        let (mut from, mut to) = current;
        for (axis, index) in self.axes.iter().zip(&mut self.index).rev() {
            *index = index.saturating_add(1);
            if *index < axis.size {
                self.next = Some((from.saturating_add(axis.from), to.saturating_add(axis.to)));
                break;
            }
            let back = axis.size.saturating_sub(1);
            from = from.saturating_sub(axis.from.saturating_mul(back));
            to = to.saturating_sub(axis.to.saturating_mul(back));
            *index = 0;
        }
        Some(current)
    }
}
