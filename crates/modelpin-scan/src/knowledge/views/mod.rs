//! The views of the table of names: what each kind of judgement makes of a name.
//!
//! | what a name does | Python source | pickles | objects (YAML, skops) | configurations |
//! |---|---|---|---|---|
//! | acts | that capability | dangerous | dangerous | acts |
//! | reaches | not allowed at import | dangerous | dangerous | acts |
//! | calls | allowed: the walk follows what it is given | dangerous | dangerous | acts |
//! | state | allowed | dangerous in the standard library, else by its name | the same | foreign |
//! | value | allowed | foreign | data | foreign |
//! | plain, model | allowed | foreign | library | foreign |
//! | unknown | not allowed at import | by its name | by its name | foreign |
//! | no row | not allowed at import | dangerous in the standard library, else by its name | the same | foreign |
//!
//! Pickles and objects take harmless names of the standard library one by one: what only a `*` has counts there as
//! what has no row. Configurations name classes of models, so that anything in the standard library acts there,
//! whatever it does.
//!
//! Where a view judges otherwise, `names/data/differences.txt` has a line for it, with the reason: a name is judged
//! in that view as if the table had what the line says.

pub(crate) mod configuration;
mod memo;
pub(crate) mod object;
pub(crate) mod pickle;
pub(crate) mod python;

use super::names::{self, Row};
use super::stdlib::is_stdlib;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A way to judge names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum View {
    Python,
    Pickle,
    Object,
    Configuration,
}

impl View {
    const ALL: [Self; 4] = [Self::Python, Self::Pickle, Self::Object, Self::Configuration];

    fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Pickle => "pickle",
            Self::Object => "object",
            Self::Configuration => "configuration",
        }
    }
}

/// What a line of `differences.txt` says of a name.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    view: View,
    /// A name, or what ends in `.*` for everything below one; `stdlib.*` is the standard library.
    name: &'static str,
    row: Row,
}

const DIFFERENCES: &str = include_str!("../names/data/differences.txt");

/// The declared differences of a view.
#[derive(Default)]
struct Differences {
    /// Of names, by themselves.
    names: HashMap<&'static str, Row>,
    /// Of everything below a name.
    below: HashMap<&'static str, Row>,
}

static INDEX: LazyLock<HashMap<View, Differences>> = LazyLock::new(|| {
    let mut index: HashMap<View, Differences> = HashMap::new();
    let lines = DIFFERENCES.lines().filter(|line| !line.starts_with('#')).filter_map(differences).flatten();
    for Difference { view, name, row } in lines {
        let of_view = index.entry(view).or_default();
        match name.strip_suffix(".*") {
            Some(head) => of_view.below.insert(head, row),
            None => of_view.names.insert(name, row),
        };
    }
    index
});

/// `view names… word: reason`
fn differences(line: &'static str) -> Option<impl Iterator<Item = Difference>> {
    let (head, reason) = line.split_once(':')?;
    let (view, words) = head.split_once(' ')?;
    let view = View::ALL.into_iter().find(|known| known.word() == view)?;
    let (names, word) = words.rsplit_once(' ')?;
    let (does, reaches_code) = names::does(word)?;
    let row = Row { does, reaches_code, source: reason.trim() };
    Some(names.split_ascii_whitespace().map(move |name| Difference { view, name, row }))
}

/// What `view` takes `path` for: as the table has it, but for declared differences.
fn row(view: View, path: &str) -> Option<Row> {
    declared(view, path).or_else(|| names::row(path))
}

/// The same of a name that may be a module, which counts as what everything in it does.
fn row_or_module(view: View, path: &str) -> Option<Row> {
    let is_module = !names::is_named(path);
    declared(view, path).or_else(|| names::whole(path).filter(|_| is_module)).or_else(|| names::row(path))
}

/// What a file may name: of the standard library only what the table has by its own name, so that nothing slips in
/// with the rest of a module.
fn is_harmless_in_files(view: View, path: &str) -> bool {
    !is_stdlib(path) || names::is_named(path) || declared_by_name(view, path).is_some()
}

fn declared_by_name(view: View, path: &str) -> Option<Row> {
    INDEX.get(&view)?.names.get(path).copied()
}

fn declared(view: View, path: &str) -> Option<Row> {
    let of_view = INDEX.get(&view)?;
    let mut heads = path.match_indices('.').rev().filter_map(|(at, _)| path.get(..at));
    let below = || heads.find_map(|head| of_view.below.get(head));
    let of_stdlib = || of_view.below.get("stdlib").filter(|_| is_stdlib(path));
    of_view.names.get(path).or_else(below).or_else(of_stdlib).copied()
}

#[cfg(test)]
mod tests;
