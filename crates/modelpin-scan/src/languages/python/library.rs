//! Calls of builtins and libraries: what they give back where that is known, and what they do.

use super::constant::constant_call;
use super::fold;
use super::value::{Named, Set, Value, sibling};
use super::walk::{Certainty, Effect, MODULE, Walker};
use crate::engine::Capability;
use crate::knowledge::python::arguments::{self, Touch, Unless};
use crate::knowledge::python::libraries;
use crate::knowledge::python::sensitive_names::is_secret;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    /// A call of something importable.
    pub(super) fn library(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        if let Some(result) = self.calls_inside(path, args, at).or_else(|| self.reflective(path, args, named, at)) {
            return result;
        }
        if let Some(result) = constant_call(path, args) {
            return result;
        }
        if let Some(callback) = made_callback(path, args) {
            return callback;
        }
        self.acts(path, args, named, at);
        let mut result = match python::result(path) {
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
                // What it is made of, Python and the bases call.
                self.calls_all(&[argument(args, 2).elements()], &[]);
            }
            "dataclasses.field" => {
                if let Some((_, factory)) = named.iter().find(|(name, _)| name == "default_factory") {
                    let made = self.invoke(factory, &[], &[], at);
                    result.join(&made.significant());
                }
            }
            // It calls its factory for what it does not have.
            "collections.defaultdict" if !args.is_empty() => {
                let made = self.invoke(&argument(args, 0), &[], &[], at);
                result.join(&made.significant());
                args.iter().for_each(|arg| {
                    result.join(&arg.significant());
                });
            }
            "pathlib.Path.cwd" => result = Set::path("pathlib.Path()"),
            "io.BytesIO" | "io.StringIO" => result = Set::path(&format!("{path}()")),
            // It gives back the wrapper, which carries what it wraps.
            "functools.wraps" | "functools.update_wrapper" => {
                let wrapped = argument(args, usize::from(path.ends_with("update_wrapper"))).significant();
                if self.fields.entry("__wrapped__".to_owned()).or_default().join(&wrapped) {
                    self.changed = true;
                    self.keep(&wrapped);
                }
                result = if path.ends_with("wraps") { Set::path("functools.wraps()") } else { argument(args, 0) };
            }
            // These hand back what they are given, or something of it.
            path if python::passes_on(path) => {
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
            "pkgutil.resolve_name" | "pydoc.locate" => self.located(path, &argument(args, 0), at),
            "builtins.dict" if args.is_empty() && !named.is_empty() => {
                let key = |name: &str| if name == "**" { Set::unknown() } else { Set::text(name) };
                Set::map(named.iter().map(|(name, value)| (key(name), value.clone())).collect())
            }
            "builtins.zip" if args.len() == 2 => return pairs(&argument(args, 0), &argument(args, 1)),
            "builtins.vars" | "inspect.getmembers" if !args.is_empty() => members(&argument(args, 0)),
            // They hand out objects of the whole process.
            "gc.get_objects"
            | "gc.get_referrers"
            | "gc.get_referents"
            | "inspect.stack"
            | "inspect.trace"
            | "inspect.getmodule"
            | "inspect.currentframe"
            | "sys._current_frames"
            | "sys._getframe"
            | "sys._getframemodulename"
            | "sys.exc_info"
            | "weakref.getweakrefs"
            | "string.Formatter().get_field"
            | "string.Formatter().vformat" => {
                if path.starts_with("sys._") {
                    self.internal(path, at);
                }
                Set::of(Value::Held(path.into()))
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
            "operator.setitem" => {
                self.store_item(&argument(args, 0), &argument(args, 1), &argument(args, 2), at);
                Set::unknown()
            }
            "operator.getitem" => self.subscript(&argument(args, 0), &argument(args, 1), at),
            "operator.add" | "operator.concat" => {
                fold::binary(&argument(args, 0), ruff_python_ast::Operator::Add, &argument(args, 1))
            }
            _ => return self.applies(path, args, named, at),
        })
    }

    /// What the dotted `names` stand for, whatever they name.
    fn located(&mut self, path: &str, names: &Set, at: &impl Ranged) -> Set {
        self.act(at, Capability::DynamicCode, Certainty::Certain, path);
        let mut all = Set::unknown();
        for name in names.texts() {
            all.join(&Set::path(&python::canonical(&name.replace(':', "."))));
        }
        all
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
                    let elements: Vec<Set> = args.iter().skip(1).map(|arg| self.iterated(arg)).collect();
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
                if path == "builtins.iter" && args.len() == 2 {
                    let given = self.invoke(&argument(args, 0), &[], &[], at);
                    all.join(&given);
                }
                self.used(&all);
                all.join(&argument(args, 0).elements());
                all
            }
            "operator.call" => self.invoke(&argument(args, 0), args.get(1..).unwrap_or_default(), named, at),
            "functools.partial" | "functools.partialmethod" => self.partial(args, named, at),
            _ => return None,
        })
    }

    /// `partial(f, …)`: not called yet; what `f` stands for is, when the result is.
    fn partial(&mut self, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        let rest = args.get(1..).unwrap_or_default();
        let mut all = argument(args, 0);
        for value in &argument(args, 0).0 {
            match value {
                Value::Func(id) => self.bind_parameters(*id, rest, named),
                Value::Path(path) => {
                    all.join(&self.reached(path, rest, at));
                }
                _ => {}
            }
        }
        all
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
                all.add(sibling(name));
                continue;
            }
            if !libraries::is_known(name) {
                self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, name);
            }
            self.imported(name, at);
            let first = name.split('.').next().unwrap_or_default();
            if path == "builtins.__import__" {
                all.join(&Set::path(&python::canonical(first)));
            }
            all.join(&Set::path(&python::canonical(name)));
        }
        if names.is_open() {
            // `f".{name}"` stays within the package, `f"transformers.{name}"` within that library.
            let is_within = names.0.iter().all(|name| match name {
                Value::Str(_) => true,
                Value::Prefix(head) => head.starts_with('.') || self.is_of_library(head, at),
                _ => false,
            });
            let how = if is_within { Certainty::Harmless } else { Certainty::Certain };
            self.act(at, Capability::DynamicCode, how, &format!("{path} of a computed name"));
        }
        if names.is_open() {
            all.add(Value::Unknown);
        }
        all
    }

    /// Whether a name of a module that begins with `head` is one in a library through which not everything can be
    /// reached.
    fn is_of_library(&mut self, head: &str, at: &impl Ranged) -> bool {
        let Some((library, _)) = head.split_once('.') else { return false };
        let is_plain = !python::leads_out(library) && !python::is_carried(library);
        if is_plain && !libraries::is_known(library) {
            self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, library);
        }
        is_plain
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

    /// What the call does, by the tables and by its arguments.
    fn acts(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        self.steers(path, args, named, at);
        let is_listed = self.touches(path, args, named, at);
        match path {
            "os.getenv" | "os.getenvb" => {
                return self.environment(&args.first().cloned().unwrap_or_else(Set::unknown), at);
            }
            // What a function copies of it is mostly for a program that it starts.
            "os.environ.copy" if self.cursor.owner != MODULE => {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Certain, "reads the whole environment");
            }
            "os.environ.copy" | "os.environ.items" | "os.environ.values" => {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, "reads the whole environment");
            }
            "builtins.dict" | "builtins.list" | "builtins.str" | "json.dumps" | "builtins.repr" | "builtins.sorted"
                if args.iter().any(|arg| arg.paths().any(|path| path == "os.environ")) =>
            {
                self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, "reads the whole environment");
            }
            // What is printed goes into the file then.
            "fileinput.input" | "fileinput.FileInput"
                if named.iter().any(|(name, value)| name == "inplace" && value.one() != Some(&Value::Bool(false))) =>
            {
                self.writes(path, &argument(args, 0), at);
            }
            // Annotations of a library's classes are that library's.
            "typing.get_type_hints" if is_of_libraries(args.first()) => return,
            "yaml.load" | "yaml.load_all" if has_safe_loader(args, named) => return,
            "sys.settrace" | "sys.setprofile" | "sys.addaudithook" | "threading.settrace" | "threading.setprofile" => {
                self.hooks(path, args, at);
            }
            "atexit.register" | "signal.signal" | "faulthandler.register" | "weakref.finalize" | "copyreg.pickle" => {
                self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, path);
            }
            path if is_patch(path) => {
                self.event(at, Effect::Rule(&code::CODE_PATCHES_LIBRARY), Certainty::Certain, path);
            }
            _ => {}
        }
        if arguments::unless(path).is_some_and(|unless| does_not(unless, args, named)) {
            return;
        }
        let Some(capability) = python::capability(path) else { return };
        match capability {
            Capability::FilesystemWrite | Capability::FilesystemReadOutside if is_listed => {}
            Capability::FilesystemWrite => {
                let mut places = Set::default();
                for arg in args.iter().chain(named.iter().map(|(_, arg)| arg)) {
                    places.join(arg);
                }
                self.writes(path, &places, at);
            }
            Capability::FilesystemReadOutside => {
                for arg in args {
                    self.reads(path, arg, at);
                }
            }
            Capability::Deserialise if is_loading(path) => {}
            Capability::Network if is_own_hub(path, args, named) => {
                self.act(at, capability, Certainty::Certain, path);
            }
            Capability::Network if path.starts_with(HUB) => {
                self.act(at, capability, Certainty::Certain, &format!("another place than the Hub: {path}"));
            }
            capability => self.act(at, capability, Certainty::Certain, path),
        }
    }

    /// Python calls what is given here from then on; `None` ends that.
    fn hooks(&mut self, path: &str, args: &[Set], at: &impl Ranged) {
        if args.first().and_then(Set::one) != Some(&Value::Null) {
            self.event(at, Effect::Rule(&code::CODE_HOOKS_PYTHON), Certainty::Certain, path);
        }
    }
}

/// The library of the Hub's own clients.
pub(super) const HUB: &str = "huggingface_hub";

/// Whether a call of the Hub's client goes to the Hub: no argument names another place.
fn is_own_hub(path: &str, args: &[Set], named: &Named) -> bool {
    let is_elsewhere = |text: &str| {
        arguments::is_address(text)
            && !["https://huggingface.co", "https://hf.co", "hf://"].iter().any(|hub| {
                text.strip_prefix(hub)
                    .is_some_and(|rest| hub.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
            })
    };
    let is_named_elsewhere = named.iter().any(|(name, value)| {
        matches!(name.as_str(), "endpoint" | "base_url" | "api_url")
            && !(value.one() == Some(&Value::Null) || !value.is_open() && !value.texts().any(is_elsewhere))
    });
    let elsewhere = args.iter().chain(named.iter().map(|(_, value)| value)).flat_map(Set::texts).any(is_elsewhere);
    path.starts_with(HUB) && !elsewhere && !is_named_elsewhere
}

/// Whether all that `arg` may be is importable, and nothing of this module.
fn is_of_libraries(arg: Option<&Set>) -> bool {
    arg.is_some_and(|arg| !arg.0.is_empty() && arg.0.iter().all(|value| matches!(value, Value::Path(_))))
}

/// Whether `path` replaces something for as long as a test runs.
fn is_patch(path: &str) -> bool {
    path.strip_prefix("unittest.")
        .unwrap_or(path)
        .strip_prefix("mock.patch")
        .is_some_and(|rest| matches!(rest, "" | ".object" | ".dict" | ".multiple"))
}

/// Whether the table of arguments says how surely `path` unpickles.
fn is_loading(path: &str) -> bool {
    arguments::touches(path).iter().any(|row| row.touch == Touch::Loads)
}

/// Whether the arguments keep a call from unpickling.
fn does_not(unless: Unless, args: &[Set], named: &Named) -> bool {
    let has_more = named.iter().any(|(name, _)| name == "**");
    match unless.argument.given(args, named) {
        Some(given) => given.one() == Some(&Value::Bool(unless.value)),
        None => unless.usual == unless.value && !has_more,
    }
}

fn has_safe_loader(args: &[Set], named: &Named) -> bool {
    let loader = named.iter().find(|(name, _)| name == "Loader").map(|(_, loader)| loader).or_else(|| args.get(1));
    loader.is_some_and(|loader| {
        let is_safe = |value: &Value| {
            matches!(value, Value::Path(path)
                if matches!(&**path, "yaml.SafeLoader" | "yaml.CSafeLoader" | "yaml.BaseLoader" | "yaml.CBaseLoader"))
        };
        !loader.0.is_empty() && loader.0.iter().all(is_safe)
    })
}

/// `zip(left, right)`, where both are known.
fn pairs(left: &Set, right: &Set) -> Option<Set> {
    let (Some(Value::Seq(left)), Some(Value::Seq(right))) = (left.one(), right.one()) else { return None };
    let pairs = left.items.iter().zip(&right.items).map(|(left, right)| Set::seq(vec![left.clone(), right.clone()]));
    Some(Set::seq(pairs.collect()))
}

/// `vars(of)`.
fn members(of: &Set) -> Set {
    let mut all = Set::of(Value::Foreign);
    for value in &of.0 {
        match value {
            Value::Path(path) => {
                all.add(Value::Dict(path.clone()));
            }
            Value::Held(_) => {
                all.add(value.clone());
            }
            _ => {}
        }
    }
    all
}

/// What a type of C functions makes of a function of this module: what calls that. Of an address or of a name it makes
/// code that nobody sees here.
fn made_callback(path: &str, args: &[Set]) -> Option<Set> {
    let [callback] = args else { return None };
    let is_own = !callback.0.is_empty() && callback.0.iter().all(|value| matches!(value, Value::Func(_)));
    (path == "ctypes.CFUNCTYPE()" && is_own).then(|| callback.clone())
}

/// The positional argument at `index`; unknown where there is none.
fn argument(args: &[Set], index: usize) -> Set {
    args.get(index).cloned().unwrap_or_else(Set::unknown)
}
