//! Which line of a lock's text something is on, for messages that point at it.

use super::Lockfile;
use crate::text::toml_string;
use crate::{Name, RepoPath};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Something of an entry that has a line of its own in the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKey<'a> {
    /// The entry: its header.
    Entry,
    /// One of its own keys, such as `license`.
    Key(&'a str),
    /// A table of the entry and a key in it, neither in quotes: `("code", "capabilities")`, `("requires", "torch")`,
    /// `("globals", "model.bin")`.
    InTable(&'a str, &'a str),
    /// A file.
    File(&'a RepoPath),
}

/// The lines of a lock as [`Lockfile::print`] writes it: found in one pass when the first is asked for, since most runs
/// have nothing to point at.
#[derive(Debug)]
pub struct LineIndex<'a> {
    lock: &'a Lockfile,
    tables: OnceCell<BTreeMap<String, Table>>,
}

/// The line of a table's header, and those of its keys, as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Table {
    line: usize,
    keys: BTreeMap<String, usize>,
}

impl Lockfile {
    /// The lines of its text.
    #[must_use]
    pub fn line_index(&self) -> LineIndex<'_> {
        LineIndex { lock: self, tables: OnceCell::new() }
    }
}

impl LineIndex<'_> {
    /// The line, from 1, of `key` of the entry `name`. A key that is not in the lock has the line of what it would be
    /// about: that of the file for a fact of a file, that of the entry otherwise. None for an unknown entry.
    #[must_use]
    pub fn line(&self, name: &Name, key: LockKey<'_>) -> Option<usize> {
        let entry = format!("{}.{name}", self.lock.pins.get(name)?.source.kind);
        let tables = self.tables.get_or_init(|| tables(&self.lock.print()));
        let find = |table: &str, key: &str| tables.get(table)?.keys.get(key).copied();
        let found = match key {
            LockKey::Entry => None,
            LockKey::Key(word) => find(&entry, word),
            LockKey::File(path) => find(&format!("{entry}.files"), &toml_string(path.as_str())),
            LockKey::InTable(table, word) => {
                let table = format!("{entry}.{table}");
                let quoted = toml_string(word);
                find(&table, word)
                    .or_else(|| find(&table, &quoted))
                    .or_else(|| find(&format!("{entry}.files"), &quoted))
            }
        };
        found.or_else(|| tables.get(&entry).map(|table| table.line))
    }
}

/// The tables of a lock's text.
fn tables(text: &str) -> BTreeMap<String, Table> {
    let mut tables = BTreeMap::new();
    let mut header = String::new();
    let mut table = Table::default();
    for (at, text) in text.lines().enumerate() {
        if let Some(next) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let ended = std::mem::replace(&mut table, Table { line: at + 1, keys: BTreeMap::new() });
            tables.insert(std::mem::replace(&mut header, next.to_owned()), ended);
        } else if let Some(key) = key(text) {
            table.keys.insert(key.to_owned(), at + 1);
        }
    }
    tables.insert(header, table);
    tables
}

/// The key of a line, as it is written: a word, or a text in quotes.
fn key(line: &str) -> Option<&str> {
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split_once(" = ").map(|(key, _)| key);
    };
    let mut escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    line.get(..end + 2)
}

#[cfg(test)]
mod tests {
    use super::LockKey;
    use crate::lockfile::sample::sample;

    #[test]
    fn everything_has_the_line_that_it_is_printed_on() {
        let lock = sample();
        let text = lock.print();
        let lines = lock.line_index();
        let chat = "chat".parse().unwrap();
        let shown = |spot| text.lines().nth(lines.line(&chat, spot).unwrap() - 1).unwrap();
        assert_eq!(shown(LockKey::Entry), "[model.chat]");
        assert_eq!(shown(LockKey::Key("license")), "license = \"apache-2.0\"");
        for path in lock.pins[&chat].files().keys() {
            let line = shown(LockKey::File(path));
            assert!(
                line.starts_with(&super::toml_string(path.as_str())) && line.contains("{ kind = "),
                "{path}: {line}"
            );
        }
        assert!(shown(LockKey::InTable("code", "digest")).starts_with("digest = \"sha256:"));
        assert_eq!(shown(LockKey::InTable("requires", "a \"quoted\" one")), r#""a \"quoted\" one" = "unpinned""#);
        let global = "\"pytorch_model.bin\" = [\"torch._utils._rebuild_tensor_v2\"]";
        assert_eq!(shown(LockKey::InTable("globals", "pytorch_model.bin")), global);
        assert_eq!(shown(LockKey::Key("nonsense")), "[model.chat]");
        assert_eq!(
            shown(LockKey::InTable("findings", "config.json")),
            shown(LockKey::File(&"config.json".parse().unwrap()))
        );
        let faq = "a-faq".parse().unwrap();
        assert_eq!(text.lines().nth(lines.line(&faq, LockKey::Entry).unwrap() - 1), Some("[dataset.a-faq]"));
        assert_eq!(lines.line(&"gone".parse().unwrap(), LockKey::Entry), None);
    }
}
