//! Links and attributes of large groups: an index (a B-tree of version 2) of objects in a fractal heap (specification,
//! III.A.2 and III.G).

use super::piece::{File, Piece};
use super::tree::Tree;
use super::{attribute, link};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::HDF5_MALFORMED;
use std::collections::BTreeSet;

/// How large a node, a block or an object may be.
const BLOCK: usize = 1 << 20;

fn broken(address: u64, what: &str) -> ScanError {
    ScanError::Malformed(&HDF5_MALFORMED, Location::Byte(address), what.to_owned())
}

/// The links that a link info message leads to.
pub(super) fn links(
    file: &File<'_>,
    body: &mut Piece,
    path: &str,
    tree: &mut Tree,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    body.skip(1)?;
    let flags = body.byte()?;
    body.skip(if flags & 1 != 0 { 8 } else { 0 })?;
    let heap = body.number(file.offset)?;
    let index = body.number(file.offset)?;
    if file.is_undefined(heap) {
        return Ok(());
    }
    let heap = Heap::open(file, heap)?;
    for mut record in records(file, index, 5, scan)? {
        record.skip(4)?;
        let mut message = heap.object(file, record)?;
        link::follow(file, &mut message, path, tree, scan)?;
    }
    Ok(())
}

/// The attributes that an attribute info message leads to.
pub(super) fn attributes(file: &File<'_>, body: &mut Piece, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    body.skip(1)?;
    let flags = body.byte()?;
    body.skip(if flags & 1 != 0 { 2 } else { 0 })?;
    let heap = body.number(file.offset)?;
    let index = body.number(file.offset)?;
    if file.is_undefined(heap) {
        return Ok(());
    }
    let heap = Heap::open(file, heap)?;
    for mut record in records(file, index, 8, scan)? {
        let id = record.split(8)?;
        if record.byte()? & 2 != 0 {
            scan.report(&HDF5_MALFORMED, Location::Key(path.to_owned()), "a shared attribute");
            continue;
        }
        let mut message = heap.object(file, id)?;
        attribute::check(file, &mut message, path, scan)?;
    }
    Ok(())
}

/// How many bytes a number up to `limit` takes.
fn width(limit: u64) -> usize {
    (limit.max(1).ilog2() as usize / 8).saturating_add(1)
}

/// A B-tree of version 2.
struct Index {
    node: usize,
    record: usize,
    /// For each level from the leaves up: bytes of the count of all records below a child.
    totals: Vec<usize>,
    counts: usize,
}

/// All records of the B-tree at `address`, which has to be of that type.
fn records(file: &File<'_>, address: u64, kind: u8, scan: &mut Scan<'_>) -> Result<Vec<Piece>, ScanError> {
    let mut head = file.up_to(address, 64)?;
    if !head.is_marked(b"BTHD") || head.byte()? != 0 || head.byte()? != kind {
        return Err(broken(address, "not a group index"));
    }
    let node = head.count(4)?;
    let record = head.count(2)?;
    let depth = head.count(2)?;
    head.skip(2)?;
    let root = head.number(file.offset)?;
    let count = head.count(2)?;
    if node > BLOCK || record == 0 || record.saturating_add(10) > node || depth > 16 {
        return Err(broken(address, "an index with impossible sizes"));
    }
    let index = Index::new(file, node, record, depth);
    let mut records = Vec::new();
    let mut seen = BTreeSet::new();
    let mut nodes = vec![(root, count, depth)];
    while let Some((at, count, level)) = nodes.pop() {
        scan.budget.step()?;
        if count == 0 || !seen.insert(at) {
            continue;
        }
        let mut body = file.up_to(at, index.node)?;
        if !body.is_marked(if level == 0 { b"BTLF" } else { b"BTIN" }) {
            return Err(broken(at, "not an index node"));
        }
        body.skip(2)?;
        for _ in 0..count {
            scan.budget.step()?;
            records.push(body.split(index.record)?);
        }
        let Some(below) = level.checked_sub(1) else { continue };
        for _ in 0..count.saturating_add(1) {
            let child = body.number(file.offset)?;
            let count = body.count(index.counts)?;
            body.skip(index.totals.get(below).copied().unwrap_or(0))?;
            nodes.push((child, count, below));
        }
    }
    Ok(records)
}

impl Index {
    fn new(file: &File<'_>, node: usize, record: usize, depth: usize) -> Self {
        // The mark, version, type and checksum of a node take ten bytes.
        let in_leaf = node.saturating_sub(10).checked_div(record).unwrap_or(0) as u64;
        let counts = width(in_leaf);
        let mut totals = vec![0];
        let mut below = in_leaf;
        for _ in 0..depth {
            let pointer = file.offset.saturating_add(counts).saturating_add(totals.last().copied().unwrap_or(0));
            let room = node.saturating_sub(10).saturating_sub(pointer);
            let here = room.checked_div(record.saturating_add(pointer)).unwrap_or(0) as u64;
            below = here.saturating_add(1).saturating_mul(below).saturating_add(here);
            totals.push(width(below));
        }
        Self { node, record, totals, counts }
    }
}

/// A fractal heap.
struct Heap {
    root: u64,
    rows: u64,
    columns: u64,
    start: u64,
    largest: u64,
    offset: usize,
    length: usize,
    filtered: bool,
}

impl Heap {
    fn open(file: &File<'_>, address: u64) -> Result<Self, ScanError> {
        let mut head = file.up_to(address, 256)?;
        if !head.is_marked(b"FRHP") || head.byte()? != 0 {
            return Err(broken(address, "not a fractal heap"));
        }
        head.skip(2)?;
        let filters = head.number(2)?;
        head.skip(1)?;
        let managed = head.number(4)?;
        let skipped = file.length.saturating_mul(10).saturating_add(file.offset.saturating_mul(2));
        head.skip(skipped)?;
        let columns = head.number(2)?;
        let start = head.number(file.length)?;
        let largest = head.number(file.length)?;
        let bits = head.count(2)?;
        head.skip(2)?;
        let root = head.number(file.offset)?;
        let rows = head.number(2)?;
        if !start.is_power_of_two() || !largest.is_power_of_two() || !columns.is_power_of_two() || bits > 64 {
            return Err(broken(address, "a fractal heap with impossible sizes"));
        }
        let length = (largest.ilog2() as usize).div_ceil(8).min(width(managed));
        let offset = bits.div_ceil(8);
        Ok(Self { root, rows, columns, start, largest, offset, length, filtered: filters > 0 })
    }

    /// The object with this identifier.
    fn object(&self, file: &File<'_>, mut id: Piece) -> Result<Piece, ScanError> {
        let at = id.at();
        let flags = id.byte()?;
        match flags & 0xf0 {
            0x00 => {
                let offset = id.number(self.offset)?;
                let length = id.count(self.length)?;
                let address = self.locate(file, offset)?;
                file.piece(address, length.min(BLOCK))
            }
            // Tiny: the bytes are in the identifier.
            0x20 => id.split(usize::from(flags & 0x0f).saturating_add(1)),
            _ => Err(broken(at, "an object of a fractal heap that is too large to follow")),
        }
    }

    /// The size of the blocks in a row.
    fn size(&self, row: u64) -> u64 {
        let doubled = u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX);
        2_u64.checked_pow(doubled).and_then(|factor| self.start.checked_mul(factor)).unwrap_or(u64::MAX)
    }

    /// The address of what is at `offset` of the heap's own space.
    fn locate(&self, file: &File<'_>, mut offset: u64) -> Result<u64, ScanError> {
        if self.filtered {
            return Err(broken(self.root, "a filtered fractal heap"));
        }
        let mut block = self.root;
        let mut rows = self.rows;
        // A block of blocks is smaller than the one that it is in, so this ends.
        for _ in 0..64 {
            if rows == 0 {
                return block.checked_add(offset).ok_or_else(|| broken(block, "an offset outside the fractal heap"));
            }
            let mut row = 0;
            while row < rows && offset >= self.size(row).saturating_mul(self.columns) {
                offset = offset.saturating_sub(self.size(row).saturating_mul(self.columns));
                row = row.saturating_add(1);
            }
            let size = self.size(row);
            let column = offset.checked_div(size).unwrap_or(0);
            if row >= rows || column >= self.columns {
                break;
            }
            offset = offset.checked_rem(size).unwrap_or(0);
            let child = row.saturating_mul(self.columns).saturating_add(column);
            // Mark, version, address of the heap, offset of the block; then the addresses of the children.
            let head = 5_u64.saturating_add(file.offset as u64).saturating_add(self.offset as u64);
            let at = block.saturating_add(head).saturating_add(child.saturating_mul(file.offset as u64));
            if !file.up_to(block, 4)?.is_marked(b"FHIB") {
                break;
            }
            block = file.piece(at, file.offset)?.number(file.offset)?;
            rows = if size <= self.largest { 0 } else { self.rows_of(size) };
        }
        Err(broken(block, "an offset outside the fractal heap"))
    }

    /// How many rows a block of blocks of that size has.
    fn rows_of(&self, size: u64) -> u64 {
        let first = self.start.saturating_mul(self.columns).max(1);
        u64::from(size.max(1).ilog2().saturating_sub(first.ilog2())).saturating_add(1)
    }
}
