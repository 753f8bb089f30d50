//! Whatever a lock says, a sync makes it so; whatever is changed then, a look finds it.

use super::{Scene, flip, remove, tree};
use crate::install::{Depth, Layout};
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Debug, Clone)]
struct Entry {
    repo: &'static str,
    commit: u8,
    files: Vec<(&'static str, String)>,
}

/// Entries that can be side by side: content follows from commit and path.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let paths = ["a.json", "b.json", "sub/a.json", "sub/deep/w.bin", "sub-w.bin", "ünïcode 模型.bin"];
    let files = prop::sample::subsequence(paths.to_vec(), 1..=paths.len());
    let entry = (prop::sample::select(vec!["acme/chat", "acme/lora", "gpt2"]), 1..4_u8, files, any::<bool>());
    let entry = entry.prop_map(|(repo, commit, paths, same)| {
        let text = |path: &str| if same { "the same".to_owned() } else { format!("{repo} {commit} {path}") };
        (repo, commit, paths.into_iter().map(|path| (path, text(path))).collect())
    });
    prop::collection::btree_map(("[a-z]{1,6}", 0..9_u8), entry, 1..5).prop_map(|entries| {
        let mut seen = std::collections::BTreeMap::new();
        let mut kept = Vec::new();
        for (repo, commit, files) in entries.into_values() {
            let files: Vec<(&str, String)> = files;
            let files = files
                .into_iter()
                .map(|(path, text)| (path, seen.entry((repo, commit, path)).or_insert(text).clone()))
                .collect();
            kept.push(Entry { repo, commit, files });
        }
        kept
    })
}

fn scene(layout: Layout, entries: &[Entry]) -> Scene {
    let mut scene = Scene::new(layout);
    for (at, entry) in entries.iter().enumerate() {
        let files: Vec<(&str, &str)> = entry.files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        scene.pin(&format!("e{at}"), entry.repo, entry.commit, &format!("v{}", entry.commit), &files);
    }
    scene
}

/// Damage to one thing in a target. Says whether there was anything to damage.
fn damage(scene: &Scene, kind: u8, which: Index) -> bool {
    let tree = tree(&scene.root());
    let mark = |path: &&String| !path.ends_with("CACHEDIR.TAG") && !path.ends_with(".modelpin-target");
    let all: Vec<&String> = tree.iter().filter(mark).collect();
    let path = which.get(&all).split(" -> ").next().unwrap().to_owned();
    let place = scene.place(&path);
    match kind {
        0 => remove(&place),
        1 if place.symlink_metadata().unwrap().is_file() => flip(&place),
        2 => {
            remove(&place);
            std::fs::create_dir(&place).unwrap();
        }
        3 => {
            remove(&place);
            std::fs::write(&place, "something else").unwrap();
        }
        4 => std::fs::write(place.with_file_name("untracked"), "").unwrap(),
        5 => remove(place.parent().unwrap()),
        _ => return false,
    }
    true
}

fn layouts() -> impl Strategy<Value = Layout> {
    prop_oneof![Just(Layout::HubCache), Just(Layout::Flat)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_sync_makes_it_so_and_damage_is_found(
        layout in layouts(),
        before in prop::option::of(entries()),
        entries in entries(),
        blows in prop::collection::vec((0..6_u8, any::<Index>()), 1..4),
    ) {
        let mut first = scene(layout, before.as_deref().unwrap_or_default());
        if before.is_some() {
            first.sync().unwrap();
        }
        let next = scene(layout, &entries);
        first.lock = next.lock;
        first.contents.extend(next.contents);
        let scene = first;
        scene.sync().unwrap();
        scene.assert_whole();
        prop_assert_eq!(scene.sync().unwrap().hashed, 0);
        let whole = scene.tree();
        for (kind, which) in blows {
            if damage(&scene, kind, which) {
                let problems = scene.problems(Depth::Full);
                prop_assert!(!problems.is_empty());
                prop_assert_eq!(scene.problems(Depth::Stamps), problems);
                scene.sync().unwrap();
                scene.assert_whole();
                prop_assert_eq!(scene.tree(), whole.clone());
            }
        }
    }
}
