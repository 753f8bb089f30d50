//! A cache that other tools share is added to, never changed.

#![cfg(unix)]

use super::{Scene, assert_fails, digest, flip, remove, tree};
use crate::install::{Depth, Error, Layout};
use std::os::unix::fs::symlink;

const REPO: &str = "models--acme--chat";
const SNAPSHOT: &str = "models--acme--chat/snapshots/1313131313131313131313131313131313131313";

fn scene() -> Scene {
    let mut scene = Scene::new(Layout::SharedHubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("config.json", "{}"), ("sub/model.safetensors", "weights")]);
    scene
}

fn link(scene: &Scene, at: &str, to: &str) {
    let place = scene.place(at);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    symlink(to, place).unwrap();
}

/// As `huggingface_hub` leaves it: small files under their git ids.
fn downloaded(scene: &Scene, config: &str) {
    let hex = digest(b"weights").hex();
    scene.write(&format!("{REPO}/blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b"), config);
    scene.write(&format!("{REPO}/blobs/{hex}"), "weights");
    link(scene, &format!("{SNAPSHOT}/config.json"), "../../blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b");
    link(scene, &format!("{SNAPSHOT}/sub/model.safetensors"), &format!("../../../blobs/{hex}"));
}

#[test]
fn what_others_have_there_stays() {
    let scene = scene();
    scene.write("version.txt", "1");
    scene.write(".locks/models--acme--chat/x.lock", "");
    scene.write("models--other--x/refs/main", "theirs");
    scene.write(&format!("{REPO}/refs/v0"), "theirs");
    scene.write(&format!("{REPO}/snapshots/{}/config.json", "0".repeat(40)), "theirs");
    scene.write(&format!("{REPO}/.no_exist/x/y"), "");
    let before = tree(&scene.root());
    scene.sync().unwrap();
    scene.assert_whole();
    let after = tree(&scene.root());
    assert!(before.iter().all(|path| after.contains(path)));
    assert_eq!(after.len(), before.len() + 5);
    assert!(!after.iter().any(|path| path.contains("CACHEDIR.TAG") || path.contains(".modelpin")));
    let found = scene.inspect(Depth::Full);
    let mut target = scene.open().unwrap();
    target.prune(&found).unwrap();
    target.remove_invalid(&found).unwrap();
    assert_eq!(tree(&scene.root()), after);
}

#[test]
fn what_another_tool_downloaded_is_hashed_and_kept() {
    let scene = scene();
    downloaded(&scene, "{}");
    let before = tree(&scene.root());
    assert_eq!(scene.problems(Depth::Stamps), [format!("{REPO}/refs/main: missing")]);
    assert!(scene.sync().unwrap().hashed > 0);
    let mut after = tree(&scene.root());
    after.retain(|path| !path.ends_with("refs/main"));
    assert_eq!(after, before, "nothing is there twice");
    assert_eq!(scene.sync().unwrap().hashed, 0, "what was followed once is known by its looks");
    scene.assert_whole();
    flip(&scene.place(&format!("{SNAPSHOT}/config.json")).canonicalize().unwrap());
    assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), "");
}

#[test]
fn what_another_tool_downloaded_is_not_trusted_by_its_name() {
    let scene = scene();
    downloaded(&scene, "[]");
    let before = tree(&scene.root());
    assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), "config.json");
    assert_eq!(tree(&scene.root()), before, "a refusal comes before the first write");
}

#[test]
fn blobs_behind_links_are_read_through() {
    let scene = scene();
    downloaded(&scene, "{}");
    scene.write("blobs/ab/xet", "weights");
    let blob = scene.blob("acme/chat", "weights");
    remove(&blob);
    symlink("../../blobs/ab/xet", &blob).unwrap();
    scene.sync().unwrap();
    assert!(blob.is_symlink());
    assert_eq!(scene.sync().unwrap().hashed, 0);
    scene.assert_whole();
    scene.write("blobs/ab/xet", "weighty");
    assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), "");
    remove(&scene.place("blobs/ab/xet"));
    assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), "a link to");
}

#[test]
fn a_ref_is_not_moved() {
    let scene = scene();
    scene.write(&format!("{REPO}/refs/main"), &"0".repeat(40));
    assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), &"0".repeat(40));
    assert_eq!(tree(&scene.root()), [format!("{REPO}/refs/main")]);
}

#[test]
fn missing_links_are_added_to_a_snapshot() {
    let scene = scene();
    downloaded(&scene, "{}");
    remove(&scene.place(&format!("{SNAPSHOT}/sub")));
    scene.write(&format!("{SNAPSHOT}/theirs.txt"), "theirs");
    scene.sync().unwrap();
    scene.assert_whole();
    assert!(scene.place(&format!("{SNAPSHOT}/theirs.txt")).exists());
}

#[test]
fn links_in_a_folders_place_are_refused() {
    for place in [REPO, "models--acme--chat/blobs", "models--acme--chat/snapshots", SNAPSHOT, "models--acme--chat/refs"]
    {
        let scene = scene();
        let outside = scene.folder.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        link(&scene, place, outside.to_str().unwrap());
        assert_fails(scene.sync(), |error| matches!(error, Error::SharedCache(_)), place);
        assert_eq!(tree(&outside), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn what_a_dead_run_left_is_tidied_and_what_a_live_one_builds_is_not() {
    let scene = scene();
    scene.write(".modelpin-dEaD00/lock", "");
    scene.write(".modelpin-dEaD00/unit/config.json", "{");
    scene.write(".modelpin-young/unit/config.json", "{");
    scene.write(".modelpin-file", "theirs");
    let live = crate::install::staging::Staging::new(&scene.root()).unwrap();
    scene.sync().unwrap();
    assert!(!scene.place(".modelpin-dEaD00").exists());
    assert!(live.place("lock").exists());
    assert!(scene.place(".modelpin-young").exists(), "its lock may be about to be taken");
    assert!(scene.place(".modelpin-file").exists());
}
