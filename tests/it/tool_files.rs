//! Files that do something to whoever works in the folder they lie in.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Repo};
use std::path::Path;
use std::process::Command;

const FLAT: &str = "[sync]\ntarget = \"flat:weights\"\n\n";

/// A project whose files lie under their names, and which has locked `chat` with these files in it.
fn flat(files: &[(&str, &str)]) -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let files: Vec<(&str, Content)> = files.iter().map(|(path, text)| (*path, Content::git(text))).collect();
    chat.commit(&files);
    sandbox.write("models.toml", format!("{FLAT}[models]\n"));
    // What is refused is locked all the same, for somebody to decide.
    let added = sandbox.run("add acme/chat");
    assert!([0, 5].contains(&added.code), "{added}");
    (sandbox, chat)
}

const REPOSITORY: [(&str, &str); 4] = [
    ("HEAD", "ref: refs/heads/main\n"),
    (
        "config",
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = \"touch ran;false\"\n",
    ),
    ("objects/info/x", "x\n"),
    ("refs/x", "x\n"),
];

#[test]
fn what_a_tool_obeys_comes_into_no_flat_target() {
    for path in [
        ".envrc",
        "sub/.ENVRC",
        ".vscode/tasks.json",
        ".gdbinit",
        ".Rprofile",
        ".vimrc",
        ".cargo/config.toml",
        ".hg/hgrc",
        ".bashrc",
        "mise.toml",
        "x.code-workspace",
        "desktop.ini",
    ] {
        let (sandbox, _) = flat(&[(path, "x = 1\n")]);
        for words in ["sync", "sync --locked", "exec -- true"] {
            sandbox.run(words).refused(5).says("tool-file").says(path);
        }
        sandbox.run("check").exits(5).says("tool-file").says(path);
        assert!(sandbox.below("weights").is_empty(), "{path}");
        let lock = sandbox.read("models.lock");
        assert!(lock.contains("tool-file"), "{lock}");
        // A lock that does not say so does not help.
        let bare: String =
            lock.lines().filter(|line| !line.contains("tool-file")).map(|line| format!("{line}\n")).collect();
        sandbox.write("models.lock", bare.replace("[model.chat.findings]\n", ""));
        let output = sandbox.run("sync --locked");
        assert!([2, 3, 5].contains(&output.code), "{output}");
        assert!(sandbox.below("weights").is_empty(), "{path}");
    }
}

#[test]
fn code_that_a_tool_obeys_is_withheld_like_all_code() {
    for (path, text) in [(".nvim.lua", "x = 1\n"), (".envrc", "#!/bin/sh\n"), (".husky/pre-commit", "#!/bin/sh\n")] {
        let (sandbox, _) = flat(&[(path, text)]);
        sandbox.run("sync").ok().says("1 code file is withheld");
        assert_eq!(sandbox.below("weights/chat"), ["config.json", "model.safetensors"]);
    }
}

#[test]
fn the_refusal_says_how_to_go_on() {
    let (sandbox, _) = flat(&[(".envrc", "true\n")]);
    expect![[r#"
        error: `chat` is refused: `.envrc`: a tool reads and obeys a file with this name
          --> models.lock:14 (tool-file)
          expected:  no such finding in a `flat:` target, whose folders people work in
          got:       `tool-file`
          why:       whoever works in its folder may run what it says without knowing
        help: to see where, run `modelpin scan chat`
        help: to leave it out, run `modelpin exclude chat .envrc`
        help: to let exactly these bytes into the quarantine, run `modelpin exempt chat .envrc --reason WHY --owner WHO --ticket TICKET --expires 90d`
        help: to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
    "#]]
    .assert_eq(&sandbox.run("sync").refused(5).stderr);
    sandbox.edit("models.toml", "chat = \"acme/chat\"", "chat = { repo = \"acme/chat\", exclude = [\".envrc\"] }");
    sandbox.run("lock").ok();
    sandbox.run("sync").ok();
    assert_eq!(sandbox.below("weights/chat"), ["config.json", "model.safetensors"]);
}

#[test]
fn exact_bytes_can_be_let_in_away_from_the_target() {
    let (sandbox, chat) = flat(&[(".envrc", "true\n")]);
    sandbox.run("exempt chat .envrc --reason x --owner a@b.example --ticket T-1 --expires 30d").ok();
    sandbox.run("sync").ok();
    assert_eq!(sandbox.below("weights/chat"), ["config.json", "model.safetensors"]);
    assert!(sandbox.below(".modelpin/quarantine").iter().any(|path| path.ends_with(".envrc")));
    chat.commit(&[(".envrc", Content::git("false\n"))]);
    sandbox.run("update").refused(5);
    sandbox.run("sync").refused(5);
}

#[test]
fn no_line_of_the_manifest_makes_it_milder_there() {
    let (sandbox, _) = flat(&[(".envrc", "true\n")]);
    for level in ["allow", "warn"] {
        let manifest = sandbox.read("models.toml");
        sandbox.write("models.toml", format!("{manifest}\n[policy.rules]\ntool-file = \"{level}\"\n"));
        sandbox.run("sync").exits(2).says("cannot be set to").says("with a `flat:` target");
        sandbox.write("models.toml", manifest);
    }
    sandbox.edit("models.toml", FLAT, "[policy.rules]\ntool-file = \"allow\"\n\n");
    sandbox.run("sync").ok();
    sandbox.run("check").ok();
    sandbox.edit("models.toml", "\"allow\"", "\"deny\"");
    sandbox.run("sync").refused(5);
}

#[test]
fn in_the_layout_of_a_cache_it_is_advice() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let mut files = vec![(".vscode/settings.json", Content::git("{}")), (".gitattributes", Content::git("* -text\n"))];
    files.extend(REPOSITORY.map(|(path, text)| (path, Content::git(text))));
    let commit = chat.commit(&files);
    sandbox.run("add acme/chat").ok().says("gained finding .vscode/settings.json tool-file");
    sandbox.run("sync").ok();
    assert!(sandbox.snapshot(&commit, ".vscode/settings.json").exists());
    sandbox.run("check").ok().says("tool-file").says("git-layout");
    sandbox.run("scan chat --fail-on review").exits(5).says("`.vscode` is read by VS Code");
}

#[test]
fn no_folder_of_a_flat_target_is_a_repository_to_git() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("");
    for (path, text) in REPOSITORY {
        sandbox.write(path, text);
    }
    let status = |dir: &Path| {
        let _ = Command::new("git").arg("status").current_dir(dir).env("HOME", sandbox.root()).output().unwrap();
        dir.join("ran").exists()
    };
    assert!(status(&folder), "the layout is an attack on this git");
    for (path, text) in REPOSITORY {
        assert!(!text.is_empty());
        std::fs::remove_file(folder.join(path)).unwrap();
    }
    for below in ["", "sub/", "a/b/"] {
        let files: Vec<(String, &str)> =
            REPOSITORY.iter().map(|(path, text)| (format!("{below}{path}"), *text)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let (sandbox, _) = flat(&files);
        sandbox.run("sync").refused(5).says("git-layout");
        assert!(sandbox.below("weights").is_empty());
        sandbox.run(&format!("exempt chat {below}HEAD --reason x --owner a@b.example --ticket T-1 --expires 30d")).ok();
        sandbox.run("sync").ok();
        let placed = sandbox.path("weights/chat").join(below);
        assert!(placed.join("config").exists() && !placed.join("HEAD").exists());
        let _ = Command::new("git").arg("status").current_dir(&placed).env("HOME", sandbox.root()).output().unwrap();
        assert!(!placed.join("ran").exists());
    }
}

#[test]
fn honest_names_come_in() {
    let honest = [
        (".gitattributes", "* -text\n"),
        (".gitignore", "*.tmp\n"),
        ("config", "a = 1\n"),
        ("HEAD.md", "# Heads\n"),
        ("refs.json", "{}\n"),
        ("objects.json", "{}\n"),
        ("objects/x.txt", "x\n"),
        ("docs/envrc.md", "About.\n"),
    ];
    let (sandbox, _) = flat(&honest);
    sandbox.run("sync").ok();
    for (path, _) in honest {
        assert!(sandbox.path("weights/chat").join(path).exists(), "{path}");
    }
}
