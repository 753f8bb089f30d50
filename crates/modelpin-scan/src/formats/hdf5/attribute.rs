//! Attributes: Keras keeps the configuration of a model in them, PyTables pickled objects (specification, IV.A.2.m).

use super::piece::{File, Piece};
use super::size;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::{HDF5_MALFORMED, HDF5_PICKLED_OBJECTS};

/// What an attribute is made of, as far as it matters here.
enum Shape {
    /// Strings or opaque bytes of this length.
    Fixed(usize),
    /// Strings that are in a heap.
    Heap,
    /// Numbers, references and everything else.
    Other,
}

/// Attributes that Keras rebuilds a model from.
fn is_configuration(name: &[u8]) -> bool {
    matches!(name, b"model_config" | b"training_config")
}

/// Scans one attribute message of the object at `path`.
pub(super) fn check(file: &File<'_>, body: &mut Piece, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let version = body.byte()?;
    let flags = body.byte()?;
    if !matches!(version, 1..=3) {
        return Err(ScanError::Malformed(
            &HDF5_MALFORMED,
            Location::Key(path.to_owned()),
            "an attribute of unknown version".to_owned(),
        ));
    }
    let name = body.count(2)?;
    let kind = body.count(2)?;
    let space = body.count(2)?;
    body.skip(if version == 3 { 1 } else { 0 })?;
    let padded = |size: usize| if version == 1 { size.next_multiple_of(8) } else { size };
    let name = body.split(padded(name))?.name();
    let kind_bytes = body.split(padded(kind))?;
    let values = size::values(&mut body.split(padded(space))?, file).unwrap_or(0);
    let is_shared = version > 1 && flags & 1 != 0;
    let width = if is_shared { 0 } else { size::width(&mut kind_bytes.clone()).unwrap_or(0) };
    let shape = if is_shared { Shape::Other } else { shape(kind_bytes).unwrap_or(Shape::Other) };
    let key = format!("{path}@{}", String::from_utf8_lossy(&name));
    if values.saturating_mul(width) > body.left() as u64 {
        scan.report(&HDF5_MALFORMED, Location::Key(key.clone()), "an attribute that is longer than its message");
    }
    match shape {
        Shape::Fixed(size) if size > 0 => {
            while body.left() >= size {
                scan.budget.step()?;
                let value = body.take(size)?.to_vec();
                text(&name, &value, &key, scan)?;
            }
        }
        Shape::Heap => {
            let entry = file.offset.saturating_add(8);
            while body.left() >= entry {
                scan.budget.step()?;
                let length = body.count(4)?;
                let heap = body.number(file.offset)?;
                let index = body.number(4)?;
                if length > 0 {
                    let mut value = heap_object(file, heap, index, scan.limits.json, scan)?;
                    value.truncate(length);
                    text(&name, &value, &key, scan)?;
                }
            }
        }
        Shape::Fixed(_) | Shape::Other if is_configuration(&name) => {
            scan.report(&HDF5_MALFORMED, Location::Key(key), "a configuration that is not a string");
        }
        Shape::Fixed(_) | Shape::Other => {}
    }
    Ok(())
}

/// The type of an attribute (specification, IV.A.2.d): strings, opaque bytes, variable-length strings.
fn shape(mut kind: Piece) -> Result<Shape, ScanError> {
    let class = kind.byte()? & 0x0f;
    let bits = kind.byte()?;
    kind.skip(2)?;
    let size = kind.count(4)?;
    Ok(match class {
        3 | 5 => Shape::Fixed(size),
        // A string, or a sequence of bytes that is read as one.
        9 if bits & 0x0f <= 1 => {
            let base = kind.byte()? & 0x0f;
            kind.skip(3)?;
            if bits & 0x0f == 1 || (matches!(base, 0 | 3) && kind.number(4)? == 1) { Shape::Heap } else { Shape::Other }
        }
        _ => Shape::Other,
    })
}

/// Scans one string.
fn text(name: &[u8], value: &[u8], key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.charge_bytes(value.len())?;
    let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let value = value.get(..end).unwrap_or_default();
    if name == b"PSEUDOATOM" && value == b"object" {
        scan.report(&HDF5_PICKLED_OBJECTS, Location::Key(key.to_owned()), "a dataset of pickled objects");
        return Ok(());
    }
    let start = value.iter().find(|byte| !byte.is_ascii_whitespace());
    let contains = |what: &[u8]| value.windows(what.len()).any(|window| window == what);
    if is_configuration(name) || (start == Some(&b'{') && contains(b"class_name")) {
        if std::str::from_utf8(value).is_err() {
            scan.report(&HDF5_MALFORMED, Location::Key(key.to_owned()), "a configuration that is not UTF-8");
        }
        let text = crate::engine::encoding::document(value);
        crate::documents::keras::config(&String::from_utf8_lossy(&text), key, scan);
        return Ok(());
    }
    let part = ByteRange::whole(value);
    if crate::formats::pickle::probe(&part, false)? {
        scan.report(&HDF5_PICKLED_OBJECTS, Location::Key(key.to_owned()), "a pickled attribute");
        let outcome = scan.in_member(key, |scan| crate::formats::pickle::scan(&part, scan));
        scan.record_result(outcome);
    }
    Ok(())
}

/// Up to `keep` bytes of an object in a global heap (specification, III.E).
pub(super) fn heap_object(
    file: &File<'_>,
    heap: u64,
    index: u64,
    keep: usize,
    scan: &mut Scan<'_>,
) -> Result<Vec<u8>, ScanError> {
    let broken = |what: &str| ScanError::Malformed(&HDF5_MALFORMED, Location::Byte(heap), what.to_owned());
    let mut head = file.piece(heap, 8_usize.saturating_add(file.length))?;
    if !head.is_marked(b"GCOL") {
        return Err(broken("not a global heap"));
    }
    head.skip(4)?;
    let end = heap.saturating_add(head.number(file.length)?);
    let mut at = head.at();
    while at < end {
        scan.budget.step()?;
        let mut entry = file.piece(at, 8_usize.saturating_add(file.length))?;
        let number = entry.number(2)?;
        entry.skip(6)?;
        let size = entry.number(file.length)?;
        if number == index {
            let want = usize::try_from(size).unwrap_or(usize::MAX).min(keep);
            return file.piece(entry.at(), want).and_then(|mut piece| piece.take(want).map(<[u8]>::to_vec));
        }
        if number == 0 {
            break;
        }
        at = entry.at().saturating_add(size.checked_next_multiple_of(8).unwrap_or(u64::MAX));
    }
    Err(broken("an object that is not in its heap"))
}
