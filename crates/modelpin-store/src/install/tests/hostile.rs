//! What a hostile neighbour plants in a target is replaced or refused, never followed.

#![cfg(unix)]

use super::{Scene, assert_fails, remove, tree};
use crate::install::{Depth, Error, Layout};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// A folder outside of the target with something precious in it.
fn outside(scene: &Scene) -> PathBuf {
    let outside = scene.folder.path().join("outside");
    for folder in ["blobs", "snapshots", "sub", "refs"] {
        std::fs::create_dir_all(outside.join(folder)).unwrap();
        std::fs::write(outside.join(folder).join("precious"), "mine").unwrap();
    }
    outside
}

#[test]
fn links_are_replaced_and_never_followed() {
    let snapshot = "models--acme--chat/snapshots/1313131313131313131313131313131313131313";
    let hub = [
        "models--acme--chat",
        "models--acme--chat/blobs",
        "models--acme--chat/refs",
        "models--acme--chat/refs/main",
        "models--acme--chat/snapshots",
        snapshot,
        &format!("{snapshot}/sub"),
        &format!("{snapshot}/config.json"),
        "CACHEDIR.TAG",
        "models--evil--x",
        "models--acme--chat/refs/evil",
    ];
    let flat = ["chat", "chat/sub", "chat/config.json", "chat/evil", "evil", ".modelpin-evil"];
    for (layout, places) in [(Layout::HubCache, &hub[..]), (Layout::Flat, &flat[..])] {
        for place in places {
            for precious in ["", "sub", "sub/precious", "nowhere"] {
                let scene = Scene::synced(layout);
                let outside = outside(&scene);
                let before = tree(&outside);
                remove(&scene.place(place));
                symlink(outside.join(precious), scene.place(place)).unwrap();
                assert!(!scene.inspect(Depth::Stamps).is_clean(), "{place}");
                scene.sync().unwrap();
                scene.assert_whole();
                assert_eq!(tree(&outside), before, "{place}");
                assert_eq!(std::fs::read_to_string(outside.join("sub/precious")).unwrap(), "mine");
            }
        }
    }
}

#[test]
fn a_link_in_a_blobs_place_is_no_blob() {
    let scene = Scene::synced(Layout::HubCache);
    let elsewhere = scene.folder.path().join("elsewhere");
    std::fs::write(&elsewhere, "weights").unwrap();
    let blob = scene.blob("acme/chat", "weights");
    remove(&blob);
    symlink(&elsewhere, &blob).unwrap();
    assert_eq!(scene.inspect(Depth::Full).discrepancies.len(), 1, "the right bytes today may be others tomorrow");
    scene.sync().unwrap();
    assert!(blob.symlink_metadata().unwrap().is_file());
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "weights");
}

#[test]
fn a_target_that_is_a_link_is_refused() {
    let mut scene = Scene::new(Layout::HubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("a", "a")]);
    let outside = outside(&scene);
    let before = tree(&outside);
    symlink(&outside, scene.root()).unwrap();
    assert_fails(scene.sync(), |error| matches!(error, Error::NotAFolder(_)), "");
    assert_eq!(tree(&outside), before);
}

#[test]
fn untracked_files_are_removed_whatever_their_names() {
    let names: [&[u8]; 9] = [
        b"plain",
        b"\xff\xfe",
        b"x\xff",
        b"x\\xff",
        b"line\nbreak",
        b"\x1b[2Jclear",
        b"\xe2\x80\xaereversed",
        b"-rf",
        b"...",
    ];
    for layout in [Layout::HubCache, Layout::Flat] {
        let scene = Scene::synced(layout);
        let folder = scene.place(if layout == Layout::Flat { "chat" } else { "models--acme--chat/blobs" });
        for name in names {
            std::fs::write(folder.join(OsStr::from_bytes(name)), "").unwrap();
            let nested = scene.root().join(OsStr::from_bytes(name)).join(OsStr::from_bytes(name));
            std::fs::create_dir_all(nested).unwrap();
        }
        let found = scene.inspect(Depth::Stamps);
        assert_eq!(found.discrepancies.len(), 2 * names.len());
        for path in found.discrepancies.keys() {
            assert!(!path.contains(|c: char| c.is_control() || c == '\u{202e}'), "{path:?}");
        }
        assert_eq!(scene.sync().unwrap().removed, 2 * names.len());
        scene.assert_whole();
        assert!(!tree(&scene.root()).iter().any(|path| path.contains("plain")));
    }
}

#[test]
fn an_untracked_folder_is_listed_once() {
    let scene = Scene::synced(Layout::HubCache);
    for path in ["evil/a", "evil/b/c", "evil-er", "evil!"] {
        scene.write(path, "");
    }
    assert_eq!(scene.problems(Depth::Stamps), ["evil: untracked", "evil!: untracked", "evil-er: untracked"]);
}

#[test]
fn pipes_and_sockets_are_not_opened() {
    let scene = Scene::synced(Layout::HubCache);
    let blob = scene.blob("acme/chat", "weights");
    remove(&blob);
    let _socket = std::os::unix::net::UnixListener::bind(&blob);
    let pipe = scene.place("models--acme--chat/refs/main");
    remove(&pipe);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(scene.inspect(Depth::Full).discrepancies.len(), 2);
    scene.sync().unwrap();
    scene.assert_whole();
}

#[test]
fn stamps_are_not_written_through_a_link() {
    let scene = Scene::synced(Layout::HubCache);
    let precious = scene.folder.path().join("precious");
    std::fs::write(&precious, "mine").unwrap();
    for file in ["stamps", "lock", "seal", "path", "owned"] {
        let place = scene.record().folder().join(file);
        remove(&place);
        symlink(&precious, &place).unwrap();
        let _ = scene.sync();
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine", "{file}");
        remove(&place);
    }
}
