//! What holds for every manifest, lock and path, not only for those that somebody thought of.

use modelpin_schema::lockfile::diff::diff;
use modelpin_schema::lockfile::{Adapter, Lockfile, Pin};
use modelpin_schema::manifest::edit::{self, NewEntry};
use modelpin_schema::path::collision;
use modelpin_schema::{Artifact, CommitId, Digest, FileKind, Filter, Manifest, Name, RepoKind, RepoPath, Revision, Source};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path};

fn name() -> impl Strategy<Value = Name> {
    "[a-z][a-z0-9]{0,8}".prop_map(|text| text.parse().unwrap())
}

fn path() -> impl Strategy<Value = RepoPath> {
    "[a-zA-Z0-9_é \"'-]{1,6}(/[a-z0-9.\"]{1,6}){0,2}".prop_filter_map("no path", |text| text.parse().ok())
}

fn source() -> impl Strategy<Value = Source> {
    let kind = prop_oneof![Just(RepoKind::Model), Just(RepoKind::Dataset)];
    (kind, "[a-zA-Z][a-z0-9]{0,5}/[a-z][a-z0-9_]{0,5}").prop_map(|(kind, repo)| Source { kind, repo: repo.parse().unwrap() })
}

fn commit() -> impl Strategy<Value = CommitId> {
    any::<[u8; 20]>().prop_map(CommitId::new)
}

fn files() -> impl Strategy<Value = BTreeMap<RepoPath, Artifact>> {
    let file = (any::<u32>(), any::<[u8; 32]>());
    btree_map(path(), file, 1..6)
        .prop_map(|files| {
            let artifact = |(path, (size, hash)): (RepoPath, (u32, [u8; 32]))| {
                let artifact = Artifact { kind: FileKind::of(&path), size: size.into(), sha256: Digest::new(hash) };
                (path, artifact)
            };
            files.into_iter().map(artifact).collect::<BTreeMap<_, _>>()
        })
        .prop_filter("one file on some systems", |files| collision(files.keys()).is_none())
}

fn pin() -> impl Strategy<Value = Pin> {
    let requested = prop_oneof!["[a-z]{1,5}(/[a-z]{1,5})?", "version:\\^[0-9]\\.[0-9]", "[0-9a-f]{40}"];
    let patterns = || vec("[a-z*.]{1,6}".prop_filter("no pattern", |text| text.parse::<modelpin_schema::Pattern>().is_ok()), 0..3);
    let facts = (of("[0-9a-f]{24}"), of("v[0-9]\\.[0-9]\\.[0-9]"), of("20[0-9]{2}-0[1-9]-1[0-9]"), of("[a-z\"\\\\ ]{1,9}"), of("[A-Z]{1,4}-[0-9]"));
    let skipped = btree_map(prop::sample::select(FileKind::ALL), 1_u64..99, 0..3);
    (source(), requested, patterns(), patterns(), commit(), files(), facts, skipped).prop_map(
        |(source, requested, include, exclude, commit, files, (repo_id, tag, date, license, ticket), skipped)| {
            let patterns = |texts: Vec<String>| texts.iter().map(|text| text.parse().unwrap()).collect();
            let filter = Filter { include: patterns(include), exclude: patterns(exclude) };
            let mut pin = Pin::new(source, requested.parse().unwrap(), filter, commit, files);
            pin.repo_id = repo_id.map(|text| text.parse().unwrap());
            pin.tag = tag.map(|text| text.parse().unwrap());
            pin.revision_date = date.map(|text| text.parse().unwrap());
            pin.license = license.map(|text| text.parse().unwrap());
            pin.ticket = ticket.map(|text| text.parse().unwrap());
            pin.skipped = skipped;
            pin
        },
    )
}

fn lock() -> impl Strategy<Value = Lockfile> {
    (btree_map(name(), pin(), 0..4), any::<bool>()).prop_map(|(mut pins, adapter)| {
        if let (true, Some((base, revision))) = (adapter, pins.iter().next().map(|(name, pin)| (name.clone(), pin.revision))) {
            pins.values_mut().skip(1).for_each(|pin| pin.adapter = Some(Adapter { base: base.clone(), base_revision: revision }));
        }
        Lockfile { pins }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_lock_reads_as_it_was_printed(lock in lock()) {
        let text = lock.print();
        let read = Lockfile::read("models.lock", &text).unwrap();
        prop_assert_eq!(&read, &lock);
        prop_assert_eq!(read.print(), text);
    }

    #[test]
    fn a_tree_is_the_sum_of_its_lines(files in files(), source in source(), commit in commit()) {
        let pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), commit, files.clone());
        let mut lines: Vec<(Vec<u8>, String)> = files.iter().map(|(path, file)| (path.as_str().into(), format!("{}  {path}\n", file.sha256.hex()))).collect();
        lines.sort();
        let text: String = lines.into_iter().map(|(_, line)| line).collect();
        prop_assert_eq!(pin.tree(), Digest::new(Sha256::digest(text).into()));
    }

    #[test]
    fn no_file_of_a_lock_changes_unnoticed(lock in lock(), at in any::<prop::sample::Index>(), new in "[0-9a-f]") {
        let text = lock.print();
        // Somewhere in the hash of some file.
        let hashes: Vec<usize> = text.match_indices("sha256 = \"").map(|(at, found)| at + found.len()).collect();
        prop_assume!(!hashes.is_empty());
        let place = at.get(&hashes) + 7;
        let mut edited = text.clone();
        edited.replace_range(place..=place, &new);
        prop_assert!(edited == text || Lockfile::read("models.lock", &edited).is_err());
    }

    #[test]
    fn a_lock_that_is_damaged_is_an_error_and_no_panic(lock in lock(), at in any::<prop::sample::Index>(), new in any::<char>()) {
        let mut text: Vec<char> = lock.print().chars().collect();
        let place = at.index(text.len());
        text[place] = new;
        let text: String = text.into_iter().collect();
        let _ = Lockfile::read("models.lock", &text).map(|lock| lock.print());
        let _ = Manifest::read("models.toml", &text).map_err(|fault| fault.to_string());
    }

    #[test]
    fn a_path_stays_below_its_folder(text in "[a-zA-Z.:/\\\\ ~$%\u{0}\u{202e}é]{0,12}") {
        if let Ok(path) = text.parse::<RepoPath>() {
            let joined = Path::new("/root").join(path.as_str());
            prop_assert!(joined.starts_with("/root"));
            prop_assert!(Path::new(path.as_str()).components().all(|part| matches!(part, Component::Normal(_))));
            prop_assert_eq!(joined.components().count() - 2, path.parts().count());
        }
    }

    #[test]
    fn a_revision_stays_below_refs(text in "[a-z.:/\\\\ ~^@{-]{0,10}") {
        if let Ok(revision) = text.parse::<Revision>() {
            prop_assert!(Path::new(revision.as_str()).components().all(|part| matches!(part, Component::Normal(_))));
        }
    }

    #[test]
    fn adding_and_removing_leaves_the_rest_alone(names in prop::collection::btree_set(name(), 1..5), new in name(), pin in pin()) {
        prop_assume!(!names.contains(&new));
        let text: String = names.iter().map(|name| format!("# about {name}\n[models.{name}]   # odd\nrepo  = \"a/{name}\"\n\n")).collect();
        let entry = NewEntry { kind: pin.source.kind, name: new.clone(), repo: pin.source.repo.clone(), requested: pin.requested.clone(), filter: pin.filter, adapter_of: None };
        let with = edit::add("models.toml", &text, &entry).unwrap();
        let manifest = Manifest::read("models.toml", &with).unwrap();
        prop_assert_eq!(&manifest.entries[&new].requested, &pin.requested);
        for line in text.lines() {
            prop_assert!(with.lines().any(|other| other == line), "{line:?} is gone from\n{with}");
        }
        let without = edit::remove("models.toml", &with, &new).unwrap().unwrap();
        prop_assert_eq!(Manifest::read("models.toml", &without).unwrap().entries.len(), names.len());
    }

    #[test]
    fn a_ticket_says_what_changed_and_only_that(old in lock(), new in lock()) {
        prop_assert!(diff(&old, &old).is_empty());
        let there: Vec<Name> = diff(&old, &new).into_iter().map(|change| change.name).collect();
        let back: Vec<Name> = diff(&new, &old).into_iter().map(|change| change.name).collect();
        prop_assert_eq!(&there, &back);
        for name in old.pins.keys().chain(new.pins.keys()) {
            prop_assert_eq!(there.contains(name), old.pins.get(name) != new.pins.get(name));
        }
    }
}
