//! Items: `base[index]` and slices.

use super::fold;
use super::groups::Hooks;
use super::value::{Map, Set, Value, sibling};
use super::walk::{Certainty, Cursor, Walker};
use crate::engine::Capability;
use crate::knowledge::views::python;
use ruff_python_ast::{Expr, ExprSubscript};
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    pub(super) fn subscript_expr(&mut self, subscript: &ExprSubscript) -> Set {
        let base = self.callee(&subscript.value);
        if let Expr::Slice(slice) = &*subscript.slice {
            let mut bound = |bound: &Option<Box<Expr>>| match bound.as_ref().map(|bound| self.expr(bound)) {
                None => Some(None),
                Some(set) => match set.one() {
                    Some(Value::Int(number)) => Some(Some(*number)),
                    Some(Value::Null) => Some(None),
                    _ => None,
                },
            };
            let bounds = (bound(&slice.lower), bound(&slice.upper), bound(&slice.step));
            let (Some(lower), Some(upper), Some(step)) = bounds else { return base.sliced() };
            let mut all = Set::default();
            for value in &base.0 {
                all.join(&fold::slice(value, lower, upper, step.unwrap_or(1)));
            }
            all.join(&base.significant());
            return all;
        }
        let index = self.expr(&subscript.slice);
        let is_own = matches!(&*subscript.slice, Expr::Name(name) if name.id.as_str() == "__name__");
        if is_own && !self.is_renamed && base.one() == Some(&Value::Path("sys.modules".into())) {
            return Set::of(Value::Sibling(".".into()));
        }
        self.used(&base);
        self.subscript(&base, &index, subscript)
    }

    /// `base[index]`.
    pub(super) fn subscript(&mut self, base: &Set, index: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for value in &base.0 {
            match (value, index.one()) {
                (Value::Str(_) | Value::Bytes(_) | Value::Seq(_), Some(Value::Int(number))) => {
                    all.join(&fold::item(value, *number).unwrap_or_else(|| Set::of(value.clone()).elements()));
                }
                (Value::Seq(_), _) => {
                    all.join(&Set::of(value.clone()).elements());
                }
                (Value::Map(map), key) => all.join_of(map, key),
                (Value::Dict(path), _) => {
                    let module = Set::path(path);
                    all.join(&self.member(&module, index, at));
                }
                (Value::Globals, _) => {
                    all.join(&self.global_item(index, at));
                }
                (Value::Path(path), _) => all_of_path(self, path, index, at, &mut all),
                (Value::Class(class), _) => {
                    self.used_for(&Set::of(Value::Class(*class)), Hooks::Item);
                    for item in self.inherits(*class, "__class_getitem__").0 {
                        if let Value::Func(id) = item {
                            self.bind_parameters(id, std::slice::from_ref(index), &[]);
                            let returns = self.func(id).map(|func| func.returns.clone()).unwrap_or_default();
                            all.join(&returns);
                        }
                    }
                    let makers = self.class(*class).map(|class| class.makers.clone()).unwrap_or_default();
                    for maker in makers.0 {
                        if let Value::Class(maker) = maker {
                            all.join(&self.results_of(&Set::of(Value::Object(maker)), &["__getitem__"]));
                        }
                    }
                    all.add(value.clone());
                }
                (Value::Object(class), _) => {
                    all.join(&self.object_item(*class, index, at));
                }
                (Value::Held(_) | Value::Foreign | Value::Caller, _) => {
                    all.add(value.clone());
                }
                (Value::Sibling(path), _) => {
                    all.add(sibling(&format!("{path}.[]")));
                }
                _ => {
                    all.add(Value::Unknown);
                }
            }
        }
        if all.0.is_empty() { Set::unknown() } else { all }
    }

    /// `globals()[index]`.
    fn global_item(&mut self, index: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for name in index.texts() {
            let found = self.at(Cursor { scope: 0, ..self.cursor }, |walker| walker.lookup(name, u32::MAX));
            all.join(&found);
            // Of `locals()` and `vars()`.
            if self.cursor.scope != 0 {
                all.join(&self.lookup(name, u32::MAX));
            }
        }
        if index.is_open() {
            self.act(at, Capability::DynamicCode, Certainty::Mentioned, "globals()[…]");
            all.add(Value::Held("globals()".into()));
        }
        all
    }

    /// `base[index]`, where `base` is an object of a class of the module.
    fn object_item(&mut self, class: u32, index: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::unknown();
        let held = self.holds(class);
        if !held.0.is_empty() {
            all.join(&self.subscript(&held, index, at));
        }
        for name in ["__getitem__", "__missing__"] {
            for method in self.inherits(class, name).0 {
                if let Value::Func(id) = method {
                    self.bind_parameters(id, std::slice::from_ref(index), &[]);
                }
            }
        }
        all.join(&self.results_of(&Set::of(Value::Object(class)), &["__getitem__", "__missing__"]));
        all
    }
}

fn all_of_path(walker: &mut Walker<'_, '_>, path: &str, index: &Set, at: &impl Ranged, all: &mut Set) {
    if let Some(found) = walker.item_inside(path, index) {
        all.join(&found);
        return;
    }
    match path {
        "sys.modules" => {
            for name in index.texts() {
                all.join(&Set::path(&python::canonical(name)));
            }
            if index.is_open() {
                walker.act(at, Capability::DynamicCode, Certainty::Mentioned, "sys.modules[…]");
                all.add(Value::Held(path.into()));
            }
        }
        "os.environ" | "os.environb" => {
            walker.environment(index, at);
            all.add(Value::Foreign);
        }
        "builtins" => {
            all.join(&walker.member(&Set::path("builtins"), index, at));
        }
        path => {
            all.join(&Set::path(path));
        }
    }
}

impl Set {
    /// Adds what `map` has under `key`; all that is in it where nobody knows.
    fn join_of(&mut self, map: &Map, key: Option<&Value>) {
        let fits = map.items.iter().filter(|(there, _)| key.is_none() || there.is_open() || there.one() == key);
        let before = self.0.len();
        for (_, value) in fits {
            self.join(value);
        }
        if self.0.len() == before {
            self.join(map.elements());
        }
    }

    /// Some of what a sequence holds.
    fn sliced(&self) -> Self {
        let mut all = self.significant();
        all.add(if self.is_unseen() { Value::Unknown } else { Value::Foreign });
        all
    }
}
