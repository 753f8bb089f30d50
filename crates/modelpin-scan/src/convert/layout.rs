//! Where the bytes of each tensor are in its storage.

use super::dtype::Dtype;
use super::error::{ConvertError, Reason};
use super::output_tensor::{Dimension, OutputTensor};
use super::stored::Checkpoint;
use super::write::Gather;
use crate::engine::Scan;
use crate::formats::pickle::Id;
use crate::formats::pickle::graph::Strided;
use std::collections::{BTreeMap, BTreeSet};

/// How many times the bytes of the checkpoint the result may have: tensors may repeat what a storage has once.
const GROWTH: u64 = 8;

/// Bytes that any result may have.
const SMALL: u64 = 64 << 20;

/// What makes two tensors the same: key, start, type, shape, strides.
type Same<'g> = (&'g str, u64, &'static Dtype, Vec<u64>, Vec<u64>);

/// The tensors that are written, and the names of those that are the same as one of them. `length` is that of the
/// checkpoint.
pub(super) fn pieces<'s>(
    checkpoint: &Checkpoint<'s>,
    names: &BTreeMap<String, Id>,
    length: u64,
    scan: &mut Scan<'_>,
) -> Result<(Vec<OutputTensor<'s>>, BTreeMap<String, String>), ConvertError> {
    let mut pieces = Vec::new();
    let mut aliases = BTreeMap::new();
    let mut seen: BTreeMap<Same<'_>, &str> = BTreeMap::new();
    let mut inflated = BTreeSet::new();
    let most = length.saturating_mul(GROWTH).max(SMALL);
    let mut total = 0_u64;
    for (name, id) in names {
        scan.budget.step()?;
        let tensor = checkpoint
            .object
            .tensor(*id)
            .map_err(|unsupported| ConvertError::new(Reason::Tensor(unsupported), quoted(name)))?;
        let key = tensor.storage.key;
        let stride = tensor.stride.clone();
        let piece = piece(checkpoint, name, tensor)?;
        let same = (key, piece.start, piece.dtype, piece.shape.clone(), stride);
        if let Some(under) = seen.get(&same) {
            aliases.insert(name.clone(), (*under).to_owned());
            continue;
        }
        seen.insert(same, name);
        total = total.saturating_add(piece.bytes);
        if total > most {
            return Err(ConvertError::new(Reason::Size, format!("more than {most} bytes from {length}")));
        }
        if piece.deflated.is_some() && !(piece.is_run() && inflated.insert(key)) {
            return Err(ConvertError::new(Reason::Compressed, quoted(name)));
        }
        if !piece.is_run() {
            scan.budget.steps(Gather::of(&piece).reads())?;
        }
        pieces.push(piece);
    }
    Ok((pieces, aliases))
}

fn quoted(name: &str) -> String {
    format!("tensor `{name}`")
}

fn piece<'s>(checkpoint: &Checkpoint<'s>, name: &str, tensor: Strided<'_>) -> Result<OutputTensor<'s>, ConvertError> {
    let Strided { storage, dtype, offset, size, stride } = tensor;
    let error = |reason: Reason, what: &str| ConvertError::new(reason, format!("tensor `{name}`: {what}"));
    let of_storage = Dtype::of_storage(storage.class);
    let known = match dtype {
        Some(dtype) => Dtype::of_name(dtype),
        None => of_storage,
    };
    let known = known.ok_or_else(|| error(Reason::Dtype, dtype.unwrap_or(storage.class)))?;
    let word = match (checkpoint.is_big, dtype) {
        (false, _) => 1,
        // Torch swaps the bytes of the words of the storage, whichever type the tensor has.
        (true, Some(_)) if of_storage != Some(known) && known.size > 1 => {
            return Err(error(Reason::Order, "its element type differs from that of its storage"));
        }
        (true, _) => known.word,
    };
    let outside = || error(Reason::Storage, "it exceeds its storage");
    let record = checkpoint.places.get(storage.key).ok_or_else(|| error(Reason::Storage, "its storage is missing"))?;
    if storage.whole.checked_mul(storage.item) != Some(record.size) {
        return Err(error(Reason::Storage, "the length of its storage does not match"));
    }
    let (from, count) = storage.view.map_or((0, storage.whole), |view| (view.offset, view.length));
    let bytes_of = |count: u64, item: u64| count.checked_mul(item).ok_or_else(outside);
    let from = bytes_of(from, storage.item)?;
    let until = from.checked_add(bytes_of(count, storage.item)?).filter(|end| *end <= record.size);
    let item = known.size as u64;
    let elements = size.iter().try_fold(1_u64, |product, side| product.checked_mul(*side)).ok_or_else(outside)?;
    let start = from.checked_add(bytes_of(offset, item)?).ok_or_else(outside)?;
    if elements > 0 {
        let reach = size.iter().zip(&stride).try_fold(1_u64, |reach, (side, stride)| {
            side.checked_sub(1).and_then(|steps| steps.checked_mul(*stride)).and_then(|span| reach.checked_add(span))
        });
        let end = reach.and_then(|reach| reach.checked_mul(item)).and_then(|bytes| start.checked_add(bytes));
        if end.zip(until).is_none_or(|(end, until)| end > until) {
            return Err(outside());
        }
    }
    Ok(OutputTensor {
        name: name.to_owned(),
        dtype: known,
        bytes: bytes_of(elements, item)?,
        storage: record.packed.clone(),
        whole: record.size,
        deflated: record.deflated,
        start,
        sides: if elements > 0 { merged(&size, &stride) } else { Vec::new() },
        shape: size,
        word,
    })
}

/// The sides, without those of one index, where two that run on without a gap are one.
fn merged(size: &[u64], stride: &[u64]) -> Vec<Dimension> {
    let mut sides: Vec<Dimension> = Vec::new();
    for (size, stride) in size.iter().zip(stride).filter(|(size, _)| **size != 1) {
        match sides.last_mut() {
            Some(last) if stride.checked_mul(*size) == Some(last.stride) => {
                *last = Dimension { size: last.size.saturating_mul(*size), stride: *stride };
            }
            _ => sides.push(Dimension { size: *size, stride: *stride }),
        }
    }
    sides
}
