//! What is known about a value without running anything: a constant, something importable, a function of the
//! module, or nothing.

use crate::knowledge::views::python;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// One possible value of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Anything.
    Unknown,
    /// Whatever a caller that is not in this module passes.
    Caller,
    /// An object of some library, and not of a class of this module.
    Foreign,
    /// Something of another module of the repository, by its dotted name there.
    Sibling(Rc<str>),
    /// Something out of a module through which everything can be reached, and nobody sees what: by the name of that
    /// module.
    Held(Rc<str>),
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
    Map(Rc<Map>),
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

/// A sequence: what may be at each place.
#[derive(Debug)]
pub(super) struct Seq {
    pub(super) items: Vec<Set>,
    held: Held,
}

/// A dict: what is under what.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) items: Vec<(Set, Set)>,
    held: Held,
}

/// What a container holds, counted and gathered once.
#[derive(Debug)]
struct Held {
    /// How many values, those in containers in it included.
    weight: usize,
    /// Those that lead somewhere.
    significant: Set,
    /// What may come out of it.
    elements: OnceCell<Set>,
}

impl PartialEq for Seq {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.held.weight == other.held.weight && self.items == other.items
    }
}

impl Eq for Seq {}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.held.weight == other.held.weight && self.items == other.items
    }
}

impl Eq for Map {}

impl Map {
    /// All that may come out of it, keys included.
    pub(super) fn elements(&self) -> &Set {
        let items = || self.items.iter().flat_map(|(key, item)| [key, item]);
        self.held.elements.get_or_init(|| Set::all(items()))
    }
}

impl Held {
    fn new<'s>(sets: impl Iterator<Item = &'s Set> + Clone) -> Self {
        let weight = sets.clone().flat_map(|set| &set.0).map(Value::weight).fold(1_usize, usize::saturating_add);
        let mut significant = Set::default();
        sets.for_each(|set| set.significant_into(&mut significant));
        Self { weight, significant, elements: OnceCell::new() }
    }
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
        let held = Held::new(items.iter());
        if held.weight <= WEIGHT {
            return Self::of(Value::Seq(Rc::new(Seq { items, held })));
        }
        let mut all = Self::unknown();
        all.join(&held.significant);
        all
    }

    pub(super) fn map(items: Vec<(Self, Self)>) -> Self {
        let held = Held::new(items.iter().flat_map(|(key, value)| [key, value]));
        if held.weight <= WEIGHT {
            return Self::of(Value::Map(Rc::new(Map { items, held })));
        }
        let mut all = Self::unknown();
        all.join(&held.significant);
        all
    }

    /// Adds a value; says whether that changed anything. Where there is no room, what leads somewhere
    /// displaces what does not.
    pub(super) fn add(&mut self, value: Value) -> bool {
        if self.0.contains(&value) {
            return false;
        }
        if value.is_container() && self.held_weight().saturating_add(value.weight()) > WEIGHT {
            let mut inner = Self::of(value).significant();
            inner.add(Value::Unknown);
            return self.join(&inner);
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
            Value::Map(map) => map.items.iter().flat_map(|(_, set)| &set.0).map(one).fold(16, usize::saturating_add),
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

    /// How many values its containers hold.
    fn held_weight(&self) -> usize {
        let containers = self.0.iter().filter(|value| value.is_container());
        containers.map(Value::weight).fold(0, usize::saturating_add)
    }

    /// Those of the values that lead somewhere, also out of containers.
    pub(super) fn significant(&self) -> Self {
        let mut found = Self::default();
        self.significant_into(&mut found);
        found
    }

    fn significant_into(&self, found: &mut Self) {
        for value in &self.0 {
            match value {
                Value::Seq(seq) => {
                    found.join(&seq.held.significant);
                }
                Value::Map(map) => {
                    found.join(&map.held.significant);
                }
                value if value.is_significant() => {
                    found.add(value.clone());
                }
                _ => {}
            }
        }
    }

    /// What an operator or a copy of this carries on: what containers and tables of names hold.
    pub(super) fn carried(&self) -> Self {
        let mut found = Self::default();
        for value in &self.0 {
            match value {
                Value::Seq(_) | Value::Map(_) => Self::of(value.clone()).significant_into(&mut found),
                Value::Dict(_) | Value::Globals | Value::Held(_) => {
                    found.add(value.clone());
                }
                _ => {}
            }
        }
        found
    }

    /// What of it one place holds that takes many values: what leads somewhere, and whether there is more.
    pub(super) fn handed(&self) -> Self {
        let mut all = self.significant();
        if self.0.contains(&Value::Unknown) {
            all.add(Value::Unknown);
        }
        all
    }

    /// Whether nothing says what it is: the text holds no value for it.
    pub(super) fn is_unseen(&self) -> bool {
        self.0.is_empty() || self.0.contains(&Value::Unknown) || self.0.iter().all(|value| *value == Value::Caller)
    }

    fn all<'s>(sets: impl Iterator<Item = &'s Self>) -> Self {
        let mut all = Self::default();
        for set in sets {
            all.join(set);
        }
        all
    }

    /// What an unknown function may hand on of this: what acts, what leads somewhere, and what is of this module.
    pub(super) fn handed_on(&self) -> Self {
        let mut all = self.significant();
        all.0.retain(|value| !matches!(value, Value::Path(_)) || value.acts());
        all
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
        let is_known = |value: &Value| {
            matches!(
                value,
                Value::Str(_) | Value::Bytes(_) | Value::Int(_) | Value::Bool(_) | Value::Null | Value::Seq(_)
            ) || matches!(value, Value::Map(_) | Value::Func(_) | Value::Class(_))
        };
        self.0.is_empty() || !self.0.iter().all(is_known)
    }

    /// What may come out when this is iterated over or indexed by something unknown.
    pub(super) fn elements(&self) -> Self {
        let mut all = Self::default();
        for value in &self.0 {
            match value {
                Value::Seq(seq) => {
                    all.join(seq.held.elements.get_or_init(|| Self::all(seq.items.iter())));
                }
                Value::Map(map) => {
                    all.join(map.elements());
                }
                Value::Str(_) | Value::Prefix(_) => {
                    all.add(Value::Prefix("".into()));
                }
                Value::Caller => {
                    all.add(Value::Caller);
                }
                Value::Path(path) if &**path == "sys.modules" => {
                    all.add(Value::Held(path.clone()));
                }
                Value::Dict(path) => {
                    let is_powerful = python::leads_out(path);
                    all.add(if is_powerful { Value::Held(path.clone()) } else { Value::Unknown });
                }
                Value::Globals => {
                    all.add(Value::Held("globals()".into()));
                }
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
            Self::Seq(seq) => seq.held.weight,
            Self::Map(map) => map.held.weight,
            _ => 1,
        }
    }

    fn is_container(&self) -> bool {
        matches!(self, Self::Seq(_) | Self::Map(_))
    }

    /// Whether something can be called, imported or reached through it.
    pub(super) fn is_significant(&self) -> bool {
        matches!(
            self,
            Self::Path(_)
                | Self::Dict(_)
                | Self::Held(_)
                | Self::Globals
                | Self::Func(_)
                | Self::Class(_)
                | Self::Object(_)
                | Self::Getter(..)
        )
    }

    /// Whether calling it, or what is reached through it, acts on the machine.
    pub(super) fn acts(&self) -> bool {
        match self {
            Self::Path(path) => is_acting(path),
            value => matches!(value, Self::Held(_)),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            value if value.acts() => 4,
            Self::Getter(..) | Self::Dict(_) | Self::Globals => 3,
            Self::Func(_) | Self::Class(_) | Self::Object(_) => 2,
            Self::Path(_) => 1,
            _ => 0,
        }
    }
}

/// Names that are asked for again and again, and what was found.
const REMEMBERED: usize = 4096;

/// Whether a call of `path`, or of what it leads to, acts on the machine.
fn is_acting(path: &Rc<str>) -> bool {
    thread_local!(static KNOWN: RefCell<HashMap<Rc<str>, bool>> = RefCell::new(HashMap::new()));
    KNOWN.with_borrow_mut(|known| {
        if let Some(found) = known.get(path) {
            return *found;
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let found = python::capability(path).is_some() || python::leads_out(path);
        known.insert(path.clone(), found);
        found
    })
}

/// Arguments by name.
pub(super) type Named = [(String, Set)];

/// Something of another module of the repository. A name that grows without end is cut.
pub(super) fn sibling(path: &str) -> Value {
    if path.len() > 120 { Value::Unknown } else { Value::Sibling(path.into()) }
}
