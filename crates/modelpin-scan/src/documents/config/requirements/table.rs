//! Build files: `pyproject.toml`, `Pipfile`, `uv.toml`, `setup.cfg`, `pip.conf`.

use super::asked::asked;
use super::package;
use super::source::source;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::{REQUIREMENT_UNPINNED, REQUIREMENT_UNSUPPORTED};
use modelpin_schema::visible;
use toml::Value;

/// Build backends that build what they are given and nothing else, as long as no hook is configured.
const BACKENDS: [&str; 14] = [
    "setuptools.build_meta",
    "setuptools.build_meta:__legacy__",
    "hatchling.build",
    "flit_core.buildapi",
    "flit.buildapi",
    "poetry.core.masonry.api",
    "poetry.masonry.api",
    "poetry_dynamic_versioning.backend",
    "pdm.backend",
    "pdm.pep517.api",
    "maturin",
    "scikit_build_core.build",
    "mesonpy",
    "uv_build",
];

/// Keys of locks that name a place on this machine.
const LOCAL: [&str; 4] = ["path", "directory", "editable", "subdirectory"];

/// Keys that name a place where packages come from, in the tables of tools.
const PLACES: [&str; 12] = [
    "git",
    "hg",
    "svn",
    "url",
    "index-url",
    "extra-index-url",
    "default-index",
    "index",
    "find-links",
    "find_links",
    "registry",
    "allow-insecure-host",
];

/// Scans a TOML document.
pub(super) fn toml(text: &str, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let lower = path.to_ascii_lowercase();
    let is_of_project = lower.ends_with("pyproject.toml") || lower.ends_with("hatch.toml");
    for (key, value) in &parsed(text)? {
        walk(value, &mut vec![key], !is_of_project || key == "tool", scan)?;
    }
    Ok(())
}

/// Scans the lock of a tool: every package of it, with where it comes from.
pub(super) fn lock(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for (key, value) in &parsed(text)? {
        if matches!(key.as_str(), "package" | "packages") {
            value.as_array().into_iter().flatten().for_each(|package| locked(package, key, scan));
        }
        walk(value, &mut vec![key], true, scan)?;
    }
    Ok(())
}

fn parsed(text: &str) -> Result<toml::Table, ScanError> {
    toml::from_str(text)
        .map_err(|error| ScanError::Malformed(&REQUIREMENT_UNSUPPORTED, Location::Whole, error.message().to_owned()))
}

/// A package of a lock: its name, its version, and a place on this machine that it comes from.
fn locked(value: &Value, key: &str, scan: &mut Scan<'_>) {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let at = || Location::Key(key.to_owned());
    if let Some(name) = text("name") {
        package::name(name, at(), scan);
        asked(name, &text("version").map(|version| format!("=={version}")).unwrap_or_default(), scan);
    }
    let places = [Some(value), value.get("source")].into_iter().flatten();
    for (name, place) in places.filter_map(Value::as_table).flatten() {
        // The project itself is locked as well.
        let place = place.as_str().filter(|place| LOCAL.contains(&name.as_str()) && *place != ".");
        place.into_iter().for_each(|place| source("a path", place, at(), scan));
    }
}

/// Follows a value; the parser bounds how deep they are.
fn walk<'t>(value: &'t Value, keys: &mut Vec<&'t str>, tools: bool, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.step()?;
    known(value, keys, tools, scan);
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                keys.push(key);
                walk(value, keys, tools, scan)?;
                keys.pop();
            }
        }
        Value::Array(items) => {
            for item in items.iter().filter(|item| matches!(item, Value::Table(_) | Value::Array(_))) {
                walk(item, keys, tools, scan)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn at(keys: &[&str]) -> Location {
    Location::Key(visible(&keys.join(".")))
}

fn known(value: &Value, keys: &[&str], tools: bool, scan: &mut Scan<'_>) {
    match keys {
        ["build-system", "requires"]
        | ["project", "dependencies"]
        | ["project", "optional-dependencies", _]
        | ["dependency-groups", _]
        | ["tool", "uv", "dev-dependencies" | "constraint-dependencies" | "override-dependencies"] => {
            texts(value).for_each(|text| package::check(text, at(keys), scan));
        }
        ["build-system", "build-backend"] if !value.as_str().is_some_and(|backend| BACKENDS.contains(&backend)) => {
            scan.report(&REQUIREMENT_UNSUPPORTED, at(keys), format!("builds with {value}"));
        }
        ["build-system", "backend-path"] => {
            scan.report(&REQUIREMENT_UNSUPPORTED, at(keys), "builds with code in the folder");
        }
        ["tool", "poetry", "build"]
        | ["tool", "hatch", "build", "hooks" | "targets", ..]
        | ["tool", "setuptools", "cmdclass" | "ext-modules"]
        | ["tool", "pdm", "build", "run-setuptools"]
            if runs(keys) =>
        {
            scan.report(&REQUIREMENT_UNSUPPORTED, at(keys), "building it runs a hook");
        }
        ["tool", "poetry", "dependencies" | "dev-dependencies", name]
        | ["tool", "poetry", "group", _, "dependencies", name]
        | ["packages" | "dev-packages", name] => {
            versioned(name, value, keys, scan);
        }
        [.., "path"]
            if tools
                && keys
                    .iter()
                    .any(|key| key.ends_with("dependencies") || *key == "sources" || key.ends_with("packages")) =>
        {
            texts(value).for_each(|text| source("a path", text, at(keys), scan));
        }
        [.., key] if tools && PLACES.contains(key) && !keys.contains(&"urls") => {
            let from = texts(value).filter(|text| *key != "index" || text.contains("://"));
            from.for_each(|text| source(key, text, at(keys), scan));
        }
        _ => {}
    }
}

/// Of the tables of hatch's targets, only the hooks run something.
fn runs(keys: &[&str]) -> bool {
    !keys.contains(&"targets") || keys.last() == Some(&"hooks")
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// A package as the key of a table: its value is a version, or a table with one.
fn versioned(name: &str, value: &Value, keys: &[&str], scan: &mut Scan<'_>) {
    if name == "python" {
        return;
    }
    package::name(name, at(keys), scan);
    let version = value.as_str().or_else(|| value.get("version").and_then(Value::as_str));
    // Without a version it is a place, which the walk comes to.
    if let Some(version) = version {
        asked(name, if version == "*" { "" } else { version }, scan);
    }
    let exact =
        version.is_some_and(|version| version.starts_with("==") || version.starts_with(|c: char| c.is_ascii_digit()));
    if version.is_some() && !exact {
        scan.report(&REQUIREMENT_UNPINNED, at(keys), format!("{name} {}", version.unwrap_or_default()));
    }
}

/// Scans an INI file: the sections and keys of setuptools, pip and distutils.
pub(super) fn ini(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut section = String::new();
    let mut key = String::new();
    for (line, number) in text.lines().zip(1_u32..) {
        scan.budget.step()?;
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let value = if line.starts_with([' ', '\t']) {
            content
        } else if let Some(name) = content.strip_prefix('[') {
            section = name.trim_end_matches(']').trim().to_ascii_lowercase();
            key.clear();
            continue;
        } else {
            let (name, value) = content.split_once(['=', ':']).unwrap_or((content, ""));
            key = name.trim().to_ascii_lowercase().replace('_', "-");
            value.trim()
        };
        if !value.is_empty() {
            setting(&section, &key, value, Location::Line(number), scan);
        }
    }
    Ok(())
}

fn setting(section: &str, key: &str, value: &str, at: Location, scan: &mut Scan<'_>) {
    match (section, key) {
        (_, "index-url" | "extra-index-url" | "find-links" | "dependency-links" | "trusted-host" | "proxy") => {
            value.split_whitespace().for_each(|from| source(key, from, at.clone(), scan));
        }
        ("options", "install-requires" | "setup-requires" | "tests-require")
        | ("options.extras-require" | "options.extras_require", _)
            if !value.starts_with("file:") =>
        {
            package::check(value, at, scan);
        }
        ("options", "cmdclass") | ("build-ext" | "build_ext", "swig" | "compiler") => {
            scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("building it runs `{value}`"));
        }
        _ => {}
    }
}
