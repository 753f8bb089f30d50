//! What a target looks like when all is well.

use super::{Scene, Synced, assert_fails, name};
use crate::install::{Depth, Error, Layout, Plan};
use expect_test::expect;

/// Two entries of one repo at one commit, one at another; a dataset's folder would look alike.
fn scene(layout: Layout) -> Scene {
    let mut scene = Scene::new(layout);
    scene.pin("all", "acme/chat", 0x13, "main", &[("config.json", "{}"), ("sub/deep/w.bin", "weights")]);
    scene.pin("some", "acme/chat", 0x13, "refs/pr/1", &[("config.json", "{}"), ("other.json", "{}")]);
    scene.pin("old", "acme/chat", 0x0f, "v1", &[("config.json", "{\"old\": 1}")]);
    scene.pin("legacy", "gpt2", 0x61, "release/2024", &[("sub/deep/w.bin", "weights"), ("empty", "")]);
    scene
}

#[test]
fn a_hub_cache_is_laid_out_as_hugging_face_does() {
    let scene = scene(Layout::HubCache);
    scene.sync().unwrap();
    expect![[r#"
        CACHEDIR.TAG
        models--acme--chat/blobs/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
        models--acme--chat/blobs/5f24b3254f62ec8539b12e868707b7064eca614aa73b4a473f77c1115fbdcc07
        models--acme--chat/blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
        models--acme--chat/refs/main
        models--acme--chat/refs/refs/pr/1
        models--acme--chat/refs/v1
        models--acme--chat/snapshots/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/config.json -> ../../blobs/5f24b3254f62ec8539b12e868707b7064eca614aa73b4a473f77c1115fbdcc07
        models--acme--chat/snapshots/1313131313131313131313131313131313131313/config.json -> ../../blobs/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
        models--acme--chat/snapshots/1313131313131313131313131313131313131313/other.json -> ../../blobs/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
        models--acme--chat/snapshots/1313131313131313131313131313131313131313/sub/deep/w.bin -> ../../../../blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
        models--gpt2/blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
        models--gpt2/blobs/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        models--gpt2/refs/main
        models--gpt2/refs/release/2024
        models--gpt2/snapshots/6161616161616161616161616161616161616161/empty -> ../../blobs/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        models--gpt2/snapshots/6161616161616161616161616161616161616161/sub/deep/w.bin -> ../../../../blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"#]]
    .assert_eq(&scene.tree().join("\n"));
    let read = |path: &str| std::fs::read_to_string(scene.place(path)).unwrap();
    assert_eq!(read("models--acme--chat/refs/main"), "13".repeat(20), "40 bytes, no newline");
    assert_eq!(read("models--acme--chat/refs/v1"), "0f".repeat(20));
    let mark = read("CACHEDIR.TAG");
    assert_eq!(&mark[..43], "Signature: 8a477f597d28d172789f06886806bc55", "bford.info/cachedir");
    assert_eq!(read("models--gpt2/snapshots/6161616161616161616161616161616161616161/sub/deep/w.bin"), "weights");
    assert!(scene.blob("gpt2", "weights").metadata().unwrap().permissions().readonly());
    scene.assert_whole();
}

#[test]
fn a_flat_target_is_plain_files() {
    let scene = scene(Layout::Flat);
    scene.sync().unwrap();
    expect![[r#"
        .modelpin-target
        all/config.json
        all/sub/deep/w.bin
        legacy/empty
        legacy/sub/deep/w.bin
        old/config.json
        some/config.json
        some/other.json"#]]
    .assert_eq(&scene.tree().join("\n"));
    scene.assert_whole();
}

#[cfg(unix)]
#[test]
fn an_edit_of_a_flat_file_stays_there() {
    use std::os::unix::fs::MetadataExt as _;
    let scene = scene(Layout::Flat);
    scene.sync().unwrap();
    for path in ["all/config.json", "some/config.json", "some/other.json"] {
        assert_eq!(scene.place(path).metadata().unwrap().nlink(), 1, "{path}");
    }
}

#[test]
fn a_second_sync_reads_nothing() {
    for layout in [Layout::HubCache, Layout::Flat, Layout::SharedHubCache] {
        let scene = scene(layout);
        let Synced { changed, removed, .. } = scene.sync().unwrap();
        assert_eq!((changed.len(), removed), (4, 0));
        let Synced { changed, removed, hashed } = scene.sync().unwrap();
        assert_eq!((changed.len(), removed, hashed), (0, 0, 0), "{layout:?}");
        scene.record().forget("stamps").unwrap();
        assert!(scene.sync().unwrap().hashed > 0, "without stamps everything is doubtful");
        assert_eq!(scene.sync().unwrap().hashed, 0);
        let found = scene.inspect(Depth::Full);
        assert_eq!((found.hashed, found.is_clean()), (found.bytes, true));
        assert_eq!(scene.inspect(Depth::Fast).hashed, 0);
    }
}

#[test]
fn an_update_moves_the_refs_and_takes_the_old_snapshot_away() {
    for layout in [Layout::HubCache, Layout::Flat] {
        let mut scene = Scene::synced(layout);
        scene.pin("chat", "acme/chat", 0x14, "main", &[("config.json", "{1}"), ("sub/model.safetensors", "weights")]);
        let synced = scene.sync().unwrap();
        assert_eq!(synced.changed, [name("chat")].into());
        assert_eq!(synced.hashed, 0, "what stays is known");
        scene.assert_whole();
        assert_eq!(scene.tree().iter().filter(|path| path.contains("snapshots/1313")).count(), 0);
        assert_eq!(scene.sync().unwrap().hashed, 0);
        scene.lock.pins.clear();
        scene.pin("other", "acme/other", 1, "main", &[("a", "a")]);
        scene.sync().unwrap();
        scene.assert_whole();
    }
}

#[test]
fn main_goes_to_whoever_asked_for_it() {
    let mut scene = Scene::new(Layout::HubCache);
    scene.pin("one", "acme/chat", 1, "v1", &[("a", "1")]);
    let main = |scene: &Scene| scene.plan().nodes.contains_key("models--acme--chat/refs/main");
    assert!(main(&scene), "pinned once, it is what a loader finds by name alone");
    scene.pin("two", "acme/chat", 2, "v2", &[("a", "2")]);
    assert!(!main(&scene));
    assert!(scene.plan().notes[0].contains("none asks for `main`"), "{:?}", scene.plan().notes);
    scene.pin("two", "acme/chat", 2, "main", &[("a", "2")]);
    assert!(main(&scene) && scene.plan().notes.is_empty());
    scene.layout = Layout::SharedHubCache;
    scene.lock.pins.remove(&name("two"));
    assert!(!main(&scene), "in a shared cache `main` is everyone's");
}

#[test]
fn what_cannot_be_side_by_side_is_refused() {
    let refused = |pins: &[(&str, u8, &str, &str, &str)], words: &str| {
        let mut scene = Scene::new(Layout::HubCache);
        for (at, (repo, commit, requested, path, text)) in pins.iter().enumerate() {
            scene.pin(&format!("e{at}"), repo, *commit, requested, &[(path, text)]);
        }
        assert_fails(
            Plan::new(&scene.lock, scene.layout, &std::collections::BTreeMap::new()),
            |error| matches!(error, Error::Conflict(_)),
            words,
        );
    };
    refused(&[("a/b", 1, "v1", "x", "1"), ("A/b", 1, "v1", "x", "1")], "ignore case");
    refused(&[("a/b", 1, "v1", "x", "1"), ("a/b", 1, "v1", "x", "2")], "different content");
    refused(&[("a/b", 1, "v1", "x", "1"), ("a/b", 1, "v1", "X", "1")], "ignore case");
    refused(&[("a/b", 1, "v1", "x", "1"), ("a/b", 1, "v1", "x/y", "1")], "ignore case");
    refused(&[("a/b", 1, "v1", "x", "1"), ("a/b", 2, "v1", "x", "1")], "different commits");
    refused(&[("a/b", 1, "r", "x", "1"), ("a/b", 2, "r/1", "x", "1")], "a file and a folder");
    refused(&[("a/b", 1, "Dev", "x", "1"), ("a/b", 2, "dev", "x", "1")], "ignore case");
}
