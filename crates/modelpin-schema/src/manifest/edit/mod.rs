//! Changes to the text of `models.toml` that keep its comments, order and formatting.

mod filter;
mod text;

pub use filter::{extend_filter, set_variant};

use crate::fault::Fault;
use crate::{Filter, Name, RepoId, RepoKind, Requested};
use text::{checked, parse};
use toml_edit::{Array, Decor, DocumentMut, Item, RawString, Table, TableLike, value};

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
/// A text that is not a manifest, before or after.
pub fn add(file: &str, text: &str, entry: &NewEntry) -> Result<String, Fault> {
    let mut document = parse(file, text)?;
    // Without a `[models]` of its own, the section has no place for a line but above everything else.
    let section = document.get(entry.kind.plural()).and_then(Item::as_table);
    let only_tables = section.is_some_and(|section| section.is_implicit() && !section.is_dotted());
    let is_new = !document.contains_key(entry.kind.plural());
    let before = document.to_string();
    let section = document.entry(entry.kind.plural()).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let Some(section) = section.as_table_like_mut() else {
        return Err(Fault::whole(file, format!("`{}` is not a table", entry.kind.plural())));
    };
    let mut item = item(entry, only_tables);
    let is_header = item.as_table_mut().map(|table| table.decor_mut().set_prefix(HERE.to_string())).is_some();
    section.insert(entry.name.as_str(), item);
    if is_new
        && !is_header
        && let Some(section) = document.get_mut(entry.kind.plural()).and_then(Item::as_table_mut)
    {
        section.decor_mut().set_prefix(HERE.to_string());
    }
    checked(file, text, &between(&before, &document.to_string()))
}

/// The text `with` of a document that was `before`, and has a new table in it, marked with [`HERE`]: comments at the
/// end of the table above stay in that table.
fn between(before: &str, with: &str) -> String {
    let Some((above, new)) = with.split_once(HERE) else { return with.to_owned() };
    let Some(below) = before.strip_prefix(above) else { return format!("{above}{new}") };
    let new = new.strip_suffix(below).unwrap_or(new);
    let comments: usize = below
        .split_inclusive('\n')
        .take_while(|line| line.trim_start().starts_with('#') || line.trim().is_empty())
        .map(str::len)
        .sum();
    // What is right above a header is about what is below it.
    let theirs =
        if comments == below.len() { comments } else { below[..comments].rfind("\n\n").map_or(0, |end| end + 1) };
    let (theirs, below) = below.split_at(if below[..theirs].contains('#') { theirs } else { 0 });
    let end = if theirs.is_empty() || theirs.ends_with('\n') { "" } else { "\n" };
    let all = format!("{above}{theirs}{end}");
    let gap = if all.is_empty() || all.ends_with("\n\n") { "" } else { "\n" };
    format!("{all}{gap}{new}{below}")
}

fn item(entry: &NewEntry, as_table: bool) -> Item {
    let main = entry.requested == Requested::main();
    if main && entry.filter == Filter::default() && entry.adapter_of.is_none() && !as_table {
        return value(entry.repo.as_str());
    }
    let mut table = Table::new();
    table.insert("repo", value(entry.repo.as_str()));
    match &entry.requested {
        _ if main => {}
        Requested::Version(requirement) => drop(table.insert("version", value(requirement.to_string()))),
        requested => drop(table.insert("revision", value(requested.to_string()))),
    }
    for (key, patterns) in [("include", &entry.filter.include), ("exclude", &entry.filter.exclude)] {
        if !patterns.is_empty() {
            table.insert(key, value(patterns.iter().map(|pattern| pattern.as_str()).collect::<Array>()));
        }
    }
    if let Some(variant) = &entry.filter.variant {
        table.insert("variant", value(variant.as_str()));
    }
    if let Some(base) = &entry.adapter_of {
        table.insert("adapter-of", value(base.as_str()));
    }
    Item::Table(table)
}

/// `text` without the entry `name`; none if there is no such entry.
///
/// # Errors
/// A text that is not a manifest, before or after (an adapter whose base would be gone, say).
pub fn remove(file: &str, text: &str, name: &Name) -> Result<Option<String>, Fault> {
    let mut document = parse(file, text)?;
    for kind in RepoKind::ALL {
        let Some(section) = document.get_mut(kind.plural()).and_then(Item::as_table_like_mut) else {
            continue;
        };
        if !section.contains_key(name.as_str()) {
            continue;
        }
        let above = take_comments_above(section, name);
        let place = document.to_string().find(HERE);
        if let Some(section) = document.get_mut(kind.plural()).and_then(Item::as_table_like_mut) {
            section.remove(name.as_str());
        }
        let mut without = document.to_string();
        if let Some((before, after)) = place.and_then(|place| without.split_at_checked(place)) {
            let blank = after.is_empty() || after.starts_with('\n');
            let above = if blank { above.strip_suffix('\n').unwrap_or(&above) } else { &above };
            without = format!("{before}{above}{after}");
        }
        if kind == RepoKind::Dataset {
            without = without_section(&without, kind.plural()).unwrap_or(without);
        }
        return checked(file, text, &without).map(Some);
    }
    Ok(None)
}

/// `text` without the section `name`, if nothing is left in it, not even a comment; `[models]` is what `init` writes,
/// and stays.
fn without_section(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let section = document.get_mut(name)?.as_table_mut()?;
    let decor = section.decor_mut();
    let prefix = decor.prefix().and_then(RawString::as_str).unwrap_or_default().to_owned();
    let is_bare = |decor: &str| !decor.contains('#');
    let about = prefix.rfind("\n\n").map_or(0, |blank| blank + 2);
    if !is_bare(&prefix[about..]) || !decor.suffix().and_then(RawString::as_str).is_none_or(is_bare) {
        return None;
    }
    decor.set_prefix(format!("{prefix}{HERE}"));
    if !section.is_empty() || section.is_implicit() || section.is_dotted() {
        return None;
    }
    let marked = document.to_string();
    let (above, header) = marked.split_once(HERE)?;
    let (_, below) = header.split_once('\n')?;
    if below.starts_with('#') {
        return None;
    }
    let above = above.trim_end_matches('\n');
    let below = below.trim_start_matches('\n');
    Some(match (above, below) {
        ("", below) => below.to_owned(),
        (above, "") => format!("{above}\n"),
        (above, below) => format!("{above}\n\n{below}"),
    })
}

/// Marks a place in a document while it is taken apart; TOML allows no such character anywhere.
const HERE: char = '\u{1}';

/// The comments above the entry `name` that a blank line parts from it: they are about more than the entry.
/// Leaves [`HERE`] where they began.
fn take_comments_above(section: &mut dyn TableLike, name: &Name) -> String {
    let mut above = String::new();
    let mut take = |decor: &mut Decor| {
        let prefix = decor.prefix().and_then(RawString::as_str).unwrap_or_default();
        let end = prefix.rfind("\n\n").map_or(0, |blank| blank + 2);
        if prefix[..end].contains('#') {
            prefix[..end].clone_into(&mut above);
        }
        decor.set_prefix(HERE.to_string());
    };
    match section.get_mut(name.as_str()) {
        Some(Item::Table(table)) if !table.is_dotted() => take(table.decor_mut()),
        _ => {
            if let Some(mut key) = section.key_mut(name.as_str()) {
                take(key.leaf_decor_mut());
            }
        }
    }
    above
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
            filter: Filter::default(),
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
    fn the_policy_stays_as_it_was_written() {
        let policy = "# agreed in SEC-1\n[policy]\nlicenses = [\"mit\"]   # no other\n\n[policy.rules]\ntorchscript = \"deny\"\n";
        let with = add("models.toml", policy, &entry("main", None)).unwrap();
        assert_eq!(with, format!("{policy}\n[models]\nlora = \"a/lora\"\n"));
        let name = "lora".parse().unwrap();
        let without = remove("models.toml", &with, &name).unwrap().unwrap();
        assert!(without.starts_with(policy), "{without}");
        let above = format!("{TEXT}\n{policy}");
        let with = add("models.toml", &above, &entry("main", None)).unwrap();
        assert_eq!(remove("models.toml", &with, &name).unwrap().unwrap(), above);
        // A dotted policy above a first entry keeps its place as well.
        let dotted = "policy.min-age = \"7d\"\n";
        assert!(add("models.toml", dotted, &entry("main", None)).unwrap().starts_with(dotted));
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
    #[test]
    fn comments_about_more_than_the_entry_stay() {
        let text = "# about this file\n\n# of chat\n[models.chat]\nrepo = \"a/chat\"\n\n[models.b]\nrepo = \"a/b\"\n";
        let removed = |text: &str| remove("models.toml", text, &"chat".parse().unwrap()).unwrap().unwrap();
        let without = "# about this file\n\n[models.b]\nrepo = \"a/b\"\n";
        assert_eq!(removed(text), without);
        assert_eq!(removed(&text.replace('\n', "\r\n")), without.replace('\n', "\r\n"));
        let short = "[models]\n# a group\n\n# of chat\nchat = \"a/chat\"\n";
        assert_eq!(removed(short), "[models]\n# a group\n");
        let with = add("models.toml", text, &entry("main", None)).unwrap();
        assert_eq!(with, format!("{text}\n[models.lora]\nrepo = \"a/lora\"\n"));
    }

    #[test]
    fn comments_stay_in_their_table() {
        let faq = NewEntry { kind: RepoKind::Dataset, name: "faq".parse().unwrap(), ..entry("main", None) };
        let below = "# next quarter:\n# big = \"acme/big\"\n";
        for text in [
            format!("[models]\n{below}"),
            format!("[models]\ntiny = \"a/tiny\"\n\n{below}"),
            format!("[models]\ntiny = \"a/tiny\"\n{below}"),
            format!("[models.tiny]\nrepo = \"a/tiny\"\n{below}"),
        ] {
            let with = add("models.toml", &text, &faq).unwrap();
            assert_eq!(with, format!("{text}\n[datasets]\nfaq = \"a/lora\"\n"));
            assert_eq!(remove("models.toml", &with, &faq.name).unwrap().unwrap(), text);
            let with = add("models.toml", &text, &entry("v1", None)).unwrap();
            assert_eq!(with, format!("{text}\n[models.lora]\nrepo = \"a/lora\"\nrevision = \"v1\"\n"));
            let windows = text.replace('\n', "\r\n");
            assert!(add("models.toml", &windows, &faq).unwrap().starts_with(&windows));
        }
        let data = "# all data\n[datasets]\nx = \"a/x\"\n";
        let text = format!("[models.tiny]\nrepo = \"a/tiny\"\n{below}\n{data}");
        let with = add("models.toml", &text, &entry("v1", None)).unwrap();
        let new = "[models.lora]\nrepo = \"a/lora\"\nrevision = \"v1\"\n";
        assert_eq!(with, format!("[models.tiny]\nrepo = \"a/tiny\"\n{below}\n{new}\n{data}"));
    }

    #[test]
    fn no_empty_section_of_datasets_stays() {
        let removed = |text: &str| remove("models.toml", text, &"faq".parse().unwrap()).unwrap().unwrap();
        let models = "[models]\na = \"a/a\"\n";
        let policy = "[policy]\nmin-age = \"7d\"\n";
        for (text, expected) in [
            (format!("{models}\n[datasets]\nfaq = \"a/faq\"\n"), models.to_owned()),
            (format!("{models}\n[datasets]\nfaq = \"a/faq\"\n\n{policy}"), format!("{models}\n{policy}")),
            (format!("[datasets]\nfaq = \"a/faq\"\n\n{policy}"), policy.to_owned()),
            (format!("{models}\n[datasets.faq]\nrepo = \"a/faq\"\n"), models.to_owned()),
        ] {
            assert_eq!(removed(&text), expected);
        }
        for kept in [
            "[datasets]\nfaq = \"a/faq\"\n# b = \"a/b\"\n",
            "# our data\n[datasets]\nfaq = \"a/faq\"\n",
            "[datasets] # ours\nfaq = \"a/faq\"\n",
            "[datasets]\nfaq = \"a/faq\"\nb = \"a/b\"\n",
        ] {
            assert_eq!(removed(kept), kept.replace("faq = \"a/faq\"\n", ""));
        }
    }

    #[test]
    fn line_ends_and_the_byte_order_mark_stay() {
        let windows = format!("\u{feff}{}", TEXT.replace('\n', "\r\n"));
        let with = add("models.toml", &windows, &entry("main", None)).unwrap();
        let plain = add("models.toml", TEXT, &entry("main", None)).unwrap();
        assert_eq!(with, format!("\u{feff}{}", plain.replace('\n', "\r\n")));
    }
}
