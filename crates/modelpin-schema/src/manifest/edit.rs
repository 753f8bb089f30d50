//! Changes to the text of `models.toml` that keep its comments, order and formatting.

use super::Manifest;
use crate::fault::Fault;
use crate::{Filter, Name, RepoId, RepoKind, Requested};
use toml_edit::{Array, DocumentMut, Item, Table, value};

/// An entry that `add` writes.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Model or dataset.
    pub kind: RepoKind,
    /// Its name in the project.
    pub name: Name,
    /// Which repo.
    pub repo: RepoId,
    /// Which revision of it.
    pub requested: Requested,
    /// Which of its files.
    pub filter: Filter,
    /// The entry that it is an adapter of.
    pub adapter_of: Option<Name>,
}

/// `text` with the entry in it: as a short line where the repo says all, else as a table. An entry of that
/// name must not be there yet.
///
/// # Errors
/// A text that is no manifest, before or after.
pub fn add(file: &str, text: &str, entry: &NewEntry) -> Result<String, Fault> {
    let mut document = parse(file, text)?;
    let section = document.entry(entry.kind.plural()).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let Some(section) = section.as_table_like_mut() else {
        return Err(Fault::whole(file, format!("`{}` is not a table", entry.kind.plural())));
    };
    section.insert(entry.name.as_str(), item(entry));
    checked(file, document.to_string())
}

fn item(entry: &NewEntry) -> Item {
    let plain = entry.requested == Requested::main() && entry.filter == Filter::default() && entry.adapter_of.is_none();
    if plain {
        return value(entry.repo.as_str());
    }
    let mut table = Table::new();
    table.insert("repo", value(entry.repo.as_str()));
    match &entry.requested {
        Requested::Version(requirement) => drop(table.insert("version", value(requirement.to_string()))),
        requested => drop(table.insert("revision", value(requested.to_string()))),
    }
    for (key, patterns) in [("include", &entry.filter.include), ("exclude", &entry.filter.exclude)] {
        if !patterns.is_empty() {
            table.insert(key, value(patterns.iter().map(|pattern| pattern.as_str()).collect::<Array>()));
        }
    }
    if let Some(base) = &entry.adapter_of {
        table.insert("adapter-of", value(base.as_str()));
    }
    Item::Table(table)
}

/// `text` without the entry `name`; none if there is no such entry.
///
/// # Errors
/// A text that is no manifest, before or after (an adapter whose base would be gone, say).
pub fn remove(file: &str, text: &str, name: &Name) -> Result<Option<String>, Fault> {
    let mut document = parse(file, text)?;
    for kind in RepoKind::ALL {
        let Some(section) = document.get_mut(kind.plural()).and_then(Item::as_table_like_mut) else {
            continue;
        };
        if section.remove(name.as_str()).is_some() {
            return checked(file, document.to_string()).map(Some);
        }
    }
    Ok(None)
}

fn parse(file: &str, text: &str) -> Result<DocumentMut, Fault> {
    Manifest::read(file, text)?;
    text.parse().map_err(|error: toml_edit::TomlError| Fault::whole(file, error.message().to_owned()))
}

fn checked(file: &str, text: String) -> Result<String, Fault> {
    Manifest::read(file, &text).map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::{NewEntry, add, remove};
    use crate::{Filter, RepoKind, Requested};
    use expect_test::expect;

    const TEXT: &str = "# ours\n[project]\nname = \"bot\"   # odd spacing\n\n[models]\n# the small one\nminilm = \"a/minilm\"\n\n[models.chat]\nrepo = \"a/chat\"\n";

    fn entry(requested: &str, base: Option<&str>) -> NewEntry {
        NewEntry {
            kind: RepoKind::Model,
            name: "lora".parse().unwrap(),
            repo: "a/lora".parse().unwrap(),
            requested: requested.parse().unwrap(),
            filter: Filter { include: Vec::new(), exclude: Vec::new() },
            adapter_of: base.map(|base| base.parse().unwrap()),
        }
    }

    #[test]
    fn adding_keeps_everything_else() {
        expect![[r#"
            # ours
            [project]
            name = "bot"   # odd spacing

            [models]
            # the small one
            minilm = "a/minilm"
            lora = "a/lora"

            [models.chat]
            repo = "a/chat"
        "#]]
        .assert_eq(&add("models.toml", TEXT, &entry("main", None)).unwrap());
        expect![[r#"
            # ours
            [project]
            name = "bot"   # odd spacing

            [models]
            # the small one
            minilm = "a/minilm"

            [models.chat]
            repo = "a/chat"

            [models.lora]
            repo = "a/lora"
            version = "^1.2"
            adapter-of = "chat"
        "#]]
        .assert_eq(&add("models.toml", TEXT, &entry("version:^1.2", Some("chat"))).unwrap());
    }

    #[test]
    fn a_first_entry_makes_its_section() {
        expect![[r#"
            [models]
            lora = "a/lora"
        "#]]
        .assert_eq(&add("models.toml", "", &entry("main", None)).unwrap());
        assert_eq!(Requested::main().to_string(), "main");
    }

    #[test]
    fn removing_keeps_everything_else() {
        let name = "chat".parse().unwrap();
        let without = remove("models.toml", TEXT, &name).unwrap().unwrap();
        assert_eq!(without, TEXT.replace("\n[models.chat]\nrepo = \"a/chat\"\n", ""));
        assert_eq!(remove("models.toml", &without, &name).unwrap(), None);
    }
}
