//! The walk over a module: what every name may stand for, what happens where, and who calls whom.
//!
//! Names are followed without regard to order (a name stands for everything that is ever assigned to it), round
//! by round until nothing new turns up; the last round records what happens.

use super::groups::{Group, Named};
use super::lines::Lines;
use super::value::{Set, Value, sibling};
use crate::engine::Capability;
use crate::engine::{Scan, ScanError};
use crate::knowledge::views::python;
use modelpin_rules::Rule;
use ruff_python_ast::{Expr, Parameters, Stmt};
use ruff_text_size::Ranged;
use std::collections::{BTreeSet, HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;

/// Whose doing something is: the module's, as it is imported.
pub(super) const MODULE: u32 = 0;
/// Whose doing something is: that of `if __name__ == "__main__":`.
pub(super) const MAIN: u32 = 1;
/// How often the module is walked at most before the round that records. Where values go on moving, what has not
/// arrived is unknown, and calls of it are unresolved.
const ROUNDS: usize = 6;
/// How many events are kept.
const EVENTS: usize = 100_000;
/// How many pairs of caller and callee are kept.
const EDGES: usize = 1_000_000;
/// How many bytes all that names stand for may take.
const KEPT: usize = 64 << 20;
/// How many modules may be taken whole.
const STARS: usize = 64;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The machine is acted on.
    Act(Capability),
    /// A rule of its own is met.
    Rule(&'static Rule),
}

/// How sure it is that it happens, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Recorded, and no more than that: the caller says where to write.
    CallerControlled,
    /// The name is mentioned, not called.
    Mentioned,
    /// Done, to something harmless: a folder made, a file of its own.
    Harmless,
    /// Done.
    Certain,
    /// Of interest only where it is done on import.
    OnImport,
}

/// Something that happens in a line.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) owner: u32,
    pub(super) line: u32,
    pub(super) what: Effect,
    pub(super) how: Certainty,
    pub(super) detail: String,
}

#[derive(Default)]
pub(super) struct Scope {
    pub(super) names: HashMap<String, Set>,
    pub(super) parent: Option<usize>,
    pub(super) is_class: bool,
    pub(super) is_module: bool,
    /// Names that are the module's or an outer function's.
    pub(super) outer: HashSet<String>,
    /// From where on a name is bound for sure.
    pub(super) since: HashMap<String, u32>,
}

/// A function or lambda.
#[derive(Default)]
pub(super) struct Func {
    pub(super) params: Vec<String>,
    pub(super) rest: Option<String>,
    /// Parameters that are given by name only.
    pub(super) by_name: Vec<String>,
    /// What takes the arguments by name that are left.
    pub(super) named_rest: Option<String>,
    pub(super) scope: usize,
    pub(super) returns: Set,
    pub(super) is_method: bool,
    pub(super) is_decorated: bool,
}

/// A class.
#[derive(Default)]
pub(super) struct Class {
    pub(super) scope: usize,
    pub(super) bases: Set,
    /// What makes it, and is called where it is: metaclasses of this module, those of its bases included.
    pub(super) makers: Set,
    /// What its objects were given to keep, where a class of a library keeps it.
    pub(super) holds: Set,
}

/// Where the walk is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    pub(super) scope: usize,
    pub(super) owner: u32,
    pub(super) class: Option<u32>,
    /// Inside something that may not happen: a branch, a loop, a try.
    pub(super) is_branch: bool,
}

pub(super) struct Walker<'w, 'l> {
    pub(super) scan: &'w mut Scan<'l>,
    pub(super) lines: &'w Lines,
    pub(super) path: &'w str,
    pub(super) scopes: Vec<Scope>,
    pub(super) funcs: Vec<Func>,
    pub(super) classes: Vec<Class>,
    ids: HashMap<(u32, char), usize>,
    /// What is assigned to attributes of objects, whichever object.
    pub(super) fields: HashMap<String, Set>,
    /// What of it acts.
    pub(super) acting_fields: HashMap<String, Set>,
    /// What is called by the name of a method, on objects of which nobody knows the class.
    pub(super) methods: HashMap<String, Named>,
    /// What classes here and their bases have under a name, in this round.
    pub(super) inherited: HashMap<(u32, String), Set>,
    /// What classes of the module have under a name, whichever class.
    pub(super) attributes: HashMap<String, Set>,
    /// What is called together, with who calls it: the methods of a class that Python calls by itself, and those
    /// of one name. They take their numbers from the top down.
    pub(super) groups: HashMap<Group, u32>,
    /// Whether the module has a `__name__` of its own.
    pub(super) is_renamed: bool,
    /// Modules of `from … import *`.
    pub(super) stars: BTreeSet<String>,
    pub(super) cursor: Cursor,
    pub(super) changed: bool,
    /// Whether this is the round that records.
    pub(super) recording: bool,
    /// Whether mentions are nothing to record: annotations, `except` clauses.
    pub(super) quiet: bool,
    pub(super) postponed: bool,
    pub(super) events: Vec<Event>,
    pub(super) edges: BTreeSet<(u32, u32)>,
    /// Bytes that what names stand for takes, all rounds together.
    kept: usize,
    /// Calls under way that lead to each other through values, and how many the outermost has led to.
    pub(super) nested: (usize, usize),
    /// The first thing that stopped the walk.
    pub(super) error: Option<ScanError>,
}

impl<'w, 'l> Walker<'w, 'l> {
    pub(super) fn new(scan: &'w mut Scan<'l>, lines: &'w Lines, path: &'w str) -> Self {
        let module = Scope { is_module: true, ..Scope::default() };
        Self {
            scan,
            lines,
            path,
            scopes: vec![module],
            funcs: vec![Func::default(), Func::default()],
            classes: Vec::new(),
            ids: HashMap::new(),
            fields: HashMap::new(),
            acting_fields: HashMap::new(),
            methods: HashMap::new(),
            inherited: HashMap::new(),
            attributes: HashMap::new(),
            groups: HashMap::new(),
            is_renamed: false,
            stars: BTreeSet::new(),
            cursor: Cursor { scope: 0, owner: MODULE, class: None, is_branch: false },
            changed: false,
            recording: false,
            quiet: false,
            postponed: false,
            events: Vec::new(),
            edges: BTreeSet::new(),
            kept: 0,
            nested: (0, 0),
            error: None,
        }
    }

    /// Walks the module until nothing new turns up, then once more to record.
    pub(super) fn walk(&mut self, body: &[Stmt]) -> Result<(), ScanError> {
        for _ in 0..ROUNDS {
            self.changed = false;
            self.inherited.clear();
            self.body(body);
            if !self.changed || self.error.is_some() {
                break;
            }
        }
        self.recording = true;
        self.inherited.clear();
        self.body(body);
        self.error.take().map_or(Ok(()), Err)
    }

    /// Charges one unit of work; false where none is left.
    pub(super) fn step(&mut self) -> bool {
        if self.error.is_none()
            && let Err(error) = self.scan.budget.step()
        {
            self.error = Some(error);
        }
        self.error.is_none()
    }

    pub(super) fn event(&mut self, at: &impl Ranged, what: Effect, how: Certainty, detail: &str) {
        if self.recording && !(self.quiet && how == Certainty::Mentioned) {
            if self.events.len() >= EVENTS {
                self.stop("events in Python code");
                return;
            }
            let line = self.lines.of(at.start().to_usize());
            let detail = detail.chars().take(160).collect();
            self.events.push(Event { owner: self.cursor.owner, line, what, how, detail });
        }
    }

    pub(super) fn act(&mut self, at: &impl Ranged, capability: Capability, how: Certainty, detail: &str) {
        self.event(at, Effect::Act(capability), how, detail);
    }

    /// The id of what begins at `at`; made by `make` the first time.
    fn id(&mut self, at: u32, kind: char, make: impl FnOnce(&mut Self) -> usize) -> usize {
        if let Some(id) = self.ids.get(&(at, kind)) {
            return *id;
        }
        let id = make(self);
        self.ids.insert((at, kind), id);
        id
    }

    /// The scope of what begins at `at`.
    pub(super) fn scope_at(&mut self, at: u32, kind: char, is_class: bool) -> usize {
        let parent = Some(self.cursor.scope);
        self.id(at, kind, |walker| {
            walker.scopes.push(Scope { parent, is_class, ..Scope::default() });
            walker.scopes.len().saturating_sub(1)
        })
    }

    /// The function that begins at `at`, and its scope.
    pub(super) fn func_at(&mut self, at: u32, parameters: Option<&Parameters>) -> u32 {
        let scope = self.scope_at(at, 'f', false);
        let id = self.id(at, 'F', |walker| {
            let mut func = Func { scope, ..Func::default() };
            for parameter in parameters.into_iter().flat_map(|all| all.posonlyargs.iter().chain(&all.args)) {
                func.params.push(plain(&parameter.parameter.name));
            }
            let by_name = parameters.into_iter().flat_map(|all| &all.kwonlyargs);
            func.by_name = by_name.map(|parameter| plain(&parameter.parameter.name)).collect();
            func.rest = parameters.and_then(|all| all.vararg.as_ref()).map(|rest| plain(&rest.name));
            func.named_rest = parameters.and_then(|all| all.kwarg.as_ref()).map(|rest| plain(&rest.name));
            walker.funcs.push(func);
            walker.funcs.len().saturating_sub(1)
        });
        u32::try_from(id).unwrap_or(u32::MAX)
    }

    /// The class that begins at `at`.
    pub(super) fn class_at(&mut self, at: u32) -> u32 {
        let scope = self.scope_at(at, 'c', true);
        let id = self.id(at, 'C', |walker| {
            walker.classes.push(Class { scope, ..Class::default() });
            walker.classes.len().saturating_sub(1)
        });
        u32::try_from(id).unwrap_or(u32::MAX)
    }

    pub(super) fn func(&mut self, id: u32) -> Option<&mut Func> {
        self.funcs.get_mut(usize::try_from(id).ok()?)
    }

    pub(super) fn class(&self, id: u32) -> Option<&Class> {
        self.classes.get(usize::try_from(id).ok()?)
    }

    /// `caller` (the module or function at hand) calls `callee`.
    pub(super) fn calls(&mut self, callee: u32) {
        if !self.recording {
            return;
        }
        self.edge(self.cursor.owner, callee);
    }

    /// `caller` calls `callee`.
    pub(super) fn edge(&mut self, caller: u32, callee: u32) {
        if self.edges.len() >= EDGES {
            self.stop("calls in Python code");
            return;
        }
        self.edges.insert((caller, callee));
    }

    /// Binds a name in the scope at hand.
    pub(super) fn bind(&mut self, name: &str, value: &Set, at: &impl Ranged) {
        let mut scope = self.cursor.scope;
        while let Some(there) = self.scopes.get(scope)
            && there.outer.contains(name)
            && let Some(parent) = there.parent
        {
            scope = parent;
        }
        let is_sure = !self.cursor.is_branch && scope == self.cursor.scope;
        self.bind_in(scope, name, value);
        if is_sure && let Some(scope) = self.scopes.get_mut(scope) {
            let at = at.start().to_u32();
            let since = scope.since.entry(name.to_owned()).or_insert(at);
            *since = at.min(*since);
        }
    }

    pub(super) fn bind_in(&mut self, scope: usize, name: &str, value: &Set) {
        if let Some(scope) = self.scopes.get_mut(scope) {
            let is_new = !scope.names.contains_key(name);
            let changed = scope.names.entry(name.to_owned()).or_default().join(value);
            let is_class = scope.is_class;
            self.changed |= changed || is_new;
            self.is_renamed |= name == "__name__";
            if changed {
                self.keep(value);
            }
            if is_class && self.attributes.entry(name.to_owned()).or_default().join(value) {
                self.keep(value);
            }
        }
    }

    /// Accounts for a value that is kept.
    pub(super) fn keep(&mut self, value: &Set) {
        self.keep_bytes(value.size());
    }

    pub(super) fn keep_bytes(&mut self, bytes: usize) {
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > KEPT {
            self.stop("values in Python code");
        }
    }

    /// Ends the walk.
    pub(super) fn stop(&mut self, what: &'static str) {
        self.error.get_or_insert(ScanError::LimitReached(what));
    }

    /// What a function returns or yields.
    pub(super) fn gives(&mut self, func: u32, value: &Set) {
        if self.func(func).is_some_and(|func| func.returns.join(value)) {
            self.changed = true;
            self.keep(value);
        }
    }

    /// Takes all names of a module.
    pub(super) fn star(&mut self, module: String) {
        if self.stars.contains(&module) {
            return;
        }
        if self.stars.len() >= STARS {
            self.stop("wildcard imports");
        } else {
            self.stars.insert(module);
        }
    }

    /// What `name` may stand for at `at`.
    pub(super) fn lookup(&mut self, name: &str, at: u32) -> Set {
        let mut scope = Some(self.cursor.scope);
        let mut is_first = true;
        while let Some(there) = scope.and_then(|scope| self.scopes.get(scope)) {
            if (is_first || !there.is_class)
                && !there.outer.contains(name)
                && let Some(found) = there.names.get(name)
            {
                let mut found = found.clone();
                // Before a module or class binds a name of a builtin, the name is the builtin.
                let is_open = there.is_module || there.is_class;
                if is_open && there.since.get(name).is_none_or(|since| at < *since) {
                    let other = self.global(name);
                    // Where there is no other, reading it sooner is an error.
                    if !self.stars.is_empty() || other != Set::unknown() {
                        found.join(&other);
                    }
                }
                return found;
            }
            is_first = false;
            scope = there.parent;
        }
        self.global(name)
    }

    /// What a name that the module does not bind stands for.
    fn global(&self, name: &str) -> Set {
        let mut found = Set::default();
        if python::is_builtin(name) {
            found.add(Value::Path(format!("builtins.{name}").into()));
        }
        match name {
            "__builtins__" => {
                found.add(Value::Path("builtins".into()));
            }
            // The one that loaded the module, and what it was loaded by.
            "__loader__" => {
                found.add(Value::Path("importlib.machinery.SourceFileLoader()".into()));
            }
            "__spec__" => {
                found.add(Value::Path("importlib.machinery.ModuleSpec()".into()));
            }
            _ => {}
        }
        // The name of this module: what it begins is in the package.
        if matches!(name, "__name__" | "__package__") {
            found.add(Value::Prefix(".".into()));
        }
        // Nobody here imports it: then a sibling does, and its name says what it is.
        if python::is_carried(name) {
            found.add(Value::Path(python::canonical(name)));
        }
        let is_bound = !found.0.is_empty();
        for star in &self.stars {
            let path = format!("{star}.{name}");
            if star.starts_with('.') {
                if !is_bound {
                    found.add(sibling(&path));
                }
                continue;
            }
            let path = python::canonical(&path);
            let is_known = python::capability(&path).is_some() || python::leads_out(&path);
            if is_known || !is_bound && python::is_allowed(&path) {
                found.add(Value::Path(path));
            }
        }
        if found.0.is_empty() { Set::unknown() } else { found }
    }

    /// Does `work` somewhere else, and comes back.
    pub(super) fn at<T>(&mut self, cursor: Cursor, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.cursor, cursor);
        let done = work(self);
        self.cursor = before;
        done
    }

    /// Does `work` as part of what may not happen.
    pub(super) fn branch<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.at(Cursor { is_branch: true, ..self.cursor }, work)
    }

    /// Evaluates where mentions are nothing to record.
    pub(super) fn quietly(&mut self, expr: &Expr) -> Set {
        let before = std::mem::replace(&mut self.quiet, true);
        let set = self.expr(expr);
        self.quiet = before;
        set
    }
}

/// A name as Python reads it (PEP 3131): in compatibility composition.
pub(super) fn plain(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { name.nfkc().collect() }
}
