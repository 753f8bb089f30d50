//! How much memory a dataset asks for, and how much of it is in the file. Readers make room for all that is declared
//! before they read (CVE-2026-0897), and what was never written takes no room in a file.

use super::header::{self, Message};
use super::piece::{File, Piece};
use super::tree::Tree;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::HDF5_DECLARED_SIZE;
use std::collections::BTreeSet;

/// Bytes of one dataset, and how many times what is stored of it: above both, Keras refuses to read it
/// (`safe_get_h5_dataset` in `keras/src/saving/saving_lib.py`).
const FLOOR: u64 = 1 << 32;
const EXPANSION: u64 = 1000;

/// Bytes of all such datasets of a file, each of them below the floor.
const ALL: u64 = 1 << 36;

/// Bytes of one chunk, which is unpacked whole whatever is asked for.
const CHUNK: u64 = 1 << 30;

/// What is known of a dataset.
#[derive(Default)]
pub(super) struct Dataset {
    /// How many values it has.
    values: Option<u64>,
    /// Bytes of a value.
    width: Option<u64>,
    layout: Option<Layout>,
}

/// Where the values are.
#[derive(Clone, Copy)]
enum Layout {
    /// So many bytes.
    Stored(u64),
    /// Chunks of so many bytes, by the B-tree that lists them, or nowhere.
    Chunks { bytes: u64, tree: Option<u64>, rank: usize },
    /// Chunks of so many bytes, in a list that is not followed, or nowhere.
    Listed { bytes: u64, is_there: bool },
}

impl Dataset {
    /// Takes note of a message of an object header. What cannot be read is reported by who follows it.
    pub(super) fn note(&mut self, file: &File<'_>, message: &Message, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut body = message.body.clone();
        let outcome = match message.kind {
            0x01 if !message.is_shared() => values(&mut body, file).map(|values| self.values = Some(values)),
            0x03 if message.is_shared() => committed(file, body, scan).map(|width| self.width = width),
            0x03 => width(&mut body).map(|width| self.width = Some(width)),
            0x08 if !message.is_shared() => layout(file, &mut body).map(|layout| self.layout = layout),
            _ => Ok(()),
        };
        match outcome {
            Err(error @ (ScanError::LimitReached(_) | ScanError::NotRead(_) | ScanError::Unreadable(_))) => Err(error),
            _ => Ok(()),
        }
    }

    /// Compares what is declared with what is there.
    pub(super) fn check(
        &self,
        file: &File<'_>,
        path: &str,
        tree: &mut Tree,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        let (Some(values), Some(width), Some(layout)) = (self.values, self.width, self.layout) else { return Ok(()) };
        let declared = values.saturating_mul(width);
        let there = file.part.len();
        let chunk = match layout {
            Layout::Chunks { bytes, .. } | Layout::Listed { bytes, .. } => bytes,
            Layout::Stored(_) => 0,
        };
        let is_beyond = |declared: u64, stored: u64| declared > stored.saturating_mul(EXPANSION);
        if chunk > CHUNK && is_beyond(chunk, there) {
            report(path, &format!("a chunk of {chunk} bytes in a file of {there}"), scan);
        }
        let stored = match layout {
            Layout::Stored(stored) => stored,
            Layout::Listed { is_there, .. } => {
                if is_there {
                    there
                } else {
                    0
                }
            }
            // Looked for only where there is much more than could be stored without packing it well.
            Layout::Chunks { tree: Some(tree), rank, .. } if declared > FLOOR && declared / 4 > there => {
                chunks(file, tree, rank, declared.div_ceil(EXPANSION), scan)?
            }
            Layout::Chunks { tree, .. } => tree.map_or(0, |_| there),
        };
        let stored = stored.min(there);
        if !is_beyond(declared, stored) {
            return Ok(());
        }
        tree.declared = tree.declared.saturating_add(declared);
        if declared > FLOOR || tree.declared > ALL {
            tree.declared = 0;
            report(path, &format!("it declares {declared} bytes, of which {stored} are stored"), scan);
        }
        Ok(())
    }
}

fn report(path: &str, what: &str, scan: &mut Scan<'_>) {
    scan.report(&HDF5_DECLARED_SIZE, Location::Key(path.to_owned()), what);
}

/// How many values a dataspace has (specification, IV.A.2.b).
pub(super) fn values(body: &mut Piece, file: &File<'_>) -> Result<u64, ScanError> {
    let version = body.byte()?;
    let rank = body.byte()?;
    body.skip(1)?;
    let kind = body.byte()?;
    body.skip(if version == 1 { 4 } else { 0 })?;
    if version > 1 && kind == 2 {
        return Ok(0);
    }
    (0..rank).try_fold(1_u64, |values, _| Ok(values.saturating_mul(body.number(file.length)?)))
}

/// Bytes of a value of a type (specification, IV.A.2.d).
pub(super) fn width(body: &mut Piece) -> Result<u64, ScanError> {
    body.skip(4)?;
    body.number(4)
}

/// Bytes of a value of a type that is an object of its own (specification, IV.A.2, "shared message").
fn committed(file: &File<'_>, mut body: Piece, scan: &mut Scan<'_>) -> Result<Option<u64>, ScanError> {
    let version = body.byte()?;
    body.skip(if version == 1 { 7 } else { 1 })?;
    let address = body.number(file.offset)?;
    for message in header::messages(file, address, scan)? {
        if message.kind == 0x03 && !message.is_shared() {
            return width(&mut message.body.clone()).map(Some);
        }
    }
    Ok(None)
}

/// Where the data is (specification, IV.A.2.i).
fn layout(file: &File<'_>, body: &mut Piece) -> Result<Option<Layout>, ScanError> {
    let address = |body: &mut Piece| {
        let address = body.number(file.offset)?;
        Ok::<_, ScanError>(Some(address).filter(|address| !file.is_undefined(*address)))
    };
    let from = |at: Option<u64>| at.map_or(0, |at| file.part.len().saturating_sub(at));
    let version = body.byte()?;
    if version < 3 {
        let rank = usize::from(body.byte()?);
        let class = body.byte()?;
        body.skip(5)?;
        let at = if class == 0 { None } else { address(body)? };
        return Ok(Some(match class {
            0 => Layout::Stored(file.part.len()),
            1 => Layout::Stored(from(at)),
            _ => Layout::Chunks { bytes: product(body, rank, 4)?, tree: at, rank },
        }));
    }
    Ok(match body.byte()? {
        0 => Some(Layout::Stored(body.number(2)?)),
        1 => {
            let at = address(body)?;
            Some(Layout::Stored(from(at).min(body.number(file.length)?)))
        }
        2 if version == 3 => {
            let rank = usize::from(body.byte()?);
            let tree = address(body)?;
            Some(Layout::Chunks { bytes: product(body, rank, 4)?, tree, rank })
        }
        2 => {
            let flags = body.byte()?;
            let rank = usize::from(body.byte()?);
            let width = usize::from(body.byte()?).min(8);
            let bytes = product(body, rank, width)?;
            let parameters = match body.byte()? {
                1 if flags & 2 != 0 => file.length.saturating_add(4),
                3 => 1,
                4 => 5,
                5 => 6,
                _ => 0,
            };
            body.skip(parameters)?;
            Some(Layout::Listed { bytes, is_there: address(body)?.is_some() })
        }
        _ => None,
    })
}

/// The product of `count` numbers.
fn product(body: &mut Piece, count: usize, width: usize) -> Result<u64, ScanError> {
    (0..count).try_fold(1_u64, |product, _| Ok(product.saturating_mul(body.number(width)?)))
}

/// Bytes of the chunks that a B-tree lists, as far as `enough` (specification, III.A.1, node type 1).
fn chunks(file: &File<'_>, root: u64, rank: usize, enough: u64, scan: &mut Scan<'_>) -> Result<u64, ScanError> {
    let mut seen = BTreeSet::new();
    let mut nodes = vec![root];
    let mut stored = 0_u64;
    let entry = rank.saturating_mul(8).saturating_add(8).saturating_add(file.offset);
    while let Some(node) = nodes.pop() {
        scan.budget.step()?;
        if !seen.insert(node) || stored >= enough {
            continue;
        }
        let mut head = file.up_to(node, 8_usize.saturating_add(file.offset.saturating_mul(2)))?;
        if !head.is_marked(b"TREE") {
            continue;
        }
        head.skip(1)?;
        let level = head.byte()?;
        let used = head.count(2)?;
        head.skip(file.offset.saturating_mul(2))?;
        let mut at = head.at();
        for _ in 0..used {
            scan.budget.step()?;
            let mut key = file.up_to(at, entry)?;
            let size = key.number(4)?;
            key.skip(entry.saturating_sub(file.offset).saturating_sub(4))?;
            let child = key.number(file.offset)?;
            if level > 0 {
                nodes.push(child);
            } else if child.saturating_add(size) <= file.part.len() {
                stored = stored.saturating_add(size);
            }
            at = at.saturating_add(entry as u64);
        }
    }
    Ok(stored)
}
