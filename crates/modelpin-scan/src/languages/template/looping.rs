//! How much a template makes a renderer do, as far as its constants say.

use super::check::{Checked, Checker};
use super::cost;
use super::fold::Value;
use super::tree::{Arg, Expr, Id, Stmt};
use modelpin_rules::template::TEMPLATE_LOOP as LOOP;

/// Numbers above which a range, a repetition or a width is no longer of a chat.
const LARGE: i64 = 10_000;

impl<'t> Checker<'t, '_, '_> {
    pub(super) fn repeat(&mut self, targets: &[String], iter: Id, filter: Option<Id>, body: &'t [Stmt]) -> Checked {
        self.expr(iter)?;
        let conversation = self.is_conversation(iter);
        let (is_given, is_content) = (targets.len() == 1 && self.is_given(iter), self.is_content(iter));
        for target in targets {
            self.folder.forget(target);
            if !is_given {
                self.make(target);
            }
            self.parts.remove(target);
            if is_content && is_given {
                self.parts.insert(target.clone());
            }
            self.learn(target, conversation, false);
        }
        // A loop over constants: each of them may be what the name stands for.
        if let ([target], Expr::List(items)) = (targets, self.tree.expr(iter))
            && let Some(first) = items.first()
        {
            self.folder.assign(self.tree, target, *first);
        }
        filter.map_or(Ok(()), |id| self.expr(id))?;
        let guards = self.guards;
        let trigger = self.is_trigger(iter) || filter.is_some_and(|id| self.is_trigger(id));
        self.guards = guards.saturating_add(u32::from(trigger));
        self.loops = self.loops.saturating_add(1);
        self.all(body)?;
        self.loops = self.loops.saturating_sub(1);
        self.guards = guards;
        Ok(())
    }

    pub(super) fn define(&mut self, params: &[String], body: &'t [Stmt]) -> Checked {
        let loops = std::mem::take(&mut self.loops);
        for param in params {
            self.folder.forget(param);
            self.make(param);
            self.parameters.insert(param.clone());
        }
        self.all(body)?;
        self.loops = loops;
        Ok(())
    }

    /// Calls of ranges, and of what writes the date.
    pub(super) fn check_call(&mut self, name: &str, args: &[Arg], at: usize) {
        let large = |value: i64| value.unsigned_abs() > LARGE.unsigned_abs().saturating_mul(10);
        if name == "range" && args.iter().any(|arg| self.folder.int(self.tree, arg.value).is_some_and(large)) {
            self.report(&LOOP, at, "a huge range");
        }
        // The C library takes widths in the format of a date.
        let wide = |text: String| is_wide(&text);
        if name == "strftime_now" && args.iter().any(|arg| self.folder.text(self.tree, arg.value).is_some_and(wide)) {
            self.report(&LOOP, at, "a huge repetition");
        }
    }

    /// Whether rendering takes too many steps, or makes too much of too little.
    pub(super) fn check_cost(&mut self) -> Checked {
        if let Some((why, at)) = cost::check(self.tree, self.scan)? {
            self.report(&LOOP, at, why);
        }
        Ok(())
    }

    /// A name that is set, in a loop, to more than one copy of itself.
    pub(super) fn check_growth(&mut self, target: &str, value: Id) {
        let grows = self.loops > 0 || !self.parameters.is_empty();
        if grows && self.copies(target, value) > 1 {
            self.report(&LOOP, self.tree.place(value), &format!("`{target}` doubles with every round"));
        }
    }

    fn copies(&self, target: &str, id: Id) -> u32 {
        let below =
            |children: &[Id]| children.iter().map(|child| self.copies(target, *child)).fold(0, u32::saturating_add);
        match self.tree.expr(id) {
            Expr::Name(_) | Expr::Attr(..) if self.path(id).as_deref() == Some(target) => 1,
            Expr::Binary("*", left, right) => below(&[*left, *right]).saturating_mul(2),
            Expr::Binary("+" | "~", left, right) => below(&[*left, *right]),
            Expr::Filter(Some(of), name, args) if matches!(name.as_str(), "replace" | "join" | "format") => {
                let args: Vec<Id> = args.iter().map(|arg| arg.value).collect();
                below(&[*of]).saturating_add(below(&args))
            }
            Expr::Call(of, args) => match self.tree.expr(*of) {
                Expr::Attr(of, name) if matches!(name.as_str(), "replace" | "join" | "format" | "format_map") => {
                    let args: Vec<Id> = args.iter().map(|arg| arg.value).collect();
                    below(&[*of]).saturating_add(below(&args))
                }
                _ => 0,
            },
            Expr::List(items) => below(items),
            Expr::If { then, other, .. } => below(&[*then]).max(other.map_or(0, |other| below(&[other]))),
            _ => 0,
        }
    }

    /// Repetitions, powers and widths.
    pub(super) fn check_size(&mut self, id: Id) {
        let tree = self.tree;
        let large = match tree.expr(id) {
            Expr::Binary("*", left, right) => {
                let left = self.folder.fold(tree, *left);
                let right = self.folder.fold(tree, *right);
                match (left, right) {
                    (Some(Value::Int(_)), Some(Value::Int(_))) => false,
                    (Some(Value::Int(count)), _) | (_, Some(Value::Int(count))) => count > LARGE,
                    _ => false,
                }
            }
            Expr::Binary("**", _, power) => self.folder.int(tree, *power).is_none_or(|power| power > 64),
            Expr::Binary("%", text, _) => self.folder.text(tree, *text).is_some_and(|text| is_wide(&text)),
            Expr::Filter(of, name, args) => {
                let wide =
                    name == "format" && of.and_then(|of| self.folder.text(tree, of)).is_some_and(|text| is_wide(&text));
                wide || (pads(name) && self.is_any_large(args))
            }
            Expr::Call(of, args) => match tree.expr(*of) {
                Expr::Attr(receiver, name) => {
                    let wide = name == "format" && self.folder.text(tree, *receiver).is_some_and(|text| is_wide(&text));
                    wide || (pads(name) && self.is_any_large(args))
                }
                _ => false,
            },
            _ => false,
        };
        if large {
            self.report(&LOOP, tree.place(id), "a huge repetition");
        }
    }

    fn is_any_large(&mut self, args: &[Arg]) -> bool {
        args.iter().any(|arg| self.folder.int(self.tree, arg.value).is_some_and(|value| value > LARGE))
    }
}

/// Filters and methods that pad a text to a given width.
fn pads(name: &str) -> bool {
    matches!(
        name,
        "center" | "ljust" | "rjust" | "zfill" | "indent" | "expandtabs" | "batch" | "slice" | "tojson" | "round"
    )
}

/// Whether a format text asks for a width of five digits or more.
fn is_wide(text: &str) -> bool {
    text.as_bytes().windows(5).any(|window| window.iter().all(u8::is_ascii_digit)) && text.contains(['%', '{'])
}
