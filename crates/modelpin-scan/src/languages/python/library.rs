//! Calls of builtins and libraries: what they give back where that is known, and what they do.

use super::constant::constant_call;
use super::fold;
use super::value::{Named, Set, Value};
use super::walk::{Certainty, Effect, Walker};
use crate::engine::Capability;
use crate::knowledge::python::capabilities;
use crate::knowledge::python::libraries;
use crate::knowledge::python::sensitive_names::{is_outside, is_private, is_secret, passes_on};
use modelpin_rules::code;
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    /// A call of something importable.
    pub(super) fn library(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        if let Some(result) = self.reflective(path, args, named, at) {
            return result;
        }
        if let Some(result) = constant_call(path, args) {
            return result;
        }
        self.acts(path, args, named, at);
        let mut result = match capabilities::result(path) {
            Some(known) => Set::path(&known),
            None => Set::of(Value::Foreign),
        };
        match path {
            "pathlib.Path" => {
                let mut all = argument(args, 0);
                for part in args.iter().skip(1) {
                    all = fold::binary(&all, ruff_python_ast::Operator::Div, part);
                }
                all.0.retain(|value| matches!(value, Value::Str(_) | Value::Prefix(_)));
                result.join(&all);
            }
            "pathlib.Path.home" => {
                result = Set::path("pathlib.Path()");
                result.add(Value::Str("~".into()));
            }
            "builtins.type" | "types.new_class" if args.len() > 1 => {
                let bases = argument(args, 1).elements();
                self.subclassed(&bases);
                result.join(&bases.significant());
            }
            "pathlib.Path.cwd" => result = Set::path("pathlib.Path()"),
            // These hand back what they are given, or something of it.
            path if passes_on(path) => {
                for arg in args {
                    result.join(&arg.significant());
                }
            }
            _ => {}
        }
        result
    }

    /// What reaches members, modules and functions by name.
    fn reflective(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Option<Set> {
        Some(match path {
            "builtins.getattr"
            | "inspect.getattr_static"
            | "builtins.object.__getattribute__"
            | "builtins.type.__getattribute__" => {
                let mut found = self.member(&argument(args, 0), &argument(args, 1), at);
                found.join(&args.get(2).map(Set::significant).unwrap_or_default());
                found
            }
            "builtins.setattr" | "builtins.object.__setattr__" | "builtins.type.__setattr__" => {
                for name in argument(args, 1).texts() {
                    self.store(&argument(args, 0), name, &argument(args, 2), at);
                }
                if argument(args, 1).is_open() {
                    self.store(&argument(args, 0), "…", &argument(args, 2), at);
                }
                Set::unknown()
            }
            "builtins.__import__" | "importlib.import_module" => self.imports(path, &argument(args, 0), at),
            "pkgutil.resolve_name" | "pydoc.locate" => {
                self.act(at, Capability::DynamicCode, Certainty::Certain, path);
                let mut all = Set::unknown();
                for name in argument(args, 0).texts() {
                    all.join(&Set::path(&capabilities::canonical(&name.replace(':', "."))));
                }
                all
            }
            "builtins.vars" | "inspect.getmembers" if !args.is_empty() => {
                let mut all = Set::unknown();
                for value in &argument(args, 0).0 {
                    if let Value::Path(path) = value {
                        all.add(Value::Dict(path.clone()));
                    }
                }
                all
            }
            "builtins.vars" | "builtins.globals" | "builtins.locals" => Set::of(Value::Globals),
            "operator.attrgetter" | "operator.methodcaller" => {
                let mut all = Set::default();
                for name in argument(args, 0).texts() {
                    all.add(Value::Getter(name.into(), path.ends_with("methodcaller")));
                }
                if argument(args, 0).is_open() {
                    self.event(at, Effect::Rule(&code::CODE_COMPUTED_NAME), Certainty::Certain, path);
                    all.add(Value::Unknown);
                }
                all
            }
            "operator.getitem" => self.subscript(&argument(args, 0), &argument(args, 1), at),
            "operator.add" | "operator.concat" => {
                fold::binary(&argument(args, 0), ruff_python_ast::Operator::Add, &argument(args, 1))
            }
            _ => return self.applies(path, args, named, at),
        })
    }

    /// What calls its arguments.
    fn applies(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Option<Set> {
        Some(match path {
            "builtins.map" => {
                let items = argument(args, 1);
                if let (Some(Value::Seq(seq)), true) = (items.one(), args.len() == 2) {
                    let results = seq
                        .items
                        .iter()
                        .map(|item| self.invoke(&argument(args, 0), std::slice::from_ref(item), &[], at));
                    Set::seq(results.collect())
                } else {
                    let elements: Vec<Set> = args.iter().skip(1).map(Set::elements).collect();
                    let one = self.invoke(&argument(args, 0), &elements, &[], at);
                    Set::seq(vec![one])
                }
            }
            "builtins.filter" | "itertools.starmap" | "functools.reduce" => {
                let items = argument(args, 1);
                let mut all = args.get(2).cloned().unwrap_or_default();
                match items.one() {
                    Some(Value::Seq(seq)) if path == "functools.reduce" => {
                        for item in &seq.items {
                            all = if all.0.is_empty() {
                                item.clone()
                            } else {
                                self.invoke(&argument(args, 0), &[all, item.clone()], &[], at)
                            };
                        }
                    }
                    _ => {
                        self.invoke(&argument(args, 0), &[items.elements(), items.elements()], &[], at);
                        all.join(&items);
                    }
                }
                all
            }
            "builtins.sorted" | "builtins.min" | "builtins.max" => {
                if let Some((_, key)) = named.iter().find(|(name, _)| name == "key") {
                    self.invoke(key, &[argument(args, 0).elements()], &[], at);
                }
                let mut all = argument(args, 0);
                all.join(&argument(args, 0).elements());
                all
            }
            "builtins.reversed" => match argument(args, 0).one() {
                Some(value @ (Value::Str(_) | Value::Bytes(_) | Value::Seq(_))) => fold::slice(value, None, None, -1),
                _ => argument(args, 0),
            },
            "builtins.next" | "builtins.iter" => {
                let mut all = argument(args, 0);
                self.used(&all);
                all.join(&argument(args, 0).elements());
                all
            }
            "operator.call" => self.invoke(&argument(args, 0), args.get(1..).unwrap_or_default(), named, at),
            "functools.partial" | "functools.partialmethod" => {
                // Not called yet: what it stands for is, when the result is.
                let rest = args.get(1..).unwrap_or_default();
                let mut all = argument(args, 0);
                for value in &argument(args, 0).0 {
                    match value {
                        Value::Func(id) => self.bind_parameters(*id, rest),
                        Value::Path(path) => {
                            all.join(&self.reached(path, rest, at));
                        }
                        _ => {}
                    }
                }
                all
            }
            _ => return None,
        })
    }

    /// What `partial(getattr, os, "system")` and the like will give.
    fn reached(&mut self, path: &str, args: &[Set], at: &impl Ranged) -> Set {
        match (path, args) {
            ("builtins.getattr", [base, names, ..]) => self.member(base, names, at),
            ("builtins.__import__" | "importlib.import_module", [names, ..]) => self.imports(path, names, at),
            _ => Set::default(),
        }
    }

    /// `import_module(name)`.
    fn imports(&mut self, path: &str, names: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for name in names.texts() {
            if let Some(module) = name.strip_prefix('.') {
                self.file_reference(1, module);
                continue;
            }
            if !libraries::is_known(name) {
                self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, name);
            }
            self.imported(name, at);
            let first = name.split('.').next().unwrap_or_default();
            if path == "builtins.__import__" {
                all.join(&Set::path(&capabilities::canonical(first)));
            }
            all.join(&Set::path(&capabilities::canonical(name)));
        }
        if names.is_open() {
            // `f".{name}"` stays within the package.
            let within = names.0.iter().all(|name| match name {
                Value::Str(_) => true,
                Value::Prefix(head) => head.starts_with('.'),
                _ => false,
            });
            let how = if within { Certainty::Harmless } else { Certainty::Certain };
            self.act(at, Capability::DynamicCode, how, &format!("{path} of a computed name"));
        }
        all.add(Value::Unknown);
        all
    }

    /// Reading an environment variable.
    pub(super) fn environment(&mut self, names: &Set, at: &impl Ranged) {
        for name in names.texts() {
            self.act(at, Capability::Environment, Certainty::Certain, name);
            if is_secret(name) {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Certain, &format!("reads {name}"));
            }
        }
        if names.is_open() {
            self.act(at, Capability::Environment, Certainty::Certain, "a computed name");
        }
    }

    /// What the call does, by the table and by its arguments.
    fn acts(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        let keyword = |name: &str| named.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let is = |name: &str, value: &Value| keyword(name).and_then(Set::one) == Some(value);
        let is_false = |value: &Set| value.one() == Some(&Value::Bool(false));
        match path {
            "builtins.open" | "pathlib.Path().open" => return self.opens(path, args, named, at),
            "os.getenv" | "os.getenvb" => {
                return self.environment(&args.first().cloned().unwrap_or_else(Set::unknown), at);
            }
            "os.environ.copy" | "os.environ.items" | "os.environ.values" => {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, "reads the whole environment");
            }
            "builtins.dict" | "builtins.list" | "builtins.str" | "json.dumps" | "builtins.repr" | "builtins.sorted"
                if args.iter().any(|arg| arg.paths().any(|path| path == "os.environ")) =>
            {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, "reads the whole environment");
            }
            "torch.load" if is("weights_only", &Value::Bool(true)) => return,
            "numpy.load" if keyword("allow_pickle").or_else(|| args.get(2)).is_none_or(is_false) => return,
            "yaml.load" | "yaml.load_all" => {
                let loader = keyword("Loader").or_else(|| args.get(1));
                let is_safe = |loader: &Set| {
                    !loader.0.is_empty()
                        && loader.0.iter().all(|value| {
                            matches!(value, Value::Path(path)
                                if matches!(&**path, "yaml.SafeLoader" | "yaml.CSafeLoader" | "yaml.BaseLoader"))
                        })
                };
                if loader.is_some_and(is_safe) {
                    return;
                }
            }
            "sys.path.append" | "sys.path.insert" | "sys.path.extend" | "site.addsitedir" => {
                self.event(at, Effect::Rule(&code::CODE_SEARCH_PATH), Certainty::Certain, path);
            }
            "sys.meta_path.append"
            | "sys.meta_path.insert"
            | "sys.path_hooks.append"
            | "sys.path_hooks.insert"
            | "sys.settrace"
            | "sys.setprofile"
            | "sys.addaudithook"
            | "threading.settrace"
            | "threading.setprofile" => {
                self.event(at, Effect::Rule(&code::CODE_HOOKS_PYTHON), Certainty::Certain, path);
            }
            "atexit.register" | "signal.signal" | "faulthandler.register" | "weakref.finalize" | "copyreg.pickle" => {
                self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, path);
            }
            _ => {}
        }
        let Some(capability) = capabilities::capability(path) else { return };
        match capability {
            Capability::FilesystemWrite => self.writes(path, args, at),
            Capability::FilesystemReadOutside => {
                for arg in args {
                    self.reads(path, arg, at);
                }
            }
            capability => self.act(at, capability, Certainty::Certain, path),
        }
    }

    fn opens(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        let skip = usize::from(path == "builtins.open");
        let mode = named.iter().find(|(name, _)| name == "mode").map(|(_, mode)| mode).or_else(|| args.get(skip));
        let is_open = mode.is_some_and(Set::is_open);
        let writes = mode.is_some_and(|mode| mode.texts().any(|mode| mode.contains(['w', 'a', 'x', '+'])));
        let file = args.first().or_else(|| named.iter().find(|(name, _)| name == "file").map(|(_, file)| file));
        let file = file.cloned().unwrap_or_else(Set::unknown);
        if writes {
            self.writes("open for writing", std::slice::from_ref(&file), at);
        } else if is_open {
            self.act(at, Capability::FilesystemWrite, Certainty::CallerControlled, "open in a computed mode");
        }
        self.reads("open", &file, at);
    }

    /// Writing to a place that the caller chose is what `save_vocabulary` and its like are for; a place that
    /// the code names is another matter, and so is removing.
    fn writes(&mut self, path: &str, args: &[Set], at: &impl Ranged) {
        let named = args.iter().flat_map(|arg| &arg.0).find_map(|value| match value {
            Value::Str(text) => Some(text.to_string()),
            Value::Prefix(head) if is_outside(head) => Some(format!("{head}…")),
            _ => None,
        });
        let makes = matches!(path, "os.makedirs" | "os.mkdir" | "pathlib.Path().mkdir");
        let changes = ["remove", "unlink", "rmtree", "rmdir", "chmod", "chown", "symlink", "link", "replace", "rename"];
        let changes = changes.iter().any(|word| path.ends_with(word)) || path.contains("extract");
        let how = match &named {
            Some(place) if makes && !is_outside(place) => Certainty::Harmless,
            Some(_) => Certainty::Certain,
            None if changes => Certainty::Certain,
            None => Certainty::CallerControlled,
        };
        let detail = named.map_or_else(|| path.to_owned(), |place| format!("{path}: {place}"));
        self.act(at, Capability::FilesystemWrite, how, &detail);
    }

    fn reads(&mut self, path: &str, file: &Set, at: &impl Ranged) {
        for value in &file.0 {
            let (Value::Str(place) | Value::Prefix(place)) = value else { continue };
            if is_outside(place) {
                self.act(at, Capability::FilesystemReadOutside, Certainty::Certain, &format!("{path}: {place}"));
                if is_private(place) {
                    self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, &format!("reads {place}"));
                }
            }
        }
    }
}

/// The positional argument at `index`; unknown where there is none.
fn argument(args: &[Set], index: usize) -> Set {
    args.get(index).cloned().unwrap_or_else(Set::unknown)
}
