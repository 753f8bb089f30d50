//! What this machine proved, judged and made itself, and what a clone only brings along.

use crate::sandbox::Sandbox;
use crate::withhold::coder;
use modelpin_schema::{Digest, FileKind};
use modelpin_testkit::{Content, Repo, make};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A pickle that would make a file called `ran`.
const PICKLE: &[u8] = b"cposix\nsystem\n(Vtouch ran\ntR.";

const TARGETS: [&str; 3] = [".modelpin/hub", "flat:models", "work/models"];

/// A project whose target is `target`, with a file of which nobody says what it is, synced.
fn synced(target: &str) -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", format!("[models]\n[sync]\ntarget = \"{target}\"\n"));
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[
        ("config.json", Content::git("{\"a\": 1}\n")),
        ("model.safetensors", Content::lfs(make::weights(3000))),
        ("weights.dat", Content::lfs(b"harmless\0\x01\x02bytes")),
    ]);
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    (sandbox, chat)
}

/// Where the bytes of `weights.dat` are in the target.
fn place(sandbox: &Sandbox, chat: &Repo, target: &str) -> PathBuf {
    let folder = match target.strip_prefix("flat:") {
        Some(folder) => format!("{folder}/chat"),
        None => format!("{target}/models--acme--chat/snapshots/{}", chat.head()),
    };
    sandbox.path(&folder).join("weights.dat")
}

/// What somebody commits who has the target in the repository: other bytes, in a lock that calls them `kind`.
fn plant(sandbox: &Sandbox, chat: &Repo, target: &str, bytes: &[u8], kind: FileKind) {
    let digest = Digest::new(Sha256::digest(bytes).into());
    let place = place(sandbox, chat, target);
    let blob = place.canonicalize().unwrap();
    std::fs::remove_file(&blob).unwrap();
    if target.starts_with("flat:") {
        std::fs::write(&place, bytes).unwrap();
    } else {
        std::fs::write(blob.with_file_name(digest.hex()), bytes).unwrap();
        std::fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink(format!("../../blobs/{}", digest.hex()), &place).unwrap();
    }
    let mut lock = sandbox.lock();
    for pin in lock.pins.values_mut() {
        let mut files = pin.files().clone();
        let file = files.get_mut(&"weights.dat".parse().unwrap()).unwrap();
        (file.sha256, file.size, file.kind) = (digest, bytes.len() as u64, kind);
        let mut other = modelpin_schema::Pin::new(
            pin.source.clone(),
            pin.requested.clone(),
            pin.filter.clone(),
            pin.revision,
            files,
        );
        (other.facts, other.hub.repo_id, other.hub.license) =
            (pin.facts.clone(), pin.hub.repo_id.clone(), pin.hub.license.clone());
        (other.hub.revision_date, other.hub.left_out) = (pin.hub.revision_date, pin.hub.left_out.clone());
        *pin = other;
    }
    sandbox.write("models.lock", lock.print());
}

/// Commands that say that all is well, or start something.
const COMMANDS: [&str; 8] = [
    "verify",
    "check",
    "env",
    "env --loader python",
    "exec -- touch ran",
    "exec --jail --allow-write . -- touch ran",
    "sync --locked --offline",
    "sync --frozen",
];

#[test]
fn what_a_clone_brings_is_judged_before_anything_sees_it() {
    for target in TARGETS {
        for (bytes, kind) in
            [(PICKLE, FileKind::Other), (PICKLE, FileKind::Doc), (b"\x7fELF\x02\x01\x01\0", FileKind::Other)]
        {
            let (sandbox, chat) = synced(target);
            plant(&sandbox, &chat, target, bytes, kind);
            // Over and over: a command that refuses leaves nothing behind that the next would believe.
            for words in COMMANDS {
                for forget in [true, false] {
                    if forget {
                        sandbox.remove_store();
                    }
                    if words.contains("--allow-write .") && target == ".modelpin/hub" {
                        continue;
                    }
                    let output = sandbox.run(words);
                    assert_eq!(output.code, 4, "{target}, {kind}: {words}\n{output}");
                    output.refused(4).says("by its content it is");
                    assert!(!sandbox.path("ran").exists(), "{target}: {words}");
                }
            }
        }
    }
}

#[test]
fn a_store_in_the_project_can_come_with_a_clone_and_is_believed_in_nothing() {
    let target = "flat:models";
    let (sandbox, chat) = synced(target);
    let store = sandbox.path(".cache/modelpin");
    let run = |words: &str| sandbox.finish(sandbox.command(words).env("MODELPIN_CACHE_DIR", &store));
    run("sync").ok();
    let said = |words: &str| -> (u64, u64) {
        let said = run(words).ok().result();
        let number = |key: &str| said[key].as_u64().unwrap();
        (number("hashed-bytes"), number("scanned-files"))
    };
    assert_eq!(said("sync --frozen --format json"), (0, 0));
    // The clone: the same files, all of them made anew.
    let record = std::fs::read_dir(store.join("projects")).unwrap().next().unwrap().unwrap().path();
    let aside = sandbox.root().join("aside");
    std::fs::rename(&record, &aside).unwrap();
    copy(&aside, &record);
    let (hashed, judged) = said("sync --frozen --format json");
    assert!(hashed > 0 && judged > 0, "{hashed} {judged}");

    plant(&sandbox, &chat, target, PICKLE, FileKind::Other);
    std::fs::remove_dir_all(&record).unwrap();
    // Its author judged nothing, and says so of this very lock.
    copy(&aside, &record);
    let judged = std::fs::read_to_string(record.join("scanned")).unwrap();
    let scanner = judged.lines().nth(1).unwrap();
    let header = judged.lines().next().unwrap();
    std::fs::write(record.join("scanned"), format!("{header}\n{scanner}\n{}", sandbox.read("models.lock"))).unwrap();
    for words in ["exec -- touch ran", "sync --frozen", "verify", "sync --frozen"] {
        run(words).refused(4).says("by its content it is pickle");
    }
    assert!(!sandbox.path("ran").exists());
}

/// Copies the files of a folder, as `git clone` would.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn exec_alone_proves_and_judges_and_sync_need_not_again() {
    let (sandbox, _) = synced(".modelpin/hub");
    sandbox.forget();
    sandbox.run("exec -- true").ok();
    let said = sandbox.run("sync --frozen --format json").ok().result();
    assert_eq!((said["hashed-bytes"].as_u64(), said["scanned-files"].as_u64()), (Some(0), Some(0)));
    // Without a store nothing is remembered, and all is done each time.
    let bare = |words: &str| sandbox.finish(sandbox.command(words).env_remove("HOME").env_remove("MODELPIN_CACHE_DIR"));
    bare("exec -- true").ok();
    bare("verify").ok();
}

#[test]
fn a_mark_that_came_with_a_commit_makes_nobodys_folder_ours() {
    for (target, mark) in
        [("work", "CACHEDIR.TAG"), ("flat:work", ".modelpin-target"), (".modelpin/hub", "CACHEDIR.TAG")]
    {
        let folder = target.trim_start_matches("flat:");
        for when in ["at once", "after a pull"] {
            let (sandbox, _) = Sandbox::locked();
            // The mark as modelpin writes it.
            let manifest = sandbox.read("models.toml");
            sandbox.write("models.toml", format!("{manifest}[sync]\ntarget = \"{target}\"\n"));
            sandbox.run("sync --locked").ok();
            let text = sandbox.read(&format!("{folder}/{mark}"));
            std::fs::rename(sandbox.path(folder), sandbox.root().join("made")).unwrap();
            if when == "at once" {
                sandbox.forget();
            }
            sandbox.write(&format!("{folder}/{mark}"), text);
            sandbox.write(&format!("{folder}/draft.py"), "a day's work");
            sandbox.write(&format!("{folder}/.env"), "KEY=1");
            for words in ["sync", "sync --locked", "sync --frozen"] {
                sandbox.run(words).refused(2).says("was not created by modelpin");
            }
            sandbox.run("remove chat").ok();
            let _ = sandbox.run("sync");
            assert_eq!(sandbox.read(&format!("{folder}/draft.py")), "a day's work", "{target}, {when}");
            assert_eq!(sandbox.read(&format!("{folder}/.env")), "KEY=1");
        }
    }
}

#[test]
fn a_quarantine_that_came_with_a_clone_is_not_tidied() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write(".modelpin/quarantine/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# Models with files that can run code, allowed by exemptions for `modelpin exec --jail` only.\n");
    sandbox.write(".modelpin/quarantine/notes.txt", "mine");
    sandbox.run("sync").refused(2).says("was not created by modelpin");
    assert_eq!(sandbox.read(".modelpin/quarantine/notes.txt"), "mine");
    sandbox.run("verify").refused(4);
}

#[test]
fn what_came_just_as_the_lock_says_is_taken_over() {
    // A cache of a CI, an image, a copy of the project: the files are there, and no record of them.
    let (sandbox, chat) = Sandbox::synced();
    sandbox.forget();
    sandbox.run("sync --frozen").ok();
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update").ok();
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
}

#[test]
fn a_project_that_moves_keeps_its_target() {
    let (sandbox, chat) = Sandbox::synced();
    let (here, there) = (sandbox.path(""), sandbox.root().join("moved"));
    std::fs::rename(&here, &there).unwrap();
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    let run = |words: &str| {
        sandbox.finish(
            Command::new(env!("CARGO_BIN_EXE_modelpin"))
                .args(words.split(' '))
                .current_dir(&there)
                .envs(sandbox.command("").get_envs().filter_map(|(name, value)| Some((name, value?)))),
        )
    };
    run("update").ok();
    run("sync").ok();
    run("verify").ok();
    std::fs::create_dir(here).unwrap();
}

#[test]
fn a_project_that_can_only_be_read_is_warm() {
    let (sandbox, _) = Sandbox::synced();
    let script = "mount --bind . .; mount -o remount,bind,ro .; cd \"$PWD\"; \"$BIN\" sync --frozen --format json";
    let said = crate::faults::in_namespace(&sandbox, script);
    assert!(said.ok().stdout.contains("\"hashed-bytes\": 0"), "{said}");
    assert!(said.stdout.contains("\"scanned-files\": 0"), "{said}");
}

#[test]
fn nothing_that_this_machine_knows_lies_in_the_project() {
    let (sandbox, _) = coder();
    let mut there: Vec<_> =
        std::fs::read_dir(sandbox.path(".modelpin")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, [".gitignore", "hub"]);
}

#[test]
fn what_people_put_into_a_folder_that_came_with_a_clone_stays() {
    let (sandbox, chat) = synced("flat:work");
    // The clone: the same files, and no record of them.
    sandbox.forget();
    for words in ["sync --frozen", "sync --locked", "sync"] {
        sandbox.run(words).ok();
    }
    sandbox.write("work/draft.md", "mine");
    for words in ["sync", "sync --locked", "sync --frozen"] {
        sandbox.run(words).refused(2).says("was not created by modelpin");
    }
    assert_eq!(sandbox.read("work/draft.md"), "mine");
    std::fs::remove_file(sandbox.path("work/draft.md")).unwrap();
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update").ok();
    sandbox.run("sync").refused(2).says("was not created by modelpin");
    // An empty folder is as good as none.
    std::fs::rename(sandbox.path("work"), sandbox.path("aside")).unwrap();
    std::fs::create_dir(sandbox.path("work")).unwrap();
    sandbox.run("sync").ok();
    sandbox.write("work/draft.md", "in modelpin's own folder");
    sandbox.run("sync").ok().says("removed");
}

#[test]
fn a_link_of_the_clone_leads_no_target_out_by_whatever_way_the_project_is_named() {
    let (sandbox, _) = Sandbox::synced();
    let outside = sandbox.root().join("victim");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink("../victim", sandbox.path("a")).unwrap();
    std::os::unix::fs::symlink(sandbox.path(""), sandbox.root().join("way")).unwrap();
    std::fs::create_dir(sandbox.path("sub")).unwrap();
    let (way, real) = (sandbox.root().join("way"), sandbox.path(""));
    for (from, words) in [
        (&way, format!("sync --target {}/a/hub", way.display())),
        (&way, format!("sync --target flat:{}/a", way.display())),
        (&way, format!("sync --target {}/a", real.display())),
        (&way, "sync --target a/hub".to_owned()),
        (&real, format!("sync --target {}/a/hub", way.display())),
        (&real.join("sub"), "sync --target ../a/hub".to_owned()),
        (&real.join("sub"), "sync --manifest-path ../models.toml --target ../a/hub".to_owned()),
        (&real.join("sub"), format!("sync --manifest-path {}/models.toml --target {}/a", way.display(), way.display())),
        (&sandbox.root().to_owned(), format!("sync -C way --target {}/a/hub", way.display())),
    ] {
        sandbox.finish(sandbox.command(&words).current_dir(from)).refused(2).says("is a symbolic link");
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0, "{words}");
    }
}

#[test]
fn a_target_that_cannot_be_is_refused_before_anything_is_locked() {
    for (target, says) in [("../x", "models.toml"), ("models.toml/x", "is not a folder"), ("/x", "models.toml")] {
        let sandbox = Sandbox::new();
        sandbox.chat();
        let text = format!("[models]\nchat = \"acme/chat\"\n[sync]\ntarget = \"{target}\"\n");
        sandbox.write("models.toml", text);
        sandbox.run("sync").refused(2).says(says);
        assert!(!sandbox.path("models.lock").exists(), "{target}");
    }
}

#[test]
fn a_store_with_links_in_it_is_used_for_nothing() {
    for link in ["blobs", "blobs/sha256", "blobs/sha256/ab", "tmp", "locks", "projects", "record"] {
        let (sandbox, _) = Sandbox::locked();
        let record = sandbox.record();
        let of_project = link == "record";
        let link =
            if link == "record" { record.strip_prefix(sandbox.root().join("store")).unwrap() } else { Path::new(link) };
        let victim = sandbox.root().join("store");
        let before = sandbox.below("../store/blobs");
        let store = sandbox.path(".cache");
        std::fs::create_dir_all(store.join(link).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(victim.join(link), store.join(link)).unwrap();
        // A record that is none is nothing to prune by.
        for words in ["sync", "vendor vendor", "lock", "cache prune"].iter().take(if of_project { 3 } else { 4 }) {
            let output = sandbox.finish(sandbox.command(words).env("MODELPIN_CACHE_DIR", &store));
            output.refused(2).says("in the store is a symbolic link");
        }
        assert_eq!(sandbox.below("../store/blobs"), before, "{link:?}");
    }
}

#[test]
fn no_jail_starts_where_the_store_cannot_be_kept_from_it() {
    let (sandbox, _) = Sandbox::synced();
    let words = "exec --jail --allow-write ../elsewhere -- true";
    let mut bare = sandbox.command(words);
    bare.env_remove("HOME").env_remove("MODELPIN_CACHE_DIR");
    sandbox.finish(&mut bare).refused(2).says("no folder for the cache");
    let store = sandbox.root().join("elsewhere");
    std::fs::create_dir(&store).unwrap();
    std::os::unix::fs::symlink(sandbox.root().join("store/projects"), store.join("projects")).unwrap();
    let linked = sandbox.finish(sandbox.command(words).env("MODELPIN_CACHE_DIR", &store));
    linked.refused(2).says("in the store is a symbolic link");
}

#[test]
fn a_lock_with_another_length_takes_nothing_out_of_the_store() {
    let (sandbox, _) = Sandbox::synced();
    let (size, wrong) = ("size = 9,", "size = 10,");
    assert!(sandbox.read("models.lock").contains(size));
    sandbox.edit("models.lock", size, wrong);
    let before = sandbox.below("../store/blobs");
    for words in ["sync", "sync --frozen", "sync --locked", "vendor vendor"] {
        sandbox.run(words).refused(4);
        assert_eq!(sandbox.below("../store/blobs"), before, "{words}");
    }
}

#[test]
fn check_looks_at_what_a_loader_finds_and_not_at_a_store_that_was_brought_along() {
    let target = "flat:models";
    let (sandbox, chat) = synced(target);
    plant(&sandbox, &chat, target, PICKLE, FileKind::Other);
    let digest = Digest::new(Sha256::digest(PICKLE).into());
    // Harmless bytes of the same length under the pickle's name.
    for store in [".modelpin/store", ".cache/modelpin"] {
        let blob = modelpin_ops::Store::new(sandbox.path(store)).blob_path(&digest);
        std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
        std::fs::write(blob, vec![b'a'; PICKLE.len()]).unwrap();
    }
    let bare = |words: &str| {
        let mut command = sandbox.command(words);
        command.env_remove("HOME").env_remove("MODELPIN_CACHE_DIR");
        command
    };
    sandbox.finish(&mut bare("check")).refused(4).says("by its content it is pickle");
    let brought = sandbox.path(".cache/modelpin");
    sandbox.finish(bare("check").env("MODELPIN_CACHE_DIR", brought)).refused(4).says("by its content it is pickle");
}
