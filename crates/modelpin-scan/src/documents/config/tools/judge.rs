//! What a value comes to that a tool runs, imports or opens.

use super::format::{Reaches, reaches};
use super::row::{Tool, What};
use crate::documents::config::context::Walk;
use crate::documents::config::modules::{Import, below, import, is_identifier};
use crate::documents::config::paths::{Reach, folder, reach};
use crate::engine::ScanError;
use crate::engine::source::ByteRange;
use crate::knowledge::views::object::{Classification, classify};
use crate::languages::{python, template};
use modelpin_rules::config::{
    AUTO_MAP, CONFIG_COMMAND, CONFIG_FOREIGN_MODULE, CONFIG_IMPORT, CONFIG_NATIVE_LIBRARY, CONFIG_PATH_ESCAPE,
    CONFIG_TRUST_ARGUMENT,
};
use modelpin_rules::object::HYDRA_TARGET_KNOWN;
use modelpin_rules::template::{TEMPLATE_CALL, TEMPLATE_ESCAPE};

/// Judges a value that `row` leads to.
pub(super) fn value(text: &str, row: &Tool, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    let text = text.trim();
    let who = row.who;
    let is_known = row.known.contains(&text);
    match row.what {
        _ if is_known => {}
        What::Command => walk.scan.report(&CONFIG_COMMAND, walk.at(), format!("{who}: {text}")),
        What::Object | What::Module | What::Beside => dotted(text, row, walk),
        What::Brings => walk.scan.report(&AUTO_MAP, walk.at(), format!("{who}: `{text}`")),
        What::Code => code(text, row, walk),
        What::Part => part(text, row, walk),
        What::Native | What::Environment => {
            let outside = leaves(text, walk).filter(|_| row.what == What::Native);
            let rule = if outside.is_some() { &CONFIG_IMPORT } else { &CONFIG_NATIVE_LIBRARY };
            walk.scan.report(rule, walk.at(), format!("{who}: `{text}`{}", because(outside)));
        }
        What::NativeOutside => {
            if let Some(why) = leaves(text, walk) {
                walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("{who}: `{text}`: {why}"));
            }
        }
        What::File => {
            if let Some(why) = leaves(text, walk) {
                walk.scan.report(&CONFIG_PATH_ESCAPE, walk.at(), format!("{who}: `{text}`: {why}"));
            }
        }
        What::Template => {
            let key = walk.key();
            template::text(text, &key, walk.scan);
        }
        What::Format => {
            let rule = match reaches(text) {
                Reaches::Values => return Ok(()),
                Reaches::Parts => &TEMPLATE_CALL,
                Reaches::Internals => &TEMPLATE_ESCAPE,
            };
            walk.scan.report(rule, walk.at(), format!("{who}: a text that is formatted: {text}"));
        }
        What::Source => {
            walk.scan.report(&AUTO_MAP, walk.at(), format!("{who}: source in the document"));
            let bytes = text.as_bytes();
            let source = ByteRange::whole(bytes);
            let _covered = python::scan(&source, "source.py", walk.scan)?;
        }
        What::Trust => {
            if !row.only.is_empty() || text.eq_ignore_ascii_case("true") {
                walk.scan.report(&CONFIG_TRUST_ARGUMENT, walk.at(), format!("{who}: `{text}`"));
            }
        }
    }
    Ok(())
}

fn because(why: Option<&str>) -> String {
    why.map(|why| format!(": {why}")).unwrap_or_default()
}

/// How a path leads out of the repo, if it does. One with `..` in it may lead to another folder of the repo.
fn leaves(path: &str, walk: &Walk<'_, '_>) -> Option<&'static str> {
    let Reach::Outside(why) = reach(path) else { return None };
    let folders = folder(walk.path()).matches('/').count();
    let is_plain = path.split('/').all(|part| matches!(part, "." | "..") || reach(part) == Reach::Beside);
    let mut depth = folders;
    for part in path.split('/') {
        match part {
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return Some(why),
            },
            "." => {}
            _ => depth = depth.saturating_add(1),
        }
    }
    if is_plain { None } else { Some(why) }
}

/// A dotted path.
fn dotted(text: &str, row: &Tool, walk: &mut Walk<'_, '_>) {
    let is_file = text.split(':').next().is_some_and(|file| file.ends_with(".py") || file.contains('/'));
    if is_file && row.what == What::Object {
        return code(text, row, walk);
    }
    if let Some((module, _)) =
        text.rsplit_once('.').filter(|(module, _)| row.what == What::Beside && module.contains('/'))
    {
        return code(&format!("{module}.py"), row, walk);
    }
    // A word without a dot is a name that the tool knows.
    if row.what == What::Object && !text.contains(['.', ':']) {
        return;
    }
    let path = text.replacen(':', ".", 1);
    let shown = |why: &str| format!("{}: `{text}`: {why}", row.who);
    if text.contains("${") || text.contains("{{") {
        walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), shown("it is put together when it is read"));
        return;
    }
    let is_own = row.known.iter().any(|module| below(&path, module))
        && path.split('.').all(|part| is_identifier(part) && !part.starts_with("__"));
    // What a module of the tool's own imported is no part of it.
    if is_own && (row.what == What::Module || !runs(&path)) {
        return;
    }
    match import(&path) {
        Import::Acts(why) => walk.scan.report(&CONFIG_IMPORT, walk.at(), shown(why)),
        Import::Unsupported(why) => walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), shown(why)),
        Import::Foreign if row.what != What::Beside && runs(&path) => {
            walk.scan.report(&CONFIG_IMPORT, walk.at(), shown("it runs or loads what it is given"));
        }
        Import::Foreign if row.what != What::Beside && is_library(&path) => {
            walk.scan.report(&HYDRA_TARGET_KNOWN, walk.at(), format!("{}: `{text}`", row.who));
        }
        Import::Foreign => {
            walk.scan.report(&AUTO_MAP, walk.at(), format!("{}: `{text}`", row.who));
            walk.loads(text);
            let module = if row.what == What::Module {
                Some(path.as_str())
            } else {
                path.rsplit_once('.').map(|(module, _)| module)
            };
            // What is named by a class alone is looked for elsewhere.
            if let Some(module) = module {
                walk.reference_code(&format!("{}.py", module.replace('.', "/")));
            }
        }
    }
}

/// Whether a path is of a library that models are built with.
fn is_library(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or_default();
    classify(&format!("{root}.X")) == Classification::Library
}

/// Whether a path leads to what runs or loads what it is given. A function of the repo may have any name.
fn runs(path: &str) -> bool {
    let above = path.rsplit_once('.').map_or(path, |(above, _)| above);
    let is_part_of_runner = classify(&format!("{above}.X")).is_dangerous();
    let passes_through_stdlib =
        path.split('.').skip(1).any(|part| crate::knowledge::stdlib::is_stdlib(part) && RUNNERS.contains(&part));
    is_part_of_runner || passes_through_stdlib || is_library(path) && classify(path).is_dangerous()
}

/// Modules that many others import, and that run something.
const RUNNERS: [&str; 10] =
    ["os", "posix", "subprocess", "builtins", "sys", "importlib", "runpy", "shutil", "pickle", "ctypes"];

/// A file of Python code, with what is taken from it after a colon.
fn code(text: &str, row: &Tool, walk: &mut Walk<'_, '_>) {
    let file = match text.rsplit_once(':') {
        Some((file, name)) if is_identifier(name) && file.len() > 1 => file,
        _ => text,
    };
    if let Some(why) = leaves(file, walk) {
        walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("{}: `{text}`: {why}", row.who));
        return;
    }
    walk.scan.report(&AUTO_MAP, walk.at(), format!("{}: `{text}`", row.who));
    walk.loads(text);
    let has_suffix = file.rsplit(['/', '\\']).next().is_some_and(|name| name.contains('.'));
    walk.reference_code(&if has_suffix { file.to_owned() } else { format!("{file}.py") });
}

/// A name of which the path of a library is made: `libtriton_<name>.so`.
fn part(text: &str, row: &Tool, walk: &mut Walk<'_, '_>) {
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) || text.contains("..") {
        walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("{}: `{text}`: a path, where a name is expected", row.who));
    } else {
        walk.scan.report(&CONFIG_NATIVE_LIBRARY, walk.at(), format!("{}: `{text}`", row.who));
    }
}
