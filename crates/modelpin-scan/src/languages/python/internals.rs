//! Python's internals: frames, code, globals and subclasses, which lead from any object to everything else.
//!
//! Looking at them is what loggers, registries and debuggers do. What comes out is followed under a name of its own:
//! calling something through it is another matter.

use super::value::{Set, Value};
use super::walk::{Certainty, Effect, Walker};
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_text_size::Ranged;

/// What stands for anything that came out of Python's internals.
const INSIDE: &str = "internals.found";

/// Attributes that lead from any object to everything else (Python data model, 3.2 and 3.10).
pub(super) fn is_internal(name: &str) -> bool {
    matches!(
        name,
        "__subclasses__"
            | "__globals__"
            | "__builtins__"
            | "__loader__"
            | "__closure__"
            | "func_globals"
            | "func_code"
            | "gi_frame"
            | "gi_code"
            | "cr_frame"
            | "ag_frame"
            | "f_globals"
            | "f_locals"
            | "f_builtins"
            | "f_back"
            | "tb_frame"
    )
}

/// Functions that give frames, which lead to what called.
const FRAMES: &[&str] = &[
    "sys._getframe",
    "sys._current_frames",
    "inspect.currentframe",
    "inspect.stack",
    "inspect.trace",
    "inspect.getouterframes",
    "inspect.getinnerframes",
];

/// What frames, code and loaders say about themselves: numbers and texts.
const DATA: &[&str] = &[
    "f_code",
    "f_lineno",
    "f_lasti",
    "f_trace",
    "lineno",
    "filename",
    "function",
    "code_context",
    "index",
    "positions",
    "tb_lineno",
    "__name__",
    "__qualname__",
    "__doc__",
    "__module__",
    "__file__",
    "__package__",
    "__spec__",
    "name",
    "path",
];

/// Methods that only look, of dicts, lists, texts and loaders.
const LOOKS: &[&str] = &[
    "__subclasses__",
    "items",
    "keys",
    "values",
    "copy",
    "update",
    "union",
    "append",
    "extend",
    "add",
    "discard",
    "remove",
    "clear",
    "count",
    "index",
    "sort",
    "reverse",
    "difference",
    "intersection",
    "issubset",
    "issuperset",
    "split",
    "rsplit",
    "startswith",
    "endswith",
    "strip",
    "lower",
    "upper",
    "format",
    "join",
    "replace",
    "encode",
    "decode",
    "isidentifier",
    "partition",
    "rpartition",
    "get_data",
    "get_source",
    "get_filename",
    "is_package",
    "__contains__",
    "__len__",
    "mro",
];

impl Walker<'_, '_> {
    /// Something is called, or changed, by way of the internals.
    pub(super) fn internal(&mut self, name: &str, at: &impl Ranged) {
        self.event(at, Effect::Rule(&code::CODE_INTERNALS), Certainty::Certain, name);
    }

    /// The internals are looked at.
    pub(super) fn inspects(&mut self, name: &str, at: &impl Ranged) {
        self.event(at, Effect::Rule(&code::CODE_INSPECTS), Certainty::Certain, name);
    }

    /// What `base` has under the name of something internal.
    pub(super) fn inside(&mut self, base: &Set, name: &str, at: &impl Ranged) -> Set {
        self.inspects(name, at);
        let is_own = base.0.iter().any(|value| matches!(value, Value::Class(_) | Value::Object(_)));
        let has_foreign = base.paths().next().is_some();
        match name {
            // A registry of what is derived from a class of this module.
            "__subclasses__" if is_own && !has_foreign => Set::unknown(),
            "__builtins__" | "f_builtins" => Set::path("builtins"),
            "func_code" | "gi_code" => Set::unknown(),
            "__globals__" | "func_globals" if base.0.iter().all(|value| matches!(value, Value::Func(_))) => {
                Set::of(Value::Globals)
            }
            "f_globals" | "f_locals" => {
                let mut all = Set::path(INSIDE);
                all.add(Value::Globals);
                all
            }
            "__subclasses__" => Set::path("internals.found.__subclasses__"),
            _ => Set::path(INSIDE),
        }
    }

    /// A member of what came out of the internals; nothing where `path` did not.
    pub(super) fn of_inside(&mut self, path: &str, name: &str) -> Option<Set> {
        path.strip_prefix("internals.")?;
        Some(if DATA.contains(&name) || name.starts_with("co_") {
            Set::unknown()
        } else if python::is_carried(name) {
            Set::path(&python::canonical(name))
        } else {
            Set::path(&format!("{INSIDE}.{name}"))
        })
    }

    /// What came out of the internals by one of `names`; nothing where `path` did not.
    pub(super) fn item_inside(&mut self, path: &str, names: &Set) -> Option<Set> {
        path.strip_prefix("internals.")?;
        let mut all = Set::default();
        for name in names.texts() {
            if python::is_carried(name) || name == "__builtins__" {
                all.join(&Set::path(&python::canonical(if name == "__builtins__" { "builtins" } else { name })));
            } else if name.starts_with("__") {
                all.add(Value::Unknown);
            } else {
                all.join(&Set::path(INSIDE));
            }
        }
        if names.is_open() || names.texts().next().is_none() {
            all.join(&Set::path(INSIDE));
        }
        Some(all)
    }

    /// A call by way of the internals; nothing where `path` is none.
    pub(super) fn calls_inside(&mut self, path: &str, args: &[Set], at: &impl Ranged) -> Option<Set> {
        if FRAMES.contains(&path) {
            if path != "inspect.stack" {
                self.inspects(path, at);
            }
            return Some(Set::path(INSIDE));
        }
        let name = path.strip_prefix("internals.")?;
        let last = name.rsplit('.').next().unwrap_or_default();
        let index = args.first().cloned().unwrap_or_else(Set::unknown);
        if matches!(last, "get" | "pop" | "setdefault" | "__getitem__") && name.contains('.') {
            return self.item_inside(path, &index);
        }
        if !LOOKS.contains(&last) {
            self.internal("something is called that was found by way of Python's internals", at);
        }
        Some(Set::path(INSIDE))
    }
}
