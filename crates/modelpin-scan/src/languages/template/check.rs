//! Walks a template and holds every expression against the allowlist.

use super::fold::{Folder, Value, path};
use super::lines::Lines;
use super::purpose::Purpose;
use super::tree::{Arg, Expr, Id, Stmt, Tree};
use super::words::{FILTERS, FUNCTIONS, GLOBALS, METHODS, TESTS, is_dunder, is_fragment, is_internal};
use crate::engine::{Scan, ScanError};
use modelpin_rules::template::{TEMPLATE_CALL as CALL, TEMPLATE_ESCAPE as ESCAPE, TEMPLATE_LOAD as LOAD};
use modelpin_rules::{Rule, Severity};
use std::collections::BTreeSet;

pub(super) type Checked = Result<(), ScanError>;

/// A walk under way.
pub(super) struct Checker<'t, 's, 'l> {
    pub(super) tree: &'t Tree,
    pub(super) lines: &'t Lines<'t>,
    purpose: Purpose,
    pub(super) scan: &'s mut Scan<'l>,
    pub(super) folder: Folder,
    /// Names that hold the conversation, or may hold it (parameters of macros).
    pub(super) conversation: BTreeSet<String>,
    pub(super) parameters: BTreeSet<String>,
    /// Names that hold something that the template made, or may.
    pub(super) made: BTreeSet<String>,
    /// Names that hold a part of a message, or a character of its text: loops over the content give them.
    pub(super) parts: BTreeSet<String>,
    /// Names whose value depends on whether the conversation has something.
    pub(super) triggers: BTreeSet<String>,
    /// Conditions on the conversation that we are within.
    pub(super) guards: u32,
    /// Loops that we are within.
    pub(super) loops: u32,
}

/// Scans a parsed template.
pub(super) fn check(tree: &Tree, lines: &Lines<'_>, purpose: Purpose, scan: &mut Scan<'_>) -> Checked {
    let mut checker = Checker {
        tree,
        lines,
        purpose,
        scan,
        folder: Folder::new(tree),
        conversation: BTreeSet::new(),
        parameters: BTreeSet::new(),
        made: BTreeSet::new(),
        parts: BTreeSet::new(),
        triggers: BTreeSet::new(),
        guards: 0,
        loops: 0,
    };
    checker.all(&tree.body)?;
    if purpose != Purpose::Other {
        checker.check_cost()?;
    }
    if checker.folder.exhausted() { Err(ScanError::LimitReached("constants of a template")) } else { Ok(()) }
}

/// How a filter or a subscript names what it looks up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lookup {
    Subscript,
    Attribute,
}

impl<'t> Checker<'t, '_, '_> {
    pub(super) fn report(&mut self, rule: &'static Rule, at: usize, what: &str) {
        if self.purpose == Purpose::Other && rule.severity != Severity::Dangerous {
            return;
        }
        self.scan.report(rule, self.lines.place(at), format!("{what}: {}", self.lines.excerpt(at)));
    }

    /// The rule for what no chat template has, and templates of other kinds may have.
    fn of_chats(&self, rule: &'static Rule) -> &'static Rule {
        if self.purpose == Purpose::Chat { rule } else { &CALL }
    }

    pub(super) fn all(&mut self, body: &'t [Stmt]) -> Checked {
        body.iter().try_for_each(|stmt| self.statement(stmt))
    }

    fn statement(&mut self, stmt: &'t Stmt) -> Checked {
        self.scan.budget.step()?;
        match stmt {
            Stmt::Text(text, at) => self.check_text(text, *at),
            Stmt::Print(id) => self.expr(*id)?,
            Stmt::If(branches, other) => {
                let outside = self.guards;
                for (test, body) in branches {
                    self.expr(*test)?;
                    self.guards = self.guards.saturating_add(u32::from(self.is_trigger(*test)));
                    self.all(body)?;
                }
                self.all(other)?;
                self.guards = outside;
            }
            Stmt::For { targets, iter, filter, body, other } => {
                self.repeat(targets, *iter, *filter, body)?;
                self.all(other)?;
            }
            Stmt::Set(targets, value) => {
                self.expr(*value)?;
                self.set(targets, *value);
            }
            Stmt::SetBlock(targets, filter, body) => {
                filter.iter().try_for_each(|id| self.expr(*id))?;
                self.all(body)?;
                let conversation = body.iter().any(|stmt| matches!(stmt, Stmt::Print(id) if self.is_conversation(*id)));
                for target in targets {
                    self.folder.forget(target);
                    self.make(target);
                    self.learn(target, conversation, self.guards > 0);
                }
            }
            Stmt::Macro { params, defaults, body, .. } => {
                defaults.iter().try_for_each(|id| self.expr(*id))?;
                self.define(params, body)?;
            }
            Stmt::Wrapped(id, body) => {
                self.expr(*id)?;
                self.all(body)?;
            }
            Stmt::Body(values, body) => {
                for (targets, value) in values {
                    self.expr(*value)?;
                    self.set(targets, *value);
                }
                self.all(body)?;
            }
            Stmt::Load(tag, what) => {
                self.report(self.of_chats(&LOAD), self.tree.place(*what), tag);
                self.expr(*what)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, targets: &[String], value: Id) {
        let (conversation, trigger) = (self.is_conversation(value), self.guards > 0 || self.is_trigger(value));
        let is_given = targets.len() == 1 && self.is_given(value);
        for target in targets {
            // Once made, always: which of two branches ran is not known.
            if !is_given || target.contains('.') {
                self.make(target);
            }
            self.parts.remove(target);
            if target.split('.').skip(1).any(is_internal) {
                self.report(&ESCAPE, self.tree.place(value), &format!("sets the attribute {target}"));
            }
            self.check_growth(target, value);
            if targets.len() == 1 {
                self.folder.assign(self.tree, target, value);
            } else {
                self.folder.forget(target);
            }
            self.learn(target, conversation, trigger);
        }
        // `namespace(found=…)` sets what is `ns.found` from there on.
        if let (Expr::Call(_, args), [target]) = (self.tree.expr(value), targets) {
            for arg in args {
                let Some(key) = &arg.key else { continue };
                let target = format!("{target}.{key}");
                self.folder.assign(self.tree, &target, arg.value);
                let conversation = self.is_conversation(arg.value);
                let trigger = self.is_trigger(arg.value);
                self.learn(&target, conversation, trigger);
            }
        }
    }

    /// An expression and everything in it.
    pub(super) fn expr(&mut self, id: Id) -> Checked {
        self.scan.budget.step()?;
        let tree = self.tree;
        let at = self.tree.place(id);
        match tree.expr(id) {
            Expr::Text(text) => self.check_text(text, at),
            Expr::Name(name) => {
                let foreign = GLOBALS.contains(&name.as_str()) && !tree.assigned.contains(name);
                if name.starts_with("__") {
                    self.report(&ESCAPE, at, &format!("uses `{name}`"));
                } else if foreign {
                    self.report(self.of_chats(&ESCAPE), at, &format!("uses `{name}`"));
                }
            }
            Expr::Attr(of, name) => {
                self.attribute(name, at);
                if matches!(name.as_str(), "format" | "format_map") && self.folder.text(tree, *of).is_some() {
                    self.format(*of, at);
                }
            }
            Expr::Item(_, key) => self.lookup(*key, Lookup::Subscript),
            Expr::Call(of, args) => return self.call(id, *of, args),
            Expr::Filter(of, name, args) => self.filter(*of, name, args, at),
            Expr::Test(_, name, args) => {
                self.keywords(args, at);
                self.named("test", name, TESTS, at);
            }
            _ => {}
        }
        if let Some(text) = self.folder.text(tree, id)
            && is_dunder(&text)
        {
            self.report(&ESCAPE, at, &format!("names `{}`", text.trim()));
        }
        self.check_size(id);
        self.below(id)
    }

    fn named(&mut self, kind: &str, name: &str, list: &[&str], at: usize) {
        if !list.contains(&name) {
            self.report(&CALL, at, &format!("the {kind} `{name}`"));
        }
    }

    fn attribute(&mut self, name: &str, at: usize) {
        if is_internal(name) {
            self.report(&ESCAPE, at, &format!("the attribute `{name}`"));
        }
    }

    /// A key or the name of an attribute that is given by an expression.
    fn lookup(&mut self, key: Id, how: Lookup) {
        let at = self.tree.place(key);
        match self.folder.fold(self.tree, key) {
            Some(Value::Text(name)) if !is_internal(&name) => {}
            // Dictionaries may have such keys; attributes that lead into Python have two underscores.
            Some(Value::Text(name)) if how == Lookup::Subscript && name.starts_with('_') && !name.contains("__") => {
                self.report(&CALL, at, &format!("the key `{name}`"));
            }
            Some(Value::Text(name)) => self.report(&ESCAPE, at, &format!("looks up `{name}`")),
            Some(Value::Int(_) | Value::List(_)) => {}
            None if self.folder.is_built(self.tree, key) => {
                if self.has_fragment(key) {
                    self.report(&ESCAPE, at, "looks up a computed name");
                } else if how == Lookup::Attribute {
                    self.report(self.of_chats(&ESCAPE), at, "looks up a computed name");
                } else {
                    self.report(&CALL, at, "looks up a computed key");
                }
            }
            None if how == Lookup::Attribute => {
                self.report(&CALL, at, "looks up an attribute by a name that is not constant");
            }
            None if self.is_conversation(key) => self.report(&CALL, at, "looks up a key from the conversation"),
            None => {}
        }
    }

    /// Whether a text in an expression is a part of a name of Python's internals.
    fn has_fragment(&self, id: Id) -> bool {
        matches!(self.tree.expr(id), Expr::Text(text) if is_fragment(text))
            || self.tree.children(id).into_iter().any(|child| self.has_fragment(child))
    }

    fn call(&mut self, id: Id, of: Id, args: &'t [Arg]) -> Checked {
        let tree = self.tree;
        let at = self.tree.place(of);
        self.keywords(args, at);
        match tree.expr(of) {
            Expr::Name(name) => {
                if GLOBALS.contains(&name.as_str()) && !tree.assigned.contains(name) {
                    self.report(self.of_chats(&ESCAPE), at, &format!("calls `{name}`"));
                } else if !tree.macros.contains(name) {
                    self.named("function", name, FUNCTIONS, at);
                }
                self.check_call(name, args, at);
                if name == "raise_exception" {
                    // The text of an error is not shown to the model.
                    let outside = std::mem::take(&mut self.guards);
                    args.iter().try_for_each(|arg| self.expr(arg.value))?;
                    self.guards = outside;
                    return Ok(());
                }
            }
            Expr::Attr(receiver, name) => {
                self.method(*receiver, name, at);
                self.expr(*receiver)?;
            }
            Expr::Item(receiver, key) => {
                match self.folder.text(tree, *key) {
                    Some(name) => self.method(*receiver, &name, at),
                    None => self.report(&CALL, at, "calls the result of a subscript"),
                }
                self.expr(of)?;
            }
            _ => {
                self.report(&CALL, at, "calls the result of an expression");
                self.expr(of)?;
            }
        }
        self.check_size(id);
        self.check_rewrite(id);
        args.iter().try_for_each(|arg| self.expr(arg.value))
    }

    fn method(&mut self, receiver: Id, name: &str, at: usize) {
        if is_internal(name) {
            self.report(&ESCAPE, at, &format!("calls `{name}`"));
        } else if matches!(name, "format" | "format_map") {
            self.format(receiver, at);
        } else {
            self.named("method", name, METHODS, at);
        }
    }

    /// `str.format` looks up attributes that its text names, past every sandbox that does not watch it.
    fn format(&mut self, receiver: Id, at: usize) {
        match self.folder.text(self.tree, receiver) {
            // A place for each argument, as it is: no attribute, no width.
            Some(text) if places(&text).all(is_plain) => {}
            Some(text) if fields(&text).all(|field| !field.contains(['.', '['])) => {
                self.report(&CALL, at, "formats a text");
            }
            Some(_) => self.report(&ESCAPE, at, "formats a text that looks up attributes"),
            None => self.report(self.of_chats(&ESCAPE), at, "formats a text that is not constant"),
        }
    }

    fn keywords(&mut self, args: &[Arg], at: usize) {
        for key in args.iter().filter_map(|arg| arg.key.as_deref()) {
            if key.starts_with("__") {
                self.report(&ESCAPE, at, &format!("the keyword `{key}`"));
            }
        }
    }

    fn filter(&mut self, of: Option<Id>, name: &str, args: &[Arg], at: usize) {
        self.keywords(args, at);
        self.named("filter", name, FILTERS, at);
        if args.iter().any(|arg| arg.spread) {
            self.report(&CALL, at, "a filter with unpacked arguments");
        }
        let keyword = |key: &str| args.iter().find(|arg| arg.key.as_deref() == Some(key)).map(|arg| arg.value);
        let positional = |index| args.iter().filter(|arg| arg.key.is_none()).nth(index).map(|arg| arg.value);
        let attribute = match name {
            "attr" => positional(0).or(keyword("name")),
            "map" => keyword("attribute"),
            "selectattr" | "rejectattr" | "groupby" | "sum" => positional(0).or(keyword("attribute")),
            "unique" | "min" | "max" | "join" => positional(1).or(keyword("attribute")),
            "sort" => positional(2).or(keyword("attribute")),
            _ => None,
        };
        if let Some(attribute) = attribute {
            self.lookup(attribute, Lookup::Attribute);
            let formats = matches!(self.folder.text(self.tree, attribute).as_deref(), Some("format" | "format_map"));
            if let Some(of) = of.filter(|_| formats && name == "attr") {
                self.format(of, at);
            }
        }
        let (called, list) = match name {
            "map" => (positional(0), FILTERS),
            "select" | "reject" => (positional(0), TESTS),
            "selectattr" | "rejectattr" => (positional(1), TESTS),
            _ => (None, FILTERS),
        };
        if let Some(called) = called {
            match self.folder.text(self.tree, called) {
                Some(called) => self.named("filter or test", &called, list, at),
                None => self.report(&CALL, at, "a filter whose name is not constant"),
            }
            if name == "map"
                && self.folder.text(self.tree, called).as_deref() == Some("attr")
                && let Some(attribute) = positional(1)
            {
                self.lookup(attribute, Lookup::Attribute);
            }
        }
        if let Some(of) = of {
            self.check_replacement(of, name, args, at);
        }
    }

    /// A name that holds something that the template made, from here on.
    pub(super) fn make(&mut self, target: &str) {
        self.made.insert(target.split('.').next().unwrap_or(target).to_owned());
        self.parts.remove(target);
    }

    /// What a name is known to hold from here on.
    pub(super) fn learn(&mut self, target: &str, conversation: bool, trigger: bool) {
        if conversation {
            self.conversation.insert(target.to_owned());
        }
        if trigger {
            self.triggers.insert(target.to_owned());
        }
    }

    /// The path of a name, where an expression is one.
    pub(super) fn path(&self, id: Id) -> Option<String> {
        path(self.tree, id)
    }
}

/// The fields of a format text, those within fields too.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|field| field.split(['}', ':']).next().unwrap_or_default())
}

/// What is between the braces of a format text: the field, its conversion and its width.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|field| field.split('}').next().unwrap_or_default())
}

/// Whether a place is a name or a number, and no more.
fn is_plain(place: &str) -> bool {
    place.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !place.starts_with('_')
}
