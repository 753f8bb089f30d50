//! What is known about a value without running anything: a constant, something importable, a function of the
//! module, or nothing.

use crate::knowledge::python::capabilities;
use std::rc::Rc;

/// One possible value of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Anything.
    Unknown,
    /// An object of some library, and not of a class of this module.
    Foreign,
    /// A known text.
    Str(Rc<str>),
    /// A text of which only the beginning is known.
    Prefix(Rc<str>),
    /// Known bytes.
    Bytes(Rc<[u8]>),
    /// A known number.
    Int(i64),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    Null,
    /// A list, tuple or set of known length.
    Seq(Rc<Seq>),
    /// A dict.
    Map(Rc<Vec<(Set, Set)>>),
    /// Something importable, by its dotted name; `()` stands for the result of a call.
    Path(Rc<str>),
    /// The attributes of something importable as a dict: `vars(os)`, `os.__dict__`.
    Dict(Rc<str>),
    /// The module's own globals.
    Globals,
    /// A function or lambda of the module.
    Func(u32),
    /// A class of the module.
    Class(u32),
    /// An object of a class of the module.
    Object(u32),
    /// `operator.attrgetter(name)`, or `methodcaller(name, …)` where the flag is set.
    Getter(Rc<str>, bool),
}

/// A sequence: what may be at each place, and how many values it holds in all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seq {
    pub(super) items: Vec<Set>,
    weight: usize,
}

/// The most values that are distinguished in one place.
const WIDTH: usize = 32;
/// The most values in one sequence, those in sequences in it included.
const WEIGHT: usize = 1024;
/// The longest text that is folded, in bytes.
pub(super) const LONGEST: usize = 16 * 1024;

/// All possible values of an expression, as far as they are distinguished.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Set(pub(super) Vec<Value>);

impl Set {
    pub(super) fn unknown() -> Self {
        Self(vec![Value::Unknown])
    }

    pub(super) fn of(value: Value) -> Self {
        Self(vec![value])
    }

    pub(super) fn path(name: &str) -> Self {
        // A name that grows without end (`x = x.y` in a loop) is cut: it means nothing by then.
        if name.len() > 120 { Self::unknown() } else { Self::of(Value::Path(name.into())) }
    }

    pub(super) fn text(text: &str) -> Self {
        if text.len() > LONGEST { Self::unknown() } else { Self::of(Value::Str(text.into())) }
    }

    pub(super) fn bytes(bytes: &[u8]) -> Self {
        if bytes.len() > LONGEST { Self::unknown() } else { Self::of(Value::Bytes(bytes.into())) }
    }

    pub(super) fn seq(items: Vec<Self>) -> Self {
        let weight = items.iter().flat_map(|set| &set.0).map(Value::weight).fold(1_usize, usize::saturating_add);
        if weight <= WEIGHT {
            return Self::of(Value::Seq(Rc::new(Seq { items, weight })));
        }
        let mut all = Self::unknown();
        for item in &items {
            all.join(&item.significant());
        }
        all
    }

    pub(super) fn map(items: Vec<(Self, Self)>) -> Self {
        let weight = items
            .iter()
            .flat_map(|(key, value)| key.0.iter().chain(&value.0))
            .map(Value::weight)
            .fold(1_usize, usize::saturating_add);
        if weight <= WEIGHT {
            return Self::of(Value::Map(Rc::new(items)));
        }
        let mut all = Self::unknown();
        for (_, value) in &items {
            all.join(&value.significant());
        }
        all
    }

    /// Adds a value; says whether that changed anything. Where there is no room, what leads somewhere
    /// displaces what does not.
    pub(super) fn add(&mut self, value: Value) -> bool {
        if self.0.contains(&value) {
            return false;
        }
        if self.0.len() < WIDTH {
            self.0.push(value);
            return true;
        }
        let rank = value.rank();
        let lowest = self.0.iter_mut().filter(|old| **old != Value::Unknown).min_by_key(|old| old.rank());
        let displaced = lowest.is_some_and(|old| {
            let displaces = old.rank() < rank;
            if displaces {
                *old = value;
            }
            displaces
        });
        let incomplete = !self.0.contains(&Value::Unknown);
        if incomplete {
            self.0.push(Value::Unknown);
        }
        displaced || incomplete
    }

    /// Bytes of text in it, as far as one level of containers shows.
    pub(super) fn size(&self) -> usize {
        let one = |value: &Value| match value {
            Value::Str(text) | Value::Prefix(text) | Value::Path(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            value => value.weight().saturating_mul(16),
        };
        let inner = |value: &Value| match value {
            Value::Seq(seq) => seq.items.iter().flat_map(|set| &set.0).map(one).fold(16, usize::saturating_add),
            Value::Map(map) => map.iter().flat_map(|(_, set)| &set.0).map(one).fold(16, usize::saturating_add),
            value => one(value),
        };
        self.0.iter().map(inner).fold(0, usize::saturating_add)
    }

    pub(super) fn join(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for value in &other.0 {
            changed |= self.add(value.clone());
        }
        changed
    }

    /// The only value, where there is only one.
    pub(super) fn one(&self) -> Option<&Value> {
        if self.0.len() == 1 { self.0.first() } else { None }
    }

    /// Those of the values that lead somewhere, also out of containers.
    pub(super) fn significant(&self) -> Self {
        let mut found = Self::default();
        for value in &self.0 {
            match value {
                Value::Seq(seq) => seq.items.iter().flat_map(|set| &set.0).for_each(|value| {
                    if value.is_significant() {
                        found.add(value.clone());
                    }
                }),
                Value::Map(map) => map.iter().flat_map(|(_, set)| &set.0).for_each(|value| {
                    if value.is_significant() {
                        found.add(value.clone());
                    }
                }),
                value if value.is_significant() => {
                    found.add(value.clone());
                }
                _ => {}
            }
        }
        found
    }

    /// The texts among the values.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|value| if let Value::Str(text) = value { Some(&**text) } else { None })
    }

    /// The importable names among the values.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|value| if let Value::Path(path) = value { Some(&**path) } else { None })
    }

    /// Whether a text could be something that is not known.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|value| matches!(value, Value::Unknown | Value::Foreign | Value::Prefix(_)))
    }

    /// What may come out when this is iterated over or indexed by something unknown.
    pub(super) fn elements(&self) -> Self {
        let mut all = Self::default();
        for value in &self.0 {
            match value {
                Value::Seq(seq) => seq.items.iter().for_each(|item| {
                    all.join(item);
                }),
                Value::Map(map) => map.iter().for_each(|(_, item)| {
                    all.join(item);
                }),
                Value::Bytes(bytes) => bytes.iter().take(64).for_each(|byte| {
                    all.add(Value::Int(i64::from(*byte)));
                }),
                Value::Foreign => {
                    all.add(Value::Foreign);
                }
                // A sequence that was too long to keep is the set of what it holds.
                value if value.is_significant() => {
                    all.add(value.clone());
                }
                _ => {
                    all.add(Value::Unknown);
                }
            }
        }
        if all.0.is_empty() { Self::unknown() } else { all }
    }
}

impl Value {
    /// How many values it holds.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Seq(seq) => seq.weight,
            Self::Map(map) => map
                .iter()
                .flat_map(|(key, value)| key.0.iter().chain(&value.0))
                .map(Self::weight)
                .fold(1_usize, usize::saturating_add),
            _ => 1,
        }
    }

    /// Whether something can be called, imported or reached through it.
    pub(super) fn is_significant(&self) -> bool {
        matches!(
            self,
            Self::Path(_)
                | Self::Dict(_)
                | Self::Globals
                | Self::Func(_)
                | Self::Class(_)
                | Self::Object(_)
                | Self::Getter(..)
        )
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Path(path) if capabilities::capability(path).is_some() || capabilities::leads_out(path) => 4,
            Self::Getter(..) | Self::Dict(_) | Self::Globals => 3,
            Self::Func(_) | Self::Class(_) | Self::Object(_) => 2,
            Self::Path(_) => 1,
            _ => 0,
        }
    }
}

/// Arguments by name.
pub(super) type Named = [(String, Set)];
