//! Calls whose callee the text does not tell: of what nobody assigned here, of names of libraries that nobody has judged,
//! and of methods of unknown objects, but for those by whose name nothing can go wrong.
//!
//! A module is safe where everything that it calls as it is imported is known to be harmless, and not where nothing known
//! to act was found in it.

use super::internals::is_internal;
use super::value::{Set, Value};
use super::walk::{Certainty, Effect, Walker};
use crate::knowledge::names::acts_by_name;
use crate::knowledge::python::methods;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    /// Notes a call of `callee`, which is a method of `base` under a name where it is one, unless it is known what that
    /// does.
    pub(super) fn unresolved(&mut self, callee: &Set, method: Option<(&Set, &str)>, at: &impl Ranged) {
        if !self.recording {
            return;
        }
        if let Some((base, name)) = method {
            let is_foreign = |value: &Value| matches!(value, Value::Foreign | Value::Sibling(_) | Value::Held(_));
            let is_hidden = base.is_unseen() || base.0.iter().any(is_foreign);
            if is_hidden && methods::is_powerful(name) {
                let detail = format!("`.{name}` of something that cannot be seen in the text");
                self.event(at, Effect::Rule(&code::CODE_ON_IMPORT), Certainty::OnImport, &detail);
                return;
            }
        }
        let plain = method.is_some_and(|(base, name)| {
            // Methods of what the class at hand is derived from.
            let is_super = base.0 == [Value::Caller, Value::Foreign];
            methods::is_plain(name) || is_super && name.starts_with("__")
        });
        let is_alone = callee.0.iter().all(|value| *value == Value::Caller);
        for value in &callee.0 {
            let detail = match (value, method) {
                (Value::Path(path), _) => match path_is_open(path, plain) {
                    true => path.to_string(),
                    false => continue,
                },
                (Value::Sibling(path), None) => match acts_by_name(path) || methods::is_acting(last(path)) {
                    true => path.to_string(),
                    false => continue,
                },
                (Value::Unknown | Value::Foreign | Value::Sibling(_), Some((_, name))) if !plain => format!(".{name}"),
                (Value::Caller, Some((_, name))) if !plain && is_alone => format!(".{name}"),
                (Value::Unknown, None) => "a value that cannot be seen in the text".to_owned(),
                (Value::Caller, None) if is_alone => "a value that a caller passes".to_owned(),
                _ => continue,
            };
            self.event(at, Effect::Rule(&code::CODE_UNRESOLVED_CALL), Certainty::OnImport, &detail);
        }
    }

    /// Format strings reach attributes: `"{0.__globals__}".format(f)`.
    pub(super) fn formats(&mut self, base: &Set, name: &str, args: &[Set], at: &impl Ranged) {
        if !matches!(name, "format" | "format_map" | "vformat" | "get_field" | "get_value") {
            return;
        }
        let texts = base.texts().chain(args.iter().take(1).flat_map(Set::texts));
        let found = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
        let found: Vec<String> = found.filter(|word| is_internal(word)).map(str::to_owned).collect();
        for word in found {
            self.internal(&word, at);
        }
    }
}

/// Whether nobody knows what a call of `path` does. What acts is told by what it does.
fn path_is_open(path: &str, is_plain: bool) -> bool {
    let of_result = path.contains("()");
    let is_known = python::is_allowed(path) || python::capability(path).is_some();
    let is_followed = FOLLOWED.contains(&path) || path.starts_with("os.environ.") || path.starts_with("internals.");
    !(is_known || is_followed || of_result && is_plain)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// What the walk follows: it knows what these call, open or hand out.
const FOLLOWED: &[&str] = &[
    "builtins.__import__",
    "builtins.classmethod",
    "builtins.delattr",
    "builtins.filter",
    "builtins.getattr",
    "builtins.globals",
    "builtins.iter",
    "builtins.locals",
    "builtins.map",
    "builtins.max",
    "builtins.min",
    "builtins.next",
    "builtins.object",
    "builtins.open",
    "builtins.property",
    "builtins.reversed",
    "builtins.setattr",
    "builtins.sorted",
    "builtins.staticmethod",
    "builtins.type",
    "builtins.vars",
    "functools.partial",
    "functools.partialmethod",
    "functools.reduce",
    "gc.get_objects",
    "gc.get_referents",
    "gc.get_referrers",
    "importlib.import_module",
    "inspect.currentframe",
    "inspect.getattr_static",
    "inspect.getmembers",
    "inspect.getmodule",
    "inspect.stack",
    "itertools.starmap",
    "operator.add",
    "operator.attrgetter",
    "operator.call",
    "operator.concat",
    "operator.getitem",
    "operator.methodcaller",
    "pathlib.Path().open",
    "types.new_class",
];
