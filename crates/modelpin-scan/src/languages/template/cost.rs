//! An upper bound for what rendering a template takes: how many statements run, and how many characters are made of how
//! few. Constants are what they are; what a conversation gives is of size one, and a loop over it runs once.

use super::bound::{Bound, extrapolated, product};
use super::tree::{Arg, Expr, Id, Stmt, Tree};
use crate::engine::{Scan, ScanError};
use std::collections::{BTreeMap, BTreeSet};

/// Statements above which rendering a template takes noticeable time.
const STATEMENTS: f64 = 1e6;

/// Characters above which a value is no longer of a chat.
const SIZE: f64 = 1e8;

/// Characters that are made in all.
const MADE: f64 = 1e10;

/// How deep statements, expressions and calls of macros may be within each other.
const DEPTH: u32 = 400;

/// Statements and expressions that are looked at, in all.
const WORK: u64 = 2_000_000;

/// Loops within each other whose growth is measured by going through them several times.
const MEASURED: u32 = 2;

/// How often a loop over what is given runs, where a value grows by a factor in each round.
const GIVEN_ROUNDS: f64 = 64.0;

/// How deep Python lets a macro call itself.
const RECURSION: f64 = 1000.0;

/// A macro.
#[derive(Clone, Copy)]
struct Macro<'t> {
    params: &'t [String],
    defaults: &'t [Id],
    body: &'t [Stmt],
}

/// A macro or a loop that we are within.
struct Frame<'t> {
    name: &'t str,
    /// How often what is around it runs, where loops over what is given count twice.
    breadth: f64,
    /// How often each run of it runs it again.
    again: f64,
}

/// What a block that is passed to a macro costs.
#[derive(Clone, Copy)]
pub(super) struct Block {
    steps: f64,
    made: f64,
    out: f64,
}

/// What a macro costs when it is called with arguments of certain sizes.
type Known = (f64, f64, Bound);

/// A walk under way.
pub(super) struct Cost<'t> {
    pub(super) tree: &'t Tree,
    pub(super) names: BTreeMap<String, Bound>,
    /// Names that hold a part of something that is given.
    pub(super) parts: BTreeSet<String>,
    macros: BTreeMap<&'t str, Macro<'t>>,
    frames: Vec<Frame<'t>>,
    pub(super) block: Option<Block>,
    /// What a filter without an operand is applied to.
    pub(super) operand: Bound,
    times: f64,
    breadth: f64,
    steps: f64,
    made: f64,
    /// What names were before they were set, in order.
    log: Vec<(String, Option<Bound>)>,
    /// How often something was done that the result of a macro does not show.
    effects: u64,
    known: BTreeMap<(&'t str, Vec<(i32, i32, i32, bool)>), Known>,
    branches: u32,
    loops: u32,
    depth: u32,
    work: u64,
    worst: Option<(&'static str, usize)>,
}

/// What a template costs, where that is too much: why, and where.
pub(super) fn check(tree: &Tree, scan: &mut Scan<'_>) -> Result<Option<(&'static str, usize)>, ScanError> {
    let mut cost = Cost::new(tree);
    cost.declare(&tree.body);
    cost.all(&tree.body);
    let worst = cost.worst.or_else(|| {
        let too_often = !(cost.steps <= STATEMENTS);
        too_often
            .then_some(("loops or macros within each other run millions of times", 0))
            .or((!(cost.made <= MADE)).then_some(("texts are put together again and again", 0)))
    });
    let is_spent = cost.work == 0;
    scan.budget.steps(WORK.saturating_sub(cost.work))?;
    if worst.is_none() && is_spent { Err(ScanError::LimitReached("calls of macros in a template")) } else { Ok(worst) }
}

impl<'t> Cost<'t> {
    fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            names: BTreeMap::new(),
            parts: BTreeSet::new(),
            macros: BTreeMap::new(),
            frames: Vec::new(),
            block: None,
            operand: Bound::GIVEN,
            times: 1.0,
            breadth: 1.0,
            steps: 0.0,
            made: 0.0,
            log: Vec::new(),
            effects: 0,
            known: BTreeMap::new(),
            branches: 0,
            loops: 0,
            depth: 0,
            work: WORK,
            worst: None,
        }
    }

    /// Macros may be called before they are defined, within others.
    fn declare(&mut self, body: &'t [Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Macro { body, .. } => {
                    self.define(stmt);
                    self.declare(body);
                }
                Stmt::If(branches, other) => {
                    branches.iter().for_each(|(_, body)| self.declare(body));
                    self.declare(other);
                }
                Stmt::For { body, other, .. } => {
                    self.declare(body);
                    self.declare(other);
                }
                Stmt::SetBlock(_, _, body) | Stmt::Wrapped(_, body) | Stmt::Body(_, body) => self.declare(body),
                Stmt::Text(..) | Stmt::Print(_) | Stmt::Set(..) | Stmt::Load(..) => {}
            }
        }
    }

    fn define(&mut self, stmt: &'t Stmt) {
        if let Stmt::Macro { name, params, defaults, body } = stmt {
            self.known.clear();
            self.macros.insert(name, Macro { params, defaults, body });
        }
    }

    pub(super) fn blame(&mut self, why: &'static str, at: usize) {
        self.effects = self.effects.saturating_add(1);
        self.worst.get_or_insert((why, at));
    }

    /// Goes one deeper, unless that is too deep or too much. Where it fails, nothing is looked at any more.
    pub(super) fn enter(&mut self) -> bool {
        self.work = if self.depth >= DEPTH { 0 } else { self.work.saturating_sub(1) };
        let may = self.work > 0;
        self.depth = self.depth.saturating_add(u32::from(may));
        may
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The characters that statements put out when they run once.
    fn all(&mut self, body: &'t [Stmt]) -> f64 {
        let mut out = 0.0;
        for stmt in body {
            if !self.enter() {
                break;
            }
            self.steps += self.times;
            out += self.statement(stmt);
            self.leave();
        }
        out
    }

    fn statement(&mut self, stmt: &'t Stmt) -> f64 {
        match stmt {
            Stmt::Text(text, _) => self.make(text.len() as f64),
            Stmt::Print(id) => {
                let size = self.expr(*id).size;
                self.make(size)
            }
            Stmt::If(branches, other) => self.choice(branches, other),
            Stmt::For { targets, iter, filter, body, other } => {
                let out = self.repeat(targets, *iter, *filter, body);
                out + self.all(other)
            }
            Stmt::Set(targets, value) => {
                self.set(targets, *value);
                0.0
            }
            Stmt::SetBlock(targets, filter, body) => {
                let mut bound = Bound::text(self.all(body));
                if let Some(filter) = filter {
                    self.operand = bound;
                    bound = self.expr(*filter);
                }
                targets.iter().for_each(|target| self.assign(target, bound, false));
                self.make(bound.size);
                0.0
            }
            Stmt::Macro { .. } => {
                self.define(stmt);
                0.0
            }
            Stmt::Wrapped(id, body) => self.wrapped(*id, body),
            Stmt::Body(values, body) => {
                values.iter().for_each(|(targets, value)| self.set(targets, *value));
                self.all(body)
            }
            Stmt::Load(_, what) => {
                self.expr(*what);
                0.0
            }
        }
    }

    /// Characters that are made, each time that we get here.
    fn make(&mut self, size: f64) -> f64 {
        self.made += product(self.times, size);
        size
    }

    /// One of the branches runs: the one that is called most often counts for recursion, all of them for the rest.
    fn choice(&mut self, branches: &'t [(Id, Vec<Stmt>)], other: &'t [Stmt]) -> f64 {
        self.branches = self.branches.saturating_add(1);
        let before = self.again();
        let mut most = before.clone();
        let mut out = 0.0_f64;
        for (test, body) in branches {
            self.expr(*test);
            out = out.max(self.all(body));
            self.most(&before, &mut most);
        }
        out = out.max(self.all(other));
        self.most(&before, &mut most);
        self.set_again(&most);
        self.branches = self.branches.saturating_sub(1);
        out
    }

    /// How often each of what we are within runs itself again.
    pub(super) fn again(&self) -> Vec<f64> {
        self.frames.iter().map(|frame| frame.again).collect()
    }

    pub(super) fn set_again(&mut self, again: &[f64]) {
        self.frames.iter_mut().zip(again).for_each(|(frame, again)| frame.again = *again);
    }

    /// Goes back to `before`, and keeps in `most` what was more.
    pub(super) fn most(&mut self, before: &[f64], most: &mut [f64]) {
        most.iter_mut().zip(&self.frames).for_each(|(most, frame)| *most = most.max(frame.again));
        self.set_again(before);
    }

    fn set(&mut self, targets: &'t [String], value: Id) {
        let bound = self.expr(value);
        let is_part = self.is_part(value);
        let bound = if targets.len() == 1 { bound } else { bound.item() };
        self.make(bound.size);
        for target in targets {
            self.assign(target, bound, is_part);
        }
        if let (Expr::Call(_, args), [target]) = (self.tree.expr(value), targets) {
            for arg in args {
                if let Some(key) = &arg.key {
                    let bound = self.expr(arg.value);
                    self.assign(&format!("{target}.{key}"), bound, false);
                }
            }
        }
    }

    /// Gives a name a value. Which of two branches ran is not known, so what it was before counts as well there.
    fn assign(&mut self, target: &str, bound: Bound, is_part: bool) {
        let before = self.names.get(target).copied();
        let bound = if self.branches > 0 { before.map_or(bound, |before| before.or(bound)) } else { bound };
        self.effects = self.effects.saturating_add(u64::from(target.contains('.')));
        self.log.push((target.to_owned(), before));
        self.names.insert(target.to_owned(), bound);
        if is_part {
            self.parts.insert(target.to_owned());
        } else {
            self.parts.remove(target);
        }
    }

    /// Names of a loop or a macro are its own: they are what they were, but for attributes of namespaces.
    fn forget(&mut self, start: usize) {
        let mut kept = Vec::new();
        while self.log.len() > start {
            let Some((name, before)) = self.log.pop() else { break };
            if name.contains('.') {
                kept.push((name, before));
            } else if let Some(before) = before {
                self.names.insert(name, before);
            } else {
                self.names.remove(&name);
            }
        }
        self.log.extend(kept.into_iter().rev());
    }

    fn repeat(&mut self, targets: &'t [String], iter: Id, filter: Option<Id>, body: &'t [Stmt]) -> f64 {
        let over = self.expr(iter);
        let rounds = over.len.max(1.0);
        let (times, breadth, branches) = (self.times, self.breadth, self.branches);
        self.times = (times * rounds).min(f64::MAX);
        self.breadth = (breadth * if over.is_open { rounds.max(2.0) } else { rounds }).min(f64::MAX);
        self.frames.push(Frame { name: "loop", breadth: self.breadth, again: 0.0 });
        self.loops = self.loops.saturating_add(1);
        let start = self.log.len();
        let turn = |cost: &mut Self| {
            let start = cost.log.len();
            targets.iter().for_each(|target| cost.assign(target, over.item(), over.is_open));
            filter.map(|id| cost.expr(id));
            let out = cost.all(body);
            cost.forget(start);
            out
        };
        let out =
            if self.loops <= MEASURED { self.measure(start, rounds, over.is_open, iter, &turn) } else { turn(self) };
        self.loops = self.loops.saturating_sub(1);
        (self.times, self.breadth, self.branches) = (times, breadth, branches);
        let again = self.frames.pop().map_or(0.0, |frame| frame.again);
        if again > 1.0 || again.is_nan() {
            self.blame("a loop that calls itself more than once", self.tree.place(iter));
        }
        product(out, rounds)
    }

    /// Goes through a loop until it is known how the namespaces that it sets grow, then once more.
    fn measure(&mut self, start: usize, rounds: f64, is_open: bool, iter: Id, turn: &dyn Fn(&mut Self) -> f64) -> f64 {
        let (steps, made, again) = (self.steps, self.made, self.again());
        let out = turn(self);
        let mut sizes: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (name, before) in self.log.get(start..).unwrap_or_default() {
            sizes.entry(name.clone()).or_insert_with(|| vec![before.map_or(1.0, |bound| bound.size)]);
        }
        if sizes.is_empty() || (rounds <= 1.0 && !is_open) {
            return out;
        }
        for round in 0..8 {
            if round > 0 {
                turn(self);
            }
            for (name, sizes) in &mut sizes {
                sizes.push(self.names.get(name).map_or(1.0, |bound| bound.size));
            }
        }
        for (name, sizes) in &sizes {
            let grown = extrapolated(sizes, if is_open { GIVEN_ROUNDS } else { rounds });
            let last = sizes.last().copied().unwrap_or(1.0);
            // Sums over a conversation are as long as it is.
            let is_exponential = extrapolated(sizes, GIVEN_ROUNDS) > last.max(1.0) * 1e6;
            let Some(bound) = self.names.get_mut(name) else { continue };
            if !is_open || is_exponential {
                let factor = (grown / last.max(1.0)).max(1.0);
                bound.size *= factor;
                bound.len *= factor;
                bound.value *= factor;
                if !(bound.size <= SIZE) {
                    self.blame("a text that grows with every round", self.tree.place(iter));
                }
            }
        }
        (self.steps, self.made) = (steps, made);
        self.set_again(&again);
        turn(self)
    }

    fn wrapped(&mut self, id: Id, body: &'t [Stmt]) -> f64 {
        let (steps, made) = (self.steps, self.made);
        let out = self.all(body);
        let bound = if let Expr::Call(..) = self.tree.expr(id) {
            let per_time = |spent: f64| if self.times > 0.0 { spent / self.times } else { 0.0 };
            let block = Block { steps: per_time(self.steps - steps), made: per_time(self.made - made), out };
            let outer = self.block.replace(block);
            let bound = self.expr(id);
            self.block = outer;
            bound
        } else {
            self.operand = Bound::text(out);
            self.expr(id)
        };
        self.make(bound.size)
    }

    /// The block that was passed to a macro, where it puts it out.
    pub(super) fn caller(&mut self) -> Bound {
        let Some(block) = self.block else { return Bound::GIVEN };
        self.effects = self.effects.saturating_add(1);
        self.steps += product(self.times, block.steps);
        self.made += product(self.times, block.made);
        Bound::text(block.out)
    }

    /// What is called again from within itself, with something that is not just a part of what was given.
    fn recur(&mut self, place: usize, args: &[Arg], width: f64) -> Bound {
        self.effects = self.effects.saturating_add(1);
        let is_descent = args.iter().any(|arg| self.is_part(arg.value));
        let breadth = self.breadth;
        if let Some(frame) = self.frames.get_mut(place).filter(|_| !is_descent) {
            frame.again += breadth / frame.breadth * width;
        }
        Bound::GIVEN
    }

    /// A recursive loop that calls itself.
    pub(super) fn call_loop(&mut self, args: &[Arg]) -> Bound {
        let over = args.first().map_or(Bound::GIVEN, |arg| self.expr(arg.value));
        let width = if over.is_open { over.len.max(2.0) } else { over.len };
        match self.frames.iter().rposition(|frame| frame.name == "loop") {
            Some(place) => self.recur(place, args, width),
            None => Bound::GIVEN,
        }
    }

    /// A call of a macro, if it is one.
    pub(super) fn call_macro(&mut self, name: &str, args: &'t [Arg], at: usize) -> Option<Bound> {
        let (name, called) = self.macros.get_key_value(name).map(|(name, called)| (*name, *called))?;
        let bounds: Vec<(Option<&str>, Bound)> =
            args.iter().map(|arg| (arg.key.as_deref(), self.expr(arg.value))).collect();
        if let Some(place) = self.frames.iter().rposition(|frame| frame.name == name) {
            return Some(self.recur(place, args, 1.0));
        }
        let block = self.block.take();
        let key = (name, bounds.iter().map(|(_, bound)| bound.key()).collect::<Vec<_>>());
        let is_plain = block.is_none() && bounds.iter().all(|(key, _)| key.is_none());
        if let Some((steps, made, bound)) = self.known.get(&key).filter(|_| is_plain).copied() {
            self.steps += product(self.times, steps);
            self.made += product(self.times, made);
            return Some(bound);
        }
        let (steps, made, effects, branches) = (self.steps, self.made, self.effects, self.branches);
        let start = self.log.len();
        self.branches = 0;
        self.bind(called, &bounds);
        self.frames.push(Frame { name, breadth: self.breadth, again: 0.0 });
        self.block = block;
        let out = Bound::text(self.all(called.body));
        self.block = None;
        self.forget(start);
        self.branches = branches;
        let again = self.frames.pop().map_or(0.0, |frame| frame.again);
        if again > 1.0 || again.is_nan() {
            self.blame("a macro that calls itself more than once", at);
        } else if again > 0.0 {
            self.steps += (self.steps - steps) * RECURSION;
        }
        if effects == self.effects && is_plain && self.times > 0.0 {
            self.known.insert(key, ((self.steps - steps) / self.times, (self.made - made) / self.times, out));
        }
        Some(out)
    }

    /// Gives the parameters of a macro their values.
    fn bind(&mut self, called: Macro<'t>, bounds: &[(Option<&str>, Bound)]) {
        let optional = called.params.len().saturating_sub(called.defaults.len());
        let mut positional = bounds.iter().filter(|(key, _)| key.is_none()).map(|(_, bound)| *bound);
        for (index, param) in called.params.iter().enumerate() {
            let named = bounds.iter().find(|(key, _)| *key == Some(param.as_str())).map(|(_, bound)| *bound);
            let default = index.checked_sub(optional).and_then(|index| called.defaults.get(index));
            let bound = positional.next().or(named).or_else(|| default.map(|id| self.expr(*id)));
            self.assign(param, bound.unwrap_or(Bound::GIVEN), false);
        }
    }

    /// The bound of an expression.
    pub(super) fn expr(&mut self, id: Id) -> Bound {
        if !self.enter() {
            return Bound::GIVEN;
        }
        let bound = self.value(id);
        if !(bound.size <= SIZE) {
            self.blame("a text or a list of more than a hundred million characters", self.tree.place(id));
        }
        self.leave();
        bound
    }

    /// Whether we are in a loop over what is given.
    pub(super) fn is_looping(&self) -> bool {
        self.loops > 0
    }
}
