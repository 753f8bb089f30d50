//! HDF5, as far as it can hold something that a loader interprets: groups, links, attributes, and where the data of
//! datasets is. The data itself is never read. After "HDF5 File Format Specification Version 3.0" (The HDF Group).

mod attribute;
mod dense;
mod group;
mod header;
mod link;
mod piece;
mod size;
mod storage;
mod superblock;
mod tree;

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use header::Message;
use modelpin_rules::keras::{HDF5_EXTERNAL, HDF5_MALFORMED};
use piece::File;
use tree::Tree;

/// Follows every object of the file.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let (file, root) = superblock::open(part, scan)?;
    let mut tree = Tree::default();
    if let Some(extension) = root.extension {
        tree.add(extension, "superblock extension".into())?;
    }
    tree.add(root.header, "/".into())?;
    if let Some((nodes, heap)) = root.cached {
        let outcome = group::table(&file, nodes, heap, "/", &mut tree, scan);
        continue_after(outcome, scan)?;
    }
    while let Some((address, path)) = tree.to_do.pop() {
        scan.budget.step()?;
        let outcome = object(&file, address, &path, &mut tree, scan);
        continue_after(outcome, scan)?;
    }
    Ok(FullyCovered)
}

/// A broken object is a finding, and does not hide the others.
fn continue_after(outcome: Result<(), ScanError>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error @ (ScanError::LimitReached(_) | ScanError::NotRead(_))) => Err(error),
        Err(error) => {
            scan.record_error(error);
            Ok(())
        }
    }
}

fn object(file: &File<'_>, address: u64, path: &str, tree: &mut Tree, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut dataset = size::Dataset::default();
    for message in header::messages(file, address, scan)? {
        scan.budget.step()?;
        dataset.note(file, &message, scan)?;
        if message.is_shared() {
            // The shape, type and fill value of a dataset may be elsewhere; they are not needed here.
            if !matches!(message.kind, 0x01 | 0x03..=0x05) {
                scan.report(
                    &HDF5_MALFORMED,
                    Location::Key(path.to_owned()),
                    format!("a shared message of kind {:#06x}", message.kind),
                );
            }
            continue;
        }
        let outcome = follow(file, message, path, tree, scan);
        continue_after(outcome, scan)?;
    }
    let outcome = dataset.check(file, path, tree, scan);
    continue_after(outcome, scan)
}

/// One message of an object header (specification, IV.A.2).
fn follow(
    file: &File<'_>,
    message: Message,
    path: &str,
    tree: &mut Tree,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    let at = || Location::Key(path.to_owned());
    let mut body = message.body;
    match message.kind {
        // Shapes, types, fill values, times, comments, counts: nothing in them leads anywhere.
        0x00 | 0x01 | 0x03..=0x05 | 0x09 | 0x0a | 0x0d | 0x0e | 0x10 | 0x12 | 0x13 | 0x16..=0x18 => {}
        0x02 => dense::links(file, &mut body, path, tree, scan)?,
        0x06 => link::follow(file, &mut body, path, tree, scan)?,
        0x07 => storage::external(file, &mut body, path, scan)?,
        0x08 => storage::layout(file, &mut body, path, scan)?,
        0x0b => storage::filters(&mut body, path, scan)?,
        0x0c => attribute::check(file, &mut body, path, scan)?,
        0x0f => scan.report(&HDF5_MALFORMED, at(), "a table of shared messages"),
        0x11 => {
            let nodes = body.number(file.offset)?;
            let heap = body.number(file.offset)?;
            group::table(file, nodes, heap, path, tree, scan)?;
        }
        0x14 => scan.report(&HDF5_EXTERNAL, at(), "a driver that stores data in other files"),
        0x15 => dense::attributes(file, &mut body, path, scan)?,
        kind => scan.report(&HDF5_MALFORMED, at(), format!("a message of unknown kind {kind:#06x}")),
    }
    Ok(())
}
