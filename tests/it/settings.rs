//! What a clone asks for outside of itself is refused until a person says so: by a flag, a variable, or in a file of
//! their own.

use crate::sandbox::{Output, Sandbox, mkfifo};
use modelpin_testkit::Content;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every file, folder and link below `folder`.
fn all(folder: &Path) -> BTreeSet<PathBuf> {
    let (mut found, mut open) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                open.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

/// What is around the project, but for the store.
fn around(sandbox: &Sandbox) -> BTreeSet<PathBuf> {
    let mut found = all(sandbox.root());
    found.retain(|path| !path.starts_with(sandbox.root().join("store")) && !path.starts_with(sandbox.path("")));
    found
}

/// A locked project that was synced once, so that the store has everything.
pub(crate) fn project() -> Sandbox {
    let (sandbox, _) = Sandbox::synced();
    std::fs::create_dir(sandbox.root().join("outside")).unwrap();
    sandbox
}

/// Makes models.toml wish for this target; in it, `OUTSIDE` is a folder beside the project.
pub(crate) fn wish(sandbox: &Sandbox, target: &str) {
    let target = target.replace("OUTSIDE", sandbox.root().join("outside").to_str().unwrap());
    sandbox.write("models.toml", format!("[models]\nchat = \"acme/chat\"\n\n[sync]\ntarget = '{target}'\n"));
}

/// The line for the person's own configuration that a refusal advises.
pub(crate) fn line(sandbox: &Sandbox, output: &Output) -> String {
    let advises = |line: &&str| line.starts_with("help:") && line.contains("[DIR]/home/.config/modelpin/config.toml");
    let help = output.stderr.lines().find(advises).unwrap_or_else(|| panic!("{output}"));
    let line = help.split('`').rfind(|part| part.starts_with("projects.")).unwrap();
    line.replace("[DIR]", sandbox.root().canonicalize().unwrap().to_str().unwrap())
}

pub(crate) fn ungrant(sandbox: &Sandbox) {
    let _ = std::fs::remove_dir_all(sandbox.root().join("home/.config"));
}

const COMMANDS: [&str; 7] =
    ["sync", "sync --frozen", "verify", "exec -- true", "env", "export --format sha256sums", "check"];

#[test]
fn a_target_elsewhere_is_refused_and_nothing_there_is_touched() {
    let sandbox = project();
    for target in [
        "../outside",
        "flat:../outside",
        "a/../../outside",
        "./.././outside",
        ".modelpin/../../outside",
        "..",
        "OUTSIDE",
        "flat:OUTSIDE",
        "/",
        "//outside",
        "~",
        "~/outside",
        "flat:~/outside",
        "~root/outside",
        "$HOME/outside",
        "flat:${HOME}/outside",
        "%USERPROFILE%/outside",
        "C:\\outside",
        "c:/outside",
        "flat:C:outside",
        "..\\outside",
        "a\\..\\..\\outside",
        "\\\\host\\share",
        "hf-cache",
    ] {
        wish(&sandbox, target);
        let (before, inside) = (around(&sandbox), all(&sandbox.path("")));
        for words in COMMANDS {
            let output = sandbox.run(words);
            output.refused(2).says("  --> models.toml:5").says("names the target outside of the project");
            line(&sandbox, &output);
        }
        assert_eq!((around(&sandbox), all(&sandbox.path(""))), (before, inside), "{target}");
        for words in ["tree", "lock", "diff models.lock"] {
            sandbox.run(words).ok();
        }
    }
}

#[test]
fn a_target_that_cannot_be_meant_is_a_fault() {
    let sandbox = project();
    for target in [
        "",
        ".",
        "./",
        "flat:",
        "flat:.",
        "a\\b",
        "nul",
        "x/CON",
        "a//b:c",
        "x. /y",
        ".git",
        "flat:.git/hooks",
        "x/.GIT/y",
    ] {
        wish(&sandbox, target);
        sandbox.run("sync").exits(2).says("models.toml:5");
    }
}

#[test]
fn a_link_on_the_way_leads_nowhere() {
    let sandbox = project();
    std::os::unix::fs::symlink("../outside", sandbox.path("link")).unwrap();
    std::fs::create_dir(sandbox.path("deep")).unwrap();
    std::os::unix::fs::symlink(sandbox.root().join("outside"), sandbox.path("deep/link")).unwrap();
    for target in ["link", "link/hub", "flat:link", "flat:link/a/b", "deep/link", "flat:deep/link/x"] {
        wish(&sandbox, target);
        for words in ["sync", "verify", "exec -- true"] {
            sandbox.run(words).refused(2).says("is a symbolic link");
        }
        // Whoever names a folder of the project does not mean where a link of the clone leads.
        wish(&sandbox, "models");
        let absolute = target.replace("link", sandbox.path("link").to_str().unwrap());
        for said in [target, absolute.as_str()].into_iter().filter(|said| !said.contains("deep")) {
            sandbox.run_with(&[("MODELPIN_TARGET", said)], "sync").refused(2).says("is a symbolic link");
        }
    }
    assert_eq!(all(&sandbox.root().join("outside")).len(), 0);
}

#[test]
fn the_line_that_is_advised_grants_it() {
    for (target, folder) in [
        ("../outside", "outside/models--acme--chat"),
        ("flat:../outside", "outside/chat"),
        ("a/../../outside/x", "outside/x/models--acme--chat"),
        ("OUTSIDE", "outside/models--acme--chat"),
        ("flat:OUTSIDE/y", "outside/y/chat"),
        ("~/x", "home/x/models--acme--chat"),
        ("flat:$HOME/x", "home/x/chat"),
        ("hf-cache", "home/.cache/huggingface/hub/models--acme--chat"),
    ] {
        let sandbox = project();
        wish(&sandbox, target);
        let output = sandbox.run("sync --frozen");
        let line = line(&sandbox, output.refused(2));
        sandbox.grant(&line);
        for words in ["sync --frozen", "verify", "exec -- true", "env", "sync --locked"] {
            sandbox.run(words).ok();
        }
        assert!(sandbox.root().join(folder).is_dir(), "{target}");
        // It is for this project alone.
        let other = sandbox.root().join("other");
        std::fs::create_dir(&other).unwrap();
        for file in ["models.toml", "models.lock"] {
            std::fs::copy(sandbox.path(file), other.join(file)).unwrap();
        }
        sandbox.finish(sandbox.command("sync").current_dir(other)).refused(2);
    }
}

#[test]
fn a_person_is_asked_before_a_clone_and_a_flag_before_a_file() {
    let sandbox = project();
    let there = |folder: &str| sandbox.root().join(folder).join("chat/config.json").is_file();
    wish(&sandbox, "flat:../manifest");
    sandbox.grant("projects.\"PROJECT\".target = \"flat:../file\"");
    sandbox.run("sync --frozen").ok();
    assert!(there("file"));
    sandbox.run_with(&[("MODELPIN_TARGET", "flat:~/variable")], "sync --frozen").ok();
    assert!(there("home/variable"));
    sandbox.run_with(&[("MODELPIN_TARGET", "flat:~/variable")], "sync --frozen --target flat:../flag").ok();
    assert!(there("flag") && !there("manifest"));
    sandbox.run("verify --target flat:../flag").ok();
    sandbox.run("verify --target flat:../nowhere").refused(4);
    sandbox.run("verify --target flat:").refused(2).says("`--target`");
    sandbox.run_with(&[("MODELPIN_TARGET", "")], "verify").ok();
    // A relative one starts where the command was given.
    std::fs::create_dir(sandbox.path("sub")).unwrap();
    sandbox.finish(sandbox.command("sync --frozen --target flat:here").current_dir(sandbox.path("sub"))).ok();
    assert!(sandbox.path("sub/here/chat/config.json").is_file());
}

#[test]
fn a_program_that_is_told_the_folder_may_be_modelpin() {
    let program = env!("CARGO_BIN_EXE_modelpin");
    for (target, said) in [("flat:models", ""), ("flat:../outside", "flat:../outside"), (".modelpin/hub", "")] {
        let sandbox = project();
        wish(&sandbox, target);
        let run = |words: &str| sandbox.run_with(&[("MODELPIN_TARGET", said)], words);
        run("sync --frozen").ok();
        for words in ["verify", "sync --frozen", "env"] {
            run(&format!("exec -- {program} {words}")).ok();
        }
    }
}

#[test]
fn a_person_who_asks_for_plain_folders_gets_the_rules_for_them() {
    let sandbox = Sandbox::new();
    sandbox.chat().commit(&[(".envrc", Content::git("export A=1\n"))]);
    sandbox.run("add acme/chat --include .envrc").ok();
    sandbox.run("sync").ok();
    sandbox.write("models.toml", sandbox.read("models.toml") + "\n[policy.rules]\ntool-file = \"allow\"\n");
    for words in ["sync", "check", "sync --locked"] {
        sandbox.run(words).ok();
        sandbox.run(&format!("{words} --target flat:models")).exits(5).says("tool-file");
    }
    assert!(sandbox.below("models").is_empty());
}

#[test]
fn a_mirror_elsewhere_is_read_once_the_person_names_it() {
    let sandbox = project();
    sandbox.run("vendor ../copies").ok().says("`--mirror [DIR]/copies`").says("projects.\"[DIR]/project\".mirrors =");
    std::fs::rename(sandbox.root().join("copies"), sandbox.root().join("home/copies")).unwrap();
    let fresh = || {
        for folder in [sandbox.root().join("store"), sandbox.path(".modelpin")] {
            let _ = std::fs::remove_dir_all(folder);
        }
    };
    let absolute = sandbox.root().join("home/copies").display().to_string();
    let url = format!("file://{absolute}");
    for mirror in ["../home/copies", "~/copies", "$HOME/copies", "x/../../home/copies", &absolute, &url] {
        fresh();
        sandbox.write("models.toml", format!("[models]\nchat = \"acme/chat\"\n[[mirror]]\nurl = \"{mirror}\"\n"));
        let output = sandbox.run("sync --frozen");
        output.refused(2).says("  --> models.toml:4").says("names a mirror outside of the project");
        assert!(sandbox.target().is_empty());
        sandbox.run("sync --frozen --mirror ../home/copies").ok();
        fresh();
        sandbox.run_with(&[("MODELPIN_MIRROR", "~/copies")], "sync --frozen").ok();
        fresh();
        sandbox.run("sync --frozen --mirror=$HOME/copies").ok();
        fresh();
        sandbox.grant(&line(&sandbox, &output));
        assert_eq!(sandbox.run("sync --locked").ok().requests, 0);
        ungrant(&sandbox);
    }
    fresh();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    sandbox.grant("projects.\"PROJECT\".mirrors = [\"/nowhere\"]");
    assert!(sandbox.run("sync --frozen").exits(7).requests == 0);
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n[[mirror]]\nurl = \"~/copies\"\n");
    let both = line(&sandbox, &sandbox.run("sync --frozen"));
    assert!(both.contains("[\"/nowhere\", \"~/copies\"]"), "one line grants what was granted as well: {both}");
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n[[mirror]]\nurl = \"link\"\n");
    std::os::unix::fs::symlink("../home/copies", sandbox.path("link")).unwrap();
    sandbox.run("sync --frozen").refused(2).says("is a symbolic link");
}

#[test]
fn what_a_clone_writes_is_not_expanded_and_not_shown_expanded() {
    let sandbox = project();
    for target in ["$HF_TOKEN/x", "flat:${HF_TOKEN}", "~/$HF_TOKEN"] {
        wish(&sandbox, target);
        let output = sandbox.run_with(&[("HF_TOKEN", "hf_s3cr3t")], "sync");
        assert!(!output.refused(2).stderr.contains("s3cr3t"), "{output}");
    }
}

#[test]
fn a_configuration_that_may_be_somebody_elses_is_not_believed() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let sandbox = project();
    wish(&sandbox, "../outside");
    sandbox.grant("projects.\"PROJECT\".target = \"../outside\"");
    let path = sandbox.root().join("home/.config/modelpin/config.toml");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    sandbox.run("sync --frozen").refused(2).says("a file that everybody can write");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    if chown(&path, Some(65534), None).is_ok() {
        sandbox.run("sync --frozen").refused(2).says("a file that belongs to another user");
        chown(&path, Some(0), None).unwrap();
    }
    assert_eq!(all(&sandbox.root().join("outside")).len(), 0);
    // One's own link leads wherever one keeps such files.
    std::fs::rename(&path, sandbox.root().join("dotfile")).unwrap();
    std::os::unix::fs::symlink(sandbox.root().join("dotfile"), &path).unwrap();
    sandbox.run("sync --frozen").ok();
    std::fs::remove_file(&path).unwrap();
    sandbox.run_with(&[("MODELPIN_CONFIG", "~/../dotfile")], "verify").ok();
    sandbox.run("verify").refused(2);
    let named = |path: &str| sandbox.run_with(&[("MODELPIN_CONFIG", path)], "verify");
    named("/nowhere/config.toml").refused(2).says("configuration file `/nowhere/config.toml` not found");
    named("~").refused(2).says("a folder, which is not an ordinary file").says("`MODELPIN_CONFIG=FILE`");
    named("/dev/zero").refused(2).says("not an ordinary file");
    mkfifo(&path);
    sandbox.run("verify").refused(2).says("not an ordinary file");
    std::fs::remove_file(&path).unwrap();
    for to in ["config.toml", "../modelpin/config.toml"] {
        std::os::unix::fs::symlink(to, &path).unwrap();
        let output = sandbox.run("verify");
        output.refused(2).says("what cannot be opened").says("`mv [DIR]/home/.config/modelpin/config.toml ");
        named("~/.config/modelpin/config.toml").refused(2).says("what cannot be opened");
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::create_dir(&path).unwrap();
    sandbox.run("verify").refused(2).says("a folder, which is not an ordinary file").says("`mv ");
}

#[test]
fn a_configuration_of_the_clone_is_not_the_persons() {
    let sandbox = project();
    wish(&sandbox, "../outside");
    sandbox.grant("projects.\"PROJECT\".target = \"../outside\"");
    let text = std::fs::read(sandbox.root().join("home/.config/modelpin/config.toml")).unwrap();
    ungrant(&sandbox);
    sandbox.write("sub/.config/modelpin/config.toml", &text);
    // A CI may have its home folder in the checkout.
    let (home, config) = (sandbox.path("sub"), sandbox.path("sub/.config/modelpin/config.toml"));
    let (home, config) = (home.to_str().unwrap(), config.to_str().unwrap());
    sandbox.run_with(&[("HOME", home)], "sync --frozen").refused(2).says("is inside the project's checkout");
    let xdg = [("XDG_CONFIG_HOME", "$PWD/sub/.config"), ("PWD", sandbox.path("").to_str().unwrap())]
        .map(|(k, v)| (k, v.to_owned()));
    let xdg: Vec<(&str, &str)> = xdg.iter().map(|(name, value)| (*name, value.as_str())).collect();
    sandbox.run_with(&xdg, "sync --frozen").refused(2).says("is inside the project's checkout");
    assert_eq!(all(&sandbox.root().join("outside")).len(), 0);
    sandbox.run_with(&[("MODELPIN_CONFIG", config)], "sync --frozen").ok();
    // The checkout may be larger than the project.
    sandbox.grant("");
    for mark in [".git", ".hg", ".jj", ".sl", ".svn"] {
        assert!(!sandbox.run("verify").stderr.contains("checkout"));
        std::fs::create_dir(sandbox.root().join(mark)).unwrap();
        sandbox.run("verify").refused(2).says("is inside the project's checkout");
        std::fs::remove_dir(sandbox.root().join(mark)).unwrap();
    }
    std::fs::write(sandbox.root().join(".git"), "gitdir: elsewhere\n").unwrap();
    sandbox.run("verify").refused(2).says("is inside the project's checkout");
}

#[test]
fn a_configuration_that_cannot_be_meant_is_a_fault() {
    let sandbox = project();
    for (text, says) in [
        ("project.\"/p\".target = \"x\"", "did you mean `projects`?"),
        ("projects.\"/p\".taget = \"x\"", "did you mean `target`?"),
        ("projects.\"p\".target = \"x\"", "is not an absolute path"),
        ("projects.\"/p\".target = 7", "config.toml:1"),
        ("hubs.\"hub.example\" = {}", "is not a valid endpoint"),
        ("hubs.\"https://a.example\" = {}\nhubs.\"https://A.example:443/x\" = {}", "is there twice"),
        ("[hubs.\"https://a.example\"]\nprojects.\"/p\".target = \"x\"", "move it to the top"),
        ("x = \u{1}", "config.toml:1"),
    ] {
        sandbox.grant(text);
        for words in ["verify", "sync", "tree"] {
            sandbox.run(words).exits(2).says(says);
        }
        ungrant(&sandbox);
    }
}

#[test]
fn another_users_project_in_a_folder_above_is_refused() {
    use std::os::unix::fs::chown;
    let sandbox = project();
    std::fs::create_dir_all(sandbox.path("me/deep")).unwrap();
    let below = |words: &str| sandbox.finish(sandbox.command(words).current_dir(sandbox.path("me/deep")));
    below("verify").ok();
    for foreign in ["models.toml", ""] {
        if chown(sandbox.path(foreign), Some(65534), None).is_err() {
            return;
        }
        for words in ["verify", "sync", "lock", "scan", "cache ls", "env"] {
            let output = below(words);
            output.refused(2).says("belongs to another user").says("-C [DIR]/project");
        }
        sandbox.run("verify").ok();
        below("-C ../.. verify").ok();
        below("--manifest-path ../../models.toml verify").ok();
        let line = line(&sandbox, &below("verify"));
        assert!(line.ends_with(".trust-owner = true"), "{line}");
        sandbox.grant(&line);
        below("verify").ok();
        ungrant(&sandbox);
        chown(sandbox.path(foreign), Some(0), None).unwrap();
    }
}

#[test]
fn paths_that_a_person_wrote_are_expanded() {
    let sandbox = project();
    let home = sandbox.root().join("home");
    for (text, folder) in [("~/a", "a"), ("$HOME/b", "b"), ("${HOME}/c", "c"), ("~/$XDG_NAME", "d")] {
        let variables = [("HF_HUB_CACHE", text), ("XDG_NAME", "d")];
        sandbox.run_with(&variables, "sync --frozen --target hf-cache").ok();
        assert!(home.join(folder).join("models--acme--chat").is_dir(), "{text}");
        sandbox.run_with(&[("HF_HOME", text), ("XDG_NAME", "d")], "sync --frozen --target hf-cache").ok();
        assert!(home.join(folder).join("hub/models--acme--chat").is_dir(), "{text}");
        let printed = sandbox.run_with(&[("MODELPIN_CACHE_DIR", text), ("XDG_NAME", "d")], "cache dir");
        assert_eq!(printed.ok().stdout, format!("[DIR]/home/{folder}\n"));
    }
    std::fs::write(home.join("authority"), "none").unwrap();
    let missing = sandbox.run_with(&[("SSL_CERT_FILE", "~/nothing")], "update");
    missing.refused(2).says("[DIR]/home/nothing");
    std::fs::write(home.join("secret"), "hf_file").unwrap();
    sandbox.hub.know_token("hf_file");
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git("{}"))]);
    sandbox.run_with(&[("HF_TOKEN_PATH", "~/secret")], "update").ok();
    assert!(
        sandbox
            .hub
            .requests()
            .iter()
            .any(|request| { request.headers.get("authorization").is_some_and(|sent| sent == "Bearer hf_file") })
    );
    assert!(all(&sandbox.path("")).iter().all(|path| !path.to_string_lossy().contains(['~', '$'])));
}
