//! Calls: what is called, and whether it gets arguments that it gets in an honest pickle.

use super::log::EmbeddedBytes;
use super::machine::Machine;
use super::value::{Id, Kind, Value};
use crate::formats::item::{ItemType, dtype_code};
use crate::knowledge::pickle::{Level, Listed, is_kept_method};
use modelpin_rules::pickle as rules;
use std::rc::Rc;

impl Machine<'_> {
    /// The arguments of a call; `None` where they are not a known tuple.
    pub(super) fn arguments(&mut self, args: Id) -> Option<Rc<[Id]>> {
        let items = self.tuple(args);
        if items.is_none() {
            self.held(args);
        }
        if items.is_none() && !self.is_misused(args) {
            self.report(&rules::PICKLE_CALL_SHAPE, "the arguments of a call are not a tuple");
        }
        items
    }

    /// A call: `REDUCE`, `OBJ`, `INST`.
    pub(super) fn call(&mut self, callee: Id, args: Option<&Rc<[Id]>>) -> Id {
        self.log.calls = self.log.calls.saturating_add(1);
        self.built = self.built.saturating_add(1);
        let Some(global) = self.global_of(callee) else {
            if self.is_misused(callee) {
                return self.call_misused(callee);
            }
            if let (Value::Object(Kind::ZoneReader), Some([zone, is_cached])) = (self.get(callee), args.map(Rc::as_ref))
                && self.str(*zone).is_some()
                && self.is_constant(*is_cached)
            {
                return self.keep(Value::Object(Kind::Foreign));
            }
            self.report(&rules::PICKLE_COMPUTED_CALL, "the called object is not an imported name");
            self.inner(args.map(Rc::as_ref), "something computed", false);
            return self.keep(Value::Top);
        };
        let level = global.level;
        let shown = Rc::clone(&global.shown);
        match level {
            Level::Dangerous(_) => {
                self.report(&rules::PICKLE_DANGEROUS_GLOBAL, format!("`{shown}` is called"));
                self.inner(args.map(Rc::as_ref), &shown, false);
                self.keep(Value::Top)
            }
            Level::Foreign => {
                self.inner(args.map(Rc::as_ref), &shown, false);
                self.keep(Value::Object(Kind::Foreign))
            }
            Level::Listed(listed) => {
                let made = args.and_then(|args| self.made(listed, args));
                let made = made.or_else(|| self.made_second(listed));
                if made.is_none() {
                    self.report(&rules::PICKLE_CALL_SHAPE, format!("`{shown}`"));
                } else if let Value::Global(index) = *self.get(callee)
                    && let Some(global) = self.globals.get_mut(index as usize)
                {
                    global.excused = true;
                }
                self.keep(made.unwrap_or(Value::Top))
            }
        }
    }

    /// `NEWOBJ`, `NEWOBJ_EX`: `class.__new__(class, *args)`.
    pub(super) fn create(&mut self, class: Id, args: Option<&Rc<[Id]>>) -> Id {
        let is_function = self
            .global_of(class)
            .is_some_and(|global| matches!(global.level, Level::Listed(listed) if !is_class(listed)));
        if is_function && self.second {
            self.stops = Some("a function is used as a class");
        } else if is_function {
            self.report(&rules::PICKLE_CALL_SHAPE, "a function is used as a class");
        }
        let made = self.call(class, args);
        let unknown = self.unknown();
        // Without its constructor, what a dictionary is made of does not get into it.
        if let Some(Value::Map { items, filled: true, .. }) = self.values.get_mut(made as usize) {
            *items = unknown;
        }
        made
    }

    /// Items of which nothing is known.
    fn unknown(&mut self) -> Vec<(Id, Id)> {
        let top = self.keep(Value::Top);
        vec![(top, top)]
    }

    /// What a listed callable makes of these arguments; `None` where it never gets such.
    fn made(&mut self, listed: Listed, args: &Rc<[Id]>) -> Option<Value> {
        use Listed as L;
        let fine = match listed {
            L::OrderedDict | L::Counter => return self.made_map(listed, args),
            L::Plain | L::PlainClass | L::Size | L::Device | L::Encode | L::GetLayout => {
                return self.made_plain(listed, args);
            }
            L::NumpyDtype
            | L::Ndarray
            | L::Reconstruct
            | L::Scalar
            | L::FromBuffer
            | L::JoblibArray
            | L::StringDtype => return self.made_numpy(listed, args),
            L::Reconstructor
            | L::NewObj
            | L::GetAttr
            | L::TypeOf
            | L::DefaultDict
            | L::Partial
            | L::Ufunc
            | L::Pattern
            | L::ItemGetter
            | L::LoadFromBytes => return self.made_indirect(listed, args),
            L::RebuildFromType => self.rebuilt_type(args),
            // A number would be a size.
            L::Tensor | L::Parameter => {
                args.iter().all(|arg| self.is_data(*arg) && !matches!(self.get(*arg), Value::Int(_) | Value::Big))
            }
            L::Storage(_) | L::Dtype(_) | L::Scheme | L::Memmap => false,
            _ => self.rebuilt(listed, args),
        };
        fine.then(|| Value::Tensor { by: listed, args: Rc::clone(args) })
    }

    /// A dictionary of a class of its own, with what it is made of.
    fn made_map(&mut self, listed: Listed, args: &[Id]) -> Option<Value> {
        let from = match args {
            [] => return Some(Value::Map { items: Vec::new(), filled: false, sealed: false }),
            [from] => *from,
            _ => return None,
        };
        let items = match self.get(from) {
            Value::Dict { items, .. } => Some(items.clone()),
            // A `Counter` counts what it gets.
            Value::List(pairs) if listed == Listed::OrderedDict => self.pairs(pairs),
            Value::Tuple(pairs) if listed == Listed::OrderedDict => self.pairs(pairs),
            Value::List(_) | Value::Tuple(_) => None,
            _ => return None,
        };
        let items = items.unwrap_or_else(|| self.unknown());
        self.copied = self.copied.saturating_add(items.len());
        // Python 2 makes an empty one of an empty list.
        let filled = !items.is_empty();
        Some(Value::Map { items, filled, sealed: false })
    }

    /// The keys and values of a list of pairs.
    fn pairs(&self, pairs: &[Id]) -> Option<Vec<(Id, Id)>> {
        let pair = |id: &Id| match self.get(*id) {
            Value::List(pair) => <[Id; 2]>::try_from(pair.as_slice()).ok(),
            Value::Tuple(pair) => <[Id; 2]>::try_from(pair.as_ref()).ok(),
            _ => None,
        };
        pairs.iter().map(|id| pair(id).map(|[key, value]| (key, value))).collect()
    }

    fn made_plain(&mut self, listed: Listed, args: &[Id]) -> Option<Value> {
        let kind = match (listed, args) {
            (Listed::Encode, [text, codec]) => {
                let codec = self.str(*codec)?;
                if !matches!(codec, "latin1" | "latin-1") || !matches!(self.get(*text), Value::Text(_)) {
                    return None;
                }
                Kind::Encoded(*text)
            }
            (Listed::GetLayout, [name]) => {
                self.str(*name)?;
                Kind::Layout
            }
            (Listed::Device, [_] | [_, _]) if args.iter().all(|arg| self.is_constant(*arg)) => Kind::Device,
            (Listed::Size, [sides]) => {
                self.ints(*sides)?;
                Kind::Plain
            }
            // A number alone says how much memory `bytes` and `bytearray` take; a range, how much a set does.
            (Listed::Plain, [only]) if !self.is_written_out(*only) => return None,
            (Listed::Plain | Listed::PlainClass, _) if args.len() <= 3 && args.iter().all(|arg| self.is_data(*arg)) => {
                Kind::Plain
            }
            _ => return None,
        };
        Some(Value::Object(kind))
    }

    fn made_numpy(&mut self, listed: Listed, args: &[Id]) -> Option<Value> {
        let constants = args.iter().all(|arg| self.is_data(*arg));
        let kind = match (listed, args) {
            (Listed::NumpyDtype, [code, ..]) if constants && args.len() <= 4 => Kind::Dtype(self.dtype_code(*code)?),
            (Listed::Reconstruct, [class, shape, code]) => {
                self.small(*shape)?;
                let fits =
                    matches!(self.get(*code), Value::Bytes(_) | Value::Text(_) | Value::Object(Kind::Encoded(_)));
                return match self.global_of(*class)?.level {
                    Level::Listed(Listed::Ndarray | Listed::Memmap) if fits => Some(Value::Object(Kind::Array)),
                    Level::Foreign if fits => Some(Value::Object(Kind::Foreign)),
                    _ => None,
                };
            }
            (Listed::Scalar, [dtype, data @ ..]) if data.len() <= 1 => match self.get(*dtype) {
                // Bytes in place of objects would be addresses.
                Value::Object(Kind::Dtype(ItemType { object: true, .. }))
                    if data.iter().any(|data| matches!(self.get(*data), Value::Bytes(_))) =>
                {
                    return None;
                }
                Value::Object(Kind::Dtype(_)) => Kind::Plain,
                _ => return None,
            },
            (Listed::FromBuffer, [buffer, dtype, shape, order]) => {
                self.ints(*shape)?;
                self.str(*order)?;
                let dtype = matches!(self.get(*dtype), Value::Object(Kind::Dtype(ItemType { object: false, .. })));
                let buffer = matches!(self.get(*buffer), Value::Bytes(_) | Value::Top | Value::Object(Kind::Plain));
                if !(dtype && buffer) {
                    return None;
                }
                Kind::Array
            }
            (Listed::Ndarray, [shape]) => {
                self.small(*shape)?;
                Kind::Array
            }
            (Listed::JoblibArray, []) => Kind::Joblib,
            // Its items are addresses, as those of objects are: a state has them in a list.
            (Listed::StringDtype, [coerce] | [coerce, _]) if constants => {
                matches!(self.get(*coerce), Value::Bool | Value::Int(0 | 1)).then_some(())?;
                Kind::Dtype(ItemType { size: Some(16), object: true, flexible: false })
            }
            _ => return None,
        };
        Some(Value::Object(kind))
    }

    /// A shape of few elements, which takes no memory to speak of: what follows it in an honest pickle is the data.
    fn small(&self, shape: Id) -> Option<()> {
        let sides = self.ints(shape)?;
        let count = sides.iter().try_fold(1_i64, |count, side| count.checked_mul(*side))?;
        (0..=1 << 16).contains(&count).then_some(())
    }

    /// A dtype by its code (`f8`, `<i4`, `U10`).
    fn dtype_code(&self, code: Id) -> Option<ItemType> {
        let Some(global) = self.global_of(code) else { return dtype_code(self.str(code)?) };
        // `dtype(numpy.record)`: scalar types, named as review.
        let object = global.shown.starts_with("numpy.object");
        (global.level == Level::Foreign).then_some(ItemType { size: None, object, flexible: true })
    }

    /// Callables of which the arguments decide whether they are harmless.
    fn made_indirect(&mut self, listed: Listed, args: &[Id]) -> Option<Value> {
        match (listed, args) {
            (Listed::Reconstructor, [class, base, state]) => {
                let base = matches!(self.global_of(*base)?.level, Level::Listed(Listed::PlainClass));
                if !base || !self.is_data(*state) {
                    return None;
                }
                Some(self.of_class(*class))
            }
            (Listed::NewObj, [class, rest @ ..]) => {
                let made = self.create(*class, Some(&rest.into()));
                Some(self.get(made).clone())
            }
            (Listed::GetAttr, [owner, name]) => self.member(*owner, *name),
            (Listed::Pattern, [pattern, flags]) => {
                let fits = self.is_constant(*pattern) || matches!(self.get(*pattern), Value::Object(Kind::Encoded(_)));
                (fits && self.is_data(*flags)).then_some(Value::Object(Kind::Pattern))
            }
            (Listed::ItemGetter, [_, ..]) => {
                args.iter().all(|arg| self.is_data(*arg)).then_some(Value::Object(Kind::Foreign))
            }
            (Listed::TypeOf, [value]) if matches!(self.get(*value), Value::None) => Some(Value::Object(Kind::Plain)),
            (Listed::DefaultDict, []) => Some(Value::Object(Kind::Foreign)),
            (Listed::DefaultDict, [factory, rest @ ..]) if rest.len() <= 1 => {
                let fits = match self.get(*factory) {
                    Value::None | Value::Object(Kind::Foreign) => true,
                    _ => self.is_harmless_callable(*factory),
                };
                fits.then_some(Value::Object(Kind::Foreign))
            }
            (Listed::Partial, [function, ..]) => {
                (self.is_harmless_callable(*function)).then_some(Value::Object(Kind::Foreign))
            }
            (Listed::Ufunc, [module, name]) => {
                let numpy = matches!(self.str(*module)?, "numpy" | "numpy.core" | "numpy._core" | "scipy.special");
                let word = self.str(*name)?.bytes().all(|byte| byte.is_ascii_alphanumeric());
                (numpy && word).then_some(Value::Object(Kind::Foreign))
            }
            (Listed::LoadFromBytes, [_]) => {
                self.inner(Some(args), "torch.storage._load_from_bytes", true);
                Some(Value::Object(Kind::Foreign))
            }
            _ => None,
        }
    }

    /// `getattr(owner, name)`: a member of a class, or a method that is kept to be called later on.
    fn member(&self, owner: Id, name: Id) -> Option<Value> {
        let name = self.str(name)?;
        let is_member = if matches!(self.get(owner), Value::Object(Kind::Pattern)) {
            is_kept_method("re.Pattern", name)
        } else {
            let global = self.global_of(owner)?;
            let base = global.shown.rsplit('.').next().unwrap_or_default();
            let is_class = base.starts_with(|c: char| c.is_ascii_uppercase());
            if &*global.shown == "zoneinfo.ZoneInfo" && name == "_unpickle" {
                return Some(Value::Object(Kind::ZoneReader));
            }
            let is_plain = !name.starts_with('_') && !name.contains('.');
            is_kept_method(&global.shown, name) || (is_plain && is_class && global.level == Level::Foreign)
        };
        is_member.then_some(Value::Object(Kind::Foreign))
    }

    /// An instance of a class that was made without its constructor.
    fn of_class(&mut self, class: Id) -> Value {
        let level = self.global_of(class).map(|global| global.level);
        match level {
            Some(Level::Foreign) => Value::Object(Kind::Foreign),
            Some(Level::Listed(Listed::JoblibArray)) => Value::Object(Kind::Joblib),
            Some(Level::Listed(by @ (Listed::Tensor | Listed::Parameter))) => Value::Tensor { by, args: [].into() },
            Some(Level::Listed(Listed::OrderedDict | Listed::Counter)) => {
                Value::Map { items: Vec::new(), filled: false, sealed: false }
            }
            Some(Level::Listed(Listed::Plain | Listed::PlainClass | Listed::Size)) => Value::Object(Kind::Plain),
            _ => {
                self.report(&rules::PICKLE_CALL_SHAPE, "an object is created from something that is not a class");
                Value::Top
            }
        }
    }

    fn is_harmless_callable(&self, id: Id) -> bool {
        self.global_of(id).is_some_and(|global| match global.level {
            Level::Foreign => true,
            Level::Listed(listed) => is_class(listed) && listed != Listed::Memmap,
            Level::Dangerous(_) => false,
        })
    }

    /// Bytes among the arguments that may be a pickle or an archive: whatever gets them may load them. `loads` says
    /// that it certainly does.
    pub(super) fn inner(&mut self, args: Option<&[Id]>, to: &str, loads: bool) {
        for arg in args.unwrap_or_default() {
            let (at, len, text) = match self.get(*arg) {
                Value::Bytes(blob) => (blob.at, blob.len, None),
                Value::Text(text) => (text.at, text.len, Some(Rc::clone(text))),
                Value::Object(Kind::Encoded(text)) => match self.get(*text) {
                    Value::Text(text) => (text.at, text.len, Some(Rc::clone(text))),
                    _ => continue,
                },
                _ => continue,
            };
            let head = match &text {
                Some(text) => latin1(text.text.chars().take(4)),
                None => self.part.slice(at, len).bytes(0, 4).unwrap_or_default(),
            };
            let looks = matches!(
                head.as_slice(),
                [0x80, 0..=5, ..]
                    | [b'P', b'K', ..]
                    | [0x1f, 0x8b, ..]
                    | [b'B', b'Z', ..]
                    | [b'c' | b'(' | b'i' | 0xfd | b'x', _, ..]
            );
            if !loads && !looks {
                continue;
            }
            if self.log.embedded.len() < 64 {
                let decoded = text.map(|text| latin1(text.text.chars()));
                self.log.embedded.push(EmbeddedBytes { at, len, decoded, to: to.to_owned(), loads });
            } else {
                self.report(&rules::PICKLE_IN_PICKLE, "more embedded bytes than are scanned");
            }
        }
    }

    /// A value that is neither an import nor the unknown result of a call: data.
    pub(super) fn is_data(&self, id: Id) -> bool {
        match self.get(id) {
            Value::Top => false,
            Value::Global(_) => self.global_of(id).is_some_and(|global| match global.level {
                Level::Listed(listed) => is_class(listed),
                Level::Foreign => true,
                Level::Dangerous(_) => false,
            }),
            _ => true,
        }
    }

    /// A value of which the pickle holds every part, so that it is no larger than the pickle.
    fn is_written_out(&self, id: Id) -> bool {
        !matches!(self.get(id), Value::Int(_) | Value::Big | Value::Magic | Value::Object(Kind::Plain))
    }

    /// A value that a pickle writes down as it is.
    pub(super) fn is_constant(&self, id: Id) -> bool {
        !matches!(
            self.get(id),
            Value::Top
                | Value::Global(_)
                | Value::Object(_)
                | Value::Map { .. }
                | Value::Tensor { .. }
                | Value::Storage(_)
        )
    }
}

/// Text as the bytes that it stands for in Latin-1.
fn latin1(text: impl Iterator<Item = char>) -> Vec<u8> {
    text.map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Whether the listed global is a class, not a function.
pub(super) fn is_class(listed: Listed) -> bool {
    use Listed as L;
    matches!(
        listed,
        L::OrderedDict
            | L::Counter
            | L::Storage(_)
            | L::Dtype(_)
            | L::Scheme
            | L::Tensor
            | L::Parameter
            | L::Size
            | L::Device
            | L::Plain
            | L::PlainClass
            | L::NumpyDtype
            | L::Ndarray
            | L::JoblibArray
            | L::DefaultDict
            | L::Partial
            | L::Memmap
            | L::ItemGetter
    )
}
