//! Assignments: to names, to members of objects, and to members of libraries, which changes them for everyone.

use super::value::{Set, Value};
use super::walk::{Certainty, Cursor, Effect, Walker, plain};
use crate::knowledge::python::settings::registry;
use modelpin_rules::code;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

/// The largest container that is followed through attributes of objects.
const SMALL: usize = 64;

impl Walker<'_, '_> {
    /// `target = value`.
    pub(super) fn assign(&mut self, target: &Expr, value: &Set) {
        match target {
            Expr::Name(name) => self.bind(&plain(&name.id), value, name),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value),
            Expr::List(list) => self.unpack(&list.elts, value),
            Expr::Starred(star) => {
                // One of many: whichever it is.
                let mut all = value.elements().significant();
                all.add(if value.is_unseen() { Value::Unknown } else { Value::Foreign });
                self.assign(&star.value, &all);
            }
            Expr::Attribute(attribute) => {
                let base = self.quietly(&attribute.value);
                let name = plain(&attribute.attr);
                match name.as_str() {
                    "__code__" | "__globals__" => self.internal(&format!("{name} is written"), attribute),
                    "__bases__" => self.inspects("__bases__ is written", attribute),
                    _ => {}
                }
                self.store(&base, &name, value, attribute);
            }
            Expr::Subscript(subscript) => {
                let base = self.quietly(&subscript.value);
                let index = self.expr(&subscript.slice);
                self.store_item(&base, &index, value, subscript);
                let significant = value.significant();
                if !significant.0.is_empty() {
                    let cursor = Cursor { is_branch: true, ..self.cursor };
                    self.at(cursor, |walker| walker.put_into(&subscript.value, &significant));
                }
            }
            _ => {
                self.expr(target);
            }
        }
    }

    /// What `name` stands for, wherever it was bound, holds `value` from now on.
    pub(super) fn bind_held(&mut self, name: &str, value: &Set) {
        let mut scope = Some(self.cursor.scope);
        while let Some(there) = scope.and_then(|scope| self.scopes.get(scope)) {
            if there.names.contains_key(name) {
                break;
            }
            scope = there.parent;
        }
        self.bind_in(scope.unwrap_or(self.cursor.scope), name, value);
    }

    fn unpack(&mut self, targets: &[Expr], value: &Set) {
        let is_whole = |value: &Value| matches!(value, Value::Seq(seq) if seq.items.len() == targets.len());
        let all = if value.one().is_some_and(is_whole) { Set::default() } else { self.iterated(value) };
        for (index, target) in targets.iter().enumerate() {
            let part = match value.one() {
                Some(Value::Seq(seq)) if seq.items.len() == targets.len() => seq.items.get(index).cloned(),
                _ => None,
            };
            self.assign(target, part.as_ref().unwrap_or(&all));
        }
    }

    /// `base.name = value`.
    pub(super) fn store(&mut self, base: &Set, name: &str, value: &Set, at: &impl Ranged) {
        let mut kept = value.significant();
        for value in value.0.iter().filter(|value| value.weight() <= SMALL) {
            kept.add(value.clone());
        }
        self.hooked(name, value, at);
        let of_interpreter = name.ends_with("hook") && base.paths().any(|path| path == "sys");
        if of_interpreter || name.starts_with("__") && name.ends_with("__") {
            self.calls_all(std::slice::from_ref(value), &[]);
        }
        if !kept.0.is_empty() && self.fields.entry(name.to_owned()).or_default().join(&kept) {
            self.changed = true;
            self.keep(&kept);
            let of_result = |value: &Value| matches!(value, Value::Path(path) if path.contains("()"));
            kept.0.retain(|value| value.acts() && !of_result(value));
            if !kept.0.is_empty() {
                self.acting_fields.entry(name.to_owned()).or_default().join(&kept);
            }
        }
        for path in base.paths().filter(|path| !path.contains('(')).map(str::to_owned).collect::<Vec<_>>() {
            let full = format!("{path}.{name}");
            self.assigned(&Set::path(&full), None, value, at);
            self.patched(&full, value, at);
        }
    }

    pub(super) fn store_item(&mut self, base: &Set, index: &Set, value: &Set, at: &impl Ranged) {
        self.assigned(base, Some(index), value, at);
        for held in &base.0 {
            match held {
                Value::Globals => {
                    for name in index.texts() {
                        self.bind_in(0, name, value);
                    }
                }
                Value::Dict(path) => {
                    let path = format!("{path}.{}", index.texts().next().unwrap_or("…"));
                    self.assigned(&Set::path(&path), None, value, at);
                    self.patched(&path, value, at);
                }
                Value::Path(path) if &**path == "builtins" => self.patched("builtins.…", value, at),
                _ => {}
            }
        }
    }

    /// A member of a library is replaced.
    pub(super) fn patched(&mut self, path: &str, value: &Set, at: &impl Ranged) {
        let is_setting = value.0.iter().all(|value| {
            matches!(
                value,
                Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::Null | Value::Bytes(_) | Value::Seq(_)
            )
        });
        let first = path.split('.').next().unwrap_or_default();
        // Of builtins, only they themselves: a variable may be named like one.
        let is_deep = first == "builtins" && path.split('.').count() > 2;
        let is_core = !is_deep
            && matches!(first, "builtins" | "os" | "importlib" | "pickle" | "subprocess" | "marshal")
            || matches!(
                path,
                "typing.TYPE_CHECKING" | "torch.load" | "torch.serialization.load" | "safetensors.torch.load_file"
            );
        // A constant there (`os.sep = "/"`) is nothing that Python calls.
        let is_text = matches!(
            path,
            "os.altsep" | "os.curdir" | "os.devnull" | "os.linesep" | "os.name" | "os.pathsep" | "os.sep"
        );
        let is_constant = is_text || is_setting && first == "os" && !path.contains("…");
        if is_core && is_constant {
            self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, path);
        } else if is_core && registry(path).is_none() {
            self.event(at, Effect::Rule(&code::CODE_HOOKS_PYTHON), Certainty::Certain, path);
        } else if !is_setting && value.0.iter().any(Value::is_significant) {
            self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, path);
        }
    }
}
