//! What calls of macros cost, of blocks that are passed to them, and of what calls itself.

use super::bound::{Bound, product};
use super::cost::Cost;
use super::frame::{Frame, Macro};
use super::tree::Arg;

/// How deep Python lets a macro call itself.
const RECURSION: f64 = 1000.0;

impl<'t> Cost<'t> {
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
        let block = self.pending.take();
        let bounds: Vec<(Option<&str>, Bound)> =
            args.iter().map(|arg| (arg.key.as_deref(), self.expr(arg.value))).collect();
        if let Some(place) = self.frames.iter().rposition(|frame| frame.name == name) {
            return Some(self.recur(place, args, 1.0));
        }
        let key = (name, bounds.iter().map(|(_, bound)| bound.key()).collect::<Vec<_>>());
        let is_plain = block.is_none() && bounds.iter().all(|(key, _)| key.is_none());
        if let Some((steps, made, bound)) = self.known.get(&key).filter(|_| is_plain).copied() {
            self.steps += product(self.times, steps);
            self.made += product(self.times, made);
            return Some(bound);
        }
        let (steps, made, effects) = (self.steps, self.made, self.effects);
        let start = self.log.len();
        self.bind(called, &bounds);
        self.frames.push(Frame { name, breadth: self.breadth, again: 0.0 });
        let outer = std::mem::replace(&mut self.block, block);
        let out = Bound::text(self.all(called.body));
        self.block = outer;
        self.forget(start);
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
}
