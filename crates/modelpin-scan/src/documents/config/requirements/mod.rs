//! Lists of requirements, build and environment files: where packages come from, and whether they are what their
//! names look like.

mod asked;
mod conda;
mod docker;
mod install;
mod list;
mod lock;
mod names;
mod package;
mod pip;
mod recipe;
mod source;
mod table;

pub(in crate::documents) use conda::{environment, is_environment};
pub(crate) use install::{Tool, install};
pub(crate) use list::is_list;
pub(crate) use recipe::recipe;

use crate::documents::config::tools;
use crate::documents::json::Json;
use crate::documents::object;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::requirement::REQUIREMENT_UNSUPPORTED;

/// Who reads the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// pip: `requirements.txt`, `constraints.txt`.
    Pip,
    /// TOML: `pyproject.toml`, `Pipfile`, `uv.toml`.
    Toml,
    /// TOML that a tool wrote, with every package: `poetry.lock`, `uv.lock`.
    Lock,
    /// INI: `setup.cfg`, `pip.conf`.
    Ini,
    /// Conda: `environment.yml`.
    Conda,
    /// The settings of Conda: `.condarc`.
    Condarc,
    /// Docker: `Dockerfile`.
    Docker,
    /// apt, as Spaces call it: `packages.txt`.
    Apt,
    /// JSON: `Pipfile.lock`.
    Pipenv,
}

/// Names with one reader each.
const NAMES: &[(Kind, &[&str])] = &[
    (
        Kind::Toml,
        &["pyproject.toml", "pipfile", "uv.toml", "pixi.toml", "poetry.toml", "hatch.toml", "pdm.toml", ".pdm.toml"],
    ),
    (Kind::Lock, &["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"]),
    (Kind::Ini, &["setup.cfg", "pip.conf", "pip.ini", ".pydistutils.cfg", ".pypirc"]),
    (Kind::Condarc, &[".condarc", "condarc", ".mambarc"]),
    (Kind::Apt, &["packages.txt"]),
    (Kind::Pipenv, &["pipfile.lock"]),
];

/// Names and folders of lists for pip.
const LISTS: [&str; 5] = ["requirements", "requirement", "constraints", "reqs", "requires"];

/// Who reads a file of that name, if it is a list of requirements.
fn kind(name: &Name) -> Option<Kind> {
    let base = name.base.as_str();
    if let Some((kind, _)) = NAMES.iter().find(|(_, names)| names.contains(&base)) {
        return Some(*kind);
    }
    let (stem, suffix) = base.rsplit_once('.').unwrap_or((base, ""));
    let is_called = LISTS.contains(&stem)
        || ["req", "constraint"].contains(&stem)
        || ["requirement", "-reqs", "_reqs"].iter().any(|word| stem.contains(word))
        || ["constraints", "reqs-", "reqs_"].iter().any(|word| stem.starts_with(word));
    match suffix {
        "txt" | "in" | "pip" | "lock" if is_called => Some(Kind::Pip),
        "txt" | "in" | "pip" if LISTS.contains(&name.folder.as_str()) => Some(Kind::Pip),
        "" if LISTS.contains(&stem) => Some(Kind::Pip),
        "yml" | "yaml" if stem.starts_with("environment") || stem.starts_with("conda") => Some(Kind::Conda),
        "toml" if stem.starts_with("pylock.") => Some(Kind::Lock),
        _ if base.starts_with("dockerfile") || stem == "containerfile" || suffix == "dockerfile" => Some(Kind::Docker),
        _ if base == "containerfile" => Some(Kind::Docker),
        _ => None,
    }
}

/// Whether a tool that installs packages reads a file of that name.
pub(crate) fn is_named(name: &Name) -> bool {
    kind(name).is_some()
}

/// Scans a list of requirements; `path` is where it is, from the root of the repository.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.document)?;
    let Ok(text) = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)) else {
        return scan.give_up(&REQUIREMENT_UNSUPPORTED, "the text is not UTF-8");
    };
    let name = Name::of(path);
    match kind(&name).unwrap_or(Kind::Pip) {
        Kind::Pip => pip::list(text, path, scan)?,
        Kind::Toml => table::toml(text, path, scan)?,
        Kind::Lock => table::lock(text, scan)?,
        Kind::Ini => table::ini(text, scan)?,
        Kind::Conda => {
            // Others read a file of that name as the configuration that it may be.
            object::yaml(text, scan);
            tools::yaml(text, path, scan)?;
            environment(text, scan)?;
        }
        Kind::Condarc => conda::settings(text, scan)?,
        Kind::Docker => docker::file(text, scan)?,
        Kind::Apt => apt(text, scan)?,
        Kind::Pipenv => lock::pipenv(&*Json::read(&bytes, "", scan)?, scan)?,
    }
    Ok(FullyCovered)
}

/// Scans what a document in JSON asks npm to install, where it is one for npm.
pub(crate) fn npm(json: &Json, name: &Name, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    match name.base.as_str() {
        "package.json" | "package-lock.json" | "npm-shrinkwrap.json" | "bower.json" => lock::npm(json, scan),
        _ => Ok(()),
    }
}

/// Names of Debian packages; Spaces hand every word to `apt-get install`.
fn apt(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for (line, number) in text.lines().zip(1_u32..) {
        scan.budget.step()?;
        let line = line.split('#').next().unwrap_or_default();
        for word in line.split_whitespace() {
            let plain = word.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.:=~_".contains(c))
                && !word.starts_with("http:")
                && !word.ends_with(".deb");
            asked::asked(word, "apt", scan);
            if !plain {
                scan.report(
                    &REQUIREMENT_UNSUPPORTED,
                    Location::Line(number),
                    format!("`{word}` is not a package name"),
                );
            }
        }
    }
    Ok(())
}
