//! An upper bound for what rendering a template takes: how many statements run, and how many characters are made of how
//! few. Constants are what they are; what a conversation gives is of size one, and a loop over it runs once.

use super::bound::{Bound, Key, exceeds, extrapolated, product};
use super::frame::{Block, Frame, Macro};
use super::tree::{Expr, Id, Stmt, Tree};
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

/// What a macro costs when it is called with arguments of certain sizes.
pub(super) type Known = (f64, f64, Bound);

/// A walk under way.
pub(super) struct Cost<'t> {
    pub(super) tree: &'t Tree,
    pub(super) names: BTreeMap<String, Bound>,
    /// Names that hold a part of something that is given.
    pub(super) parts: BTreeSet<String>,
    pub(super) macros: BTreeMap<&'t str, Macro<'t>>,
    pub(super) frames: Vec<Frame<'t>>,
    /// The block that was passed to the macro that we are in, and the one for the macro that is called next.
    pub(super) block: Option<Block>,
    pub(super) pending: Option<Block>,
    /// What a filter without an operand is applied to.
    pub(super) operand: Bound,
    pub(super) times: f64,
    pub(super) breadth: f64,
    pub(super) steps: f64,
    pub(super) made: f64,
    /// What names were before they were set, in order.
    pub(super) log: Vec<(String, Option<Bound>)>,
    /// How often something was done that the result of a macro does not show.
    pub(super) effects: u64,
    pub(super) known: BTreeMap<(&'t str, Vec<Key>), Known>,
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
        let too_often = exceeds(cost.steps, STATEMENTS);
        too_often
            .then_some(("loops or macros within each other run millions of times", 0))
            .or(exceeds(cost.made, MADE).then_some(("texts are put together again and again", 0)))
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
            pending: None,
            operand: Bound::GIVEN,
            times: 1.0,
            breadth: 1.0,
            steps: 0.0,
            made: 0.0,
            log: Vec::new(),
            effects: 0,
            known: BTreeMap::new(),
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
    pub(super) fn all(&mut self, body: &'t [Stmt]) -> f64 {
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

    /// One of the branches runs, or none: names are what they were, or what they are at the end of any of them. For
    /// recursion the one counts that calls most often; the cost of all of them counts.
    fn choice(&mut self, branches: &'t [(Id, Vec<Stmt>)], other: &'t [Stmt]) -> f64 {
        let before = self.again();
        let mut most = before.clone();
        let mut ends = BTreeMap::new();
        let mut out = 0.0_f64;
        for (test, body) in branches {
            self.expr(*test);
            out = out.max(self.branch(body, &mut ends));
            self.most(&before, &mut most);
        }
        out = out.max(self.branch(other, &mut ends));
        self.most(&before, &mut most);
        self.set_again(&most);
        for (name, bound) in ends {
            let before = self.names.get(&name).copied();
            self.log.push((name.clone(), before));
            self.names.insert(name, before.map_or(bound, |before| before.or(bound)));
        }
        out
    }

    /// Runs a branch, takes note of what its names are at its end, and goes back.
    fn branch(&mut self, body: &'t [Stmt], ends: &mut BTreeMap<String, Bound>) -> f64 {
        let start = self.log.len();
        let out = self.all(body);
        let changed: BTreeSet<String> =
            self.log.get(start..).unwrap_or_default().iter().map(|(name, _)| name.clone()).collect();
        for name in changed {
            if let Some(bound) = self.names.get(&name) {
                ends.entry(name).and_modify(|end| *end = end.or(*bound)).or_insert(*bound);
            }
        }
        while self.log.len() > start {
            let Some((name, before)) = self.log.pop() else { break };
            self.restore(name, before);
        }
        out
    }

    fn restore(&mut self, name: String, before: Option<Bound>) {
        if let Some(before) = before {
            self.names.insert(name, before);
        } else {
            self.names.remove(&name);
        }
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

    /// Gives a name a value.
    pub(super) fn assign(&mut self, target: &str, bound: Bound, is_part: bool) {
        let before = self.names.get(target).copied();
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
    pub(super) fn forget(&mut self, start: usize) {
        let mut kept = Vec::new();
        while self.log.len() > start {
            let Some((name, before)) = self.log.pop() else { break };
            if name.contains('.') {
                kept.push((name, before));
            } else {
                self.restore(name, before);
            }
        }
        self.log.extend(kept.into_iter().rev());
    }

    fn repeat(&mut self, targets: &'t [String], iter: Id, filter: Option<Id>, body: &'t [Stmt]) -> f64 {
        let over = self.expr(iter);
        let rounds = over.len.max(1.0);
        let (times, breadth) = (self.times, self.breadth);
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
        (self.times, self.breadth) = (times, breadth);
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
                if exceeds(bound.size, SIZE) {
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
            self.pending = Some(block);
            let bound = self.expr(id);
            self.pending = None;
            bound
        } else {
            self.operand = Bound::text(out);
            self.expr(id)
        };
        self.make(bound.size)
    }

    /// The bound of an expression.
    pub(super) fn expr(&mut self, id: Id) -> Bound {
        if !self.enter() {
            return Bound::GIVEN;
        }
        let bound = self.value(id);
        if exceeds(bound.size, SIZE) {
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
