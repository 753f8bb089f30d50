//! What holds for every name, every path, every lock and every manifest, not only for the examples beside
//! the code.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

mod decisions;
mod strategies;

use modelpin_schema::changes::{ChangeKind, diff};
use modelpin_schema::lockfile::{CodePath, DeclaredBase, LockKey};
use modelpin_schema::manifest::edit::{self, NewEntry};
use modelpin_schema::{
    Artifact, Audits, Digest, FileKind, Filter, Lockfile, Manifest, Name, Pin, RepoPath, Requested, Revision, Source,
    Spec,
};
use proptest::prelude::*;
use proptest::sample::Index;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path};
use strategies::{audits, files, filter, foreign_path, lock, manifest, name, odd_text, print, requested, slip, source};

const FILE: &str = "models.lock";

fn cases(cases: u32) -> ProptestConfig {
    // Regressions become tests with a name; no file beside this one keeps them.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_lock_reads_as_what_was_printed(lock in lock()) {
        let text = lock.print();
        let again = Lockfile::read(FILE, &text).unwrap();
        prop_assert_eq!(&again, &lock);
        prop_assert_eq!(again.print(), text);
    }

    #[test]
    fn every_fact_is_on_the_line_that_the_index_says(lock in lock()) {
        let (text, lines) = (lock.print(), lock.line_index());
        let text: Vec<&str> = text.lines().collect();
        for (name, pin) in &lock.pins {
            let shown = |spot| text[lines.line(name, spot).unwrap() - 1];
            prop_assert_eq!(shown(LockKey::Entry), format!("[{}.{name}]", pin.source.kind));
            prop_assert!(shown(LockKey::Key("revision")).contains(&pin.revision.hex()));
            for (path, file) in pin.files() {
                let end = format!("sha256 = \"{}\" }}", file.sha256.hex());
                prop_assert!(shown(LockKey::File(path)).ends_with(&end));
            }
            for (path, digests) in &pin.facts.templates {
                let line = shown(LockKey::InTable("templates", path.as_str()));
                prop_assert!(digests.iter().all(|digest| line.contains(&digest.hex())), "{}", line);
            }
            for path in pin.facts.globals.keys() {
                prop_assert!(shown(LockKey::InTable("globals", path.as_str())).ends_with(']'));
            }
            for (requirement, how) in &pin.facts.requires {
                let line = format!("x = {}", shown(LockKey::InTable("requires", requirement.as_str())).rsplit(" = ").next().unwrap());
                prop_assert!(line.ends_with('"') && (how.as_str().contains(['"', '\\', '=']) || line.contains(how.as_str())));
            }
        }
    }

    #[test]
    fn a_printed_lock_has_one_fact_a_line(lock in lock()) {
        let text = lock.print();
        prop_assert!(text.ends_with('\n'));
        prop_assert!(!text.contains(['\r', '\t']));
        let files: usize = lock.pins.values().map(|pin| pin.files().len()).sum();
        prop_assert_eq!(text.lines().filter(|line| line.contains(" = { kind = ")).count(), files);
    }

    #[test]
    fn a_tree_is_the_digest_of_what_sha256sum_prints(files in files()) {
        let mut lines: Vec<(&[u8], String)> = files
            .iter()
            .map(|(path, file)| (path.as_str().as_bytes(), format!("{}  {path}\n", file.sha256.hex())))
            .collect();
        lines.sort_by_key(|(path, _)| *path);
        let text: String = lines.into_iter().map(|(_, line)| line).collect();
        prop_assert_eq!(pin(files).tree(), digest(text.as_bytes()));
    }

    #[test]
    fn a_lock_differs_from_itself_in_nothing(a in lock(), b in lock()) {
        prop_assert!(diff(&a, &a).is_empty());
        for name in a.pins.keys().chain(b.pins.keys()) {
            let named = diff(&a, &b).iter().any(|change| change.name == *name);
            let code = |lock: &Lockfile| lock.code(name).digest();
            prop_assert_eq!(named, a.pins.get(name) != b.pins.get(name) || code(&a) != code(&b));
        }
        let (there, back) = (diff(&a, &b), diff(&b, &a));
        prop_assert_eq!(there.len(), back.len());
        for (there, back) in there.iter().zip(&back) {
            prop_assert_eq!(&there.name, &back.name);
            let turned = match there.kind {
                ChangeKind::Added => ChangeKind::Removed,
                ChangeKind::Removed => ChangeKind::Added,
                ChangeKind::Changed => ChangeKind::Changed,
            };
            prop_assert_eq!(back.kind, turned);
            for (one, other) in there.facts.iter().zip(&back.facts) {
                prop_assert_eq!((one.label(), &one.old, &one.new), (other.label(), &other.new, &other.old));
                // A conversion that is gone leaves its source to be installed again, a filter or an identity that is gone
                // keeps nothing out, a name of old that stands for no other repo any more is a repo of its own, and an
                // adapter without its base sits on another one or on none.
                let keeps =
                    ["converted", "repo-id", "canonical", "include", "exclude", "variant", "adapter-of", "base-declared"];
                let keeps = keeps.contains(&one.key);
                let widens = one.new.is_some() || keeps;
                prop_assert!(widens || !one.widens, "what is gone widens nothing");
            }
            for (one, other) in there.files.iter().zip(&back.files) {
                prop_assert_eq!((&one.path, one.old, one.new), (&other.path, other.new, other.old));
            }
        }
    }

    #[test]
    fn an_entry_that_is_added_and_removed_leaves_no_trace(
        (text, names) in manifest(), entry in new_entry(),
    ) {
        prop_assume!(!names.contains(&entry.name));
        let before = Manifest::read("models.toml", &text).unwrap();
        let with = edit::add("models.toml", &text, &entry).unwrap();
        let windows = edit::add("models.toml", &text.replace('\n', "\r\n"), &entry).unwrap();
        prop_assert_eq!(windows.replace("\r\n", "\n"), with.clone());
        prop_assert!(in_order(&text, &with), "{text}\n---\n{with}");
        let mut after = requirements(&Manifest::read("models.toml", &with).unwrap());
        let added = after.remove(&entry.name).unwrap();
        prop_assert_eq!((added.0, added.1, added.2), (
            Source { kind: entry.kind, repo: entry.repo.clone() }, entry.requested, entry.filter,
        ));
        prop_assert_eq!(after, requirements(&before));
        prop_assert_eq!(with.contains("min-age"), text.contains("min-age"));
        let without = edit::remove("models.toml", &with, &entry.name).unwrap().unwrap();
        prop_assert!(in_order(&text, &without), "{text}\n---\n{without}");
    }

    #[test]
    fn removing_an_entry_leaves_every_other_line((text, names) in manifest(), at in any::<Index>()) {
        prop_assume!(!names.is_empty());
        let name = at.get(&names);
        let before = Manifest::read("models.toml", &text).unwrap();
        let without = edit::remove("models.toml", &text, name).unwrap().unwrap();
        prop_assert!(in_order(&without, &text), "{text}\n---\n{without}");
        let mut wanted = requirements(&before);
        wanted.remove(name);
        let after = Manifest::read("models.toml", &without).unwrap();
        prop_assert_eq!(requirements(&after), wanted);
        prop_assert_eq!((after.project, after.mirrors, after.target), (before.project, before.mirrors, before.target));
        prop_assert_eq!((after.policy.licenses, after.policy.rules), (before.policy.licenses, before.policy.rules));
        for comment in ["# about this file", "# a project", "# last"] {
            prop_assert_eq!(text.contains(comment), without.contains(comment), "{}\n---\n{}", text, without);
        }
    }
}

proptest! {
    #![proptest_config(cases(320))]

    #[test]
    fn an_edit_of_a_files_line_is_refused_or_changes_nothing(
        files in files(), at in any::<Index>(), slip in slip(),
    ) {
        let lock = Lockfile { pins: [("chat".parse().unwrap(), pin(files))].into() };
        let text = lock.print();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(" = { kind = ")).collect();
        let line = at.get(&lines);
        if let Ok(read) = Lockfile::read(FILE, &text.replacen(line, &slip.of(line), 1)) {
            prop_assert_eq!(without_sizes(&read), without_sizes(&lock), "{:?}", slip);
        }
    }

    #[test]
    fn no_slip_makes_a_reader_panic(
        lock in lock(), (manifest, _) in manifest(), audits in audits(), slips in proptest::collection::vec(slip(), 1..4),
    ) {
        let slipped = |text: String| slips.iter().fold(text, |text, slip| if text.is_empty() { text } else { slip.of(&text) });
        if let Ok(read) = Lockfile::read(FILE, &slipped(lock.print())) {
            prop_assert_eq!(Lockfile::read(FILE, &read.print()), Ok(read));
        }
        if let Err(fault) = Manifest::read("models.toml", &slipped(manifest)) {
            prop_assert!(!fault.to_string().is_empty());
        }
        if let Ok(read) = Audits::read("models.audits.toml", &slipped(print(&audits))) {
            let read = placeless(read);
            prop_assert_eq!(Audits::read("models.audits.toml", &print(&read)).map(placeless), Ok(read));
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in odd_text(), name in name()) {
        let _ = Lockfile::read(FILE, &text);
        let _ = Lockfile::read(FILE, &format!("version = 1\n[model.{name}]\n{text}"));
        let _ = Manifest::read("models.toml", &text);
        let _ = Audits::read("models.audits.toml", &text);
        let _ = Audits::read("models.audits.toml", &format!("version = 1\n[[exemption]]\n{text}"));
        let _ = Manifest::read("models.toml", &format!("[models]\n{name} = \"{text}\"\n"));
    }

    #[test]
    fn a_word_prints_as_it_reads(source in source(), requested in requested(), place in foreign_path()) {
        prop_assert_eq!(place.to_string().parse::<CodePath>().unwrap(), place);
        prop_assert_eq!(source.to_string().parse::<Source>().unwrap(), source);
        prop_assert_eq!(requested.to_string().parse::<Requested>().unwrap(), requested);
    }

    #[test]
    fn what_an_adapter_says_of_its_base_reads_as_it_was_said(
        base in "[ a-z/@.(\u{200b}`]{0,12}|a/[a-z]{190,199}",
        revision in prop::option::of("[ a-z.\u{200b}]{0,4}"),
    ) {
        let said = DeclaredBase::of(Some(&base), revision.as_deref());
        prop_assert_eq!(DeclaredBase::read(&said.to_string().parse().unwrap()), said);
    }

    #[test]
    fn a_requirement_reads_as_itself_however_it_was_spelled(text in "version:[0-9^~=<>.,* ]{1,12}") {
        if let Ok(read) = text.parse::<Requested>() {
            prop_assert_eq!(read.to_string().parse::<Requested>().unwrap(), read);
        }
    }

    #[test]
    fn what_is_a_path_stays_below_its_folder(text in odd_text()) {
        if let Ok(path) = text.parse::<RepoPath>() {
            prop_assert!(stays_below("/cache/snapshots/x", &text));
            prop_assert_eq!(Path::new(&text).components().count(), path.parts().count());
        }
    }

    #[test]
    fn what_is_a_revision_stays_below_refs(text in odd_text()) {
        if text.parse::<Revision>().is_ok() {
            prop_assert!(stays_below("/cache/models--a--b/refs", &text));
        }
    }
}

/// `tree` against the program that everyone has: its lines over real files, and its digest of these lines.
/// A pin is made of what is a repo as it stands, and of nothing that looks like one once it is in a lock.
#[test]
fn what_is_no_repo_does_not_become_one_in_a_lock() {
    let long = format!("acme/{}", "x".repeat(300));
    for (base, revision) in [
        ("acme/base@v1", None),
        ("acme/base", Some("..")),
        ("acme/ba\u{200b}se", None),
        ("acme/base", Some("ma\u{200b}in")),
        ("(none)", None),
        (long.as_str(), None),
    ] {
        let said = DeclaredBase::of(Some(base), revision);
        assert!(matches!(said, DeclaredBase::Other(_)), "{base}: {said:?}");
        assert_eq!(DeclaredBase::read(&said.to_string().parse().unwrap()), said, "{base}");
    }
}

#[test]
fn sha256sum_redoes_a_tree() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sha256sum_redoes_a_tree");
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    let contents = [("config.json", "{}"), ("a b.txt", ""), ("sub/model.bin", "weights"), ("Z", "z")];
    let mut files = BTreeMap::new();
    for (path, content) in contents {
        std::fs::write(folder.join(path), content).unwrap();
        let path: RepoPath = path.parse().unwrap();
        let kind = FileKind::of(&path);
        let size = u64::try_from(content.len()).unwrap();
        files.insert(path, Artifact { kind, size, sha256: digest(content.as_bytes()) });
    }
    let script = "find . -type f | cut -c3- | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum";
    let run = std::process::Command::new("sh").args(["-c", script]).current_dir(&folder).output();
    let printed = run.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match printed {
        Ok(printed) if printed.ends_with("  -\n") => {
            assert_eq!(printed.trim_end_matches("  -\n"), pin(files).tree().hex());
        }
        // Not every system has the program; the law above holds there all the same.
        other => eprintln!("sha256sum did not run: {other:?}"),
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn pin(files: BTreeMap<RepoPath, Artifact>) -> Pin {
    let revision = "0f".repeat(20).parse().unwrap();
    Pin::new("hf:model/a/b".parse().unwrap(), Requested::main(), Filter::default(), revision, files)
}

/// The lock's text without the lengths of files. They are not part of `tree`: a wrong one lets no other bytes
/// in, since the digest still decides, but keeps the right ones out.
fn without_sizes(lock: &Lockfile) -> Vec<String> {
    let bare = |line: &str| match (line.rfind(", size = "), line.rfind(", sha256 = ")) {
        (Some(start), Some(end)) => format!("{}{}", &line[..start], &line[end..]),
        _ => line.to_owned(),
    };
    lock.print().lines().map(bare).collect()
}

fn stays_below(folder: &str, text: &str) -> bool {
    let joined = Path::new(folder).join(text);
    joined.strip_prefix(folder).is_ok_and(|below| {
        below.components().count() > 0 && below.components().all(|part| matches!(part, Component::Normal(_)))
    })
}

/// Decisions without the places where they stand.
fn placeless(mut decisions: Audits) -> Audits {
    decisions.audits.iter_mut().for_each(|audit| audit.place = None);
    decisions.exemptions.iter_mut().for_each(|exemption| exemption.place = None);
    decisions.imports.iter_mut().for_each(|import| import.place = None);
    decisions
}

/// Whether the lines of `few` stand in `many` in the same order.
fn in_order(few: &str, many: &str) -> bool {
    let mut many = many.lines();
    let mut written = few.lines().filter(|line| !line.is_empty());
    written.all(|line| many.any(|other| other == line))
}

fn new_entry() -> impl Strategy<Value = NewEntry> {
    (name(), source(), requested(), filter()).prop_map(|(name, source, requested, filter)| NewEntry {
        kind: source.kind,
        name,
        repo: source.repo,
        requested,
        filter,
        adapter_of: None,
    })
}

type Requirement = (Source, Requested, Filter);

/// What a manifest wants, without the places where it says so.
fn requirements(manifest: &Manifest) -> BTreeMap<Name, Requirement> {
    let requirement = |spec: &Spec| (spec.source.clone(), spec.requested.clone(), spec.filter.clone());
    manifest.entries.iter().map(|(name, spec)| (name.clone(), requirement(spec))).collect()
}
