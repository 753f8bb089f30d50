//! `modelpin init`.

#[cfg(unix)]
use crate::project_files::{SECRET, bounded};
use crate::sandbox::Sandbox;
#[cfg(unix)]
use crate::sandbox::mkfifo;
use expect_test::expect;
#[cfg(unix)]
use std::os::unix::fs::symlink;

#[test]
fn init_starts_a_project_and_overwrites_nothing() {
    let sandbox = Sandbox::new();
    sandbox.run("init").refused(2);
    std::fs::create_dir(sandbox.path("bot")).unwrap();
    sandbox.write("bot/.gitignore", "/x");
    sandbox.run("-C bot init --name support-bot").ok();
    expect![[r#"
        [project]
        name = "support-bot"

        [models]
        # `modelpin add ORG/REPO` adds a line like this one:
        # minilm = "sentence-transformers/all-MiniLM-L6-v2"
    "#]]
    .assert_eq(&sandbox.read("bot/models.toml"));
    assert_eq!(sandbox.read("bot/.gitignore"), "/x\n.modelpin/\n");
    assert_eq!(sandbox.read("bot/.gitattributes"), "models.lock text eol=lf linguist-generated=false\n");
    sandbox.chat();
    sandbox.run("-C bot add acme/chat").ok();
    std::fs::create_dir(sandbox.path("bot/deep")).unwrap();
    sandbox.run("-C bot/deep sync --locked").ok();
    sandbox.run("--manifest-path bot/models.toml verify").ok();
}

#[test]
#[cfg(unix)]
fn what_git_is_told_is_not_written_elsewhere() {
    for file in [".gitignore", ".gitattributes"] {
        for to in ["../home/.netrc", "/etc/hostname", "nowhere", "folder", "pipe"] {
            let sandbox = Sandbox::new();
            std::fs::remove_file(sandbox.path("models.toml")).unwrap();
            std::fs::write(sandbox.root().join("home/.netrc"), SECRET).unwrap();
            std::fs::create_dir(sandbox.path("folder")).unwrap();
            mkfifo(sandbox.path("pipe"));
            symlink(to, sandbox.path(file)).unwrap();
            bounded(&sandbox, "init").refused(2);
            assert_eq!(std::fs::read_link(sandbox.path(file)).unwrap().to_str(), Some(to));
            assert!(!sandbox.path("models.toml").exists(), "nothing is begun that cannot be ended");
            assert_eq!(std::fs::read_to_string(sandbox.root().join("home/.netrc")).unwrap(), SECRET);
        }
    }
    let sandbox = Sandbox::new();
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    sandbox.write("git/ignore", "/x\n");
    symlink("git/ignore", sandbox.path(".gitignore")).unwrap();
    sandbox.run("init").ok();
    assert_eq!(sandbox.read("git/ignore"), "/x\n.modelpin/\n");
    assert!(sandbox.path(".gitignore").is_symlink());
    for there in ["nowhere", "../home/none"] {
        std::fs::remove_file(sandbox.path("models.toml")).unwrap();
        symlink(there, sandbox.path("models.toml")).unwrap();
        sandbox.run("init").refused(2);
        assert!(sandbox.path("models.toml").is_symlink());
    }
}
