//! Writes: items into containers, state into objects, and what may be written into what.

use super::execute::pairs;
use super::machine::{End, Fault, Machine, broken};
use super::value::{Id, Kind, Value};
use crate::engine::limits::Budget;
use crate::formats::item::ItemType;
use crate::knowledge::pickle::Listed;
use modelpin_rules::pickle as rules;

/// Attributes by which an object reaches the interpreter or runs something later on.
static HOOKS: &[&str] = &[
    "__reduce__",
    "__reduce_ex__",
    "__class__",
    "__setstate__",
    "__getstate__",
    "__getattr__",
    "__getattribute__",
    "__setattr__",
    "__delattr__",
    "__del__",
    "__call__",
    "__init__",
    "__new__",
    "__code__",
    "__globals__",
    "__builtins__",
    "__bases__",
    "__base__",
    "__subclasses__",
    "__mro__",
    "__import__",
    "__getitem__",
    "__setitem__",
    "__enter__",
    "__exit__",
    "__iter__",
    "__next__",
    "__str__",
    "__repr__",
    "__hash__",
    "__eq__",
    "__len__",
    "__bool__",
    "__format__",
    "__loader__",
    "__path__",
    "__spec__",
    "__func__",
    "__self__",
    "__closure__",
    "__defaults__",
    "__kwdefaults__",
    "__wrapped__",
    "__init_subclass__",
    "__set_name__",
    "__missing__",
    "__contains__",
    "__copy__",
    "__deepcopy__",
    "__torch_function__",
];

/// Methods of a dict that an attribute of the same name would hide.
static METHODS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "move_to_end",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
    "elements",
    "most_common",
    "subtract",
    "total",
];

impl Machine<'_> {
    pub(super) fn report_write_target(&mut self, id: Id, what: &str) {
        if self.is_misused(id) {
            self.write_misused(id);
            return;
        }
        let shown = match self.global_of(id) {
            Some(global) => format!("{what} of the import `{}`", global.shown),
            None => format!("{what} of an object that has none"),
        };
        self.report(&rules::PICKLE_WRITE_TARGET, shown);
    }

    /// `APPEND`, `APPENDS`.
    pub(super) fn append(&mut self, items: &[Id]) -> Result<(), Fault> {
        let target = self.top()?;
        for item in items {
            self.held(*item);
        }
        match self.values.get_mut(target as usize) {
            Some(Value::List(list)) => list.extend(items),
            Some(Value::Object(Kind::Foreign)) => {}
            _ if items.is_empty() => {}
            _ => self.report_write_target(target, "items are appended to the list"),
        }
        Ok(())
    }

    /// `SETITEM`, `SETITEMS`.
    pub(super) fn set_items(&mut self, items: &[Id]) -> Result<(), Fault> {
        let target = self.top()?;
        let pairs = pairs(items)?;
        for item in items {
            self.held(*item);
        }
        match self.values.get_mut(target as usize) {
            _ if pairs.is_empty() => {}
            Some(Value::Dict { sealed: true, .. } | Value::Map { sealed: true, .. }) => {
                self.report(&rules::PICKLE_CALL_SHAPE, "hooks are added to a tensor");
            }
            Some(Value::Dict { items, .. }) => items.extend(pairs),
            Some(Value::Map { items, filled, .. }) => {
                items.extend(pairs);
                *filled = true;
            }
            Some(Value::Object(Kind::Foreign)) => {}
            _ => self.report_write_target(target, "items are set"),
        }
        Ok(())
    }

    /// `ADDITEMS`.
    pub(super) fn add_items(&mut self, items: &[Id]) -> Result<(), Fault> {
        let target = self.top()?;
        for item in items {
            self.held(*item);
        }
        match self.get(target) {
            Value::Set | Value::Object(Kind::Foreign | Kind::Plain) => {}
            _ if items.is_empty() => {}
            _ => self.report_write_target(target, "items are added to the set"),
        }
        Ok(())
    }

    /// `BUILD`: `__setstate__`, or attributes.
    pub(super) fn build(&mut self, budget: &mut Budget) -> Result<(), Fault> {
        let state = self.pop()?;
        let target = self.top()?;
        self.held(state);
        self.charge(state, budget)?;
        self.built = self.built.saturating_add(1);
        self.log.calls = self.log.calls.saturating_add(1);
        self.hooks(state);
        match self.get(target) {
            Value::Object(Kind::Foreign) => {
                let values = match self.get(state) {
                    Value::Dict { items, .. } => items.iter().map(|(_, value)| *value).take(256).collect(),
                    _ => vec![state],
                };
                self.inner(Some(&values), "the state of a foreign object", false);
            }
            Value::Map { .. } => {
                let hides = match self.get(state) {
                    Value::Dict { items, .. } => {
                        items.iter().any(|(key, _)| self.str(*key).is_none_or(|key| METHODS.contains(&key)))
                    }
                    _ => false,
                };
                if hides || !self.is_plain_state(state) {
                    self.report_write_target(target, "the state is set");
                }
            }
            Value::Tensor { .. } => self.tensor_state(target, state),
            Value::Object(Kind::Array) => self.array_state(target, state),
            Value::Object(Kind::Dtype(before)) => {
                let before = *before;
                self.dtype_state(target, state, before);
            }
            Value::Object(Kind::Joblib) => return self.joblib(state, budget),
            _ => self.report_write_target(target, "the state is set"),
        }
        Ok(())
    }

    /// Attributes of a state that run something later on.
    fn hooks(&mut self, state: Id) {
        let parts = match self.get(state) {
            Value::Tuple(parts) if parts.len() == 2 => parts.to_vec(),
            _ => vec![state],
        };
        let bad: Vec<String> = parts
            .iter()
            .filter_map(|part| if let Value::Dict { items, .. } = self.get(*part) { Some(items) } else { None })
            .flatten()
            .filter_map(|(key, _)| self.str(*key).filter(|key| HOOKS.contains(key)).map(str::to_owned))
            .collect();
        for key in bad {
            self.report(&rules::PICKLE_WRITE_TARGET, format!("the attribute `{key}` is overwritten"));
        }
    }

    /// Attributes, or `(storage, offset, size, stride)` as files before torch 0.4 have it (`torch/_tensor.py`,
    /// `__setstate__`).
    fn tensor_state(&mut self, target: Id, state: Id) {
        let old = match self.tuple(state).as_deref() {
            Some([storage, offset, size, stride]) => self.strided(*storage, *offset, *size, *stride, None),
            _ => false,
        };
        if !old && !self.is_plain_state(state) {
            self.report_write_target(target, "the state is set");
        }
        // From here on it is not what it was made of.
        self.set(target, Value::Tensor { by: Listed::Tensor, args: [].into() });
    }

    /// `(version, shape, dtype, is Fortran, data)` (`numpy/core/src/multiarray/methods.c`, `array_setstate`).
    fn array_state(&mut self, target: Id, state: Id) {
        let fits = match self.tuple(state).as_deref() {
            Some([_, shape, dtype, _, data] | [shape, dtype, _, data]) => {
                // Objects are in a list; as raw bytes they would be addresses of the file's choice.
                let fits = matches!(
                    (self.get(*dtype), self.get(*data)),
                    (Value::Object(Kind::Dtype(_)), Value::List(_))
                        | (
                            Value::Object(Kind::Dtype(ItemType { object: false, .. })),
                            Value::Bytes(_) | Value::Text(_) | Value::Object(Kind::Encoded(_) | Kind::Plain),
                        )
                );
                self.ints(*shape).is_some() && fits
            }
            _ => false,
        };
        if !fits && !self.is_refused_state(state) {
            self.report_write_target(target, "the state is set");
        }
    }

    /// The array that follows the wrapper in a file of joblib (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`): its raw
    /// bytes, after padding that is declared in one byte, or a pickle of its own where items are objects.
    fn joblib(&mut self, state: Id, budget: &mut Budget) -> Result<(), Fault> {
        if self.plain {
            return Ok(());
        }
        // A plain unpickler continues here, so the array is also read as a pickle.
        self.fork_at_current(budget);
        let Value::Dict { items, .. } = self.get(state) else {
            let top = self.top()?;
            self.report_write_target(top, "the state is set");
            return Ok(());
        };
        let value =
            |wanted: &str| items.iter().rev().find(|(key, _)| self.str(*key) == Some(wanted)).map(|(_, value)| *value);
        let (class, shape, dtype, aligned) =
            (value("subclass"), value("shape"), value("dtype"), value("numpy_array_alignment_bytes"));
        if !class.is_some_and(|class| self.is_data(class)) {
            self.report(&rules::PICKLE_CALL_SHAPE, "an array has an unexpected class");
        }
        let dtype = dtype.map(|dtype| self.get(dtype).clone());
        let (Some(shape), Some(Value::Object(Kind::Dtype(ItemType { size: item, object, .. })))) =
            (shape.and_then(|shape| self.ints(shape)), dtype)
        else {
            return broken("an array of joblib has no shape or dtype");
        };
        let padded = aligned.is_some_and(|aligned| self.int(aligned).is_some());
        if let Some(end) = self.frame.filter(|end| self.reader.at() < *end) {
            self.report(&rules::PICKLE_FRAME, "an array begins inside a frame");
            self.reader.go(end);
        }
        self.frame = None;
        if object {
            self.object_array(budget)?;
        } else {
            if padded {
                let [padding] = self.reader.array()?;
                self.reader.skip(u64::from(padding))?;
            }
            let count = shape.iter().try_fold(1_u64, |product, side| product.checked_mul(u64::try_from(*side).ok()?));
            let Some(bytes) = count.zip(item).and_then(|(count, item)| count.checked_mul(item)) else {
                return broken("an array of joblib has no length");
            };
            self.reader.skip(bytes)?;
        }
        self.pop()?;
        self.push(Value::Object(Kind::Array));
        Ok(())
    }

    fn object_array(&mut self, budget: &mut Budget) -> Result<(), Fault> {
        let mut nested = Machine::new(&self.part, self.reader.at(), &self.limits);
        nested.plain = true;
        let end = nested.run(budget);
        let at = nested.reader.at();
        self.log.take(nested.log);
        self.reader.go(at);
        match end {
            End::Stop(_) => Ok(()),
            End::Broken(why) => Err(Fault::Broken(why)),
            End::Error(error) => Err(Fault::Error(error)),
        }
    }
}
