//! Files that are excluded.

use super::{Scene, name};
use crate::install::{Depth, Layout, PathsByEntry, Plan};

/// `path` of the entry `chat` is excluded.
fn without(path: &str) -> PathsByEntry {
    [(name("chat"), [path.parse().unwrap()].into())].into()
}

/// Two entries of one repo at one commit; the code of `chat` alone is excluded.
fn scene(layout: Layout) -> Scene {
    let mut scene = Scene::new(layout);
    scene.pin("all", "acme/chat", 0x13, "main", &[("config.json", "{}"), ("x.py", "code")]);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("x.py", "code")]);
    scene
}

#[test]
fn a_file_that_one_of_two_entries_excludes_is_not_in_their_snapshot() {
    for layout in [Layout::HubCache, Layout::Quarantine, Layout::SharedHubCache] {
        let plan = Plan::new(&scene(layout).lock, layout, &without("x.py")).unwrap();
        assert!(!plan.nodes.keys().any(|path| path.ends_with("x.py")), "{:?}", plan.nodes);
        assert_eq!(plan.digests().count(), 1, "nor are its bytes");
        assert_eq!(plan.visible(&name("all"), &scene(layout).lock.pins[&name("all")]).count(), 1);
    }
    let plan = Plan::new(&scene(Layout::Flat).lock, Layout::Flat, &without("x.py")).unwrap();
    let files: Vec<&String> = plan.nodes.keys().collect();
    assert_eq!(files, [".modelpin-target", "all/config.json", "all/x.py"], "folders of their own");
}

#[test]
fn a_repo_without_installed_files_has_no_ref() {
    let mut scene = Scene::new(Layout::HubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("x.py", "code")]);
    let plan = Plan::new(&scene.lock, Layout::HubCache, &without("x.py")).unwrap();
    assert_eq!(plan.nodes.keys().collect::<Vec<_>>(), ["CACHEDIR.TAG"]);
}

#[test]
#[cfg(unix)]
fn an_excluded_file_is_found_through_links_in_a_shared_cache() {
    let mut scene = Scene::new(Layout::SharedHubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("x.py", "code")]);
    let plan = Plan::new(&scene.lock, scene.layout, &without("x.py")).unwrap();
    let problems = || scene.open().unwrap().inspect(&plan, Depth::Stamps).unwrap().discrepancies.len();
    assert_eq!(problems(), 0);
    scene.write("elsewhere/x.py", "code");
    let snapshots = scene.place("models--acme--chat/snapshots");
    std::fs::create_dir_all(&snapshots).unwrap();
    std::os::unix::fs::symlink("../../elsewhere", snapshots.join("13".repeat(20))).unwrap();
    assert_eq!(problems(), 1);
}
