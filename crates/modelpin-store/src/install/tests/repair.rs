//! Damage of every sort is found, and made good.

use super::{Scene, assert_fails, digest, flip, name, remove, writable};
use crate::install::{Depth, DiscrepancyKind, Error, InstallTree, Layout};
use crate::record::Record;
use crate::stat::FileStat;
use expect_test::expect;
use std::collections::BTreeMap;

const SNAPSHOT: &str = "models--acme--chat/snapshots/1313131313131313131313131313131313131313";

/// Does `damage` to a synced target; it must be seen at each of `depths`, and a sync must make it good.
fn found_and_repaired(layout: Layout, depths: &[Depth], damage: impl Fn(&Scene)) -> Vec<String> {
    let scene = Scene::synced(layout);
    damage(&scene);
    let problems = scene.problems(Depth::Full);
    for depth in depths {
        assert_eq!(scene.problems(*depth), problems, "{depth:?}");
    }
    scene.sync().unwrap();
    scene.assert_whole();
    assert_eq!(scene.sync().unwrap().hashed, 0);
    assert!(scene.tree().iter().all(|path| !path.contains(".modelpin-") || path == ".modelpin-target"));
    problems
}

const ALL: &[Depth] = &[Depth::Stamps, Depth::Fast];

#[test]
fn every_sort_of_damage_in_a_hub_cache() {
    let mut said = Vec::new();
    let mut damage = |depths: &[Depth], damage: &dyn Fn(&Scene)| {
        said.extend(found_and_repaired(Layout::HubCache, depths, damage));
        said.push(String::new());
    };
    damage(ALL, &|scene| remove(&scene.blob("acme/chat", "{}")));
    damage(&[Depth::Stamps], &|scene| flip(&scene.blob("acme/chat", "weights")));
    damage(ALL, &|scene| {
        let blob = scene.blob("acme/chat", "weights");
        std::fs::set_permissions(&blob, writable(blob.metadata().unwrap().permissions())).unwrap();
        std::fs::write(blob, "longer than before").unwrap();
    });
    damage(ALL, &|scene| remove(&scene.place(&format!("{SNAPSHOT}/config.json"))));
    damage(ALL, &|scene| {
        remove(&scene.place(&format!("{SNAPSHOT}/config.json")));
        scene.write(&format!("{SNAPSHOT}/config.json"), "{}");
    });
    damage(ALL, &|scene| remove(&scene.place(SNAPSHOT)));
    damage(ALL, &|scene| scene.write("models--acme--chat/refs/main", &"0".repeat(40)));
    damage(ALL, &|scene| scene.write("models--acme--chat/refs/main", &format!("{}\n", "13".repeat(20))));
    damage(ALL, &|scene| {
        remove(&scene.place("models--acme--chat/refs/main"));
        scene.write("models--acme--chat/refs/main/deep", "");
    });
    damage(ALL, &|scene| {
        remove(&scene.blob("acme/chat", "{}"));
        std::fs::create_dir(scene.blob("acme/chat", "{}")).unwrap();
    });
    damage(ALL, &|scene| scene.write(&format!("{SNAPSHOT}/modeling_evil.py"), "import os"));
    damage(ALL, &|scene| scene.write("models--acme--chat/.no_exist/x/config.json", ""));
    damage(ALL, &|scene| scene.write("models--evil--x/snapshots/main/x", ""));
    expect![[r#"
        models--acme--chat/blobs/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: missing

        models--acme--chat/blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c: other bytes

        models--acme--chat/blobs/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c: 18 bytes

        models--acme--chat/snapshots/1313131313131313131313131313131313131313/config.json: missing

        models--acme--chat/snapshots/1313131313131313131313131313131313131313/config.json: a file

        models--acme--chat/snapshots/1313131313131313131313131313131313131313/config.json: missing
        models--acme--chat/snapshots/1313131313131313131313131313131313131313/sub/model.safetensors: missing

        models--acme--chat/refs/main: 0000000000000000000000000000000000000000

        models--acme--chat/refs/main: a file

        models--acme--chat/refs/main: a folder

        models--acme--chat/blobs/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: a folder

        models--acme--chat/snapshots/1313131313131313131313131313131313131313/modeling_evil.py: untracked

        models--acme--chat/.no_exist: untracked

        models--evil--x: untracked
    "#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn every_sort_of_damage_in_a_flat_target() {
    let damage = |depths: &[Depth], damage: &dyn Fn(&Scene)| {
        assert!(!found_and_repaired(Layout::Flat, depths, damage).is_empty());
    };
    damage(ALL, &|scene| remove(&scene.place("chat/config.json")));
    damage(ALL, &|scene| remove(&scene.place("chat")));
    damage(&[Depth::Stamps], &|scene| flip(&scene.place("chat/sub/model.safetensors")));
    damage(ALL, &|scene| scene.write("chat/sub/untracked", ""));
    damage(ALL, &|scene| {
        remove(&scene.place("chat/sub"));
        scene.write("chat/sub", "");
    });
}

#[test]
fn a_change_that_hides_itself_is_seen_by_its_time() {
    let scene = Scene::synced(Layout::HubCache);
    let blob = scene.blob("acme/chat", "weights");
    let before = blob.metadata().unwrap();
    flip(&blob);
    let after = blob.metadata().unwrap();
    assert!(FileStat::of(&before).is_same_content(&FileStat::of(&after)), "length, time, inode: all as they were");
    assert_eq!(scene.problems(Depth::Stamps).len(), 1);
}

#[test]
fn a_change_right_after_a_sync_is_seen() {
    for _ in 0..10 {
        let scene = Scene::synced(Layout::HubCache);
        flip(&scene.blob("acme/chat", "weights"));
        assert_eq!(scene.problems(Depth::Stamps).len(), 1);
        scene.sync().unwrap();
        scene.record().forget("stamps").unwrap();
        assert!(scene.inspect(Depth::Stamps).hashed > 0);
        flip(&scene.blob("acme/chat", "weights"));
        assert_eq!(scene.problems(Depth::Stamps).len(), 1);
    }
}

#[test]
fn nothing_unverified_is_placed() {
    let mut scene = Scene::new(Layout::HubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("a", "a"), ("b", "b")]);
    let plan = scene.plan();
    let mut target = scene.open().unwrap();
    let found = target.inspect(&plan, Depth::Stamps).unwrap();
    let verified = scene.verify([digest(b"a")].into_iter());
    assert!(matches!(target.apply(&plan, &found, &verified), Err(Error::NotVerified(_))));
    assert!(scene.tree().iter().all(|path| !path.contains("snapshots") && !path.contains("refs")));
    scene.sync().unwrap();
    scene.assert_whole();
}

#[test]
fn content_that_changed_since_it_was_verified_is_not_placed() {
    for layout in [Layout::HubCache, Layout::Flat, Layout::SharedHubCache] {
        let mut scene = Scene::new(layout);
        scene.pin("chat", "acme/chat", 0x13, "main", &[("a", "content")]);
        let plan = scene.plan();
        let mut target = scene.open().unwrap();
        let found = target.inspect(&plan, Depth::Stamps).unwrap();
        let verified = scene.verify([digest(b"content")].into_iter());
        let blob = verified[&digest(b"content")].path();
        flip(blob);
        assert!(
            matches!(target.apply(&plan, &found, &verified), Err(Error::Store(crate::Error::Io { .. }))),
            "{layout:?}"
        );
        assert!(!scene.tree().iter().any(|path| path.contains("snapshots") || path.contains("chat/")));
        flip(blob);
        target.apply(&plan, &found, &verified).unwrap();
        scene.assert_whole();
    }
}

#[test]
fn what_changed_in_a_flat_target_meanwhile_is_not_carried_over() {
    let scene = Scene::synced(Layout::Flat);
    remove(&scene.place("chat/config.json"));
    let plan = scene.plan();
    let mut target = scene.open().unwrap();
    let found = target.inspect(&plan, Depth::Stamps).unwrap();
    let verified = scene.verify([digest(b"{}")].into_iter());
    flip(&scene.place("chat/sub/model.safetensors"));
    assert!(target.apply(&plan, &found, &verified).is_err());
    scene.sync().unwrap();
    scene.assert_whole();
}

#[test]
fn half_a_model_is_withdrawn() {
    let mut scene = Scene::synced(Layout::HubCache);
    scene.pin("other", "acme/other", 2, "main", &[("a", "a")]);
    scene.sync().unwrap();
    remove(&scene.blob("acme/chat", "weights"));
    scene.write("untracked", "");
    let plan = scene.plan();
    let mut target = scene.open().unwrap();
    let found = target.inspect(&plan, Depth::Stamps).unwrap();
    target.remove_invalid(&found).unwrap();
    let tree = scene.tree();
    assert!(!tree.iter().any(|path| path.contains(SNAPSHOT) || path.contains("chat/refs") || path == "untracked"));
    assert!(scene.blob("acme/chat", "{}").exists(), "what is verified is kept for the next run");
    assert_eq!(tree.iter().filter(|path| path.contains("other")).count(), 3, "{tree:?}");
    assert_eq!(scene.sync().unwrap().hashed, 0);
    scene.assert_whole();
}

#[test]
fn a_run_that_died_leaves_nothing_that_is_seen() {
    for layout in [Layout::HubCache, Layout::Flat] {
        let scene = Scene::synced(layout);
        let dead = scene.place(".modelpin-dEaD00");
        std::fs::create_dir_all(dead.join("unit/sub")).unwrap();
        std::fs::write(dead.join("lock"), "1\n").unwrap();
        std::fs::write(dead.join("unit/sub/model.safetensors"), "wei").unwrap();
        assert_eq!(scene.problems(Depth::Stamps), [".modelpin-dEaD00: untracked"]);
        assert_eq!(scene.sync().unwrap().removed, 1);
        assert!(!dead.exists());
        scene.assert_whole();
    }
}

#[test]
fn a_run_that_died_before_it_left_its_mark_can_be_repeated() {
    let mut scene = Scene::new(Layout::HubCache);
    scene.pin("chat", "acme/chat", 0x13, "main", &[("a", "a")]);
    std::fs::create_dir_all(scene.root()).unwrap();
    // The first thing that a run does in a folder is to remember that it is ours.
    scene.open().unwrap().keep_ownership().unwrap();
    std::fs::create_dir_all(scene.place(".modelpin-dEaD00/unit")).unwrap();
    std::fs::write(scene.place(".modelpin-dEaD00/lock"), "").unwrap();
    scene.sync().unwrap();
    scene.assert_whole();
}

#[test]
fn what_another_process_builds_is_left_alone() {
    let scene = Scene::synced(Layout::HubCache);
    let staging = crate::install::staging::Staging::new(&scene.root()).unwrap();
    std::fs::write(staging.place("blob"), "half").unwrap();
    scene.assert_whole();
    scene.write("models--acme--chat/refs/main", "x");
    assert_eq!(scene.sync().unwrap().removed, 0);
    assert!(staging.place("blob").exists());
    drop(staging);
    scene.assert_whole();
    assert!(scene.tree().iter().all(|path| !path.contains(".modelpin-")));
}

#[test]
fn two_projects_may_sync_one_target_at_once() {
    for layout in [Layout::HubCache, Layout::SharedHubCache, Layout::Flat] {
        let mut scene = Scene::new(layout);
        let texts: Vec<String> = (0..20).map(|i| format!("file {i}")).collect();
        let files: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), text.as_str())).collect();
        scene.pin("chat", "acme/chat", 0x13, "main", &files);
        scene.verify(scene.contents.keys().copied());
        std::thread::scope(|scope| {
            for at in 0..4 {
                let scene = &scene;
                scope.spawn(move || {
                    let project = scene.folder.path().join(format!("project{at}"));
                    std::fs::create_dir_all(&project).unwrap();
                    let record = Record::of(&scene.store(), &project).unwrap();
                    let plan = scene.plan();
                    let mut target = InstallTree::open(layout, scene.root(), Some(&record)).unwrap();
                    let found = target.inspect(&plan, Depth::Stamps).unwrap();
                    let verified = scene.verify(scene.contents.keys().copied());
                    target.apply(&plan, &found, &verified).map(drop)
                });
            }
        });
        scene.assert_whole();
    }
}

#[test]
fn discrepancies_name_the_path_in_the_repo() {
    let scene = Scene::synced(Layout::HubCache);
    flip(&scene.blob("acme/chat", "weights"));
    let problems: BTreeMap<_, _> = scene.inspect(Depth::Full).discrepancies;
    let problem = problems.values().next().unwrap();
    assert_eq!((problem.name.as_ref(), problem.label.as_str()), (Some(&name("chat")), "sub/model.safetensors"));
    let expected = digest(b"weights");
    let got = digest(b"weightr");
    assert_eq!(problem.kind, DiscrepancyKind::Digest { expected, got });
}

#[test]
fn somebody_elses_folder_is_refused() {
    for layout in [Layout::HubCache, Layout::Flat] {
        let mut scene = Scene::new(layout);
        scene.pin("chat", "acme/chat", 0x13, "main", &[("a", "a")]);
        scene.write("thesis.tex", "mine");
        assert_fails(scene.sync(), |error| matches!(error, Error::NotOurs { .. }), "");
        let (mark, text) = layout.marker().unwrap();
        scene.write(mark, text);
        assert_fails(scene.sync(), |error| matches!(error, Error::NotOurs { .. }), "");
        let mut target = scene.open().unwrap();
        let found = target.inspect(&scene.plan(), Depth::Full).unwrap();
        target.remove_invalid(&found).unwrap();
        assert_eq!(std::fs::read_to_string(scene.place("thesis.tex")).unwrap(), "mine", "a mark can come with a clone");
        remove(&scene.root());
        std::fs::write(scene.root(), "").unwrap();
        assert_fails(scene.sync(), |error| matches!(error, Error::NotAFolder(_)), "");
        remove(&scene.root());
        std::fs::create_dir(scene.root()).unwrap();
        scene.sync().unwrap();
        scene.write("thesis.tex", "new");
        assert_eq!(scene.sync().unwrap().removed, 1, "it is ours now");
    }
}

#[test]
fn a_folder_that_came_as_the_lock_says_is_taken_over() {
    for layout in [Layout::HubCache, Layout::Flat] {
        for (damage, taken) in [("nothing", true), ("a file is gone", true), ("other bytes", false)] {
            let scene = Scene::synced(layout);
            // Another machine: nothing is known of the folder.
            remove(scene.record().folder());
            let place = if layout == Layout::Flat {
                scene.place("chat/sub/model.safetensors")
            } else {
                scene.blob("acme/chat", "weights")
            };
            match damage {
                "a file is gone" => remove(&place),
                "other bytes" => flip(&place),
                _ => {}
            }
            if !taken {
                assert_fails(scene.sync(), |error| matches!(error, Error::NotOurs { .. }), "");
                assert!(place.exists());
                continue;
            }
            assert_eq!(scene.sync().unwrap().removed, 0, "{layout:?}: {damage}");
            scene.assert_whole();
            let target = scene.open().unwrap();
            target.keep_ownership().unwrap();
            scene.write("evil", "");
            assert_eq!(scene.sync().unwrap().removed, 1);
        }
    }
}
