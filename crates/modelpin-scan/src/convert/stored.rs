//! Where the storages of a checkpoint are: in a zip archive, or one after another in a file from before torch
//! 1.6 (`torch/serialization.py`).

use super::error::{ConvertError, Reason};
use crate::engine::Scan;
use crate::engine::source::ByteRange;
use crate::formats::archive::zip::records::{Record, Records};
use crate::formats::pickle::graph::{Graph, Node, Stored, View, read};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The number of the old format.
const OLD: i64 = 1001;

/// The storages by their keys.
type Places<'a> = BTreeMap<String, Record<'a>>;

/// A checkpoint: its object, and the storages that the tensors in it are in.
pub(super) struct Checkpoint<'a> {
    pub(super) object: Graph<'a>,
    pub(super) places: Places<'a>,
    /// Whether it was written by a big-endian machine.
    pub(super) is_big: bool,
}

/// Reads an archive.
pub(super) fn zip<'a>(part: &ByteRange<'a>, scan: &mut Scan<'_>) -> Result<Checkpoint<'a>, ConvertError> {
    let records = Records::read(part, scan)?;
    let records = records.ok_or_else(|| ConvertError::new(Reason::Format, "a zip archive without one `data.pkl`"))?;
    let Some(pickle) = records.content("data.pkl", scan)? else {
        return Err(ConvertError::new(Reason::Format, "`data.pkl` cannot be decompressed"));
    };
    let order = match records.content("byteorder", scan)? {
        Some(note) => note.bytes(0, 16)?,
        None => b"little".to_vec(),
    };
    let is_big = match order.as_slice() {
        b"little" => false,
        b"big" => true,
        other => return Err(ConvertError::new(Reason::Order, String::from_utf8_lossy(other))),
    };
    let (object, _) = read(&pickle, 0, true, scan)?;
    consistent(&object, false, scan)?;
    let mut places = Places::new();
    for key in object.claims().keys() {
        let place = records.storage(key);
        let place = place.ok_or_else(|| ConvertError::new(Reason::Storage, format!("storage `{key}` not found")))?;
        places.insert(key.clone(), place);
    }
    Ok(Checkpoint { object, places, is_big })
}

/// Reads a file of pickles: magic number, number of the format, system, object, keys of the storages; then of each
/// storage its elements' count and bytes, which are little-endian on every machine.
pub(super) fn old<'a>(part: &ByteRange<'a>, scan: &mut Scan<'_>) -> Result<Checkpoint<'a>, ConvertError> {
    let (magic, at) = read(part, 0, false, scan)?;
    if !magic.is_magic() {
        return Err(ConvertError::new(Reason::Format, "a pickle without storages"));
    }
    let (version, at) = read(part, at, false, scan)?;
    if !matches!(version.node(version.root()), Node::Int(OLD)) {
        return Err(ConvertError::new(Reason::Format, "an unknown version of torch's old format"));
    }
    let (_, at) = read(part, at, false, scan)?;
    let (object, at) = read(part, at, true, scan)?;
    consistent(&object, true, scan)?;
    let (keys, mut at) = read(part, at, false, scan)?;
    let Node::List(list) = keys.node(keys.root()) else {
        return Err(ConvertError::new(Reason::Storage, "the storage keys are not a list"));
    };
    let mut places = Places::new();
    for key in list {
        scan.budget.step()?;
        let key =
            keys.text(*key).ok_or_else(|| ConvertError::new(Reason::Storage, "a storage key is not a plain string"))?;
        let mismatch = |what: &str| ConvertError::new(Reason::Storage, format!("storage `{key}` {what}"));
        let claim = object.claims().get(key).ok_or_else(|| mismatch("belongs to no tensor"))?;
        let count = u64::from_le_bytes(part.array(at)?);
        if count.checked_mul(claim.item) != Some(claim.bytes) {
            return Err(mismatch("has a different length than its tensors declare"));
        }
        let packed = part.slice(at.saturating_add(8), claim.bytes);
        if packed.len() < claim.bytes {
            return Err(mismatch("is cut off"));
        }
        at = at.saturating_add(8).saturating_add(claim.bytes);
        if places.insert(key.to_owned(), Record { packed, size: claim.bytes, deflated: None }).is_some() {
            return Err(mismatch("occurs twice"));
        }
    }
    Ok(Checkpoint { object, places, is_big: false })
}

/// Holds all mentions of storages against each other: torch takes the first one's word for what a key is.
fn consistent(object: &Graph<'_>, is_old: bool, scan: &mut Scan<'_>) -> Result<(), ConvertError> {
    let mut classes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut views: BTreeMap<&str, (Stored<'_>, View<'_>)> = BTreeMap::new();
    for stored in object.storages() {
        scan.budget.step()?;
        let stored = stored
            .ok_or_else(|| ConvertError::new(Reason::Storage, "a storage is not named the way torch names it"))?;
        let mismatch = |what: &str| ConvertError::new(Reason::Storage, format!("storage `{}` {what}", stored.key));
        if *classes.entry(stored.key).or_insert(stored.class) != stored.class {
            return Err(mismatch("is used with two classes"));
        }
        let Some(view) = stored.view else { continue };
        if !is_old {
            return Err(mismatch("is used through a view, which only the legacy format has"));
        }
        match views.entry(view.key) {
            Entry::Vacant(free) => drop(free.insert((stored, view))),
            Entry::Occupied(known) if *known.get() == (stored, view) => {}
            Entry::Occupied(_) => return Err(mismatch("is used through two views with one key")),
        }
    }
    match views.keys().find(|key| classes.contains_key(*key)) {
        Some(key) => Err(ConvertError::new(Reason::Storage, format!("`{key}` is both a storage and a view"))),
        None => Ok(()),
    }
}
