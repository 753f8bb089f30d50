//! Changes of what steers Python: environment variables, where modules are looked for, who loads them, and what
//! functions of libraries are.

use super::value::{Named, Set, Value};
use super::walk::{Certainty, Effect, Walker};
use crate::knowledge::python::libraries;
use crate::knowledge::python::settings::{Registry, changes, is_loader, registry};
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_text_size::Ranged;

/// Functions that change their first argument, and the method that does the same.
const CHANGERS: &[(&str, &str)] = &[
    ("operator.iadd", "__iadd__"),
    ("operator.ior", "__ior__"),
    ("operator.iconcat", "__iadd__"),
    ("heapq.heappush", "append"),
    ("bisect.insort", "append"),
    ("bisect.insort_left", "append"),
    ("bisect.insort_right", "append"),
];

/// Classes whose methods are called with the object as their first argument: `list.insert(sys.path, 0, x)`.
const CLASSES: &[&str] = &[
    "builtins.list",
    "builtins.dict",
    "collections.abc.MutableMapping",
    "collections.abc.MutableSequence",
    "os._Environ",
    "_collections_abc.MutableMapping",
    "_collections_abc.MutableSequence",
];

impl Walker<'_, '_> {
    /// `path` is a method of a list or table of Python, or a function that changes the one it is given.
    pub(super) fn steers(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        let Some((base, method)) = path.rsplit_once('.') else { return };
        let of_class = CLASSES.contains(&base).then_some(method);
        let changer = CHANGERS.iter().find(|(name, _)| *name == path).map(|(_, method)| *method);
        if let Some(method) = of_class.or(changer) {
            for value in args.first().map(|first| first.0.clone()).unwrap_or_default() {
                let rest = args.get(1..).unwrap_or_default();
                match value {
                    Value::Path(base) => self.changed_by(&base, method, rest, named, at),
                    Value::Dict(base) => self.table_changed(&base, method, rest, named, at),
                    _ => {}
                }
            }
            return;
        }
        match path {
            "os.putenv" | "os.unsetenv" => self.sets_environment(args.first(), &[], at),
            "site.addsitedir" | "site.addpackage" | "site.addsitepackages" | "site.addusersitepackages" => {
                self.changes(Registry::SearchPath, path, at);
            }
            _ => self.changed_by(base, method, args, named, at),
        }
    }

    /// `base.method(…)`, where `base` steers Python.
    fn changed_by(&mut self, base: &str, method: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        if base == "builtins" {
            return self.table_changed(base, method, args, named, at);
        }
        let Some(registry) = registry(base).filter(|_| changes(method)) else { return };
        // `type(os.environ).update(os.environ, …)`.
        let is_unbound = args.first().is_some_and(|first| first.paths().any(|path| path == base));
        let args = if is_unbound { args.get(1..).unwrap_or_default() } else { args };
        match registry {
            Registry::Environment if matches!(method, "setdefault" | "__setitem__") => {
                self.sets_environment(args.first(), &[], at);
            }
            Registry::Environment => {
                for arg in args {
                    self.sets_all(arg, at);
                }
                self.sets_environment(None, named, at);
            }
            registry => self.changes(registry, &format!("{base}.{method}"), at),
        }
    }

    /// A method of all members of a module: `vars(builtins).update(print=f)`.
    pub(super) fn table_changed(&mut self, base: &str, method: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        if !changes(method) {
            return;
        }
        let mut value = Set::default();
        for arg in args.iter().chain(named.iter().map(|(_, arg)| arg)) {
            value.join(&arg.significant());
        }
        value.add(Value::Unknown);
        self.patched(&format!("{base}.…"), &value, at);
    }

    /// `target op= value`, `target[…] = value` or `target = value`, where `target` is one of those.
    pub(super) fn assigned(&mut self, target: &Set, names: Option<&Set>, value: &Set, at: &impl Ranged) {
        for path in target.paths().map(str::to_owned).collect::<Vec<_>>() {
            if path.starts_with("matplotlib.") {
                value.texts().for_each(|text| self.backend(text, at));
            }
            match (registry(&path), names) {
                (Some(Registry::Environment), Some(names)) => self.sets_environment(Some(names), &[], at),
                (Some(Registry::Environment), None) => self.sets_all(value, at),
                // Lazy modules replace themselves: `sys.modules[__name__] = …`.
                (Some(Registry::Modules), Some(names)) if names.texts().next().is_none() => {}
                (Some(registry), _) => self.changes(registry, &path, at),
                (None, _) => {}
            }
        }
    }

    /// A text that is a setting of Matplotlib names the module that it draws with (`matplotlib.backends.registry`).
    pub(super) fn backend(&mut self, text: &str, at: &impl Ranged) {
        let Some(module) = text.strip_prefix("module://") else { return };
        if !libraries::is_known(module) {
            self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, module);
        }
    }

    /// Sets the variables that a dict or a list of pairs has.
    fn sets_all(&mut self, variables: &Set, at: &impl Ranged) {
        for value in &variables.0 {
            match value {
                Value::Map(map) => map.items.iter().for_each(|(name, _)| self.sets_environment(Some(name), &[], at)),
                Value::Seq(seq) => {
                    for pair in &seq.items {
                        if let Some(Value::Seq(pair)) = pair.one() {
                            self.sets_environment(pair.items.first(), &[], at);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn sets_environment(&mut self, names: Option<&Set>, named: &Named, at: &impl Ranged) {
        let texts = names.into_iter().flat_map(|names| &names.0).filter_map(|name| match name {
            Value::Str(name) => Some(name.to_string()),
            Value::Bytes(name) => Some(String::from_utf8_lossy(name).into_owned()),
            _ => None,
        });
        let names: Vec<String> = texts.chain(named.iter().map(|(name, _)| name.clone())).collect();
        for name in names.into_iter().filter(|name| is_loader(name)) {
            self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, &format!("sets {name}"));
        }
    }

    fn changes(&mut self, registry: Registry, path: &str, at: &impl Ranged) {
        let rule = match registry {
            Registry::SearchPath => &code::CODE_SEARCH_PATH,
            Registry::Hooks => &code::CODE_HOOKS_PYTHON,
            Registry::Modules | Registry::Environment => &code::CODE_PATCHES_LIBRARY,
            // The defaults of what unpickles decide whether it does.
            Registry::Function => {
                let of = path.split(".__").next().unwrap_or_default();
                let acts = python::capability(of).is_some();
                if acts { &code::CODE_HOOKS_PYTHON } else { &code::CODE_PATCHES_LIBRARY }
            }
        };
        self.event(at, Effect::Rule(rule), Certainty::Certain, path);
    }
}
