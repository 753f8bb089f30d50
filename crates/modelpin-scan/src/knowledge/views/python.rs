//! The view of Python source: what using a name does, and which names may be called on import.

use super::memo::Memo;
use super::{View, row};
use crate::engine::Capability;
use crate::knowledge::names::{self, Does, Row};
use std::rc::Rc;

pub(crate) use crate::knowledge::names::is_carried;

thread_local! {
    static ROWS: Memo<Option<Row>> = Memo::default();
    static RESULTS: Memo<Option<Rc<str>>> = Memo::default();
    static USUAL: Memo<Rc<str>> = Memo::default();
}

fn known(path: &str) -> Option<Row> {
    ROWS.with(|rows| rows.get(path, |path| row(View::Python, path)))
}

/// The usual name of what is known under several.
pub(crate) fn canonical(path: &str) -> Rc<str> {
    USUAL.with(|usual| usual.get(path, |path| names::canonical(path).into()))
}

/// What using `path` does to the machine, if anything.
pub(crate) fn capability(path: &str) -> Option<Capability> {
    match known(path).filter(|_| !is_error(path))?.does {
        Does::Acts(capability) => Some(capability),
        _ => None,
    }
}

/// Whether calling `path` on import does nothing to the machine, for all that is known, but for what it is given to
/// call, which the walk follows.
pub(crate) fn is_allowed(path: &str) -> bool {
    match known(path).map(|row| row.does) {
        Some(Does::Calls | Does::State | Does::Value | Does::Plain | Does::Model) => true,
        Some(Does::Acts(_) | Does::Reaches | Does::Unknown) | None => is_error(path),
    }
}

/// Whether `path` calls what it is given.
pub(crate) fn calls_arguments(path: &str) -> bool {
    known(path).is_some_and(|row| row.does == Does::Calls)
}

/// Whether `name` is one of Python's builtins.
pub(crate) fn is_builtin(name: &str) -> bool {
    // Those that only pickles of Python 2 and notebooks know as such.
    let is_other = matches!(name, "classobj" | "dreload" | "function" | "get_ipython" | "instance");
    !is_other && names::is_named(&format!("builtins.{name}"))
}

/// Classes of errors are data, whichever library has them.
fn is_error(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    ["Error", "Exception", "Warning"].iter().any(|end| last.ends_with(end))
}

/// Whether a call of `path` hands back what it is given, or something of it, and does nothing else.
pub(crate) fn passes_on(path: &str) -> bool {
    names::hands_back(path) && capability(path).is_none()
}

/// What a call of `path` gives, where something is known of it: a path to look up its members below.
pub(crate) fn result(path: &str) -> Option<Rc<str>> {
    RESULTS.with(|results| results.get(path, |path| find_result(path).map(Rc::from)))
}

fn find_result(path: &str) -> Option<String> {
    let acts_as_a_whole = || {
        path.match_indices('.')
            .filter_map(|(at, _)| path.get(..at))
            .filter_map(names::whole)
            // A client that does nothing as it is made still connects later; a number of C never acts.
            .any(|row| {
                row.does == Does::Acts(Capability::Network) || matches!(row.does, Does::Acts(_)) && !is_allowed(path)
            })
    };
    names::gives(path).or_else(|| (!path.contains("()") && acts_as_a_whole()).then(|| format!("{path}()")))
}

/// Whether something is known of what a call of `path` gives.
pub(crate) fn has_result(path: &str) -> bool {
    result(path).is_some()
}

/// Whether everything can be reached through the module `path`.
pub(crate) fn leads_out(path: &str) -> bool {
    names::is_powerful(path)
}
