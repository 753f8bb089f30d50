//! The views of the table of names: what each kind of judgement makes of a name.
//!
//! | what a name does | Python source | pickles | objects (YAML, skops) | configurations |
//! |---|---|---|---|---|
//! | acts | that capability | dangerous | dangerous | acts |
//! | reaches | not allowed at import | dangerous | dangerous | acts |
//! | value | allowed | foreign | data | foreign |
//! | plain, model | allowed | foreign | library | foreign |
//! | unjudged | not allowed at import | by its name | by its name | foreign |
//! | no row | not allowed at import | dangerous in the standard library, else by its name | the same | the same |
//!
//! Where a view judges otherwise, `names/data/differences.txt` has a line for it, with the reason: a name is judged
//! in that view as if the table had what the line says.

pub(crate) mod configuration;
pub(crate) mod object;
pub(crate) mod pickle;
pub(crate) mod python;

use super::names::{self, Row};
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

/// A line of `differences.txt`.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    view: View,
    /// A name, or what ends in `.*` for everything below one.
    name: &'static str,
    row: Row,
}

const DIFFERENCES: &str = include_str!("../names/data/differences.txt");

/// Declared differences: of names, and of everything below a name.
static INDEX: LazyLock<HashMap<(View, &str), Row>> = LazyLock::new(|| {
    let lines = DIFFERENCES.lines().filter(|line| !line.starts_with('#')).filter_map(difference);
    lines.map(|difference| ((difference.view, difference.name), difference.row)).collect()
});

/// `view name word: reason`
fn difference(line: &'static str) -> Option<Difference> {
    let (head, reason) = line.split_once(':')?;
    let mut words = head.split_ascii_whitespace();
    let view = words.next()?;
    let view = View::ALL.into_iter().find(|known| known.word() == view)?;
    let name = words.next()?;
    let (does, reaches_code) = names::does(words.next()?)?;
    Some(Difference { view, name, row: Row { does, reaches_code, source: reason.trim() } })
}

/// What `view` takes `path` for: as the table has it, but for declared differences.
fn row(view: View, path: &str) -> Option<Row> {
    declared(view, path).or_else(|| names::row(path))
}

/// The same of a name that may be a module, which counts as what everything in it does.
fn row_or_module(view: View, path: &str) -> Option<Row> {
    declared(view, path).or_else(|| names::whole(path)).or_else(|| names::row(path))
}

fn declared(view: View, path: &str) -> Option<Row> {
    if let Some(row) = INDEX.get(&(view, path)) {
        return Some(*row);
    }
    let heads = path.match_indices('.').rev().filter_map(|(at, _)| path.get(..at));
    heads.into_iter().find_map(|head| INDEX.get(&(view, format!("{head}.*").as_str())).copied())
}

#[cfg(test)]
mod tests {
    use super::{DIFFERENCES, difference};
    use crate::knowledge::names;

    #[test]
    fn every_difference_is_one_and_has_a_reason() {
        for line in DIFFERENCES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let Some(found) = difference(line) else { panic!("cannot be read: {line}") };
            assert!(found.row.source.len() > 10, "no reason: {line}");
            let name = found.name.strip_suffix(".*");
            let usual = name.map_or_else(|| names::row(found.name), names::whole);
            assert!(usual.is_none_or(|usual| usual.does != found.row.does), "no difference: {line}");
        }
    }
}
