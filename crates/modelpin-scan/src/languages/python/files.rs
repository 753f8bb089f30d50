//! What calls do with the files and addresses that they are given.

use super::fold;
use super::value::{Named, Set, Value};
use super::walk::{Certainty, Effect, Walker};
use crate::engine::Capability;
use crate::knowledge::python::arguments::{self, Argument, Method, Row, Touch};
use crate::knowledge::python::sensitive_names::{is_outside, is_private};
use modelpin_rules::code;
use ruff_text_size::Ranged;

/// What a path of `pathlib` is to the walk.
const PATH: &str = "pathlib.Path()";

/// What methods of objects of which nothing is known begin with.
const OBJECT: &str = "object().";

/// Beginnings of names of functions that fetch what they are given, where that is an address.
const FETCHING: &[&str] =
    &["read", "load", "open", "fetch", "download", "scan", "get", "parse", "stream", "imread", "retrieve"];

impl Argument {
    /// What is given for it.
    pub(super) fn given<'a>(&self, args: &'a [Set], named: &'a Named) -> Option<&'a Set> {
        let keyword = named.iter().find(|(name, _)| name == self.keyword).map(|(_, value)| value);
        keyword.or_else(|| args.get(self.position?))
    }
}

impl Walker<'_, '_> {
    /// What `path` does with the files that it is given, by the table; whether the table has it.
    pub(super) fn touches(&mut self, path: &str, args: &[Set], named: &Named, at: &impl Ranged) -> bool {
        if let Some(method) = path.strip_prefix(OBJECT) {
            self.method_writes(method, args, named, at);
            return true;
        }
        let rows = arguments::touches(path);
        for row in rows {
            self.touch(path, *row, args, named, at);
        }
        let has_reader = rows.iter().any(|row| matches!(row.touch, Touch::Reads | Touch::Opens { .. }));
        if !has_reader {
            self.fetches(path, args, at);
        }
        !rows.is_empty()
    }

    fn touch(&mut self, path: &str, row: Row, args: &[Set], named: &Named, at: &impl Ranged) {
        let given = row.path.given(args, named);
        let place = given.cloned().unwrap_or_else(Set::unknown);
        match row.touch {
            Touch::Opens { mode, usual, letters } => {
                let mode = mode.given(args, named).cloned().unwrap_or_else(|| Set::text(usual));
                let writes = |mode: &str| {
                    mode.split([':', '|']).next().is_some_and(|mode| mode.contains(|c| letters.contains(c)))
                };
                if mode.texts().any(writes) {
                    self.writes(&format!("{path} for writing"), &place, at);
                } else if mode.is_open() {
                    let what = format!("{path} in a computed mode");
                    self.act(at, Capability::FilesystemWrite, Certainty::CallerControlled, &what);
                }
                self.reads(path, &place, at);
            }
            // `logging.basicConfig()` without a file writes none.
            Touch::Writes if given.is_none() && row.path.position.is_none() => {}
            Touch::Writes => self.writes(path, &place, at),
            Touch::Places => {
                if outside(&place).is_some() {
                    self.writes(path, &place, at);
                }
            }
            Touch::Reads => self.reads(path, &place, at),
            Touch::Loads => {
                let is_published = !place.is_open() && place.texts().all(is_bare);
                let how = if is_published { Certainty::Harmless } else { Certainty::Certain };
                self.act(at, Capability::Deserialise, how, path);
            }
        }
    }

    /// A function of a library that by its name fetches what it is given is given an address.
    fn fetches(&mut self, path: &str, args: &[Set], at: &impl Ranged) {
        let last = path.rsplit('.').next().unwrap_or_default();
        let is_fetching = FETCHING.iter().any(|head| last.starts_with(head));
        let address = args.iter().take(2).flat_map(Set::texts).find(|text| arguments::is_address(text));
        // `os.environ.get(…)` and the like look things up.
        let is_lookup = last == "get" || last == "getenv" || last.starts_with("get_logger") || last == "getLogger";
        if let Some(address) = address.filter(|_| is_fetching && !is_lookup) {
            self.act(at, Capability::Network, Certainty::Harmless, &format!("{path}: {address}"));
        }
        // Matplotlib imports the module that such a name of a backend gives.
        if let Some(name) = args.iter().take(1).flat_map(Set::texts).find(|text| text.starts_with("module://")) {
            self.act(at, Capability::DynamicCode, Certainty::Certain, &format!("{path}: {name}"));
        }
        if path.starts_with("duckdb.") && ["sql", "query", "execute", "from_query"].contains(&last) {
            args.iter().take(1).flat_map(Set::texts).for_each(|text| self.queries(path, text, at));
        }
    }

    /// SQL of DuckDB reads addresses, loads extensions and writes files.
    fn queries(&mut self, path: &str, text: &str, at: &impl Ranged) {
        let words: Vec<String> = text.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase).collect();
        let has = |word: &str| words.iter().any(|there| there == word);
        if text.split(['\'', '"']).any(arguments::is_address) {
            self.act(at, Capability::Network, Certainty::Certain, path);
        }
        if has("install") || has("load") {
            self.act(at, Capability::Native, Certainty::Certain, &format!("{path}: an extension"));
        }
        if has("copy") && has("to") || has("export") {
            self.act(at, Capability::FilesystemWrite, Certainty::Certain, path);
        }
    }

    /// Writing to a place that the caller chose is what `save_vocabulary` and its like are for; a place that
    /// the code names is another matter, and so is removing.
    pub(super) fn writes(&mut self, path: &str, place: &Set, at: &impl Ranged) {
        let is_memory = |value: &Value| match value {
            Value::Path(path) => path.ends_with("BytesIO()") || path.ends_with("StringIO()"),
            Value::Str(text) => &**text == ":memory:" || &**text == "/dev/null",
            Value::Null => true,
            _ => false,
        };
        if !place.0.is_empty() && place.0.iter().all(is_memory) {
            return;
        }
        let named = place.0.iter().find_map(|value| match value {
            Value::Str(text) => Some(text.to_string()),
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Value::Prefix(head) if is_outside(head) => Some(format!("{head}…")),
            _ => None,
        });
        let makes = ["makedirs", "mkdir", "MakeDirs"].iter().any(|word| path.ends_with(word));
        let changes = ["remove", "unlink", "rmtree", "rmdir", "chmod", "chown", "symlink", "link", "replace", "rename"];
        let changes = changes.iter().any(|word| path.ends_with(word)) || path.contains("extract");
        let how = match &named {
            Some(place) if makes && !is_outside(place) => Certainty::Harmless,
            Some(_) => Certainty::Certain,
            None if makes => Certainty::Harmless,
            None if changes => Certainty::Certain,
            None => Certainty::CallerControlled,
        };
        let detail = named.map_or_else(|| path.to_owned(), |place| format!("{path}: {place}"));
        self.act(at, Capability::FilesystemWrite, how, &detail);
    }

    pub(super) fn reads(&mut self, path: &str, file: &Set, at: &impl Ranged) {
        let listed = file.0.iter().filter_map(|value| if let Value::Seq(seq) = value { Some(seq) } else { None });
        let all = file.0.iter().chain(listed.flat_map(|seq| &seq.items).flat_map(|item| &item.0));
        for value in all {
            let place = match value {
                Value::Str(place) | Value::Prefix(place) => place.to_string(),
                Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => continue,
            };
            if arguments::is_address(&place) && path != "builtins.open" {
                self.act(at, Capability::Network, Certainty::Certain, &format!("{path}: {place}"));
            } else if is_outside(&place) {
                self.act(at, Capability::FilesystemReadOutside, Certainty::Certain, &format!("{path}: {place}"));
                if is_private(&place) {
                    self.event(at, Effect::Rule(&code::CODE_SECRETS), Certainty::Harmless, &format!("reads {place}"));
                }
            }
        }
    }

    /// A method of a path of `pathlib`, where `base` is nothing else.
    pub(super) fn of_file_path(
        &mut self,
        base: &Set,
        name: &str,
        args: &[Set],
        named: &Named,
        at: &impl Ranged,
    ) -> Option<Set> {
        let is_path =
            base.0.iter().all(|value| matches!(value, Value::Path(path) if &**path == PATH) || is_place(value));
        if !is_path || !base.paths().any(|path| path == PATH) {
            return None;
        }
        let place = Set(base.0.iter().filter(|value| is_place(value)).cloned().collect());
        let place = if place.0.is_empty() { Set::unknown() } else { place };
        let first = args.first().cloned().unwrap_or_else(Set::unknown);
        let full = format!("{PATH}.{name}");
        match name {
            "expanduser" | "resolve" | "absolute" | "with_name" | "with_suffix" | "with_stem" | "relative_to"
            | "readlink" | "as_posix" | "__str__" | "__fspath__" => return Some(base.clone()),
            "joinpath" | "__truediv__" => {
                let mut all = place;
                for part in args {
                    all = fold::binary(&all, ruff_python_ast::Operator::Div, part);
                }
                all.0.retain(is_place);
                all.join(&Set::path(PATH));
                return Some(all);
            }
            "open" => {
                let writes = |mode: &str| mode.contains(['w', 'a', 'x', '+']);
                let mode = Argument { position: Some(0), keyword: "mode" }.given(args, named);
                if mode.is_some_and(|mode| mode.texts().any(writes)) {
                    self.writes(&full, &place, at);
                }
                self.reads(&full, &place, at);
            }
            "read_text" | "read_bytes" | "iterdir" | "glob" | "rglob" | "walk" => self.reads(&full, &place, at),
            "write_text" | "write_bytes" | "touch" | "unlink" | "rmdir" | "chmod" | "lchmod" | "mkdir"
            | "symlink_to" | "hardlink_to" | "link_to" => self.writes(&full, &place, at),
            "rename" | "replace" | "copy" | "copy_into" | "move" | "move_into" => {
                self.reads(&full, &place, at);
                self.writes(&full, &first, at);
            }
            _ => return None,
        }
        Some(Set::of(Value::Foreign))
    }

    /// A method that says that it writes stays what it is, also where it is kept and called later.
    pub(super) fn writing_method(&self, name: &str, all: &mut Set) {
        if arguments::method(name) == Some(Method::Says) && !self.methods.contains_key(name) {
            all.add(Value::Path(format!("{OBJECT}{name}").into()));
        }
    }

    /// A method that by its name writes to the file it is given, of an object of which no more is known.
    pub(super) fn method_writes(&mut self, name: &str, args: &[Set], named: &Named, at: &impl Ranged) {
        let Some(method) = arguments::method(name).filter(|_| !self.methods.contains_key(name)) else { return };
        let keywords = named.iter().filter(|(name, _)| arguments::is_file_keyword(name)).map(|(_, value)| value);
        match method {
            Method::Says => {
                // `to_json()` without a file gives the text.
                let file = keywords.chain(args.first()).next();
                if let Some(place) = file.cloned() {
                    self.writes(&format!("….{name}"), &place, at);
                }
            }
            Method::May => {
                let place = args.iter().take(2).chain(keywords).find(|place| outside(place).is_some()).cloned();
                if let Some(place) = place {
                    self.writes(&format!("….{name}"), &place, at);
                }
            }
        }
    }
}

/// The name of a model that a library publishes, and not of a file.
fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        || name.ends_with(".en") && is_bare(name.trim_end_matches(".en"))
}

fn is_place(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::Prefix(_))
}

/// The place outside that `place` may be.
fn outside(place: &Set) -> Option<&str> {
    place.0.iter().find_map(|value| match value {
        Value::Str(place) | Value::Prefix(place) if is_outside(place) && !arguments::is_address(place) => {
            Some(&**place)
        }
        _ => None,
    })
}
