//! The embedded example, as the README tells it.

use modelpin_testkit::{Hub, folder};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A copy of `examples/quickstart` with a home and a store of its own.
pub(crate) struct Example {
    dir: TempDir,
    hub: Option<Hub>,
    heads: Vec<(String, String)>,
}

impl Example {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        let copied = Command::new("cp")
            .arg("-r")
            .arg(format!("{TOP}/examples/quickstart"))
            .arg(dir.path().join("project"))
            .status();
        assert!(copied.unwrap().success());
        let _ = std::fs::remove_dir_all(dir.path().join("project/.modelpin"));
        Self { dir, hub: None, heads: Vec::new() }
    }

    /// The example, synced from its own mirror.
    pub(crate) fn synced() -> Self {
        let example = Self::new();
        example.modelpin(&["sync", "--frozen"]);
        example
    }

    /// The example, with its repos on a Hub.
    pub(crate) fn served() -> Self {
        let mut example = Self::new();
        let script = format!("{TOP}/examples/quickstart/make-repos.py");
        assert!(Command::new("python3").arg(script).arg(example.repos()).status().unwrap().success());
        let hub = Hub::start();
        example.heads = folder::load(&hub, &example.repos(), 100 << 10).unwrap();
        example.hub = Some(hub);
        example
    }

    pub(crate) fn repos(&self) -> PathBuf {
        self.dir.path().join("repos")
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.project().join(".modelpin/hub")
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelpin"));
        command.args(words).current_dir(self.project()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.path().join("home"));
        // Without a Hub of its own, an address at which nobody answers.
        command.env("HF_ENDPOINT", self.hub.as_ref().map_or("http://127.0.0.1:9", |hub| hub.endpoint()));
        command.env("MODELPIN_RETRY_WAIT", "0.01");
        command
    }

    pub(crate) fn modelpin(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        said
    }
}

/// What only the tests with Python libraries ask.
#[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "these tests are behind a feature"))]
impl Example {
    pub(crate) fn hub(&self) -> &Hub {
        self.hub.as_ref().unwrap()
    }

    pub(crate) fn head(&self, kind: &str, repo: &str) -> &str {
        let id = format!("{kind}s/{repo}");
        self.heads.iter().find(|(repo, _)| *repo == id).map(|(_, commit)| commit.as_str()).unwrap()
    }

    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }
}

#[test]
fn the_example_syncs_and_verifies_without_a_network() {
    let example = Example::synced();
    assert!(example.modelpin(&["verify"]).contains("3 entries, 11 files"));
}

#[test]
fn one_flipped_byte_is_refused() {
    let example = Example::synced();
    let script = readme_block("flip a byte");
    let flip = script.lines().find(|line| line.contains("dd ")).unwrap();
    assert!(
        Command::new("sh")
            .args(["-c", flip])
            .current_dir(example.dir.path())
            .env("E", "project")
            .status()
            .unwrap()
            .success()
    );
    for made in ["project/.modelpin", "home/.cache"] {
        std::fs::remove_dir_all(example.dir.path().join(made)).unwrap();
    }
    let output = example.command(&["sync", "--frozen"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("the file from the mirror `vendor` does not match models.lock")
    );
    assert!(!example.target().join("models--acme--tiny-chat").exists());
}

/// The code block of the README that begins with a comment which holds `words`.
fn readme_block(words: &str) -> String {
    let readme = std::fs::read_to_string(format!("{TOP}/README.md")).unwrap();
    let blocks = readme.split("```").skip(1).step_by(2);
    blocks
        .into_iter()
        .find(|block| block.lines().nth(1).is_some_and(|line| line.starts_with('#') && line.contains(words)))
        .unwrap()
        .to_owned()
}

#[test]
fn the_example_is_what_its_scripts_make() {
    let example = Example::served();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let locked = read(&example.project().join("models.lock"));
    assert_eq!(
        locked,
        read(&Path::new(TOP).join("models.lock.example")),
        "models.lock.example is a copy of the example's lock"
    );
    std::fs::remove_file(example.project().join("models.lock")).unwrap();
    std::fs::remove_dir_all(example.project().join("vendor")).unwrap();
    example.modelpin(&["lock"]);
    assert_eq!(read(&example.project().join("models.lock")), locked, "examples/quickstart/make.sh makes it anew");
    example.modelpin(&["vendor", "vendor"]);
    let compared = Command::new("diff")
        .arg("-r")
        .arg(example.project().join("vendor"))
        .arg(format!("{TOP}/examples/quickstart/vendor"))
        .output();
    let compared = compared.unwrap();
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stdout));
}
