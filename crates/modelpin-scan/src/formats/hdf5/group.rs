//! Groups of the old kind: a B-tree of symbol tables, with the names in a heap (specification, III.A to III.D).

use super::piece::File;
use super::tree::{Tree, below};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::HDF5_MALFORMED;
use std::collections::BTreeSet;

/// How much of a member's name is kept.
const NAME: usize = 128;

/// How large a node of the tree may be: 65535 children at most.
const NODE: usize = 2 << 20;

fn broken(address: u64, what: &str) -> ScanError {
    ScanError::Malformed(&HDF5_MALFORMED, Location::Byte(address), what.to_owned())
}

/// Follows every member of the group whose B-tree is at `root` and whose heap is at `heap`.
pub(super) fn table(
    file: &File<'_>,
    root: u64,
    heap: u64,
    path: &str,
    tree: &mut Tree,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    if file.is_undefined(root) {
        return Ok(());
    }
    let names = names(file, heap)?;
    let mut seen = BTreeSet::new();
    let mut nodes = vec![root];
    while let Some(node) = nodes.pop() {
        scan.budget.step()?;
        if !seen.insert(node) {
            continue;
        }
        let mut head = file.up_to(node, 8)?;
        match head.take(4)? {
            b"TREE" => nodes.extend(children(file, node)?),
            b"SNOD" => symbols(file, node, names, path, tree, scan)?,
            _ => return Err(broken(node, "not a group node")),
        }
    }
    Ok(())
}

/// Where the names of a heap are.
fn names(file: &File<'_>, heap: u64) -> Result<u64, ScanError> {
    let mut head = file.up_to(heap, 32)?;
    if !head.is_marked(b"HEAP") {
        return Err(broken(heap, "not a name heap"));
    }
    head.skip(4_usize.saturating_add(file.length.saturating_mul(2)))?;
    head.number(file.offset)
}

/// What is below a node of the B-tree.
fn children(file: &File<'_>, node: u64) -> Result<Vec<u64>, ScanError> {
    let mut head = file.piece(node, 8_usize.saturating_add(file.offset.saturating_mul(2)))?;
    head.skip(4)?;
    let kind = head.byte()?;
    let _level = head.byte()?;
    let used = head.count(2)?;
    // The siblings on both sides are children of the node above.
    head.skip(file.offset.saturating_mul(2))?;
    if kind != 0 {
        return Err(broken(node, "a B-tree that is not a group's"));
    }
    let pair = file.offset.saturating_add(file.length);
    let size = used.saturating_mul(pair).min(NODE);
    let mut body = file.piece(head.at(), size)?;
    let mut children = Vec::new();
    for _ in 0..used {
        body.skip(file.length)?;
        children.push(body.number(file.offset)?);
    }
    Ok(children)
}

/// The members of one symbol table.
fn symbols(
    file: &File<'_>,
    node: u64,
    names: u64,
    path: &str,
    tree: &mut Tree,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    let mut head = file.piece(node, 8)?;
    head.skip(4)?;
    if head.byte()? != 1 {
        return Err(broken(node, "a symbol table of unknown version"));
    }
    head.skip(1)?;
    let count = head.count(2)?;
    let entry = file.offset.saturating_mul(2).saturating_add(24);
    let mut body = file.piece(node.saturating_add(8), count.saturating_mul(entry).min(NODE.saturating_mul(2)))?;
    for _ in 0..count {
        scan.budget.step()?;
        let name = body.number(file.offset)?;
        let header = body.number(file.offset)?;
        let kind = body.number(4)?;
        body.skip(20)?;
        // A symbolic link has no object; what it leads to is reached by its own entry.
        if kind == 2 && file.is_undefined(header) {
            continue;
        }
        let name = file.up_to(names.saturating_add(name), NAME)?.name();
        tree.add(header, below(path, &name))?;
    }
    Ok(())
}
