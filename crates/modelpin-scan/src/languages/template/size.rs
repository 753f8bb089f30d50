//! How large the values of expressions can become.

use super::bound::{Bound, exceeds, product};
use super::cost::Cost;
use super::fold::path;
use super::tree::{Arg, Expr, Id};

/// Digits of a power above which it is no number of a chat.
const DIGITS: f64 = 300.0;

impl<'t> Cost<'t> {
    pub(super) fn value(&mut self, id: Id) -> Bound {
        let tree = self.tree;
        match tree.expr(id) {
            Expr::Text(text) => {
                let value = text.trim().parse::<u64>().map_or(1.0, |value| value as f64);
                Bound { value, ..Bound::text(text.len() as f64) }
            }
            Expr::Int(value) => Bound::number(value.unsigned_abs() as f64),
            Expr::Other => Bound::number(1.0),
            Expr::Name(name) => self.names.get(name).copied().unwrap_or(Bound::GIVEN),
            Expr::Attr(of, _) => {
                let known = path(tree, id).and_then(|path| self.names.get(&path).copied());
                let of = self.expr(*of).item();
                known.unwrap_or(of)
            }
            Expr::Item(of, key) => {
                self.expr(*key);
                self.expr(*of).item()
            }
            Expr::Slice(of, bounds) => {
                bounds.iter().flatten().for_each(|bound| {
                    self.expr(*bound);
                });
                self.expr(*of)
            }
            Expr::Call(of, args) => self.call(*of, args),
            Expr::Filter(of, name, args) => {
                let of = of.map_or(self.operand, |of| self.expr(of));
                self.apply(of, name, args)
            }
            Expr::Test(of, _, args) => {
                self.expr(*of);
                args.iter().for_each(|arg| {
                    self.expr(arg.value);
                });
                Bound::number(1.0)
            }
            Expr::Unary("not", of) => {
                self.expr(*of);
                Bound::number(1.0)
            }
            Expr::Unary(_, of) => self.expr(*of),
            Expr::Binary(op, left, right) => self.operation(op, *left, *right, id),
            Expr::Compare(first, rest) => {
                self.expr(*first);
                rest.iter().for_each(|(_, id)| {
                    self.expr(*id);
                });
                Bound::number(1.0)
            }
            Expr::If { test, then, other } => {
                self.expr(*test);
                let before = self.again();
                let mut most = before.clone();
                let then = self.expr(*then);
                self.most(&before, &mut most);
                let other = other.map(|other| self.expr(other));
                self.most(&before, &mut most);
                self.set_again(&most);
                other.map_or(then, |other| then.or(other))
            }
            Expr::List(items) => self.collection(items.iter().copied(), items.len()),
            Expr::Dict(entries) => {
                self.collection(entries.iter().flat_map(|(key, value)| [*key, *value]), entries.len())
            }
        }
    }

    /// What holds others: as large as all of them.
    fn collection(&mut self, items: impl Iterator<Item = Id>, count: usize) -> Bound {
        let (mut size, mut value) = (count as f64, 1.0_f64);
        for item in items {
            let item = self.expr(item);
            size += item.size;
            value = value.max(item.value);
        }
        Bound { len: count as f64, value, ..Bound::text(size) }
    }

    fn operation(&mut self, op: &str, left: Id, right: Id, id: Id) -> Bound {
        let (l, r) = (self.expr(left), self.expr(right));
        match op {
            "~" => Bound::text(l.size + r.size),
            "+" => l.and(r),
            "-" if r.is_number => Bound { is_number: true, value: l.value + r.value, ..l },
            "*" => l.times(r),
            "**" => {
                let power = l.power(r);
                if exceeds(power.size, DIGITS) {
                    self.blame("a power of more than 300 digits", self.tree.place(id));
                }
                power
            }
            "%" if !l.is_number => {
                let (count, is_wide) = self.places(left, "%");
                let width = if is_wide { r.value } else { 0.0 };
                l.longer(product(count, r.size) + width)
            }
            "and" | "or" => l.or(r),
            _ => l,
        }
    }

    /// How many places for other values a format text has, and whether a width is taken from the values.
    fn places(&self, text: Id, mark: &str) -> (f64, bool) {
        match self.tree.expr(text) {
            Expr::Text(text) => (text.matches(mark).count() as f64, text.contains('*') || text.contains(":{")),
            // Names and texts that are put together: as many as there can be.
            Expr::Name(_) | Expr::Attr(..) | Expr::Item(..) => (1.0, true),
            _ => (8.0, true),
        }
    }

    fn call(&mut self, of: Id, args: &'t [Arg]) -> Bound {
        let tree = self.tree;
        match tree.expr(of) {
            Expr::Name(name) => match name.as_str() {
                "range" => self.range(args),
                "loop" => self.call_loop(args),
                "caller" => self.caller(),
                name => match self.call_macro(name, args, tree.place(of)) {
                    Some(bound) => bound,
                    None => self.collection(args.iter().map(|arg| arg.value), args.len()),
                },
            },
            Expr::Attr(receiver, name) => {
                let receiver_bound = self.expr(*receiver);
                self.method(*receiver, receiver_bound, name, args)
            }
            _ => {
                let of = self.expr(of);
                let args = self.collection(args.iter().map(|arg| arg.value), args.len());
                of.and(args)
            }
        }
    }

    fn range(&mut self, args: &'t [Arg]) -> Bound {
        let bounds: Vec<Bound> = args.iter().map(|arg| self.expr(arg.value)).collect();
        let is_open = bounds.iter().any(|bound| bound.is_open);
        let (count, value) = match bounds.as_slice() {
            [stop] => (stop.value, stop.value),
            [start, stop] => (start.value + stop.value, start.value.max(stop.value)),
            [start, stop, step, ..] => ((start.value + stop.value) / step.value.max(1.0), start.value.max(stop.value)),
            [] => (1.0, 1.0),
        };
        let count = self.steps_of(args).unwrap_or(count);
        Bound { len: count, size: count, value, is_number: true, is_open }
    }

    /// How many numbers a range between two constants has.
    fn steps_of(&self, args: &[Arg]) -> Option<f64> {
        let [start, stop] = args else { return None };
        match (self.tree.expr(start.value), self.tree.expr(stop.value)) {
            (Expr::Int(start), Expr::Int(stop)) => Some(stop.saturating_sub(*start).max(0) as f64),
            _ => None,
        }
    }

    fn method(&mut self, receiver: Id, of: Bound, name: &str, args: &'t [Arg]) -> Bound {
        match name {
            "join" => {
                let items = args.first().map_or(Bound::GIVEN, |arg| self.expr(arg.value));
                Bound::text(items.size + product(items.len, of.size))
            }
            "format" | "format_map" => {
                let (count, is_wide) = self.places(receiver, "{");
                let args = self.collection(args.iter().map(|arg| arg.value), args.len());
                of.longer(product(count, args.size) + if is_wide { args.value } else { 0.0 })
            }
            "cycle" => {
                let args = self.collection(args.iter().map(|arg| arg.value), args.len());
                args.item()
            }
            name => self.apply(of, name, args),
        }
    }

    /// A filter, or a method that does the same.
    fn apply(&mut self, of: Bound, name: &str, args: &'t [Arg]) -> Bound {
        let bounds: Vec<Bound> = args.iter().map(|arg| self.expr(arg.value)).collect();
        let first = bounds.first().copied();
        let width = bounds.iter().map(|bound| bound.value).fold(0.0, f64::max);
        let longest = bounds.iter().map(|bound| bound.size).fold(0.0, f64::max);
        match name {
            "replace" => of.scaled(self.replaced(args, &bounds)),
            "join" => Bound::text(of.size + product(of.len, first.map_or(0.0, |between| between.size))),
            "format" => of.longer(product(of.size, longest) + width),
            "indent" => of.scaled(1.0 + width.max(4.0) + longest),
            "center" | "ljust" | "rjust" | "zfill" => of.longer(width),
            "expandtabs" => of.scaled(width.max(8.0)),
            "wordwrap" => of.scaled(1.0 + longest),
            "tojson" => of.scaled(2.0 + width),
            "e" | "escape" | "forceescape" | "urlencode" => of.scaled(6.0),
            "batch" | "slice" => of.longer(product(width, longest.max(1.0))),
            "list" | "sort" | "reverse" | "unique" | "map" | "select" | "reject" | "selectattr" | "rejectattr"
            | "items" | "keys" | "values" | "dictsort" | "groupby" | "copy" | "split" | "rsplit" | "splitlines" => of,
            "first" | "last" | "random" | "min" | "max" => of.item(),
            "sum" => Bound { value: product(of.len, of.value), ..of },
            "length" | "count" | "wordcount" => Bound { is_open: of.is_open, ..Bound::number(of.len) },
            "int" if !of.is_number => {
                Bound { is_open: of.is_open, ..Bound::number(of.value.max(10_f64.powf((of.size - 1.0).min(300.0)))) }
            }
            "default" | "d" | "get" => bounds.into_iter().fold(of.item().or(of), Bound::or),
            _ => of,
        }
    }

    /// By how much a replacement makes a text longer.
    fn replaced(&self, args: &[Arg], bounds: &[Bound]) -> f64 {
        let [Some(old), Some(new)] = [bounds.first(), bounds.get(1)] else { return 1.0 };
        if let [Some(Expr::Text(old)), Some(Expr::Text(new))] =
            [0, 1].map(|index: usize| args.get(index).map(|arg| self.tree.expr(arg.value)))
        {
            // What replaces it does not hold it, so that a text that goes through a loop grows only once.
            if self.is_looping() && !old.is_empty() && !new.contains(old.as_str()) {
                return 1.0;
            }
            return if old.is_empty() {
                1.0 + new.len() as f64
            } else {
                (new.len() as f64 / old.len() as f64).max(1.0)
            };
        }
        (1.0 + new.size / old.size.max(1.0)).max(1.0)
    }

    /// Whether an expression is a part of something that the template is given: going from one to the next ends.
    pub(super) fn is_part(&self, id: Id) -> bool {
        match self.tree.expr(id) {
            Expr::Name(name) => self.parts.contains(name),
            Expr::Attr(of, _) | Expr::Item(of, _) => self.is_given(*of),
            Expr::Filter(Some(of), name, _) => {
                self.is_part(*of) || (matches!(name.as_str(), "first" | "last" | "random") && self.is_given(*of))
            }
            Expr::Call(of, _) => match self.tree.expr(*of) {
                Expr::Attr(of, name) => {
                    self.is_part(*of)
                        || (matches!(name.as_str(), "get" | "items" | "values" | "keys") && self.is_given(*of))
                }
                _ => false,
            },
            Expr::If { then, other, .. } => self.is_part(*then) || other.is_some_and(|other| self.is_part(other)),
            Expr::Binary("or" | "and", left, right) => self.is_part(*left) || self.is_part(*right),
            _ => false,
        }
    }

    /// Whether an expression leads to something that the template is given.
    fn is_given(&self, id: Id) -> bool {
        match self.tree.expr(id) {
            Expr::Name(name) => self.names.get(name).is_none_or(|bound| bound.is_open),
            Expr::Attr(of, _) | Expr::Item(of, _) | Expr::Filter(Some(of), ..) => self.is_given(*of),
            Expr::Call(of, _) => match self.tree.expr(*of) {
                Expr::Attr(of, _) => self.is_given(*of),
                _ => false,
            },
            _ => false,
        }
    }
}
