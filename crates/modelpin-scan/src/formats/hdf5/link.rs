//! Links that are messages: to objects of the file, to paths in it, and to other files (specification, IV.A.2.g).

use super::piece::{File, Piece};
use super::tree::{Tree, below};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::{HDF5_EXTERNAL, HDF5_MALFORMED};

/// Follows one link message.
pub(super) fn follow(
    file: &File<'_>,
    body: &mut Piece,
    path: &str,
    tree: &mut Tree,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    if body.byte()? != 1 {
        return Err(ScanError::Malformed(
            &HDF5_MALFORMED,
            Location::Key(path.to_owned()),
            "a link of unknown version".to_owned(),
        ));
    }
    let flags = body.byte()?;
    let kind = if flags & 0x08 != 0 { body.byte()? } else { 0 };
    body.skip(if flags & 0x04 != 0 { 8 } else { 0 })?;
    body.skip(if flags & 0x10 != 0 { 1 } else { 0 })?;
    let length = body.count(1 << (flags & 3))?;
    let path = below(path, body.take(length)?);
    match kind {
        0 => tree.add(body.number(file.offset)?, path)?,
        // A path within the file: what it leads to is reached by its own link.
        1 => {}
        64 => {
            let length = body.count(2)?;
            let mut value = body.split(length)?;
            value.skip(1)?;
            let other = value.name();
            let object = value.name();
            let shown = format!("{} in {}", String::from_utf8_lossy(&object), String::from_utf8_lossy(&other));
            scan.report(&HDF5_EXTERNAL, Location::Key(path.to_string()), shown);
        }
        kind => scan.report(&HDF5_MALFORMED, Location::Key(path.to_string()), format!("a link of unknown kind {kind}")),
    }
    Ok(())
}
