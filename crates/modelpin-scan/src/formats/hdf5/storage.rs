//! Where the data of a dataset is and how it is packed (specification, IV.A.2.h, i and l).

use super::attribute::heap_object;
use super::piece::{File, Piece};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::{HDF5_EXTERNAL, HDF5_FILTER, HDF5_MALFORMED};

/// How much of the name of another file is shown.
const NAME: usize = 256;

/// The list of files that hold the data.
pub(super) fn external(file: &File<'_>, body: &mut Piece, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let at = || Location::Key(path.to_owned());
    body.skip(6)?;
    let used = body.count(2)?;
    let heap = body.number(file.offset)?;
    let mut named = false;
    // The names are in a heap like those of a group.
    let mut head = file.up_to(heap, 32)?;
    if head.is_marked(b"HEAP") {
        head.skip(4_usize.saturating_add(file.length.saturating_mul(2)))?;
        let names = head.number(file.offset)?;
        for _ in 0..used {
            scan.budget.step()?;
            let Ok(name) = body.number(file.length) else { break };
            body.skip(file.length.saturating_mul(2))?;
            let name = file.up_to(names.saturating_add(name), NAME)?.name();
            scan.report(&HDF5_EXTERNAL, at(), String::from_utf8_lossy(&name));
            named = true;
        }
    }
    if !named {
        scan.report(&HDF5_EXTERNAL, at(), "data in other files");
    }
    Ok(())
}

/// The layout of the data.
pub(super) fn layout(file: &File<'_>, body: &mut Piece, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let at = || Location::Key(path.to_owned());
    let version = body.byte()?;
    let class = match version {
        1 | 2 => {
            body.skip(1)?;
            body.byte()?
        }
        3..=5 => body.byte()?,
        _ => {
            scan.report(&HDF5_MALFORMED, at(), format!("a data layout of unknown version {version}"));
            return Ok(());
        }
    };
    match class {
        0..=2 => {}
        3 => {
            let heap = body.number(file.offset)?;
            let index = body.number(4)?;
            let mut list = Piece::of(heap_object(file, heap, index, NAME, scan).unwrap_or_default(), heap);
            // Version, number of files, then the first name.
            let other = list.skip(1_usize.saturating_add(file.length)).map(|()| list.name()).unwrap_or_default();
            let shown = format!("a virtual dataset from {}", String::from_utf8_lossy(&other));
            scan.report(&HDF5_EXTERNAL, at(), shown);
        }
        _ => scan.report(&HDF5_MALFORMED, at(), format!("a data layout of unknown class {class}")),
    }
    Ok(())
}

/// Filters that come with HDF5 (deflate, shuffle, Fletcher32, szip, n-bit, scale-offset) or with h5py (LZF).
const KNOWN: &[u64] = &[1, 2, 3, 4, 5, 6, 32000];

/// The filters that data runs through.
pub(super) fn filters(body: &mut Piece, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let version = body.byte()?;
    let count = body.byte()?;
    if !matches!(version, 1 | 2) {
        scan.report(&HDF5_MALFORMED, Location::Key(path.to_owned()), "a filter list of unknown version");
        return Ok(());
    }
    body.skip(if version == 1 { 6 } else { 0 })?;
    for _ in 0..count {
        let id = body.number(2)?;
        let length = if version == 1 || id >= 256 { body.count(2)? } else { 0 };
        body.skip(2)?;
        let values = body.count(2)?;
        let padded = if version == 1 { length.next_multiple_of(8) } else { length };
        let mut name = body.split(padded)?;
        let odd = if version == 1 { values & 1 } else { 0 };
        body.skip(values.saturating_add(odd).saturating_mul(4))?;
        if !KNOWN.contains(&id) {
            let name = name.name();
            scan.report(
                &HDF5_FILTER,
                Location::Key(path.to_owned()),
                format!("filter {id} {}", String::from_utf8_lossy(&name)),
            );
        }
    }
    Ok(())
}
