//! What changed in models.toml. Both texts are compared as they are spelled, key by key, so that a key that a later
//! version adds is reported without further code. A change that is not known to be stricter widens.

use super::fact::FactChange;
use super::firmness::is_looser_request;
use super::lock::{Change, ChangeKind};
use crate::fault::Fault;
use crate::manifest::policy::Days;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// A key of models.toml: its sort, and which of that sort.
type Key = (&'static str, Option<String>);

/// The value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Setting {
    One(String),
    /// A list whose members are compared one by one.
    Many(BTreeSet<String>),
}

/// What changed from the text `old` to `new`; `file` is the older one's name in messages.
///
/// # Errors
/// Text that is not TOML.
pub fn diff(file: &str, old: &str, new: &str) -> Result<Vec<FactChange>, Fault> {
    let read = |text: &str| toml::from_str::<Table>(text).map_err(|error| Fault::from_toml(file, text, &error));
    let old = settings(&read(old)?);
    let new = settings(&read(new)?);
    let is_new = |key: &Key| is_entry(key) && !has_entry(&old, key);
    let is_gone = |key: &Key| is_entry(key) && !has_entry(&new, key);
    let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
    let mut facts = Vec::new();
    for key in keys {
        // An entry that is added or removed as a whole is reported once, with its repo.
        let whole = is_new(key) || is_gone(key);
        if whole && field(key) != "repo" {
            continue;
        }
        facts.extend(changed(key, old.get(key), new.get(key), whole));
    }
    Ok(facts)
}

/// Whether `change`, of an entry in models.lock, has the same change as `fact` of models.toml.
pub(super) fn repeats(fact: &FactChange, change: &Change) -> bool {
    let about = fact.about.as_deref().unwrap_or_default();
    let (name, field) = about.split_once(' ').unwrap_or((about, "repo"));
    if !matches!(fact.key, "model" | "dataset") || name != change.name.as_str() {
        return false;
    }
    let locked = match field {
        "repo" if change.kind != ChangeKind::Changed => return true,
        "repo" => "source",
        "revision" => "requested",
        field => field,
    };
    change.facts.iter().any(|other| other.key == locked)
}

fn is_entry((sort, _): &Key) -> bool {
    matches!(*sort, "model" | "dataset")
}

/// The key within an entry.
fn field((_, about): &Key) -> &str {
    about.as_deref().and_then(|about| about.split_once(' ')).map_or("repo", |(_, field)| field)
}

fn has_entry(all: &BTreeMap<Key, Setting>, (sort, about): &Key) -> bool {
    let name = about.as_deref().unwrap_or_default().split(' ').next().unwrap_or_default();
    all.contains_key(&(*sort, Some(name.to_owned())))
}

/// Everything that a manifest sets, by key.
fn settings(manifest: &Table) -> BTreeMap<Key, Setting> {
    let mut all = BTreeMap::new();
    for (key, value) in manifest {
        match (key.as_str(), value) {
            ("models", Value::Table(table)) => entries(&mut all, "model", table),
            ("datasets", Value::Table(table)) => entries(&mut all, "dataset", table),
            ("mirror", Value::Array(mirrors)) => {
                let url = |mirror: &Value| mirror.get("url").map_or_else(|| text(mirror), text);
                all.insert(("mirror", None), Setting::Many(mirrors.iter().map(url).collect()));
            }
            ("project", value) => flat(&mut all, "project", "", value),
            ("hub", value) => flat(&mut all, "hub", "", value),
            ("sync", value) => flat(&mut all, "sync", "", value),
            ("policy", Value::Table(policy)) => {
                for (key, value) in policy {
                    let sort = if key == "rules" { "rule" } else { "policy" };
                    flat(&mut all, sort, if key == "rules" { "" } else { key }, value);
                }
            }
            (key, value) => flat(&mut all, "models.toml", key, value),
        }
    }
    all
}

fn entries(all: &mut BTreeMap<Key, Setting>, sort: &'static str, table: &Table) {
    for (name, entry) in table {
        let Value::Table(entry) = entry else {
            all.insert((sort, Some(name.clone())), Setting::One(text(entry)));
            continue;
        };
        // The repo first, so that an entry is known by it.
        all.insert((sort, Some(name.clone())), Setting::One(entry.get("repo").map(text).unwrap_or_default()));
        for (key, value) in entry.iter().filter(|(key, _)| *key != "repo") {
            let about = |key: &str| Some(format!("{name} {key}"));
            match (key.as_str(), value) {
                ("version", value) => {
                    all.insert((sort, about("revision")), Setting::One(format!("version:{}", text(value))));
                }
                (key, Value::Array(values)) => {
                    all.insert((sort, about(key)), Setting::Many(values.iter().map(text).collect()));
                }
                (key, value) => {
                    all.insert((sort, about(key)), Setting::One(text(value)));
                }
            }
        }
    }
}

fn flat(all: &mut BTreeMap<Key, Setting>, sort: &'static str, path: &str, value: &Value) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flat(all, sort, &path, value);
            }
        }
        Value::Array(values) => {
            all.insert((sort, Some(path.to_owned())), Setting::Many(values.iter().map(text).collect()));
        }
        value => {
            all.insert((sort, Some(path.to_owned())), Setting::One(text(value)));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn changed(key: &Key, old: Option<&Setting>, new: Option<&Setting>, whole: bool) -> Vec<FactChange> {
    let fact = |old: Option<String>, new: Option<String>, widens: bool| FactChange {
        key: key.0,
        about: key.1.clone(),
        old,
        new,
        widens,
    };
    let one = |setting: &Setting| match setting {
        Setting::One(text) => text.clone(),
        Setting::Many(texts) => texts.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    match (old, new) {
        (old, new) if old == new => Vec::new(),
        (Some(Setting::Many(old)), Some(Setting::Many(new))) => {
            let removed = old.difference(new).map(|one| fact(Some(one.clone()), None, is_looser_without(key)));
            let added = new.difference(old).map(|one| fact(None, Some(one.clone()), is_looser_with(key)));
            removed.chain(added).collect()
        }
        (None, Some(Setting::Many(added))) if key.0 == "mirror" => {
            added.iter().map(|one| fact(None, Some(one.clone()), true)).collect()
        }
        (old, new) => {
            let is_list = [old, new].into_iter().flatten().any(|setting| matches!(setting, Setting::Many(_)));
            let old = old.map(one);
            let new = new.map(one);
            let widens = !whole
                && if is_list {
                    is_looser_list(key, new.is_some())
                } else {
                    is_looser(key, old.as_deref(), new.as_deref())
                };
            vec![fact(old, new, widens)]
        }
    }
}

/// Whether one more member of a list lets in more.
fn is_looser_with(key: &Key) -> bool {
    field(key) != "exclude" || !is_entry(key)
}

/// Whether one member less does.
fn is_looser_without(key: &Key) -> bool {
    is_entry(key) && field(key) == "exclude"
}

/// Whether a list that is added or removed as a whole lets in more.
fn is_looser_list(key: &Key, is_added: bool) -> bool {
    match (key.0, key.1.as_deref()) {
        // Without the list, everything is allowed.
        ("policy", Some("licenses" | "publishers")) => !is_added,
        ("policy", Some("ignored-dependencies")) | ("mirror", _) => is_added,
        ("model" | "dataset", _) if field(key) == "exclude" => !is_added,
        _ => true,
    }
}

/// Whether another value of a key lets in more. A change whose effect is unknown does.
fn is_looser(key: &Key, old: Option<&str>, new: Option<&str>) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    match (key.0, key.1.as_deref().unwrap_or_default()) {
        ("project", _) => false,
        ("sync", _) => new.is_some(),
        ("rule", _) => {
            let strictness = |level: &str| ["allow", "warn", "deny"].iter().position(|known| *known == level);
            match (old, new) {
                (Some(old), Some(new)) => strictness(new) < strictness(old),
                // Without the key the rule's own level holds, which may be any.
                (Some(old), None) => old != "allow",
                (None, new) => new != Some("deny"),
            }
        }
        ("policy", "formats") => new.is_some_and(|new| new != "data-only"),
        ("policy", "remote-code") => {
            old == Some("never") || new.is_some_and(|new| !matches!(new, "never" | "reviewed"))
        }
        ("policy", "require-ticket") => old.is_some(),
        ("policy", "min-age") => {
            let days = |text: Option<&str>| text.map(|text| text.parse::<Days>().ok());
            days(new) < days(old)
        }
        ("policy", _) => match (old.map(number), new.map(number)) {
            (Some(Some(old)), Some(Some(new))) => new < old,
            (None, Some(Some(_))) => false,
            _ => true,
        },
        ("model" | "dataset", _) => match field(key) {
            "repo" => true,
            "revision" => is_looser_request(old.unwrap_or("main"), new.unwrap_or("main")),
            _ => true,
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::diff;

    /// What changed, a line each; `!` before what lets in more.
    fn changes(old: &str, new: &str) -> Vec<String> {
        let facts = diff("models.toml", old, new).unwrap();
        let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        facts
            .iter()
            .map(|fact| {
                let mark = if fact.widens { "! " } else { "" };
                format!("{mark}{}: {} > {}", fact.label(), dash(&fact.old), dash(&fact.new))
            })
            .collect()
    }

    fn loosens(old: &str, new: &str) {
        assert!(
            changes(old, new).iter().any(|line| line.starts_with('!')),
            "{old:?} > {new:?}: {:?}",
            changes(old, new)
        );
    }

    fn tightens(old: &str, new: &str) {
        let all = changes(old, new);
        assert!(!all.is_empty() && all.iter().all(|line| !line.starts_with('!')), "{old:?} > {new:?}: {all:?}");
    }

    #[test]
    fn each_key_that_loosens_is_marked_and_its_reverse_is_not() {
        let policy = |line: &str| format!("[policy]\n{line}\n");
        for (strict, loose) in [
            ("", "formats = \"scanned\""),
            ("remote-code = \"never\"", ""),
            ("remote-code = \"never\"", "remote-code = \"reviewed\""),
            ("licenses = [\"mit\"]", ""),
            ("licenses = [\"mit\"]", "licenses = [\"mit\", \"other\"]"),
            ("publishers = [\"org:a\"]", "publishers = [\"org:b\", \"org:a\"]"),
            ("min-age = \"2w\"", "min-age = \"13d\""),
            ("min-age = \"1d\"", ""),
            ("require-ticket = \".\"", ""),
            ("", "ignored-dependencies = [\"a/b\"]"),
            ("rules.x = \"deny\"", "rules.x = \"warn\""),
            ("rules.x = \"warn\"", "rules.x = \"allow\""),
            ("audits = 2", "audits = 1"),
            ("audits = 2", ""),
            ("\"new-key\" = 3.5", "\"new-key\" = 3"),
        ] {
            loosens(&policy(strict), &policy(loose));
            tightens(&policy(loose), &policy(strict));
        }
        loosens("", &policy("rules.x = \"allow\""));
        loosens(&policy("rules.x = \"deny\""), "");
        loosens(&policy("require-ticket = \"^A\""), &policy("require-ticket = \".\""));
        loosens("", &policy("a-new-switch = true"));
        loosens("", "[another]\ntable = 1\n");
        tightens("", &policy("rules.x = \"deny\""));
        tightens(&policy("licenses = [\"mit\", \"other\"]"), &policy("licenses = [\"mit\"]"));
    }

    #[test]
    fn where_bytes_come_from_and_go_is_marked() {
        loosens("", "[hub]\nendpoint = \"https://a\"\n");
        loosens("[hub]\nendpoint = \"https://a\"\n", "[hub]\nendpoint = \"https://b\"\n");
        loosens("", "[[mirror]]\nurl = \"a\"\n");
        loosens("[[mirror]]\nurl = \"a\"\n", "[[mirror]]\nurl = \"a\"\n[[mirror]]\nurl = \"b\"\n");
        tightens("[[mirror]]\nurl = \"a\"\n", "");
        loosens("", "[sync]\ntarget = \"flat:x\"\n");
        tightens("[project]\nname = \"a\"\n", "[project]\nname = \"b\"\n");
    }

    #[test]
    fn entries_are_compared_field_by_field_in_either_form() {
        assert_eq!(changes("[models]\na = \"x/a\"\n", "[models.a]\nrepo = \"x/a\"\n"), Vec::<String>::new());
        assert_eq!(changes("", "[models.a]\nrepo = \"x/a\"\nexclude = [\"*.py\"]\n"), ["model a: - > x/a"]);
        assert_eq!(changes("[datasets]\na = \"x/a\"\n", ""), ["dataset a: x/a > -"]);
        assert_eq!(changes("[models]\na = \"x/a\"\n", "[models]\na = \"y/a\"\n"), ["! model a: x/a > y/a"]);
        let entry = |rest: &str| format!("[models.a]\nrepo = \"x/a\"\n{rest}\n");
        let commit = format!("revision = \"{}\"", "ab".repeat(20));
        for (strict, loose) in [
            (&*commit, ""),
            (&*commit, "revision = \"main\""),
            (&*commit, "version = \"^1\""),
            ("version = \"^1\"", "revision = \"main\""),
            ("revision = \"v1.0.0\"", "revision = \"dev\""),
            ("exclude = [\"*.py\", \"*.bin\"]", "exclude = [\"*.bin\"]"),
            ("exclude = [\"*.py\"]", ""),
            ("include = [\"*.json\"]", "include = [\"*.json\", \"*.bin\"]"),
        ] {
            loosens(&entry(strict), &entry(loose));
            tightens(&entry(loose), &entry(strict));
        }
        loosens(&entry("include = [\"*.json\"]"), &entry(""));
        for (old, new) in [("v1", "main"), ("release", "main"), ("v1.2.0", "1.2.x"), ("v1.2.0", "v1.2-dev")] {
            loosens(&entry(&format!("revision = \"{old}\"")), &entry(&format!("revision = \"{new}\"")));
        }
        loosens(&entry("adapter-of = \"b\""), &entry("adapter-of = \"c\""));
    }

    #[test]
    fn text_that_is_not_toml_is_a_fault() {
        assert!(diff("HEAD:models.toml", "[", "").unwrap_err().to_string().contains("HEAD:models.toml"));
    }
}
