//! The machine: an abstract interpreter of pickles of the protocols 0 to 5, by CPython's rules.
//!
//! It keeps a real stack, marks and a memo, so that decoys, duplicates and overwritten memo entries mean to it what
//! they mean to an unpickler. Where CPython stops for sure, it stops; where CPython may go on, it goes on.

use super::log::{Claim, Log};
use super::value::{Global, Id, Storage, Value};
use crate::engine::limits::{Budget, Limits};
use crate::engine::memory::MemoryPermit;
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{Location, ScanError};
use crate::knowledge::pickle::names;
use crate::knowledge::pickle::{Level, Listed};
use crate::knowledge::views::pickle::level;
use modelpin_rules::Rule;
use modelpin_rules::pickle as rules;
use modelpin_schema::visible;
use std::collections::HashMap;
use std::rc::Rc;

/// Values of one pickle, constants included, that are kept at most.
const VALUES: usize = 4_000_000;

/// Why the machine stopped before `STOP`.
#[derive(Debug)]
pub(super) enum Fault {
    /// Every unpickler stops here.
    Broken(String),
    /// The machine may not or cannot go on.
    Error(ScanError),
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Truncated(_) => Self::Broken("it ends in the middle of an opcode".to_owned()),
            other => Self::Error(other),
        }
    }
}

/// A break with its reason.
pub(super) fn broken<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Broken(why.into()))
}

/// How a run ended.
pub(super) enum End {
    /// At `STOP`, with the value.
    Stop(Id),
    /// Where every unpickler stops, with the reason.
    Broken(String),
    /// At a limit.
    Error(ScanError),
}

/// The machine in the middle of a pickle.
pub(super) struct Machine<'a> {
    pub(super) part: ByteRange<'a>,
    pub(super) reader: Reader<'a>,
    /// Where the opcode under way begins.
    pub(super) op_at: u64,
    /// Where the frame ends that we are in.
    pub(super) frame: Option<u64>,
    /// Whether the rest of a frame is lost when an opcode reaches beyond it, as it is to the C unpickler of files.
    pub(super) forgetful: bool,
    /// Whether that makes a difference in this pickle.
    pub(super) crossed: bool,
    /// Whether torch loads this pickle, so that persistent ids are storages.
    pub(super) torch: bool,
    pub(super) proto: u8,
    pub(super) values: Vec<Value>,
    pub(super) stack: Vec<Id>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Id>,
    pub(super) globals: Vec<Global>,
    pub(super) imported: HashMap<(String, String), Id>,
    pub(super) kept_text: usize,
    pub(super) built: usize,
    /// Items that were copied from one container into another.
    pub(super) copied: usize,
    pub(super) opcodes: u64,
    /// Whether this reads as a plain unpickler does, which knows nothing of joblib's arrays between the opcodes.
    pub(super) plain: bool,
    /// Whether the plain reading has been tried.
    pub(super) forked: bool,
    /// Whether this is the plain reading of a file that is written for another: values in the wrong place are no
    /// attack then, they stop the unpickler.
    pub(super) second: bool,
    /// Why every unpickler stops at the opcode under way.
    pub(super) stops: Option<&'static str>,
    /// Where a plain unpickler would begin its next pickle.
    pub(super) alternative_starts: Vec<u64>,
    pub(super) log: Log,
    pub(super) limits: Limits,
    /// The turn to hold many values, once there are many.
    pub(super) turn: Option<MemoryPermit>,
    /// Bytes that were copied or compared since the last opcode, which are work as well.
    pub(super) handled: usize,
}

/// How many values a pickle may have beside others that are scanned at the same time.
const BESIDE: usize = 1 << 16;

impl<'a> Machine<'a> {
    pub(super) fn new(part: &ByteRange<'a>, at: u64, limits: &Limits) -> Self {
        Self {
            part: part.clone(),
            reader: part.reader(at),
            op_at: at,
            frame: None,
            forgetful: false,
            crossed: false,
            torch: false,
            proto: 0,
            values: vec![Value::None, Value::Bool, Value::Float, Value::Top, Value::Big],
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            globals: Vec::new(),
            imported: HashMap::new(),
            kept_text: 0,
            built: 0,
            copied: 0,
            opcodes: 0,
            plain: false,
            forked: false,
            second: false,
            stops: None,
            alternative_starts: Vec::new(),
            log: Log::default(),
            limits: limits.clone(),
            turn: None,
            handled: 0,
        }
    }

    /// Runs until `STOP` or a stop.
    pub(super) fn run(&mut self, budget: &mut Budget) -> End {
        let end = loop {
            match self.step(budget) {
                Ok(None) => {}
                Ok(Some(value)) => break End::Stop(value),
                Err(Fault::Broken(why)) => break End::Broken(why),
                Err(Fault::Error(error)) => break End::Error(error),
            }
        };
        self.unexcused();
        end
    }

    fn step(&mut self, budget: &mut Budget) -> Result<Option<Id>, Fault> {
        budget.step()?;
        budget.charge_bytes(std::mem::take(&mut self.handled))?;
        self.op_at = self.reader.at();
        if self.frame.is_some_and(|end| self.op_at >= end) {
            self.frame = None;
        }
        let Some(opcode) = self.reader.byte()? else { return broken("it has no STOP") };
        self.opcodes = self.opcodes.saturating_add(1);
        if opcode == b'.' {
            return self.pop().map(Some);
        }
        self.execute(opcode, budget)?;
        if let Some(why) = self.stops {
            return broken(why);
        }
        if self.values.len().max(self.stack.len()) > BESIDE {
            self.turn.get_or_insert_with(|| MemoryPermit::of(usize::MAX));
        }
        if self.values.len().max(self.copied) > VALUES
            || self.stack.len() > self.limits.stack
            || self.marks.len() > self.limits.stack
        {
            return Err(Fault::Error(ScanError::LimitReached("values of a pickle")));
        }
        if self.memo.len() > self.limits.memo || self.built > self.limits.built || self.globals.len() > self.limits.memo
        {
            return Err(Fault::Error(ScanError::LimitReached("objects of a pickle")));
        }
        Ok(None)
    }

    /// Records a finding at the opcode under way.
    pub(super) fn report(&mut self, rule: &'static Rule, evidence: impl Into<String>) {
        self.log.report(rule, Location::Byte(self.op_at), evidence.into());
    }

    // ---- values

    pub(super) fn keep(&mut self, value: Value) -> Id {
        match value {
            Value::None => 0,
            Value::Bool => 1,
            Value::Float => 2,
            Value::Top => 3,
            Value::Big => 4,
            other => {
                let id = Id::try_from(self.values.len()).unwrap_or(3);
                self.values.push(other);
                id
            }
        }
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        self.values.get(id as usize).unwrap_or(&Value::Top)
    }

    pub(super) fn set(&mut self, id: Id, value: Value) {
        if let Some(slot) = self.values.get_mut(id as usize) {
            *slot = value;
        }
    }

    /// The text of a value that is a whole text.
    pub(super) fn str(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) if text.whole => Some(&text.text),
            _ => None,
        }
    }

    pub(super) fn int(&self, id: Id) -> Option<i64> {
        if let Value::Int(value) = self.get(id) { Some(*value) } else { None }
    }

    pub(super) fn tuple(&self, id: Id) -> Option<Rc<[Id]>> {
        if let Value::Tuple(items) = self.get(id) { Some(Rc::clone(items)) } else { None }
    }

    pub(super) fn global_of(&self, id: Id) -> Option<&Global> {
        if let Value::Global(index) = self.get(id) { self.globals.get(*index as usize) } else { None }
    }

    // ---- the stack

    pub(super) fn push(&mut self, value: Value) {
        let id = self.keep(value);
        self.stack.push(id);
    }

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn pop(&mut self) -> Result<Id, Fault> {
        if self.stack.len() <= self.fence() {
            return broken("the stack is empty");
        }
        self.stack.pop().map_or_else(|| broken("the stack is empty"), Ok)
    }

    pub(super) fn top(&self) -> Result<Id, Fault> {
        if self.stack.len() <= self.fence() {
            return broken("the stack is empty");
        }
        self.stack.last().copied().map_or_else(|| broken("the stack is empty"), Ok)
    }

    /// The values above the last mark, which is removed.
    pub(super) fn pop_mark(&mut self) -> Result<Vec<Id>, Fault> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark.min(self.stack.len()))),
            None => broken("there is no mark"),
        }
    }

    pub(super) fn pop_or_mark(&mut self) -> Result<(), Fault> {
        if self.stack.len() > self.fence() { self.pop().map(|_| ()) } else { self.pop_mark().map(|_| ()) }
    }

    /// A tuple, list or the like was made of these.
    pub(super) fn count_built(&mut self, items: &[Id]) {
        self.built = self.built.saturating_add(1);
        for item in items {
            self.held(*item);
        }
    }

    /// Pays for inspecting what a value holds, which may be inspected again and again.
    pub(super) fn charge(&self, id: Id, budget: &mut Budget) -> Result<(), Fault> {
        let len = |id: Id| match self.get(id) {
            Value::Tuple(items) => items.len(),
            Value::List(items) => items.len(),
            Value::Dict { items, .. } => items.len(),
            _ => 0,
        };
        let mut in_member = 0_usize;
        if let Value::Tuple(items) = self.get(id) {
            for item in items.iter() {
                in_member = in_member.saturating_add(len(*item));
                if let Value::Tuple(items) = self.get(*item) {
                    in_member = items.iter().fold(in_member, |sum, item| sum.saturating_add(len(*item)));
                }
            }
        }
        for _ in 0..len(id).saturating_add(in_member) {
            budget.step()?;
        }
        Ok(())
    }

    /// A value goes into another: imports that are harmless only when called in a certain way are not, there.
    pub(super) fn held(&mut self, id: Id) {
        if let Some(global) = self.global_of(id)
            && matches!(global.level, Level::Listed(listed) if listed.needs_excuse())
        {
            let shown = Rc::clone(&global.shown);
            self.report(&rules::PICKLE_DANGEROUS_GLOBAL, format!("`{shown}` passed as an argument"));
        }
    }

    pub(super) fn memoize(&mut self, key: u64) -> Result<(), Fault> {
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    pub(super) fn recall(&mut self, key: u64) -> Result<(), Fault> {
        match self.memo.get(&key) {
            Some(id) => {
                self.stack.push(*id);
                Ok(())
            }
            None => broken(format!("the memo has no entry {key}")),
        }
    }

    // ---- imports

    /// Imports `name` from `module`, as `find_class` does, and scans it.
    pub(super) fn import(&mut self, module: &str, name: &str) -> Id {
        self.handled = self.handled.saturating_add(module.len()).saturating_add(name.len());
        let key = (module.to_owned(), name.to_owned());
        if let Some(id) = self.imported.get(&key) {
            return *id;
        }
        let level = level(module, name);
        let shown: Rc<str> = visible(&format!("{module}.{name}")).into();
        self.log.globals.insert(shown.to_string());
        let (new_module, new_name) = names::translated(module, name);
        if (new_module, new_name) != (module, name) {
            self.log.globals.insert(visible(&format!("{new_module}.{new_name}")));
        }
        self.log.import(module, name);
        match level {
            Level::Dangerous(why) => self.report(&rules::PICKLE_DANGEROUS_GLOBAL, format!("`{shown}`: {why}")),
            Level::Foreign => self.report(&rules::PICKLE_FOREIGN_GLOBAL, format!("`{shown}`")),
            Level::Listed(listed) if listed.is_review() => {
                self.report(&rules::PICKLE_FOREIGN_GLOBAL, format!("`{shown}`"));
            }
            Level::Listed(_) => {}
        }
        let index = u32::try_from(self.globals.len()).unwrap_or(u32::MAX);
        self.globals.push(Global { shown, level, at: self.op_at, excused: false });
        let id = self.keep(Value::Global(index));
        self.imported.insert(key, id);
        id
    }

    /// `STACK_GLOBAL`.
    pub(super) fn import_from_stack(&mut self) -> Result<(), Fault> {
        let name = self.pop()?;
        let module = self.pop()?;
        // Nothing that is shown or listed is as long as this.
        let cut = |text: &str| text.chars().take(300).collect::<String>();
        let names = self.str(module).zip(self.str(name)).map(|(module, name)| (cut(module), cut(name)));
        let id = if let Some((module, name)) = names {
            self.import(&module, &name)
        } else if [module, name].iter().any(|id| self.is_no_text(*id)) {
            return broken("the module or name of STACK_GLOBAL is no text");
        } else {
            self.report(&rules::PICKLE_COMPUTED_NAME, "the module or name of STACK_GLOBAL is not a constant string");
            self.keep(Value::Top)
        };
        self.stack.push(id);
        Ok(())
    }

    /// Imports that are harmless only when called in a certain way, and were not.
    fn unexcused(&mut self) {
        let left: Vec<(u64, Rc<str>)> = self
            .globals
            .iter()
            .filter(|global| matches!(global.level, Level::Listed(listed) if listed.needs_excuse()) && !global.excused)
            .map(|global| (global.at, Rc::clone(&global.shown)))
            .collect();
        for (at, shown) in left {
            self.log.report(&rules::PICKLE_DANGEROUS_GLOBAL, Location::Byte(at), format!("`{shown}`"));
        }
    }

    // ---- persistent ids

    /// `PERSID`, `BINPERSID`: torch's storages are tuples `("storage", class, key, location, count[, view])`
    /// (`torch/serialization.py`, `persistent_load`).
    pub(super) fn persistent(&mut self, pid: Option<Id>) {
        if let Some(class) = pid.and_then(|pid| self.container(pid)) {
            self.stack.push(class);
            return;
        }
        let storage = pid.and_then(|pid| self.storage(pid));
        let id = match storage {
            Some((key, storage)) => {
                if !self.torch {
                    self.report(&rules::PICKLE_PERSISTENT_ID, format!("storage `{key}` outside a torch file"));
                }
                self.keep(Value::Storage(Rc::new(storage)))
            }
            None => {
                if let Some(pid) = pid {
                    self.held(pid);
                }
                self.report(&rules::PICKLE_PERSISTENT_ID, "not one of torch's storages");
                self.keep(Value::Top)
            }
        };
        self.stack.push(id);
    }

    /// The class of `("module", class, file, source)`, which torch before 1.6 wrote for each class of a whole model. The
    /// reader compares the source with that of the class it has, and runs none of it (`_check_container_source`).
    fn container(&self, pid: Id) -> Option<Id> {
        let items = self.tuple(pid).filter(|_| self.torch)?;
        let [kind, class, file, source] = *items else { return None };
        let is_text = |id: Id| matches!(self.get(id), Value::Text(_) | Value::None);
        let fits = self.str(kind) == Some("module") && is_text(file) && is_text(source);
        (fits && self.global_of(class).is_some()).then_some(class)
    }

    fn claim(&mut self, key: &str, item: u64, count: u64) {
        let bytes = item.saturating_mul(count);
        self.log.claim(key, Claim { item, bytes }, Location::Byte(self.op_at));
    }

    fn storage(&mut self, pid: Id) -> Option<(String, Storage)> {
        let items = self.tuple(pid)?;
        let (kind, class, key, location, count, view) = match *items {
            [kind, class, key, location, count] => (kind, class, key, location, count, None),
            [kind, class, key, location, count, view] => (kind, class, key, location, count, Some(view)),
            _ => return None,
        };
        let handled = items.iter().filter_map(|id| self.str(*id)).map(str::len).fold(0, usize::saturating_add);
        self.handled = self.handled.saturating_add(handled);
        let text = |id: Id| self.str(id).map(str::to_owned);
        if text(kind)? != "storage" {
            return None;
        }
        text(location)?;
        // Those of `torch.package` have a number.
        let number = || self.int(key).filter(|_| !self.torch).map(|key| key.to_string());
        let (key, key_id) = (text(key).or_else(number)?, key);
        let Level::Listed(Listed::Storage(item)) = self.global_of(class)?.level else { return None };
        let of = |count, whole, view| Storage { class, key: key_id, item, count, whole, view };
        let Ok(count) = u64::try_from(self.int(count)?) else {
            self.report(&rules::TENSOR_GEOMETRY, format!("storage `{key}` has a negative length"));
            return Some((key, of(0, 0, None)));
        };
        if item.checked_mul(count).is_none_or(|bytes| i64::try_from(bytes).is_err()) {
            self.report(
                &rules::TENSOR_GEOMETRY,
                format!("the size of storage `{key}` with {count} elements overflows"),
            );
        }
        self.claim(&key, item, count);
        let Some(view) = view.filter(|view| !matches!(self.get(*view), Value::None)) else {
            return Some((key, of(count, count, None)));
        };
        // Old files hold views of storages: their key, where they begin and how long they are.
        let parts = self.tuple(view)?;
        let [_, offset, length] = *parts else { return None };
        let offset = self.int(offset)?;
        let length = self.int(length)?;
        let end = offset.checked_add(length).and_then(|end| u64::try_from(end).ok());
        if offset < 0 || length < 0 || end.is_none_or(|end| end > count) {
            self.report(&rules::TENSOR_GEOMETRY, format!("a view of storage `{key}` exceeds it"));
        }
        Some((key, of(u64::try_from(length).unwrap_or(0), count, Some(view))))
    }
}
