//! The table, read from its files at first use and turned around: by name, and by what a name belongs to.

use super::parse::{Says, lines};
use super::row::{Does, Row};
use crate::knowledge::stdlib::is_stdlib;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The files of the table: which part of it each has, for a person who looks for something.
const FILES: &[(&str, &str)] = &[
    ("stdlib.txt", include_str!("data/stdlib.txt")),
    ("torch.txt", include_str!("data/torch.txt")),
    ("arrays.txt", include_str!("data/arrays.txt")),
    ("keras.txt", include_str!("data/keras.txt")),
    ("huggingface.txt", include_str!("data/huggingface.txt")),
    ("libraries.txt", include_str!("data/libraries.txt")),
    ("families.txt", include_str!("data/families.txt")),
    ("diffusers.txt", include_str!("data/diffusers.txt")),
    ("frameworks.txt", include_str!("data/frameworks.txt")),
    ("hub.txt", include_str!("data/hub.txt")),
    ("jax.txt", include_str!("data/jax.txt")),
    ("keras_parts.txt", include_str!("data/keras_parts.txt")),
    ("numpy.txt", include_str!("data/numpy.txt")),
    ("other_a_d.txt", include_str!("data/other_a_d.txt")),
    ("other_e_l.txt", include_str!("data/other_e_l.txt")),
    ("other_m_p.txt", include_str!("data/other_m_p.txt")),
    ("other_q_z.txt", include_str!("data/other_q_z.txt")),
    ("science.txt", include_str!("data/science.txt")),
    ("tables.txt", include_str!("data/tables.txt")),
    ("tensorflow.txt", include_str!("data/tensorflow.txt")),
    ("torch_domains.txt", include_str!("data/torch_domains.txt")),
    ("torch_functions.txt", include_str!("data/torch_functions.txt")),
    ("transformers.txt", include_str!("data/transformers.txt")),
    ("transformers_parts.txt", include_str!("data/transformers_parts.txt")),
    // Whole libraries: rows without a section.
    ("whole.txt", include_str!("data/whole.txt")),
];

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| read(FILES));

fn read(files: &[(&str, &'static str)]) -> Table {
    let mut table = Table::default();
    for (_, text) in files {
        for line in lines(text).flatten() {
            line.names.for_each(|name| match line.says {
                Says::Does(row) => table.add(line.section, name, row),
                Says::Gives(what) => table.add_gives(line.section, name, what),
            });
        }
    }
    table
}

#[derive(Default)]
pub(super) struct Table {
    exact: HashMap<String, Row>,
    /// What everything below a name does, and what the classes below it do.
    below: HashMap<&'static str, Row>,
    classes: HashMap<&'static str, Row>,
    /// What a member of that name does, of any class below a name.
    members: HashMap<&'static str, HashMap<&'static str, Row>>,
    /// What is known of the results of calls, by what is called.
    results: HashMap<String, Members>,
    /// What calls give, by what is called.
    gives: HashMap<String, &'static str>,
    /// What calls of anything in a module give.
    gives_in: HashMap<&'static str, &'static str>,
    libraries: HashSet<&'static str>,
}

/// The members of what a call gives.
#[derive(Default)]
struct Members {
    rows: HashMap<String, Row>,
    /// What the others do.
    others: Option<Row>,
}

impl Table {
    fn add(&mut self, section: &'static str, name: &'static str, row: Row) {
        let Some(section) = Some(section).filter(|section| !section.is_empty()) else {
            self.libraries.insert(name);
            self.below.insert(name, row);
            return;
        };
        self.libraries.insert(first(section));
        for (at, _) in section.match_indices("()") {
            self.results.entry(section.get(..at).unwrap_or_default().to_owned()).or_default();
        }
        if let Some(member) = name.strip_prefix("A*.") {
            self.members.entry(section).or_default().insert(member, row);
            return;
        }
        match name {
            "*" => {
                self.below.insert(section, row);
                if let Some(call) = section.strip_suffix("()") {
                    self.results.entry(call.to_owned()).or_default().others = Some(row);
                }
            }
            "A*" => drop(self.classes.insert(section, row)),
            name => {
                let path = format!("{section}.{name}");
                for (call, member) in
                    path.match_indices("().").filter_map(|(at, _)| path.get(..at).zip(path.get(at.checked_add(3)?..)))
                {
                    self.results.entry(call.to_owned()).or_default().rows.insert(member.to_owned(), row);
                }
                self.exact.insert(path, row);
            }
        }
    }

    fn add_gives(&mut self, section: &'static str, name: &'static str, what: &'static str) {
        match name {
            "*" => drop(self.gives_in.insert(section, what)),
            name => drop(self.gives.insert(format!("{section}.{name}"), what)),
        }
    }

    /// What a call of `path` gives, where a row says so: a section of the table.
    pub(super) fn gives(&self, path: &str) -> Option<&'static str> {
        let exact = self.gives.get(path);
        let in_module = || self.gives_in.get(path.rsplit_once('.')?.0);
        exact.or_else(in_module).copied()
    }

    pub(super) fn row(&self, path: &str) -> Option<Row> {
        if let Some(row) = self.exact.get(path) {
            return Some(*row);
        }
        let mut end = path.rfind('.')?;
        let mut is_class = false;
        if let Some(row) = self.member(path) {
            return Some(row);
        }
        loop {
            let (head, rest) = (path.get(..end)?, path.get(end.checked_add(1)?..)?);
            let name = rest.split('.').next().unwrap_or_default();
            is_class |= begins_with_capital(name);
            if let Some(row) = self.covers(head, rest, is_class) {
                return Some(row);
            }
            end = head.rfind('.')?;
        }
    }

    /// What `path` does as a member of a class, by what it belongs to.
    fn member(&self, path: &str) -> Option<Row> {
        let (class, member) = path.rsplit_once('.')?;
        let mut head = class;
        while let Some((before, name)) = head.rsplit_once('.') {
            head = before;
            if begins_with_capital(name) || class.get(head.len()..)?.split('.').any(begins_with_capital) {
                let row = self.members.get(head).and_then(|members| members.get(member));
                if row.is_some() {
                    return row.copied();
                }
            }
        }
        None
    }

    /// The row of `head` that `rest`, what follows it, falls under.
    fn covers(&self, head: &str, rest: &str, is_class: bool) -> Option<Row> {
        // A method that is called through its class: `numpy.ndarray.tofile(array, path)`.
        if let Some(members) = self.results.get(head) {
            let of_any = || members.others.filter(|_| !leads_on(rest, "_"));
            if let Some(row) = members.rows.get(rest).copied().or_else(of_any) {
                return Some(row);
            }
        }
        // What belongs to something harmless need not be harmless.
        if let Some(row) = self.exact.get(head).filter(|row| matches!(row.does, Does::Acts(_) | Does::Reaches)) {
            return Some(*row);
        }
        let below = self.classes.get(head).filter(|_| is_class).or_else(|| self.below.get(head))?;
        // What attributes of a result are is not known, but for those that rows name.
        let is_result = head.ends_with("()");
        // A module's private functions are not those that its documentation tells of.
        let mark = if is_class || matches!(below.does, Does::Model | Does::Unknown) { "__" } else { "_" };
        let is_hidden = match is_result && !rest.contains('.') {
            true => rest.starts_with(mark),
            false => is_result || leads_on(rest, mark),
        };
        (matches!(below.does, Does::Acts(_) | Does::Reaches) || !is_hidden).then_some(*below)
    }

    pub(super) fn whole(&self, path: &str) -> Option<Row> {
        self.below.get(path).copied()
    }

    pub(super) fn is_named(&self, path: &str) -> bool {
        let of_class = || path.rsplit_once('.').filter(|(head, _)| self.classes.contains_key(head));
        self.exact.contains_key(path) || of_class().is_some_and(|(_, name)| begins_with_capital(name))
    }

    pub(super) fn has_result(&self, path: &str) -> bool {
        self.results.contains_key(path)
    }

    pub(super) fn is_library(&self, root: &str) -> bool {
        self.libraries.contains(root)
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(String, Row)> {
        let below = self.below.iter().map(|(head, row)| (format!("{head}.*"), *row));
        let classes = self.classes.iter().map(|(head, row)| (format!("{head}.A*"), *row));
        let members = self
            .members
            .iter()
            .flat_map(|(head, members)| members.iter().map(move |(member, row)| (format!("{head}.A*.{member}"), *row)));
        self.exact.iter().map(|(name, row)| (name.clone(), *row)).chain(below).chain(classes).chain(members).collect()
    }
}

/// Whether one of the names in `rest` is hidden, as `mark` in front of it says, a module of the standard
/// library, or of tests, which nobody judged.
fn leads_on(rest: &str, mark: &str) -> bool {
    rest.split('.').any(|name| name.starts_with(mark) || is_stdlib(name) || matches!(name, "tests" | "conftest"))
}

fn first(section: &str) -> &str {
    section.split('.').next().unwrap_or_default()
}

fn begins_with_capital(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::super::parse::{Says, does, lines};
    use super::super::row::Does;
    use super::{FILES, TABLE, begins_with_capital};
    use crate::engine::Capability;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_of_the_table_is_read() {
        let wrong: Vec<String> = FILES.iter().flat_map(|(_, text)| lines(text)).filter_map(|line| line.err()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn every_name_is_there_once() {
        let mut seen = BTreeSet::new();
        let twice: Vec<String> = FILES
            .iter()
            .flat_map(|(_, text)| lines(text))
            .flatten()
            .flat_map(|line| {
                let gives = if matches!(line.says, Says::Gives(_)) { " gives" } else { "" };
                line.names.map(move |name| format!("{}.{name}{gives}", line.section))
            })
            .filter(|name| !seen.insert(name.clone()))
            .collect();
        assert!(twice.is_empty(), "{twice:#?}");
    }

    #[test]
    fn a_member_of_any_class_has_the_row_of_what_the_class_is_in() {
        let does = |path: &str| TABLE.row(path).map(|row| row.does);
        assert_eq!(does("pytorch_lightning.core.x.Y"), Some(Does::Model));
        let load = does("pytorch_lightning.core.x.Y.load_from_checkpoint");
        assert_eq!(load, Some(Does::Acts(Capability::Deserialise)));
        assert_eq!(does("numpy.ndarray.tofile"), Some(Does::Acts(Capability::FilesystemWrite)));
        assert_eq!(does("numpy.ndarray().copy"), Some(Does::Plain));
        assert_ne!(does("numpy.ndarray().attribute.tofile"), Some(Does::Plain));
    }

    #[test]
    fn what_calls_give_is_a_section() {
        let gives = FILES.iter().flat_map(|(_, text)| lines(text)).flatten().filter_map(|line| match line.says {
            Says::Gives(what) => Some(what),
            Says::Does(_) => None,
        });
        let unknown: BTreeSet<&str> =
            gives.filter(|what| !what.strip_suffix("()").is_some_and(|call| TABLE.has_result(call))).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn words_are_those_of_capabilities() {
        assert!(does("network+code").is_some_and(|(_, reaches)| reaches));
        assert!(does("network").is_some_and(|(_, reaches)| !reaches));
        assert!(does("nothing").is_none());
        assert!(begins_with_capital("_Loss") && !begins_with_capital("relu"));
    }
}
