//! Calls: who is called, with what, and what comes back.

use super::groups::Hooks;
use super::passed::{CALLING, calls_given};
use super::value::{Named, Set, Value, sibling};
use super::walk::{Certainty, Cursor, Effect, Walker, plain};
use crate::engine::Capability;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::Ranged;

/// Methods that leave what they are called on as it is.
const KEEPING: &[&str] = &["get", "index", "count", "items", "keys", "values", "copy", "__getitem__", "__contains__"];

/// Under this name stands what is spread over the parameters: `*args` and `**kwargs` that are not known one by one.
pub(super) const SPREAD: &str = "**";

/// How deep calls may lead to each other through values (`map(map, …)`), and how many there may be.
const DEEPEST: usize = 24;
const MOST: usize = 20_000;

impl Walker<'_, '_> {
    pub(super) fn call(&mut self, call: &ExprCall) -> Set {
        let mut args = Vec::new();
        let mut named = Vec::new();
        for arg in &call.arguments.args {
            let value = self.expr(arg);
            match arg {
                Expr::Starred(star) => match self.quietly(&star.value).one() {
                    Some(Value::Seq(seq)) => args.extend(seq.items.iter().cloned()),
                    _ => {
                        named.push((SPREAD.to_owned(), value.clone()));
                        args.push(value);
                    }
                },
                _ => args.push(value),
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.expr(&keyword.value);
            match (&keyword.arg, value.one()) {
                (Some(name), _) => named.push((plain(name), value)),
                (None, Some(Value::Map(map))) => {
                    let known = map
                        .items
                        .iter()
                        .filter_map(|(key, value)| key.texts().next().map(|key| (key.to_owned(), value.clone())));
                    named.extend(known);
                }
                (None, _) => named.push((SPREAD.to_owned(), value.elements())),
            }
        }
        self.remote_code(&named, call);
        if let Expr::Attribute(attribute) = &*call.func {
            let base = self.callee(&attribute.value);
            let name = plain(&attribute.attr);
            if let Some(result) = self.of_file_path(&base, &name, &args, &named, call) {
                return result;
            }
            let callee = self.attribute(&base, &name, call);
            if !callee.paths().any(|path| path.starts_with("object().")) {
                self.method_writes(&name, &args, &named, call);
            }
            if CALLING.contains(&name.as_str()) {
                self.calls_all(&args, &named);
            }
            self.hands_itself(&base, &name);
            let mut result = self.method(&base, &name, &args, &named, call);
            self.grows(&attribute.value, &base, &name, &args);
            self.unresolved(&callee, Some((&base, &name)), call);
            result.join(&self.invoke(&callee, &args, &named, call));
            return result;
        }
        let callee = self.callee(&call.func);
        if self.is_bare_super(&call.func) {
            // Methods of what the class is derived from: here by their name, elsewhere a library's.
            return Set(vec![Value::Caller, Value::Foreign]);
        }
        self.unresolved(&callee, None, call);
        self.invoke(&callee, &args, &named, call)
    }

    fn is_bare_super(&self, func: &Expr) -> bool {
        matches!(func, Expr::Name(name) if name.id.as_str() == "super")
    }

    /// `list.append(x)` and the like put `x` into what the name stands for; `list.reverse()` and the like move what is
    /// in it.
    fn grows(&mut self, at: &Expr, base: &Set, name: &str, args: &[Set]) {
        let mut significant = Set::default();
        if !KEEPING.contains(&name) {
            significant.join(&base.carried());
            for arg in args {
                significant.join(&arg.significant());
            }
        }
        if !significant.0.is_empty() {
            significant.add(Value::Unknown);
            let cursor = Cursor { is_branch: true, ..self.cursor };
            self.at(cursor, |walker| walker.put_into(at, &significant));
        }
    }

    /// `value` is in what `at` names, from now on.
    pub(super) fn put_into(&mut self, at: &Expr, value: &Set) {
        match at {
            Expr::Name(name) => {
                // Not for what is imported: a method of it keeps what it is given, or it does not.
                let of = self.lookup(&plain(&name.id), u32::MAX);
                if !of.0.iter().all(|value| matches!(value, Value::Path(_) | Value::Class(_) | Value::Func(_))) {
                    self.bind_held(&plain(&name.id), value);
                }
            }
            Expr::Attribute(attribute) => {
                let base = self.quietly(&attribute.value);
                if !base.0.iter().all(|value| matches!(value, Value::Path(_))) {
                    self.store(&base, &plain(&attribute.attr), value, attribute);
                }
            }
            Expr::Subscript(subscript) => self.put_into(&subscript.value, value),
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = &*call.func {
                    self.put_into(&attribute.value, value);
                }
            }
            _ => {}
        }
    }

    fn remote_code(&mut self, named: &Named, at: &impl Ranged) {
        let trusts =
            named.iter().any(|(name, value)| name == "trust_remote_code" && value.one() == Some(&Value::Bool(true)));
        if trusts {
            self.event(at, Effect::Rule(&code::CODE_FETCHES_MODEL), Certainty::Certain, "trust_remote_code=True");
        }
    }

    /// A method of something known, or of something unknown that has the name of one in this module.
    fn method(&mut self, base: &Set, name: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for value in &base.0 {
            match (value, name) {
                (Value::Str(_) | Value::Bytes(_) | Value::Int(_), _) => {
                    all.join(&super::constant::of_constant(value, name, args, named));
                }
                (_, "__getattribute__" | "__getattr__") => {
                    let names = args.last().cloned().unwrap_or_else(Set::unknown);
                    let of =
                        if args.len() > 1 { args.first().cloned().unwrap_or_default() } else { Set::of(value.clone()) };
                    all.join(&self.member(&of, &names, at));
                }
                (
                    Value::Dict(_) | Value::Globals | Value::Map(_) | Value::Seq(_),
                    "get" | "pop" | "setdefault" | "__getitem__",
                ) => {
                    let index = args.first().cloned().unwrap_or_else(Set::unknown);
                    all.join(&self.subscript(&Set::of(value.clone()), &index, at));
                    all.join(&args.get(1).map(Set::significant).unwrap_or_default());
                }
                (Value::Path(path), "get" | "pop" | "setdefault" | "__getitem__")
                    if matches!(&**path, "sys.modules" | "os.environ" | "os.environb" | "builtins") =>
                {
                    let index = args.first().cloned().unwrap_or_else(Set::unknown);
                    all.join(&self.subscript(&Set::of(value.clone()), &index, at));
                }
                (Value::Dict(_) | Value::Globals, "values" | "items" | "copy") => {
                    let is_powerful = matches!(value, Value::Dict(path) if python::leads_out(path));
                    let how = if is_powerful { Certainty::Certain } else { Certainty::Mentioned };
                    self.act(at, Capability::DynamicCode, how, "all members of a module");
                    all.add(value.clone());
                }
                (Value::Dict(path), _) => self.table_changed(&path.clone(), name, args, named, at),
                (Value::Map(map), "items") => {
                    let pairs = map.items.iter().map(|(key, value)| Set::seq(vec![key.clone(), value.clone()]));
                    all.join(&Set::seq(pairs.collect()));
                }
                (Value::Map(map), "keys") => {
                    all.join(&Set::seq(map.items.iter().map(|(key, _)| key.clone()).collect()));
                }
                (Value::Map(_) | Value::Seq(_), _) => {
                    all.join(&Set::of(value.clone()).significant());
                }
                (Value::Held(_), _) => {
                    all.add(value.clone());
                }
                (Value::Unknown | Value::Caller | Value::Object(_) | Value::Sibling(_), _) => self.by_name(name, args),
                _ => {}
            }
        }
        self.formats(base, name, args, at);
        if name == "from_pretrained" {
            self.pretrained(args, named, at);
        }
        all
    }

    /// A model or tokenizer taken from another repository, which is named here and not pinned.
    fn pretrained(&mut self, args: &[Set], named: &Named, at: &impl Ranged) {
        let of = args
            .first()
            .or_else(|| named.iter().find(|(name, _)| name == "pretrained_model_name_or_path").map(|(_, set)| set));
        for text in of.into_iter().flat_map(Set::texts) {
            let is_local = text.starts_with('.') || text.is_empty();
            if !is_local {
                self.event(at, Effect::Rule(&code::CODE_FETCHES_MODEL), Certainty::Certain, text);
            }
        }
    }

    /// Binds what is passed to the parameters of a function.
    pub(super) fn bind_parameters(&mut self, id: u32, args: &[Set], named: &Named) {
        let Some(func) = self.func(id) else { return };
        let skip = usize::from(func.is_method);
        let params = func.params.clone();
        let (rest, by_name, named_rest) = (func.rest.clone(), func.by_name.clone(), func.named_rest.clone());
        let scope = func.scope;
        for (index, arg) in args.iter().enumerate() {
            match params.get(index.saturating_add(skip)) {
                Some(param) => self.bind_in(scope, param, arg),
                None => {
                    if let Some(rest) = &rest {
                        self.bind_in(scope, rest, &arg.handed());
                    }
                }
            }
        }
        for (name, value) in named {
            let is_own = params.contains(name) || by_name.contains(name);
            if name == SPREAD {
                // Whatever parameter it may be for.
                let all = params.iter().skip(skip).chain(&by_name).chain(&rest).chain(&named_rest);
                all.for_each(|param| self.bind_in(scope, param, &value.handed()));
            } else if is_own {
                self.bind_in(scope, name, value);
            } else if let Some(rest) = &named_rest {
                self.bind_in(scope, rest, &value.handed());
            }
        }
    }

    /// `callee(*args, **named)`.
    pub(super) fn invoke(&mut self, callee: &Set, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        let (depth, count) = self.nested;
        if depth > DEEPEST || count > MOST {
            self.stop("calls through values in Python code");
            return Set::unknown();
        }
        self.nested = (depth.saturating_add(1), count.saturating_add(1));
        let all = self.invoke_each(callee, args, named, at);
        self.nested = if depth == 0 { (0, 0) } else { (depth, self.nested.1) };
        all
    }

    fn invoke_each(&mut self, callee: &Set, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for value in &callee.0 {
            match value {
                Value::Func(id) => {
                    self.calls(*id);
                    self.bind_parameters(*id, args, named);
                    let returns = self.func(*id).map(|func| func.returns.clone()).unwrap_or_default();
                    all.join(&returns);
                }
                Value::Class(id) => {
                    self.made(*id, args, named, at);
                    all.add(Value::Object(*id));
                }
                Value::Object(id) => {
                    self.used_for(&Set::of(value.clone()), Hooks::Call);
                    self.calls_methods(*id, &["forward", "call"]);
                    for call in self.inherits(*id, "__call__").0 {
                        if let Value::Func(call) = call {
                            self.bind_parameters(call, args, named);
                        }
                    }
                    all.join(&self.results_of(&Set::of(value.clone()), &["__call__"]));
                    all.add(Value::Unknown);
                }
                Value::Held(path) => {
                    let detail = format!("a call of something out of {path}");
                    self.act(at, Capability::DynamicCode, Certainty::Certain, &detail);
                    all.add(value.clone());
                }
                Value::Sibling(path) => {
                    all.add(sibling(&format!("{path}()")));
                    self.report_passed_arguments(args, named, "", at);
                    for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
                        all.join(&arg.handed_on());
                    }
                }
                Value::Getter(name, is_call) => {
                    let of = args.first().cloned().unwrap_or_else(Set::unknown);
                    let found = self.member(&of, &Set::text(name), at);
                    let result = if *is_call { self.invoke(&found, &[], &[], at) } else { found };
                    all.join(&result);
                }
                Value::Path(path) => {
                    let path = path.clone();
                    all.join(&self.library(&path, args, named, at));
                    self.report_passed_arguments(args, named, &path, at);
                }
                value => {
                    let is_foreign = *value == Value::Foreign;
                    all.add(if is_foreign { Value::Foreign } else { Value::Unknown });
                    self.report_passed_arguments(args, named, "", at);
                    for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
                        all.join(&arg.handed_on());
                    }
                }
            }
        }
        if all.0.is_empty() { Set::unknown() } else { all }
    }

    /// An object of a class of the module is made.
    fn made(&mut self, class: u32, args: &[Set], named: &Named, at: &impl Ranged) {
        self.uses(class, Hooks::Made);
        let makers = self.class(class).map(|class| class.makers.clone()).unwrap_or_default();
        for maker in makers.0 {
            let Value::Class(maker) = maker else { continue };
            self.uses(maker, Hooks::Call);
            for call in self.inherits(maker, "__call__").0 {
                if let Value::Func(call) = call {
                    self.bind_parameters(call, args, named);
                }
            }
        }
        let mut has_init = false;
        for name in ["__init__", "__new__", "__post_init__"] {
            for init in self.inherits(class, name).0 {
                if let Value::Func(init) = init {
                    has_init |= name == "__init__";
                    self.bind_parameters(init, args, named);
                }
            }
        }
        // Making one of these makes one of what it is derived from.
        let bases = self.class(class).map(|class| class.bases.clone()).unwrap_or_default();
        for base in bases.paths() {
            self.library(base, args, named, at);
            if calls_given(base) {
                self.calls_methods(class, &["run"]);
            }
        }
        // A container of the module's own, or an object that keeps what it is given, and hands it out under any name.
        if !has_init || !bases.0.iter().all(|base| matches!(base, Value::Class(_))) {
            let mut held = Set::default();
            for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
                let acting = arg.significant().0.into_iter().filter(Value::acts);
                acting.for_each(|value| {
                    held.add(value);
                });
                arg.0.iter().filter(|value| matches!(value, Value::Dict(_) | Value::Globals)).for_each(|value| {
                    held.add(value.clone());
                });
            }
            self.give(class, &held);
        }
    }
}
