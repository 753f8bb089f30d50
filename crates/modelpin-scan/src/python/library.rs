//! Calls of builtins and libraries: what they give back where that can be told, and what they do.

use super::call::Named;
use super::fold;
use super::value::{Set, Value};
use super::walk::{How, Walker, What};
use super::{Capability, table};
use crate::rules::code;
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    /// A call of something importable.
    pub(super) fn library(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Set {
        let arg = |index: usize| args.get(index).cloned().unwrap_or_else(Set::unknown);
        if let Some(result) = self.reflective(path, args, named, at) {
            return result;
        }
        if let Some(result) = constant_call(path, args) {
            return result;
        }
        self.acts(path, args, named, at);
        let has_result = table::has_result(path);
        let mut result = if has_result { Set::path(&format!("{path}()")) } else { Set::unknown() };
        match path {
            "pathlib.Path" => {
                let mut all = arg(0);
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
            "pathlib.Path.cwd" => result = Set::path("pathlib.Path()"),
            // These hand back what they are given, or something of it.
            path if passes_on(path) => {
                for arg in args {
                    result.join(&arg.telling());
                }
            }
            _ => {}
        }
        result
    }

    /// What reaches members, modules and functions by name, and what calls its arguments.
    fn reflective(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> Option<Set> {
        let arg = |index: usize| args.get(index).cloned().unwrap_or_else(Set::unknown);
        Some(match path {
            "builtins.getattr"
            | "inspect.getattr_static"
            | "builtins.object.__getattribute__"
            | "builtins.type.__getattribute__" => {
                let mut found = self.member(&arg(0), &arg(1), at);
                found.join(&args.get(2).map(Set::telling).unwrap_or_default());
                found
            }
            "builtins.setattr" | "builtins.object.__setattr__" | "builtins.type.__setattr__" => {
                for name in arg(1).texts() {
                    self.store(&arg(0), name, &arg(2), at);
                }
                if arg(1).is_open() {
                    self.store(&arg(0), "…", &arg(2), at);
                }
                Set::unknown()
            }
            "builtins.__import__" | "importlib.import_module" => self.imports(path, &arg(0), at),
            "pkgutil.resolve_name" | "pydoc.locate" => {
                self.act(at, Capability::DynamicCode, How::Done, path);
                let mut all = Set::unknown();
                for name in arg(0).texts() {
                    all.join(&Set::path(&table::canonical(&name.replace(':', "."))));
                }
                all
            }
            "builtins.vars" | "inspect.getmembers" if !args.is_empty() => {
                let mut all = Set::unknown();
                for value in &arg(0).0 {
                    if let Value::Path(path) = value {
                        all.add(Value::Dict(path.clone()));
                    }
                }
                all
            }
            "builtins.vars" | "builtins.globals" | "builtins.locals" => Set::of(Value::Globals),
            "builtins.map" => {
                let items = arg(1);
                if let (Some(Value::Seq(seq)), true) = (items.one(), args.len() == 2) {
                    let results =
                        seq.items.iter().map(|item| self.invoke(&arg(0), std::slice::from_ref(item), &[], at));
                    Set::seq(results.collect())
                } else {
                    let elements: Vec<Set> = args.iter().skip(1).map(Set::elements).collect();
                    let one = self.invoke(&arg(0), &elements, &[], at);
                    Set::seq(vec![one])
                }
            }
            "builtins.filter" | "itertools.starmap" | "functools.reduce" => {
                let items = arg(1);
                let mut all = args.get(2).cloned().unwrap_or_default();
                match items.one() {
                    Some(Value::Seq(seq)) if path == "functools.reduce" => {
                        for item in &seq.items {
                            all = if all.0.is_empty() {
                                item.clone()
                            } else {
                                self.invoke(&arg(0), &[all, item.clone()], &[], at)
                            };
                        }
                    }
                    _ => {
                        self.invoke(&arg(0), &[items.elements(), items.elements()], &[], at);
                        all.join(&items);
                    }
                }
                all
            }
            "builtins.sorted" | "builtins.min" | "builtins.max" => {
                if let Some((_, key)) = named.iter().find(|(name, _)| name == "key") {
                    self.invoke(key, &[arg(0).elements()], &[], at);
                }
                let mut all = arg(0);
                all.join(&arg(0).elements());
                all
            }
            "builtins.next" | "builtins.iter" | "builtins.reversed" => {
                let mut all = arg(0);
                self.used(&all);
                if path == "builtins.reversed" {
                    match all.one() {
                        Some(value @ (Value::Str(_) | Value::Bytes(_) | Value::Seq(_))) => {
                            return Some(fold::slice(value, None, None, -1));
                        }
                        _ => return Some(all),
                    }
                }
                let elements = all.elements();
                all.join(&elements);
                all
            }
            "functools.partial" | "functools.partialmethod" | "operator.call" => {
                let rest = args.get(1..).unwrap_or_default();
                self.invoke(&arg(0), rest, named, at);
                arg(0)
            }
            "operator.attrgetter" | "operator.methodcaller" => {
                let mut all = Set::default();
                for name in arg(0).texts() {
                    all.add(Value::Getter(name.into(), path.ends_with("methodcaller")));
                }
                if arg(0).is_open() {
                    self.event(at, What::Rule(&code::COMPUTED), How::Done, path);
                    all.add(Value::Unknown);
                }
                all
            }
            "operator.getitem" => self.subscript(&arg(0), &arg(1), at),
            "operator.add" | "operator.concat" => fold::binary(&arg(0), ruff_python_ast::Operator::Add, &arg(1)),
            _ => return None,
        })
    }

    /// `import_module(name)`.
    fn imports(&mut self, path: &str, names: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for name in names.texts() {
            if let Some(module) = name.strip_prefix('.') {
                self.mention(1, module);
                continue;
            }
            if !super::libraries::is_known(name) {
                self.event(at, What::Rule(&code::IMPORTS), How::Done, name);
            }
            self.imported(name, at);
            let first = name.split('.').next().unwrap_or_default();
            if path == "builtins.__import__" {
                all.join(&Set::path(&table::canonical(first)));
            }
            all.join(&Set::path(&table::canonical(name)));
        }
        if names.is_open() {
            // `f".{name}"` stays within the package.
            let within = names.0.iter().all(|name| match name {
                Value::Str(_) => true,
                Value::Prefix(head) => head.starts_with('.'),
                _ => false,
            });
            let how = if within { How::Mild } else { How::Done };
            self.act(at, Capability::DynamicCode, how, &format!("{path} of a computed name"));
        }
        all.add(Value::Unknown);
        all
    }

    /// Reading an environment variable.
    pub(super) fn environment(&mut self, names: &Set, at: &impl Ranged) {
        for name in names.texts() {
            self.act(at, Capability::Environment, How::Done, name);
            if is_secret(name) {
                self.event(at, What::Rule(&code::SECRETS), How::Done, &format!("reads {name}"));
            }
        }
        if names.is_open() {
            self.act(at, Capability::Environment, How::Done, "a computed name");
        }
    }

    /// What the call does, by the table and by its arguments.
    fn acts(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        let keyword = |name: &str| named.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let is = |name: &str, value: &Value| keyword(name).and_then(Set::one) == Some(value);
        match path {
            "builtins.open" | "pathlib.Path().open" => return self.opens(path, args, named, at),
            "os.getenv" | "os.getenvb" => {
                return self.environment(&args.first().cloned().unwrap_or_else(Set::unknown), at);
            }
            "os.environ.copy" | "os.environ.items" | "os.environ.values" => {
                self.event(at, What::Rule(&code::SECRETS), How::Mild, "reads the whole environment");
            }
            "builtins.dict" | "builtins.list" | "builtins.str" | "json.dumps" | "builtins.repr" | "builtins.sorted" => {
                if args.iter().any(|arg| arg.paths().any(|path| path == "os.environ")) {
                    self.event(at, What::Rule(&code::SECRETS), How::Mild, "reads the whole environment");
                }
            }
            "torch.load" if is("weights_only", &Value::Bool(true)) => return,
            "numpy.load" if !is("allow_pickle", &Value::Bool(true)) && args.get(2).is_none() => {
                if named.iter().all(|(name, value)| name != "allow_pickle" || value.one() == Some(&Value::Bool(false)))
                {
                    return;
                }
            }
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
                self.event(at, What::Rule(&code::SEARCH_PATH), How::Done, path);
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
                self.event(at, What::Rule(&code::HOOK), How::Done, path);
            }
            "atexit.register" | "signal.signal" | "faulthandler.register" | "weakref.finalize" | "copyreg.pickle" => {
                self.event(at, What::Rule(&code::PATCH), How::Done, path);
            }
            _ => {}
        }
        let Some(capability) = table::capability(path) else { return };
        match capability {
            Capability::FilesystemWrite => self.writes(path, args, at),
            Capability::FilesystemReadOutside => {
                for arg in args {
                    self.reads(path, arg, at);
                }
            }
            capability => self.act(at, capability, How::Done, path),
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
            self.act(at, Capability::FilesystemWrite, How::Faint, "open in a computed mode");
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
            Some(place) if makes && !is_outside(place) => How::Mild,
            Some(_) => How::Done,
            None if changes => How::Done,
            None => How::Faint,
        };
        let detail = named.map_or_else(|| path.to_owned(), |place| format!("{path}: {place}"));
        self.act(at, Capability::FilesystemWrite, how, &detail);
    }

    fn reads(&mut self, path: &str, file: &Set, at: &impl Ranged) {
        for value in &file.0 {
            let (Value::Str(place) | Value::Prefix(place)) = value else { continue };
            if is_outside(place) {
                self.act(at, Capability::FilesystemReadOutside, How::Done, &format!("{path}: {place}"));
                if is_private(place) {
                    self.event(at, What::Rule(&code::SECRETS), How::Done, &format!("reads {place}"));
                }
            }
        }
    }
}

/// Libraries whose functions hand back what they are given, or something of it.
fn passes_on(path: &str) -> bool {
    ["builtins.", "copy.", "itertools.", "functools.", "contextlib.", "types.", "typing.", "operator.", "collections."]
        .iter()
        .any(|head| path.starts_with(head))
        && table::capability(path).is_none()
}

/// Whether a path leads out of the folder that code is run in.
fn is_outside(place: &str) -> bool {
    let is_drive =
        place.as_bytes().get(1) == Some(&b':') && place.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let climbs = place.split(['/', '\\']).any(|part| part == "..");
    let is_null = place == "/dev/null";
    !is_null && (place.starts_with(['/', '~', '\\']) || is_drive || climbs || place.starts_with("$HOME"))
}

/// Whether an environment variable holds a secret, by its name.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // `TOKENIZERS_PARALLELISM` and the like are settings.
    let words: Vec<&str> = name.split('_').collect();
    let words_are =
        ["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS", "CREDENTIAL", "AWS", "APIKEY", "PAT", "PASS"];
    words.iter().any(|word| words_are.contains(word))
}

/// Whether a file holds secrets, by its name.
fn is_private(place: &str) -> bool {
    const PRIVATE: &[&str] = &[
        ".ssh",
        ".aws",
        ".netrc",
        ".git-credentials",
        ".kube",
        ".docker/config",
        "id_rsa",
        "id_ed25519",
        "/etc/shadow",
        "/etc/passwd",
        "/environ",
        "huggingface/token",
        ".huggingface",
        "Login Data",
        "wallet",
        ".gnupg",
        ".pypirc",
        ".npmrc",
        ".bash_history",
        "gcloud",
        "key4.db",
        ".config/gh",
        "/run/secrets",
        "stored_tokens",
    ];
    PRIVATE.iter().any(|part| place.contains(part))
}

/// Calls that only compute, where the arguments are constants.
fn constant_call(path: &str, args: &[Set]) -> Option<Set> {
    let first = args.first()?;
    let value = first.one()?;
    let text = match value {
        Value::Str(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(&**bytes),
        _ => None,
    };
    let bytes = |bytes: Option<Vec<u8>>| bytes.map(|bytes| Set::bytes(&bytes));
    match (path, value) {
        ("builtins.chr", Value::Int(number)) => {
            u32::try_from(*number).ok().and_then(char::from_u32).map(|c| Set::text(&c.to_string()))
        }
        ("builtins.ord", Value::Str(text)) => text.chars().next().map(|c| Set::of(Value::Int(i64::from(u32::from(c))))),
        ("builtins.str", Value::Bytes(raw)) if args.len() > 1 => Some(fold::decode(raw, "")),
        ("builtins.str", value) => fold::shown(value).map(|text| Set::text(&text)),
        ("builtins.int", Value::Int(_)) | ("builtins.bytes", Value::Bytes(_)) => Some(first.clone()),
        ("builtins.int", Value::Str(digits)) => {
            let base = args.get(1).and_then(Set::one);
            let radix = if let Some(Value::Int(base)) = base { u32::try_from(*base).ok()? } else { 10 };
            let digits = digits.trim_start_matches("0x").trim_start_matches("0b").trim_start_matches("0o");
            let number = (2..=36).contains(&radix).then(|| i64::from_str_radix(digits, radix).ok())??;
            Some(Set::of(Value::Int(number)))
        }
        ("builtins.bytes" | "builtins.bytearray", Value::Str(text)) => Some(Set::bytes(text.as_bytes())),
        ("builtins.bytes" | "builtins.bytearray", Value::Seq(seq)) => {
            let each = seq.items.iter().map(|item| match item.one() {
                Some(Value::Int(number)) => u8::try_from(*number).ok(),
                _ => None,
            });
            bytes(each.collect())
        }
        ("builtins.list" | "builtins.tuple", Value::Str(text)) if text.len() <= 4096 => {
            Some(Set::seq(text.chars().map(|c| Set::text(&c.to_string())).collect()))
        }
        ("builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.iter", Value::Seq(_)) => Some(first.clone()),
        ("builtins.range", Value::Int(number)) if args.len() == 1 && (0..=512).contains(number) => {
            Some(Set::seq((0..*number).map(|number| Set::of(Value::Int(number))).collect()))
        }
        (
            "base64.b64decode"
            | "base64.standard_b64decode"
            | "base64.urlsafe_b64decode"
            | "base64.decodebytes"
            | "binascii.a2b_base64",
            _,
        ) => bytes(fold::base64(text?)),
        (
            "base64.b16decode"
            | "binascii.unhexlify"
            | "binascii.a2b_hex"
            | "builtins.bytes.fromhex"
            | "builtins.bytearray.fromhex",
            _,
        ) => bytes(fold::hex(&String::from_utf8_lossy(text?))),
        ("codecs.decode" | "codecs.encode", _) => {
            let codec = args.get(1).and_then(|codec| codec.texts().next().map(str::to_owned)).unwrap_or_default();
            Some(fold::decode(text?, &codec))
        }
        (
            "os.path.expanduser" | "os.path.abspath" | "os.path.realpath" | "os.path.expandvars" | "os.fspath"
            | "os.path.normpath",
            _,
        ) => Some(first.clone()),
        ("os.path.join", _) => {
            let mut all = first.clone();
            for part in args.get(1..)? {
                all = fold::binary(&all, ruff_python_ast::Operator::Div, part);
            }
            Some(all)
        }
        _ => None,
    }
}

/// Methods of constants.
pub(super) fn of_constant(value: &Value, name: &str, args: &[Set], named: &Named) -> Set {
    let text_of = |index: usize| args.get(index).and_then(|arg| arg.texts().next().map(str::to_owned));
    let known = match (value, name) {
        (Value::Str(text), "format") => Some(Set::of(fold::format(text, args, named))),
        (Value::Str(text), "join") => args.first().and_then(|items| joined(text, items)),
        (Value::Bytes(glue), "join") => args.first().and_then(|items| match items.one() {
            Some(Value::Seq(seq)) => {
                let parts: Option<Vec<&[u8]>> = seq
                    .items
                    .iter()
                    .map(|item| if let Some(Value::Bytes(bytes)) = item.one() { Some(&**bytes) } else { None })
                    .collect();
                parts.map(|parts| Set::bytes(&parts.join(&**glue)))
            }
            _ => None,
        }),
        (Value::Str(text), "replace") => {
            let (from, to) = (text_of(0), text_of(1));
            from.zip(to)
                .filter(|(from, to)| !from.is_empty() && to.len() <= from.len().max(64))
                .map(|(from, to)| Set::text(&text.replace(&from, &to)))
        }
        (Value::Str(text), "lower" | "casefold") => Some(Set::text(&text.to_lowercase())),
        (Value::Str(text), "upper") => Some(Set::text(&text.to_uppercase())),
        (Value::Str(text), "swapcase") => {
            let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            Some(Set::text(&text.chars().map(swap).collect::<String>()))
        }
        (Value::Str(text), "strip" | "lstrip" | "rstrip") => match text_of(0) {
            None => Some(Set::text(text.trim())),
            Some(cut) => Some(Set::text(text.trim_matches(|c| cut.contains(c)))),
        },
        (Value::Str(text), "removeprefix" | "removesuffix") => {
            let cut = text_of(0).unwrap_or_default();
            let cut = if name == "removeprefix" { text.strip_prefix(&cut) } else { text.strip_suffix(&cut) };
            Some(Set::text(cut.unwrap_or(text)))
        }
        (Value::Str(text), "split" | "rsplit") => {
            let parts: Vec<Set> = match text_of(0) {
                Some(by) if !by.is_empty() => text.split(&by).take(512).map(Set::text).collect(),
                _ => text.split_whitespace().take(512).map(Set::text).collect(),
            };
            Some(Set::seq(parts))
        }
        (Value::Str(text), "encode") => Some(Set::bytes(text.as_bytes())),
        (Value::Bytes(bytes), "decode") => Some(fold::decode(bytes, &text_of(0).unwrap_or_default())),
        (Value::Bytes(bytes), "hex") => {
            Some(Set::text(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        (Value::Int(number), "to_bytes") => args.first().and_then(|count| match count.one() {
            Some(Value::Int(count)) if (0..=8).contains(count) => {
                let all = number.to_be_bytes();
                all.get(8_usize.saturating_sub(usize::try_from(*count).unwrap_or(8))..).map(Set::bytes)
            }
            _ => None,
        }),
        _ => None,
    };
    known.unwrap_or_else(Set::unknown)
}

/// `glue.join(items)`.
fn joined(glue: &str, items: &Set) -> Option<Set> {
    match items.one()? {
        Value::Seq(seq) => {
            let mut parts = Vec::new();
            for item in &seq.items {
                match item.one() {
                    Some(Value::Str(text)) => parts.push(text.to_string()),
                    _ => return None,
                }
            }
            Some(Set::text(&parts.join(glue)))
        }
        Value::Str(text) if glue.is_empty() => Some(Set::text(text)),
        Value::Str(text) if text.len() < 4096 && glue.len() < 64 => {
            Some(Set::text(&text.chars().map(String::from).collect::<Vec<_>>().join(glue)))
        }
        _ => None,
    }
}
