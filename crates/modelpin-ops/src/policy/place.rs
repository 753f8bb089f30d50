//! Which line of which file a ruling is about.

use crate::decisions::AUDITS;
use crate::project::{LOCK, MANIFEST};
use crate::refusal::Line;
use modelpin_schema::fault::Place;
use modelpin_schema::{Lockfile, Name, Pin, RepoPath};
use std::collections::BTreeMap;

/// A thing of an entry that has a line of its own in the lock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spot<'a> {
    /// The entry.
    Entry,
    /// One of its own keys.
    Key(&'a str),
    /// A key of one of its tables.
    Fact(&'static str, &'a str),
    /// What a table says of a file.
    OfFile(&'static str, &'a RepoPath),
    /// A file.
    File(&'a RepoPath),
}

/// The lines of a lock's text.
pub(super) struct Lines<'a> {
    lock: &'a Lockfile,
    tables: BTreeMap<String, usize>,
    keys: BTreeMap<(String, String), usize>,
}

impl<'a> Lines<'a> {
    /// Of the text of `lock`.
    pub(super) fn of(lock: &'a Lockfile) -> Self {
        let (mut tables, mut keys) = (BTreeMap::new(), BTreeMap::new());
        let mut table = String::new();
        for (line, text) in lock.print().lines().enumerate().map(|(at, text)| (at + 1, text)) {
            if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut table);
                tables.insert(table.clone(), line);
            } else if let Some((key, _)) = text.split_once(" = ").filter(|(key, _)| !key.starts_with('"')) {
                keys.insert((table.clone(), key.to_owned()), line);
            }
        }
        Self { lock, tables, keys }
    }

    /// The line of `spot` of the entry `name`. What the lock does not say has the line of what it would be of.
    pub(super) fn at(&self, name: &Name, spot: Spot<'_>) -> Option<Line> {
        let pin = self.lock.pins.get(name)?;
        Some(Line { file: LOCK.to_owned(), line: self.find(&format!("{}.{name}", pin.source.kind), pin, spot)? })
    }

    fn find(&self, entry: &str, pin: &Pin, spot: Spot<'_>) -> Option<usize> {
        let key = |table: &str, key: &str| self.keys.get(&(table.to_owned(), key.to_owned())).copied();
        let nth = |table: &str, at: Option<usize>| Some(self.tables.get(&format!("{entry}.{table}"))? + 1 + at?);
        match spot {
            Spot::Entry => self.tables.get(entry).copied(),
            Spot::Key(name) => key(entry, name).or_else(|| self.find(entry, pin, Spot::Entry)),
            Spot::Fact("requires", name) => {
                nth("requires", pin.facts.requires.keys().position(|known| known.as_str() == name))
                    .or_else(|| self.find(entry, pin, Spot::Entry))
            }
            Spot::Fact(table, name) => {
                key(&format!("{entry}.{table}"), name).or_else(|| self.find(entry, pin, Spot::Entry))
            }
            Spot::OfFile(table, path) => {
                let at = match table {
                    "globals" => pin.facts.globals.keys().position(|known| known == path),
                    _ => pin.facts.findings.keys().position(|known| known == path),
                };
                nth(table, at).or_else(|| self.find(entry, pin, Spot::File(path)))
            }
            Spot::File(path) => nth("files", pin.files().keys().position(|known| known == path))
                .or_else(|| self.find(entry, pin, Spot::Entry)),
        }
    }
}

/// A place in `models.audits.toml`.
pub(super) fn decision(place: Option<&Place>) -> Option<Line> {
    place.map(|place| Line { file: AUDITS.to_owned(), line: place.line })
}

/// ` (models.toml:12)`, where a key of `[policy]` has a place.
pub(super) fn wish(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({MANIFEST}:{})", place.line)).unwrap_or_default()
}
