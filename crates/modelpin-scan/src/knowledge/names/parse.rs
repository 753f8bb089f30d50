//! The table, read from its files at first use and turned around: by name, and by what a name belongs to.

use super::{Does, Row};
use crate::engine::Capability;
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
    // Whole libraries: rows without a section.
    ("whole.txt", include_str!("data/whole.txt")),
];

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for (_, text) in FILES {
        for line in lines(text).flatten() {
            line.names.for_each(|name| table.add(line.section, name, line.row));
        }
    }
    table
});

#[derive(Default)]
pub(super) struct Table {
    exact: HashMap<String, Row>,
    /// What everything below a name does, and what the classes below it do.
    below: HashMap<&'static str, Row>,
    classes: HashMap<&'static str, Row>,
    /// Calls of whose results something is known.
    results: HashSet<String>,
    libraries: HashSet<&'static str>,
}

impl Table {
    fn add(&mut self, section: &'static str, name: &'static str, row: Row) {
        let Some(section) = Some(section).filter(|section| !section.is_empty()) else {
            self.libraries.insert(name);
            self.below.insert(name, row);
            return;
        };
        self.libraries.insert(first(section));
        self.results.extend(section.match_indices("()").filter_map(|(at, _)| Some(section.get(..at)?.to_owned())));
        match name {
            "*" => drop(self.below.insert(section, row)),
            "A*" => drop(self.classes.insert(section, row)),
            name => drop(self.exact.insert(format!("{section}.{name}"), row)),
        }
    }

    pub(super) fn row(&self, path: &str) -> Option<Row> {
        if let Some(row) = self.exact.get(path) {
            return Some(*row);
        }
        let mut end = path.rfind('.')?;
        let mut is_class = false;
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

    /// The row of `head` that `rest`, what follows it, falls under.
    fn covers(&self, head: &str, rest: &str, is_class: bool) -> Option<Row> {
        // A method that is called through its class: `numpy.ndarray.tofile(array, path)`.
        if self.results.contains(head)
            && let Some(row) = self.exact.get(&format!("{head}().{rest}"))
        {
            return Some(*row);
        }
        // What belongs to something harmless need not be harmless.
        if let Some(row) = self.exact.get(head).filter(|row| matches!(row.does, Does::Acts(_) | Does::Reaches)) {
            return Some(*row);
        }
        let below = self.classes.get(head).filter(|_| is_class).or_else(|| self.below.get(head))?;
        let leads_on = rest.split('.').any(|name| name.starts_with("__") || is_stdlib(name));
        (matches!(below.does, Does::Acts(_) | Does::Reaches) || !leads_on).then_some(*below)
    }

    pub(super) fn whole(&self, path: &str) -> Option<Row> {
        self.below.get(path).copied()
    }

    pub(super) fn has_result(&self, path: &str) -> bool {
        self.results.contains(path)
    }

    pub(super) fn is_library(&self, root: &str) -> bool {
        self.libraries.contains(root)
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(String, Row)> {
        let below = self.below.iter().map(|(head, row)| (format!("{head}.*"), *row));
        let classes = self.classes.iter().map(|(head, row)| (format!("{head}.A*"), *row));
        self.exact.iter().map(|(name, row)| (name.clone(), *row)).chain(below).chain(classes).collect()
    }
}

fn first(section: &str) -> &str {
    section.split('.').next().unwrap_or_default()
}

fn begins_with_capital(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase())
}

/// A row of a file: names of one section that do the same.
struct Line {
    section: &'static str,
    row: Row,
    names: std::str::SplitAsciiWhitespace<'static>,
}

/// The lines of a file, or what is wrong with them.
fn lines(text: &'static str) -> impl Iterator<Item = Result<Line, String>> {
    let mut file_source = "";
    let (mut section, mut source) = ("", "");
    let mut row = None;
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).filter_map(move |line| {
        if let Some(of_file) = line.strip_prefix("source: ") {
            file_source = of_file;
            return None;
        }
        if let Some((name, of_section)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            (section, row) = (name, None);
            source = of_section.trim();
            return None;
        }
        let names = match line.strip_prefix(' ') {
            // What did not fit into the line before.
            Some(rest) => rest,
            None => {
                let (word, rest) = line.split_once(':').unwrap_or((line, ""));
                let source = if source.is_empty() { file_source } else { source };
                row = does(word).map(|(does, reaches_code)| Row { does, reaches_code, source });
                rest
            }
        };
        Some(match row.filter(|row| !row.source.is_empty()) {
            Some(row) => Ok(Line { section, row, names: names.split_ascii_whitespace() }),
            None => Err(format!("[{section}] {line}")),
        })
    })
}

/// What the word of a row says that its names do, and whether they lead to code.
pub(in crate::knowledge) fn does(word: &str) -> Option<(Does, bool)> {
    let (word, is_said) = word.strip_suffix("+code").map_or((word, false), |word| (word, true));
    let does = match word {
        "reaches" => Does::Reaches,
        "value" => Does::Value,
        "plain" => Does::Plain,
        "model" => Does::Model,
        "unjudged" => Does::Unjudged,
        word => Does::Acts(Capability::ALL.into_iter().find(|capability| capability.word() == word)?),
    };
    let always = match does {
        Does::Acts(capability) => matches!(
            capability,
            Capability::Process | Capability::DynamicCode | Capability::Native | Capability::Deserialise
        ),
        Does::Reaches => true,
        Does::Value | Does::Plain | Does::Model | Does::Unjudged => false,
    };
    Some((does, always || is_said))
}

#[cfg(test)]
mod tests {
    use super::{FILES, begins_with_capital, does, lines};
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
            .flat_map(|line| line.names.map(move |name| format!("{}.{name}", line.section)))
            .filter(|name| !seen.insert(name.clone()))
            .collect();
        assert!(twice.is_empty(), "{twice:#?}");
    }

    #[test]
    fn words_are_those_of_capabilities() {
        assert!(does("network+code").is_some_and(|(_, reaches)| reaches));
        assert!(does("network").is_some_and(|(_, reaches)| !reaches));
        assert!(does("nothing").is_none());
        assert!(begins_with_capital("_Loss") && !begins_with_capital("relu"));
    }
}
