//! Tensors: the arguments of the functions that rebuild them, and their geometry within a storage.

use super::machine::Machine;
use super::value::{Id, Kind, Value};
use crate::knowledge::pickle::{Level, Listed};
use modelpin_rules::pickle as rules;

impl Machine<'_> {
    /// Whole numbers of a tuple, list or size.
    pub(super) fn ints(&self, id: Id) -> Option<Vec<i64>> {
        let items: &[Id] = match self.get(id) {
            Value::Tuple(items) => items,
            Value::List(items) => items,
            _ => return None,
        };
        if items.len() > 64 {
            return None;
        }
        items.iter().map(|item| self.int(*item)).collect()
    }

    /// Sides or strides, also as `torch.Size`.
    fn is_sides(&self, id: Id) -> bool {
        self.ints(id).is_some() || matches!(self.get(id), Value::Object(Kind::Plain))
    }

    fn is_bool(&self, id: Id) -> bool {
        matches!(self.get(id), Value::Bool | Value::Int(0 | 1))
    }

    fn is_tensor(&self, id: Id) -> bool {
        matches!(self.get(id), Value::Tensor { .. })
    }

    fn is_dtype(&self, id: Id) -> bool {
        self.global_of(id).is_some_and(|global| matches!(global.level, Level::Listed(Listed::Dtype(_))))
    }

    /// An empty table of hooks, which has to stay empty.
    fn is_hooks(&mut self, id: Id) -> bool {
        match self.get(id) {
            Value::Map { filled: false, .. } => {
                self.set(id, Value::Map { items: Vec::new(), filled: false, sealed: true });
                true
            }
            Value::Dict { items, .. } if items.is_empty() => {
                self.set(id, Value::Dict { items: Vec::new(), sealed: true });
                true
            }
            Value::None => true,
            _ => false,
        }
    }

    /// Metadata of a tensor: flags by name.
    fn is_metadata(&self, id: Id) -> bool {
        match self.get(id) {
            Value::Dict { items, .. } => {
                items.iter().all(|(key, value)| self.str(*key).is_some() && self.is_constant(*value))
            }
            Value::None => true,
            _ => false,
        }
    }

    /// Attributes that are written onto a tensor or another object of the allowlist.
    pub(super) fn is_plain_state(&self, id: Id) -> bool {
        match self.get(id) {
            Value::Dict { items, .. } => items
                .iter()
                .all(|(key, value)| self.str(*key).is_some_and(|key| !key.starts_with("__")) && self.is_data(*value)),
            Value::None => true,
            Value::Tuple(parts) => {
                parts.len() == 2
                    && parts.iter().all(|part| match self.get(*part) {
                        Value::Tuple(_) => false,
                        _ => self.is_plain_state(*part),
                    })
            }
            _ => false,
        }
    }

    /// Whether the arguments are those of the function that rebuilds a tensor.
    pub(super) fn rebuilt(&mut self, listed: Listed, args: &[Id]) -> bool {
        match (listed, args) {
            (Listed::RebuildTensor, [storage, offset, size, stride]) => {
                self.strided(*storage, *offset, *size, *stride, None)
            }
            (Listed::RebuildTensorV2, [storage, offset, size, stride, grad, hooks, rest @ ..]) => {
                self.strided(*storage, *offset, *size, *stride, None)
                    && self.is_bool(*grad)
                    && self.is_hooks(*hooks)
                    && rest.len() <= 1
                    && rest.iter().all(|metadata| self.is_metadata(*metadata))
            }
            (Listed::RebuildTensorV3, [storage, offset, size, stride, grad, hooks, dtype, rest @ ..]) => {
                self.is_dtype(*dtype)
                    && self.strided(*storage, *offset, *size, *stride, Some(*dtype))
                    && self.is_bool(*grad)
                    && self.is_hooks(*hooks)
                    && rest.len() <= 1
                    && rest.iter().all(|metadata| self.is_metadata(*metadata))
            }
            (Listed::RebuildQtensor, [storage, offset, size, stride, quantizer, grad, hooks]) => {
                self.strided(*storage, *offset, *size, *stride, None)
                    && self.is_quantizer(*quantizer)
                    && self.is_bool(*grad)
                    && self.is_hooks(*hooks)
            }
            (Listed::RebuildParameter, [data, grad, hooks]) => {
                self.is_tensor(*data) && self.is_bool(*grad) && self.is_hooks(*hooks)
            }
            (Listed::RebuildParameterState, [data, grad, hooks, state]) => {
                self.is_tensor(*data) && self.is_bool(*grad) && self.is_hooks(*hooks) && self.is_plain_state(*state)
            }
            (Listed::RebuildSparse, [layout, data]) => {
                let parts = self.tuple(*data);
                matches!(self.get(*layout), Value::Object(Kind::Layout))
                    && parts.is_some_and(|parts| {
                        parts.iter().all(|part| {
                            self.is_tensor(*part)
                                || self.ints(*part).is_some()
                                || self.is_bool(*part)
                                || matches!(self.get(*part), Value::Object(Kind::Plain))
                        })
                    })
            }
            (Listed::RebuildMeta, [dtype, size, stride, grad]) => {
                self.is_dtype(*dtype) && self.is_sides(*size) && self.is_sides(*stride) && self.is_bool(*grad)
            }
            (Listed::RebuildWrapper, [class, dtype, size, stride, offset, layout, device, grad]) => {
                self.is_data(*class)
                    && self.global_of(*class).is_some()
                    && self.is_dtype(*dtype)
                    && self.is_sides(*size)
                    && self.is_sides(*stride)
                    && self.int(*offset).is_some()
                    && matches!(self.get(*layout), Value::Object(Kind::Layout))
                    && matches!(self.get(*device), Value::Object(Kind::Device))
                    && self.is_bool(*grad)
            }
            (Listed::RebuildFromNumpy | Listed::RebuildFromCpu, [data, dtype, device, grad]) => {
                (self.is_tensor(*data) || matches!(self.get(*data), Value::Object(Kind::Array)))
                    && self.is_dtype(*dtype)
                    && matches!(self.get(*device), Value::Object(Kind::Device) | Value::Text(_))
                    && self.is_bool(*grad)
            }
            _ => false,
        }
    }

    /// `_rebuild_from_type_v2(function, type, args, state)` calls what it is given: that has to be a function that
    /// rebuilds tensors, with arguments that fit.
    pub(super) fn rebuilt_type(&mut self, args: &[Id]) -> bool {
        let [function, class, args, state] = args else { return false };
        let Some(Level::Listed(listed)) = self.global_of(*function).map(|global| global.level) else { return false };
        if listed == Listed::RebuildFromType || !self.is_data(*class) || self.global_of(*class).is_none() {
            return false;
        }
        let Some(args) = self.tuple(*args) else { return false };
        self.rebuilt(listed, &args) && self.is_plain_state(*state)
    }

    /// `(scheme, scale, zero point)` or `(scheme, scales, zero points, axis)`.
    fn is_quantizer(&self, id: Id) -> bool {
        let Some(parts) = self.tuple(id) else { return false };
        let Some((scheme, numbers)) = parts.split_first() else { return false };
        let scheme = self.global_of(*scheme).is_some_and(|global| global.level == Level::Listed(Listed::Scheme));
        scheme
            && (2..=3).contains(&numbers.len())
            && numbers
                .iter()
                .all(|number| self.is_tensor(*number) || matches!(self.get(*number), Value::Float | Value::Int(_)))
    }

    /// Whether these are a storage, an offset, sides and strides; where they are, they are compared with each other.
    pub(super) fn strided(&mut self, storage: Id, offset: Id, size: Id, stride: Id, dtype: Option<Id>) -> bool {
        let Value::Storage(storage) = self.get(storage) else { return false };
        let bytes = storage.item.saturating_mul(storage.count);
        let mut item = storage.item;
        if let Some(Level::Listed(Listed::Dtype(size))) =
            dtype.and_then(|id| self.global_of(id)).map(|global| global.level)
        {
            item = size;
        }
        let there = bytes.checked_div(item).unwrap_or(0);
        let (Some(offset), Some(size), Some(stride)) = (self.int(offset), self.ints(size), self.ints(stride)) else {
            return false;
        };
        if let Some(why) = outside(there, offset, &size, &stride) {
            self.report(
                &rules::TENSOR_GEOMETRY,
                format!("offset {offset}, shape {size:?}, strides {stride:?} in {there} elements: {why}"),
            );
        }
        true
    }
}

/// Why a tensor does not fit a storage of `there` elements; `None` where it does.
fn outside(there: u64, offset: i64, size: &[i64], stride: &[i64]) -> Option<&'static str> {
    if size.len() != stride.len() {
        return Some("shape and strides differ in length");
    }
    if offset < 0 || size.iter().chain(stride).any(|number| *number < 0) {
        return Some("a number is negative");
    }
    let mut last = offset;
    for (side, step) in size.iter().zip(stride) {
        let span = side.saturating_sub(1).max(0).checked_mul(*step);
        let Some(sum) = span.and_then(|span| last.checked_add(span)) else { return Some("the size overflows") };
        last = sum;
    }
    if size.iter().try_fold(1_i64, |product, side| product.checked_mul(*side)).is_none() {
        return Some("the size overflows");
    }
    let empty = size.contains(&0);
    let needed =
        if empty { u64::try_from(offset).ok() } else { u64::try_from(last).ok().and_then(|last| last.checked_add(1)) };
    if needed.is_none_or(|needed| needed > there) { Some("it exceeds the storage") } else { None }
}
