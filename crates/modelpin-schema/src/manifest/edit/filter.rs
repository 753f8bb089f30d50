//! Another choice of files for an entry that is there.

use super::text::{checked, parse};
use crate::fault::Fault;
use crate::{Filter, Manifest, Name, Pattern, RepoKind, Variant};
use std::collections::BTreeSet;
use toml_edit::{Array, DocumentMut, InlineTable, Item, RawString, TableLike, Value};

/// `text` with the patterns of `more` behind those that the entry `name` has, without doubles, and with its variant
/// where it has one. Where that is nothing new, the text stays as it is; so it does without such an entry.
///
/// # Errors
/// A text that is not a manifest, before or after.
pub fn extend_filter(file: &str, text: &str, name: &Name, more: &Filter) -> Result<String, Fault> {
    let manifest = Manifest::read(file, text)?;
    let Some(spec) = manifest.entries.get(name) else { return Ok(text.to_owned()) };
    let include = missing(&spec.filter.include, &more.include);
    let exclude = missing(&spec.filter.exclude, &more.exclude);
    let variant = more.variant.as_ref().filter(|variant| spec.filter.variant.as_ref() != Some(*variant));
    if include.is_empty() && exclude.is_empty() && variant.is_none() {
        return Ok(text.to_owned());
    }
    let mut document = parse(file, text)?;
    let Some(item) = entry(&mut document, name) else { return Ok(text.to_owned()) };
    as_table(item);
    if let Some(table) = item.as_table_like_mut() {
        append(table, "include", &include);
        append(table, "exclude", &exclude);
        if let Some(variant) = variant {
            set(table, "variant", variant.as_str().into());
        }
    }
    checked(file, text, &document.to_string())
}

/// `text` with `variant`, in exactly this spelling, as the variant of the entry `name`, if there is such an entry.
///
/// # Errors
/// A text that is not a manifest, before or after.
pub fn set_variant(file: &str, text: &str, name: &Name, variant: &Variant) -> Result<String, Fault> {
    let mut document = parse(file, text)?;
    let Some(item) = entry(&mut document, name) else { return Ok(text.to_owned()) };
    as_table(item);
    let Some(table) = item.as_table_like_mut() else { return Ok(text.to_owned()) };
    if table.get("variant").and_then(Item::as_str) == Some(variant.as_str()) {
        return Ok(text.to_owned());
    }
    set(table, "variant", variant.as_str().into());
    checked(file, text, &document.to_string())
}

/// Those of `more` that `has` lacks, each once.
fn missing<'a>(has: &[Pattern], more: &'a [Pattern]) -> Vec<&'a Pattern> {
    let mut known: BTreeSet<&Pattern> = has.iter().collect();
    more.iter().filter(|pattern| known.insert(*pattern)).collect()
}

fn entry<'a>(document: &'a mut DocumentMut, name: &Name) -> Option<&'a mut Item> {
    let holds = |document: &DocumentMut, kind: &RepoKind| {
        document
            .get(kind.plural())
            .and_then(Item::as_table_like)
            .is_some_and(|section| section.contains_key(name.as_str()))
    };
    let kind = RepoKind::ALL.into_iter().find(|kind| holds(document, kind))?;
    document.get_mut(kind.plural())?.as_table_like_mut()?.get_mut(name.as_str())
}

/// Makes of the short form `name = "owner/repo"` the long one, on the same line.
fn as_table(item: &mut Item) {
    let Item::Value(value) = item else { return };
    if !value.is_str() {
        return;
    }
    let decor = value.decor().clone();
    let mut repo = value.clone();
    repo.decor_mut().clear();
    let mut table = InlineTable::new();
    table.insert("repo", repo);
    *value = Value::InlineTable(table);
    *value.decor_mut() = decor;
}

/// Appends `patterns` to the list `key`, which is made where it is not there.
fn append(table: &mut dyn TableLike, key: &str, patterns: &[&Pattern]) {
    if patterns.is_empty() {
        return;
    }
    match table.get_mut(key).and_then(Item::as_array_mut) {
        Some(array) => patterns.iter().for_each(|pattern| push(array, pattern)),
        None => set(table, key, patterns.iter().map(|pattern| pattern.as_str()).collect::<Array>().into()),
    }
}

/// Appends `pattern` as the last item of `array` is written: on a line of its own, or on the same line. A comment
/// behind that item stays with it.
fn push(array: &mut Array, pattern: &Pattern) {
    let last = array.len().checked_sub(1).and_then(|last| array.get_mut(last));
    let Some(last) = last else {
        array.push(pattern.as_str());
        return;
    };
    let indent = own_line(last.decor().prefix()).map(ToOwned::to_owned);
    let behind_last = text_of(last.decor().suffix()).to_owned();
    last.decor_mut().set_suffix("");
    let behind = format!("{behind_last}{}", text_of(Some(array.trailing())));
    let (prefix, trailing) = match (indent, behind.rsplit_once('\n')) {
        (Some(indent), Some((comment, end))) => (format!("{comment}\n{indent}"), format!("\n{end}")),
        (Some(indent), None) => (format!("\n{indent}"), behind),
        (None, Some((comment, end))) if comment.contains('#') => (format!("{comment}\n{end} "), format!("\n{end}")),
        (None, _) => (" ".to_owned(), behind),
    };
    let mut value = Value::from(pattern.as_str());
    value.decor_mut().set_prefix(prefix);
    array.push_formatted(value);
    array.set_trailing(trailing);
}

/// What stands before an item on its line, where it begins one.
fn own_line(prefix: Option<&RawString>) -> Option<&str> {
    text_of(prefix).rsplit_once('\n').map(|(_, indent)| indent)
}

fn text_of(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

/// Sets `key` to `new`; the comment behind a value that was there stays.
fn set(table: &mut dyn TableLike, key: &str, mut new: Value) {
    if let Some(Item::Value(value)) = table.get_mut(key) {
        *new.decor_mut() = value.decor().clone();
        *value = new;
        return;
    }
    // Within braces, the space before the closing one stands behind the last value.
    let mut end = None;
    if let Some((_, Item::Value(last))) = table.iter_mut().last() {
        end = Some(text_of(last.decor().suffix()).to_owned()).filter(|text| !text.is_empty() && text.trim().is_empty());
        if end.is_some() {
            last.decor_mut().set_suffix("");
        }
    }
    if let Some(end) = end {
        new.decor_mut().set_prefix(" ");
        new.decor_mut().set_suffix(end);
    }
    table.insert(key, Item::Value(new));
}

#[cfg(test)]
mod tests {
    use super::extend_filter;
    use crate::Filter;

    fn filter(include: &[&str], exclude: &[&str], variant: Option<&str>) -> Filter {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let variant = variant.map(|text| text.parse().unwrap());
        Filter { include: patterns(include), exclude: patterns(exclude), variant }
    }

    fn extended(text: &str, more: &Filter) -> String {
        extend_filter("models.toml", text, &"chat".parse().unwrap(), more).unwrap()
    }

    #[test]
    fn a_short_entry_becomes_a_long_one_on_its_line() {
        let text = "# ours\n[models]\nb = \"a/b\"\n# of chat\nchat  =  'a/chat'  # why\n\n# later\nz = \"a/z\"\n";
        let with = |table: &str| text.replace("'a/chat'", table);
        let more = filter(&[], &["onnx/*", "x", "onnx/*"], None);
        assert_eq!(extended(text, &more), with("{ repo = 'a/chat', exclude = [\"onnx/*\", \"x\"] }"));
        let more = filter(&[], &[], Some("Q4_K_M"));
        assert_eq!(extended(text, &more), with("{ repo = 'a/chat', variant = \"Q4_K_M\" }"));
        let windows = text.replace('\n', "\r\n");
        assert_eq!(extended(&windows, &more), with("{ repo = 'a/chat', variant = \"Q4_K_M\" }").replace('\n', "\r\n"));
    }

    #[test]
    fn each_form_of_an_entry_keeps_its_form() {
        let more = filter(&[], &["b"], Some("fp16"));
        for (text, expected) in [
            (
                "[models.chat]\nrepo = \"a/chat\" # why\n# below\n\n[models.z]\nrepo = \"a/z\"\n",
                "[models.chat]\nrepo = \"a/chat\" # why\nexclude = [\"b\"]\nvariant = \"fp16\"\n# below\n\n[models.z]\nrepo = \"a/z\"\n",
            ),
            (
                "[models]\nchat = { repo = \"a/chat\", exclude = [\"a\"] } # why\n",
                "[models]\nchat = { repo = \"a/chat\", exclude = [\"a\", \"b\"], variant = \"fp16\" } # why\n",
            ),
            (
                "[models]\nchat.repo = \"a/chat\" # why\nz = \"a/z\"\n",
                "[models]\nchat.repo = \"a/chat\" # why\nchat.exclude = [\"b\"]\nchat.variant = \"fp16\"\nz = \"a/z\"\n",
            ),
            (
                "[models.chat]\nvariant = \"bf16\" # small\nrepo = \"a/chat\"\nexclude = []\n",
                "[models.chat]\nvariant = \"fp16\" # small\nrepo = \"a/chat\"\nexclude = [\"b\"]\n",
            ),
        ] {
            assert_eq!(extended(text, &more), expected);
        }
    }

    #[test]
    fn a_list_over_several_lines_grows_by_lines() {
        let more = filter(&[], &["a", "b", "c"], None);
        for (list, expected) in [
            ("[\n    \"a\", # one\n]", "[\n    \"a\", # one\n    \"b\",\n    \"c\",\n]"),
            ("[\n  # first\n  \"a\"\n]", "[\n  # first\n  \"a\",\n  \"b\",\n  \"c\"\n]"),
            ("[\n  \"a\" # one\n  , # two\n]", "[\n  \"a\", # one\n   # two\n  \"b\",\n  \"c\",\n]"),
            ("[\"a\"] # all", "[\"a\", \"b\", \"c\"] # all"),
            ("[ \"a\" ]", "[ \"a\", \"b\", \"c\" ]"),
            ("[\"a\",]", "[\"a\", \"b\", \"c\",]"),
        ] {
            let text = |list: &str| format!("[models.chat]\nrepo = \"a/chat\"\nexclude = {list}\n# below\n");
            assert_eq!(extended(&text(list), &more), text(expected), "{list}");
        }
    }

    #[test]
    fn what_is_there_already_changes_nothing() {
        let text = "[models]\nchat  = {repo=\"a/chat\",include=[\"*\"],exclude=[ 'b' ],variant=\"fp16\"}\n";
        assert_eq!(extended(text, &filter(&["*"], &["b"], Some("fp16"))), text);
        assert_eq!(extended(text, &Filter::default()), text);
        let other = "[models]\nother = \"a/chat\"\n";
        assert_eq!(extended(other, &filter(&[], &["b"], None)), other);
    }
}
