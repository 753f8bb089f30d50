//! What the laws are tried on: words, locks and manifests of every shape, and texts that are nearly one.

use modelpin_schema::lockfile::{
    Adapter, Converted, Day, DeclaredBase, Dependency, Facts, Identifier, PrintableText, result_path,
};
use modelpin_schema::lockfile::{DependencyKind, RequiredBy};
use modelpin_schema::path::collision;
use modelpin_schema::selection::Reason;
use modelpin_schema::{
    Artifact, CommitId, Digest, FileKind, Filter, Lockfile, Name, Pattern, Pin, RepoPath, Requested, Source,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::{BTreeMap, BTreeSet};

mod decisions;

pub(crate) use decisions::{audit, audits, foreign_path, print};

/// Characters that mean something to a path, to TOML, to git or to a terminal.
const ODD: &str = "[a-cA-C0-9./\\\\:~^?*\\[\\]{}\"'`#=,@_ \t\n\r\0\u{7f}\u{ad}\u{202e}éß日\u{301}-]";

/// Text that is nearly a path or a ref.
pub(crate) fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "([a-c.é \\-]{1,4}/){0,3}[a-c.A-C@\\-]{1,6}",
        2 => "(/|[a-c]{0,3}|\\.\\.?|con|NUL|com1|[a-c]:|\\\\){1,8}",
        2 => vec(ODD, 0..20).prop_map(|chars| chars.concat()),
        1 => any::<String>(),
    ]
}

pub(crate) fn name() -> impl Strategy<Value = Name> {
    "[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?".prop_map(|text| text.parse().unwrap())
}

pub(crate) fn source() -> impl Strategy<Value = Source> {
    let part = || "[A-Za-z0-9]([-_.]?[A-Za-z0-9]){0,5}";
    (select(vec!["model", "dataset"]), option::of(part()), part()).prop_filter_map(
        "`.git` at the end",
        |(kind, owner, name)| {
            let owner = owner.map(|owner| format!("{owner}/")).unwrap_or_default();
            format!("hf:{kind}/{owner}{name}").parse().ok()
        },
    )
}

pub(crate) fn commit() -> impl Strategy<Value = CommitId> {
    any::<[u8; 20]>().prop_map(CommitId::new)
}

pub(crate) fn requested() -> impl Strategy<Value = Requested> {
    let requirement = "(\\^|~|=|>=|<)?[0-9]{1,3}(\\.[0-9]{1,2}){0,2}(, *<[0-9]{2})?|\\*|[1-9]\\.\\*";
    prop_oneof![
        commit().prop_map(Requested::Commit),
        "[a-z0-9#='\"é]{1,12}(/[a-z0-9.]{0,5}[a-z]{1,3}){0,2}"
            .prop_filter_map("not a ref", |text| text.parse().ok().map(Requested::Revision)),
        requirement.prop_filter_map("no requirement", |text| format!("version:{text}").parse().ok()),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof!["[a-z*?.\"#é/ ]{1,8}", "\\*\\.[a-z]{1,6}", "[a-z]{1,4}/(\\*\\*)?"]
        .prop_filter_map("no pattern", |text| text.parse().ok())
}

pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let variant = "[A-Za-z0-9é][A-Za-z0-9_.é-]{0,8}".prop_map(|text| text.parse().unwrap());
    (vec(pattern(), 0..3), vec(pattern(), 0..3), option::of(variant)).prop_map(|(include, exclude, variant)| Filter {
        include,
        exclude,
        variant,
    })
}

pub(crate) fn repo_path() -> impl Strategy<Value = RepoPath> {
    let suffix = select(vec!["jsonx", "safetensors", "bin", "ckpt", "py", "md", "xyz", "x"]);
    ("([a-zA-Z0-9é日=#'\"\\[\\], -]{1,5}/){0,2}[a-zA-Z0-9.é\"{}]{1,8}", suffix)
        .prop_filter_map("not a path", |(stem, suffix)| format!("{stem}.{suffix}").parse().ok())
}

/// Files that can stand beside each other on every system.
pub(crate) fn files() -> impl Strategy<Value = BTreeMap<RepoPath, Artifact>> {
    let size = prop_oneof![0..10_000u64, Just(u64::try_from(i64::MAX).unwrap())];
    let file = (repo_path(), size, any::<[u8; 32]>());
    vec(file, 1..6).prop_map(|files| {
        let mut kept = BTreeMap::new();
        for (path, size, bytes) in files {
            if collision(kept.keys().chain([&path])).is_none() {
                let kind = FileKind::of(&path);
                kept.insert(path, Artifact { kind, size, sha256: Digest::new(bytes) });
            }
        }
        kept
    })
}

pub(crate) fn fact() -> impl Strategy<Value = PrintableText> {
    prop_oneof!["[a-z]{1,6}(\\.[a-z]{1,6})?", "[ -~é日]{1,20}"].prop_map(|text| text.parse().unwrap())
}

fn word() -> impl Strategy<Value = Identifier> {
    "[a-z0-9][a-z0-9-]{0,9}".prop_map(|text| text.parse().unwrap())
}

/// Facts about some of `paths`.
fn facts(paths: Vec<RepoPath>) -> impl Strategy<Value = Facts> {
    fn about<T: Ord + std::fmt::Debug>(
        paths: Vec<RepoPath>,
        what: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = BTreeMap<RepoPath, BTreeSet<T>>> {
        btree_map(select(paths), btree_set(what, 1..3), 0..3)
    }
    let digest = any::<[u8; 32]>().prop_map(Digest::new);
    let reference = "(auto_map|component|processor|tokenizer) [a-z]{1,5}/[a-z]{1,5}(@[a-z]{1,5})?";
    let references = btree_set(reference.prop_map(|text| text.parse().unwrap()), 0..3);
    let base =
        option::of("[a-z/.@(]{1,9}").prop_map(|text| text.map(|text| DeclaredBase::read(&text.parse().unwrap())));
    let whole = (btree_set(fact(), 0..3), references, base, btree_set(word(), 0..3), btree_map(fact(), fact(), 0..3));
    let files = (about(paths.clone(), fact()), about(paths.clone(), digest), about(paths, word()));
    (whole, files).prop_map(|((auto_map, references, base, capabilities, requires), (globals, templates, findings))| {
        Facts { auto_map, references, base, capabilities, requires, globals, templates, findings }
    })
}

prop_compose! {
    pub(crate) fn day()(year in 1..9999i16, month in 1..=12i8, day in 1..=28i8) -> Day {
        format!("{year:04}-{month:02}-{day:02}").parse().unwrap()
    }
}

prop_compose! {
    fn pin()(
        source in source(),
        requested in requested(),
        filter in filter(),
        revision in commit(),
        (files, facts) in files().prop_flat_map(|files| {
            let facts = facts(files.keys().cloned().collect());
            (Just(files), facts)
        }),
        repo_id in option::of("[0-9a-f]{8,24}"),
        canonical in option::of("[a-z]{9}"),
        tag in option::of("v[0-9]\\.[0-9]"),
        revision_date in option::of(day()),
        license in option::of("[a-z0-9\"\\\\é. -]{0,8}[a-z]"),
        ticket in option::of("[!-~]{1,10}"),
        left_out in btree_map(select(Reason::ALL), 1..=i64::MAX.unsigned_abs(), 0..3),
        left_out_code in btree_map("[a-c\"é]{1,4}(/[a-c]{1,3}){0,2}\\.(bin|py)", select(Reason::ALL), 0..4),
        results in vec(option::of((1..=u32::MAX, any::<u32>(), any::<[u8; 32]>())), 6),
    ) -> Pin {
        let mut pin = Pin::new(source, requested, filter, revision, files);
        pin.hub.repo_id = repo_id.map(|text| text.parse().unwrap());
        let owner = pin.source.repo.owner().unwrap_or("openai-community");
        pin.hub.canonical = canonical.map(|name| format!("{owner}/{name}").parse().unwrap());
        pin.hub.tag = tag.map(|text| text.parse().unwrap());
        pin.hub.revision_date = revision_date;
        pin.hub.license = license.map(|text| text.parse().unwrap());
        pin.ticket = ticket.map(|text| text.parse().unwrap());
        pin.hub.left_out = left_out;
        for (path, reason) in left_out_code {
            let path: RepoPath = path.parse().unwrap();
            if !pin.files().contains_key(&path) {
                pin.hub.left_out.entry(reason).and_modify(|count| *count = count.saturating_add(1).min(i64::MAX.unsigned_abs())).or_insert(1);
                pin.hub.left_out_code.insert(path, reason);
            }
        }
        pin.facts = facts;
        convert(&mut pin, results);
        pin
    }
}

/// Converts some of the files that have a name for the result, each to a number, a size and a hash.
fn convert(pin: &mut Pin, results: Vec<Option<(u32, u32, [u8; 32])>>) {
    let sources: Vec<(RepoPath, Digest)> = pin.files().iter().map(|(path, file)| (path.clone(), file.sha256)).collect();
    for ((from, source), result) in sources.into_iter().zip(results) {
        let (Some(path), Some((converter, size, bytes))) = (result_path(&from), result) else { continue };
        if collision(pin.files().keys().chain(pin.converted.keys()).chain([&path])).is_none() {
            let (size, sha256) = (u64::from(size), Digest::new(bytes));
            pin.converted.insert(path, Converted { from, source, converter, size, sha256 });
        }
    }
    // A family of shards is converted as a whole.
    pin.drop_orphans();
}

/// Any lock: none, some or all of its pins are adapters of another.
pub(crate) fn lock() -> impl Strategy<Value = Lockfile> {
    let adapters = vec(option::of((any::<Index>(), commit())), 4);
    (btree_map(name(), pin(), 0..4), adapters).prop_map(|(mut pins, adapters)| {
        let names: Vec<Name> = pins.keys().cloned().collect();
        for (pin, adapter) in pins.values_mut().zip(adapters) {
            let Some((end, revision)) = adapter else { continue };
            let end = end.get(&names);
            pin.dependencies.pinned = pin
                .facts
                .references
                .iter()
                .take(1)
                .map(|reference| (reference.clone(), Dependency { pin: end.clone(), revision }))
                .collect();
            pin.dependencies.required_by = [RequiredBy { entry: end.clone(), kind: DependencyKind::Base }].into();
            pin.dependencies.adapter = Some(Adapter { base: end.clone(), base_revision: revision });
        }
        Lockfile { pins }
    })
}

/// An entry of a manifest as one of the ways to spell it, with the comment that stands above it.
fn entry(section: &'static str) -> impl Strategy<Value = (Name, String)> {
    let adorned = (name(), "( ?[a-z]{1,4}){0,2}", "[a-z]{1,6}/[a-z]{1,6}", 0..5u8);
    adorned.prop_map(move |(name, note, repo, form)| {
        let text = match form {
            0 => format!("# of {name}:{note}\n[{section}.{name}]   # {note}\nrepo = \"{repo}\"\n"),
            1 => format!("\n[{section}.{name}]\nrepo='{repo}'   # {note}\nrevision = \"v1\"\n\n"),
            2 => format!("[{section}.{name}]\n# {note}\nrepo = \"{repo}\"\ninclude = [\n  \"a\", # {note}\n]\n"),
            3 => format!("# of {name}\n\n[{section}.\"{name}\"]\nversion = \"^1\"\nrepo = \"{repo}\"\n"),
            _ => format!("[{section}.{name}]\nrepo = \"{repo}\"\n# {note}\n\n\n"),
        };
        (name, text)
    })
}

const POLICY: &str =
    "[policy]   # ours\nlicenses = [\"mit\"]\nmin-age = \"2w\"\n[policy.rules]\n# last\ntorchscript = \"deny\"\n";

/// The text of a manifest, and the names of its entries.
pub(crate) fn manifest() -> impl Strategy<Value = (String, Vec<Name>)> {
    let short = ("[a-z]{1,5}", "[a-z]{1,5}/[a-z]{1,5}").prop_map(|(name, repo)| {
        let name = format!("short-{name}");
        (name.parse().unwrap(), format!("{name} = \"{repo}\"  # short\n"))
    });
    let project = select(vec![
        "",
        "# about this file\n\n",
        "# a project\n\n[project]\nname = \"x\"   # odd   spacing\n",
        "#\n\n",
    ]);
    let tail = select(vec!["", POLICY, "[[mirror]]\nurl = \"vendor\"\n# last\n", "\n[sync]\ntarget=\"flat:m\""]);
    let entries = (vec(short, 0..3), vec(entry("models"), 0..3), vec(entry("datasets"), 0..3));
    (project, entries, tail).prop_map(|(project, (short, models, datasets), tail)| {
        let mut names: Vec<Name> = Vec::new();
        let mut text = project.to_owned();
        for (at, (name, entry)) in short.iter().chain(&models).chain(&datasets).enumerate() {
            if at == 0 && !short.is_empty() {
                text.push_str("[models]\n");
            }
            if !names.contains(name) {
                names.push(name.clone());
                text.push_str(entry);
            }
        }
        (text + tail, names)
    })
}

/// One change of one character.
#[derive(Debug, Clone)]
pub(crate) enum Slip {
    Insert(Index, char),
    Replace(Index, char),
    Delete(Index),
}

pub(crate) fn slip() -> impl Strategy<Value = Slip> {
    let c = || prop_oneof![ODD.prop_map(|text| text.chars().next().unwrap()), any::<char>(), Just('7')];
    prop_oneof![
        (any::<Index>(), c()).prop_map(|(at, c)| Slip::Insert(at, c)),
        (any::<Index>(), c()).prop_map(|(at, c)| Slip::Replace(at, c)),
        any::<Index>().prop_map(Slip::Delete),
    ]
}

impl Slip {
    /// `text`, which is not empty, with this change.
    pub(crate) fn of(&self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        match self {
            Self::Insert(at, c) => chars.insert(at.index(chars.len() + 1), *c),
            Self::Replace(at, c) => {
                let at = at.index(chars.len());
                chars[at] = *c;
            }
            Self::Delete(at) => drop(chars.remove(at.index(chars.len()))),
        }
        chars.into_iter().collect()
    }
}
