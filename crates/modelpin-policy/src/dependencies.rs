//! What is checked of the dependencies of an entry: whether all that it takes from other repos is pinned, and whose it
//! is.

use crate::evaluator::{Evaluator, Message};
use crate::text::one_of;
use modelpin_rules::policy::{
    ADAPTER_BASE_IGNORED, ADAPTER_BASE_MISMATCH, ADAPTER_BASE_UNPINNED, DEPENDENCY_CODE_MISSING, DEPENDENCY_IGNORED,
    DEPENDENCY_PUBLISHER, DEPENDENCY_UNPINNED,
};
use modelpin_schema::lockfile::dependencies::{MAX_DEPTH, MAX_REFERENCES};
use modelpin_schema::lockfile::{AutoMapClass, DeclaredBase, LockKey, Reference, Role};
use modelpin_schema::manifest::policy::Publisher;
use modelpin_schema::{Lockfile, Name, Pin, RepoId, Revision};
use std::collections::BTreeSet;

pub(crate) fn evaluate(evaluator: &mut Evaluator<'_>, lock: &Lockfile, pin: &Pin) {
    for reference in pin.facts.references.iter().filter(|reference| !pin.dependencies.pinned.contains_key(*reference)) {
        unpinned(evaluator, reference);
    }
    code_missing(evaluator, lock, pin);
    match (&pin.facts.base, &pin.dependencies.adapter) {
        (Some(DeclaredBase::Repo(repo, _)), None) if evaluator.policy.ignored_dependencies.contains(repo) => {
            base_ignored(evaluator, pin, repo);
        }
        (Some(declared), None) => base_unpinned(evaluator, pin, declared),
        (Some(declared @ DeclaredBase::Repo(repo, revision)), Some(adapter)) => {
            let base = lock.pins.get(&adapter.base);
            if let Some(base) = base.filter(|base| !is_base(base, repo, revision.as_ref())) {
                base_mismatch(evaluator, declared, base);
            }
        }
        _ => {}
    }
}

/// Whether `base` is the repo, and the revision if one is named, that an adapter declares as its base.
fn is_base(base: &Pin, repo: &RepoId, revision: Option<&Revision>) -> bool {
    let is_locked = |revision: &Revision| {
        let revision = revision.to_string();
        revision == base.requested.to_string()
            || revision == base.revision.to_string()
            || base.hub.tag.as_ref().is_some_and(|tag| tag.as_str() == revision)
    };
    *repo == base.source.repo && revision.is_none_or(is_locked)
}

fn unpinned(evaluator: &mut Evaluator<'_>, reference: &Reference) {
    let repo = &reference.repo;
    let (rule, message) = if evaluator.policy.ignored_dependencies.contains(repo) {
        let message = Message {
            what: format!("its dependency on `{repo}` is ignored"),
            expected: "every dependency pinned".to_owned(),
            got: format!(
                "`{reference}`, which `ignored-dependencies` leaves out{}",
                evaluator.set_by("ignored-dependencies")
            ),
            help: vec![
                format!("to pin it, remove `{repo}` from `ignored-dependencies`, then run `modelpin lock`"),
                "to see what needs it, run `modelpin tree`".to_owned(),
            ],
        };
        (&DEPENDENCY_IGNORED, message)
    } else {
        let message = Message {
            what: format!("its dependency on `{repo}` is not pinned"),
            expected: format!(
                "a pin, at most {MAX_DEPTH} dependencies away from models.toml, and at most {MAX_REFERENCES} \
                 dependencies of an entry"
            ),
            got: format!("`{reference}` without a pin"),
            help: vec![
                format!("to pin it by itself, run `modelpin add {repo}`"),
                format!(
                    "to do without it, set `ignored-dependencies = [\"{repo}\"]` in `[policy]` of models.toml, then \
                     run `modelpin lock`"
                ),
                format!("to see how it is reached, run `modelpin why {}`", evaluator.name()),
            ],
        };
        (&DEPENDENCY_UNPINNED, message)
    };
    evaluator.report(rule, None, LockKey::InTable("dependencies", &reference.to_string()), message);
}

/// Classes of another repo whose module the pin of that repo does not have.
fn code_missing(evaluator: &mut Evaluator<'_>, lock: &Lockfile, pin: &Pin) {
    for class in pin.facts.auto_map.iter().filter_map(AutoMapClass::read) {
        let Some((repo, module)) = class.repo.zip(class.module) else { continue };
        let mut dependencies =
            pin.dependencies.pinned.iter().filter(|(to, _)| to.role == Role::Code && to.repo.as_str() == repo);
        let Some((name, end)) = dependencies.find_map(|(_, dependency)| lock.pins.get_key_value(&dependency.pin))
        else {
            continue;
        };
        let module = module.replace('.', "/");
        let file = format!("{module}.py");
        let package = format!("{module}/__init__.py");
        if end.files().keys().any(|path| path.as_str() == file || path.as_str() == package) {
            continue;
        }
        let message = Message {
            what: format!("code that it takes from `{repo}` is missing"),
            expected: format!("`{file}` in `{repo}`, for `{}` of `auto_map`", class.key),
            got: format!("no such file at {}", end.revision.short()),
            help: vec![
                format!("to pin a commit that has it, run `modelpin update {name}`"),
                format!(
                    "to do without it, set `ignored-dependencies = [\"{repo}\"]` in `[policy]` of models.toml, then \
                     run `modelpin lock`"
                ),
            ],
        };
        evaluator.report(&DEPENDENCY_CODE_MISSING, None, LockKey::InTable("code", "auto-map"), message);
    }
}

/// A base that somebody decided to do without.
fn base_ignored(evaluator: &mut Evaluator<'_>, pin: &Pin, base: &RepoId) {
    let message = Message {
        what: format!("it is an adapter, and its base `{base}` is ignored"),
        expected: "a pinned base".to_owned(),
        got: format!("`{base}` in `ignored-dependencies`{}", evaluator.set_by("ignored-dependencies")),
        help: with_base(evaluator, pin),
    };
    evaluator.report(&ADAPTER_BASE_IGNORED, None, LockKey::InTable("adapter", "base-declared"), message);
}

fn base_unpinned(evaluator: &mut Evaluator<'_>, pin: &Pin, declared: &DeclaredBase) {
    let (got, mut help) = match declared {
        DeclaredBase::Nothing => ("no base".to_owned(), Vec::new()),
        DeclaredBase::Repo(repo, _) => (
            format!("`{repo}`, which depends on the adapter itself or is too far away"),
            vec![format!("to pin that base by itself, run `modelpin add {repo}`")],
        ),
        DeclaredBase::Other(text) => (format!("`{text}`"), Vec::new()),
    };
    help.extend(with_base(evaluator, pin));
    let message = Message {
        what: "it is an adapter without a pinned base".to_owned(),
        expected: "the repo of a base, or `adapter-of` in models.toml".to_owned(),
        got,
        help,
    };
    evaluator.report(&ADAPTER_BASE_UNPINNED, None, LockKey::InTable("adapter", "base-declared"), message);
}

/// How to give an adapter a base, or a copy of its own base.
fn with_base(evaluator: &Evaluator<'_>, pin: &Pin) -> Vec<String> {
    let name = evaluator.name();
    let named = if Name::for_repo(pin.source.repo.name()).is_some_and(|default| default.as_str() == name) {
        String::new()
    } else {
        format!(" --name {name}")
    };
    vec![
        format!(
            "to add it with a base, run `modelpin add BASE-ORG/BASE-REPO --name base`, then `modelpin add \
             {}{named} --adapter-of base`",
            pin.source.repo
        ),
        "to name the base of an entry, set `adapter-of = \"base\"` in its table of models.toml, then run `modelpin \
         lock`"
            .to_owned(),
    ]
}

fn base_mismatch(evaluator: &mut Evaluator<'_>, declared: &DeclaredBase, base: &Pin) {
    let message = Message {
        what: "it is used with another base than it declares".to_owned(),
        expected: format!("`{declared}`, as its configuration says"),
        got: format!("`{}` {}, at {}", base.source.repo, base.requested, base.revision.short()),
        help: vec![
            "to see the base of each adapter, run `modelpin tree`".to_owned(),
            "to use another base, change `adapter-of` in models.toml".to_owned(),
            format!(
                "to accept this one, set `{} = \"allow\"` in `[policy.rules]` of models.toml",
                ADAPTER_BASE_MISMATCH.id
            ),
        ],
    };
    evaluator.report(&ADAPTER_BASE_MISMATCH, None, LockKey::InTable("adapter", "base"), message);
}

/// A publisher that is not one of `allowed`, of an entry that is locked as a dependency.
pub(crate) fn publisher(evaluator: &mut Evaluator<'_>, pin: &Pin, allowed: &BTreeSet<Publisher>) {
    let dependents: Vec<String> =
        pin.dependencies.required_by.iter().map(|via| format!("`{}` ({})", via.entry, via.kind)).collect();
    let repo = &pin.source.repo;
    let message = Message {
        what: format!("{} depends on a publisher that is not allowed", dependents.join(", ")),
        expected: format!("{}{}", one_of(allowed), evaluator.set_by("publishers")),
        got: format!("`{repo}`"),
        help: vec![
            "to allow it, add it to `publishers` in `[policy]` of models.toml and run the command again".to_owned(),
            format!(
                "to do without it, set `ignored-dependencies = [\"{repo}\"]` in `[policy]` of models.toml and run \
                 the command again"
            ),
        ],
    };
    evaluator.report(&DEPENDENCY_PUBLISHER, None, LockKey::Key("source"), message);
}
