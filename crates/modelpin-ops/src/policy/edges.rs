//! What is judged of the edges of an entry: whether all that it leads to is pinned, and to whom it leads.

use super::entry::one_of;
use super::{Judge, Words};
use modelpin_rules::policy;
use modelpin_schema::lockfile::dependencies::{MAX_DEPTH, MAX_REFERENCES};
use modelpin_schema::lockfile::{AutoMapClass, DeclaredBase, LockKey, Reference, Role};
use modelpin_schema::{Lockfile, Pin};

pub(super) fn edges(judge: &mut Judge<'_>, lock: &Lockfile, pin: &Pin) {
    for reference in pin.facts.references.iter().filter(|reference| !pin.dependencies.pinned.contains_key(*reference)) {
        unpinned(judge, reference);
    }
    code_missing(judge, lock, pin);
    match (&pin.facts.base, &pin.dependencies.adapter) {
        (Some(declared), None) => base_unpinned(judge, declared),
        (Some(DeclaredBase::Repo(repo, revision)), Some(adapter)) => {
            let Some(base) = lock.pins.get(&adapter.base) else { return };
            let asked = revision.as_ref().map(ToString::to_string);
            let is_locked = |asked: &String| {
                *asked == base.requested.to_string()
                    || *asked == base.revision.to_string()
                    || base.hub.tag.as_ref().is_some_and(|tag| tag.as_str() == asked)
            };
            if *repo != base.source.repo || !asked.is_none_or(|asked| is_locked(&asked)) {
                base_other(
                    judge,
                    &format!("`{}`", pin.facts.base.as_ref().map_or(String::new(), ToString::to_string)),
                    base,
                );
            }
        }
        _ => {}
    }
}

fn unpinned(judge: &mut Judge<'_>, reference: &Reference) {
    let table = reference.to_string();
    let spot = LockKey::InTable("dependencies", &table);
    let repo = &reference.repo;
    let name = judge.name();
    if judge.policy.ignored_dependencies.contains(repo) {
        let words = Words {
            what: format!("what it takes from `{repo}` is left out"),
            expected: "all that a loader takes for it, pinned".to_owned(),
            got: format!(
                "`{reference}`, which `ignored-dependencies` leaves out{}",
                judge.wish("ignored-dependencies")
            ),
            help: format!(
                "without `{repo}` in `ignored-dependencies`, `modelpin lock` pins it; `modelpin tree` shows who needs it"
            ),
        };
        return judge.say(&policy::EDGE_UNFOLLOWED, None, spot, words);
    }
    let words = Words {
        what: format!("what it takes from `{repo}` is not pinned"),
        expected: format!(
            "an edge to a pin, at most {MAX_DEPTH} edges away from models.toml, of {MAX_REFERENCES} an entry"
        ),
        got: format!("`{reference}` without one"),
        help: format!(
            "`modelpin add {repo}` asks for it by itself; or `ignored-dependencies = [\"{repo}\"]` below `[policy]` in models.toml, then `modelpin lock`, does without; `modelpin why {name}` shows how it is reached"
        ),
    };
    judge.say(&policy::EDGE_UNPINNED, None, spot, words);
}

/// Classes that are named in another repo, whose pin does not have the module.
fn code_missing(judge: &mut Judge<'_>, lock: &Lockfile, pin: &Pin) {
    for class in pin.facts.auto_map.iter().filter_map(AutoMapClass::read) {
        let Some((repo, module)) = class.repo.zip(class.module) else { continue };
        let module = module.replace('.', "/");
        let mut edges =
            pin.dependencies.pinned.iter().filter(|(to, _)| to.role == Role::Code && to.repo.as_str() == repo);
        let Some((name, end)) = edges.find_map(|(_, edge)| lock.pins.get_key_value(&edge.pin)) else { continue };
        let file = format!("{module}.py");
        let has = |file: &str| end.files().keys().any(|path| path.as_str() == file);
        if has(&file) || has(&format!("{module}/__init__.py")) {
            continue;
        }
        let words = Words {
            what: format!("code that it takes from `{repo}` is not there"),
            expected: format!("`{file}` in `{repo}`, as `auto_map` says of `{}`", class.key),
            got: format!("none at {}", end.revision.short()),
            help: format!(
                "`modelpin update {name}` takes a commit that has it; or `ignored-dependencies = [\"{repo}\"]` below `[policy]` in models.toml, then `modelpin lock`, does without"
            ),
        };
        judge.say(&policy::EDGE_CODE_MISSING, None, LockKey::InTable("code", "auto-map"), words);
    }
}

fn base_unpinned(judge: &mut Judge<'_>, declared: &DeclaredBase) {
    let got = match declared {
        DeclaredBase::Nothing => "no base at all".to_owned(),
        DeclaredBase::Repo(repo, _) if judge.policy.ignored_dependencies.contains(repo) => {
            format!("`{repo}`, which `ignored-dependencies` leaves out{}", judge.wish("ignored-dependencies"))
        }
        DeclaredBase::Repo(repo, _) => format!("`{repo}`, which leads back to itself, or too far"),
        DeclaredBase::Other(text) => format!("`{text}`"),
    };
    let words = Words {
        what: "it is an adapter, and its base is not pinned".to_owned(),
        expected: "the repo of a base, or `adapter-of` in models.toml".to_owned(),
        got,
        help: "`modelpin add BASE-ORG/BASE-REPO --name base`, then `modelpin add ORG/REPO --adapter-of base`; or `adapter-of = \"base\"` below its entry in models.toml, then `modelpin lock`".to_owned(),
    };
    judge.say(&policy::ADAPTER_BASE_UNPINNED, None, LockKey::InTable("adapter", "base-declared"), words);
}

fn base_other(judge: &mut Judge<'_>, declared: &str, base: &Pin) {
    let words = Words {
        what: "it sits on another base than it declares".to_owned(),
        expected: format!("{declared}, as its configuration says"),
        got: format!("`{}` {}, at {}", base.source.repo, base.requested, base.revision.short()),
        help: format!(
            "`modelpin tree` shows what sits on what; `adapter-of` in models.toml says which base is meant, and `{} = \"allow\"` below `[policy.rules]` that it is",
            policy::ADAPTER_BASE_OTHER.id
        ),
    };
    judge.say(&policy::ADAPTER_BASE_OTHER, None, LockKey::InTable("adapter", "base"), words);
}

/// The publisher of an entry that nobody asked for.
pub(super) fn publisher(judge: &mut Judge<'_>, pin: &Pin) {
    let Some(allowed) = &judge.policy.publishers else { return };
    let via: Vec<String> =
        pin.dependencies.required_by.iter().map(|via| format!("`{}` ({})", via.entry, via.kind)).collect();
    let repo = &pin.source.repo;
    let words = Words {
        what: format!("{} leads to a publisher that is not allowed", via.join(", ")),
        expected: format!("{}{}", one_of(allowed), judge.wish("publishers")),
        got: format!("`{repo}`"),
        help: format!(
            "allow it with `publishers`, or do without it with `ignored-dependencies = [\"{repo}\"]`, below `[policy]` in models.toml, and run this again"
        ),
    };
    judge.say(&policy::EDGE_PUBLISHER, None, LockKey::Key("source"), words);
}
