//! The one harness: a project, a home, a store and a Hub of their own.

use modelpin_testkit::{Content, Hub, Repo, make};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A place for one test.
pub(crate) struct Sandbox {
    dir: TempDir,
    pub(crate) hub: Hub,
}

/// What a run of the program gave.
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Requests to the Hub and its CDN during the run.
    pub(crate) requests: usize,
}

impl Sandbox {
    /// An empty project.
    pub(crate) fn new() -> Self {
        let sandbox = Self { dir: tempfile::tempdir().unwrap(), hub: Hub::start() };
        for folder in ["project", "home"] {
            std::fs::create_dir(sandbox.dir.path().join(folder)).unwrap();
        }
        sandbox.write("models.toml", "[models]\n");
        sandbox
    }

    /// A project that wants `chat`, a model with a small and a large file, and has locked it.
    pub(crate) fn locked() -> (Self, Repo) {
        let sandbox = Self::new();
        let chat = sandbox.chat();
        sandbox.run("add acme/chat").ok();
        (sandbox, chat)
    }

    /// The same, synced.
    pub(crate) fn synced() -> (Self, Repo) {
        let (sandbox, chat) = Self::locked();
        sandbox.run("sync").ok();
        (sandbox, chat)
    }

    /// The model `acme/chat`.
    pub(crate) fn chat(&self) -> Repo {
        let chat = self.hub.model("acme/chat");
        chat.card(serde_json::json!({ "license": "apache-2.0" }));
        chat.commit(&[
            ("config.json", Content::git("{\"a\": 1}\n")),
            ("model.safetensors", Content::lfs(make::weights(5000))),
        ]);
        chat
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("project").join(path)
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces text in a file; the text has to be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}:\n{text}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Adds a line to the person's own configuration; `PROJECT` in it becomes the project's folder.
    pub(crate) fn grant(&self, line: &str) {
        let path = self.root().join("home/.config/modelpin/config.toml");
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let line = line.replace("PROJECT", self.path("").to_str().unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{before}{line}\n")).unwrap();
    }

    /// The program with these words, in this project, in an environment that holds nothing else.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelpin"));
        command.args(words.split_whitespace()).current_dir(self.path("")).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.dir.path().join("home"));
        command.env("MODELPIN_CACHE_DIR", self.dir.path().join("store"));
        command.env("MODELPIN_RETRY_WAIT", "0.01");
        command.env("HF_ENDPOINT", self.hub.endpoint());
        command
    }

    pub(crate) fn run(&self, words: &str) -> Output {
        self.finish(&mut self.command(words))
    }

    /// Runs with more variables.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], words: &str) -> Output {
        self.finish(self.command(words).envs(variables.iter().copied()))
    }

    pub(crate) fn finish(&self, command: &mut Command) -> Output {
        let before = self.hub.requests().len();
        let output = command.output().unwrap();
        let clean = |bytes: &[u8]| self.clean(&String::from_utf8_lossy(bytes));
        crate::json::check(&String::from_utf8_lossy(&output.stdout));
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: clean(&output.stdout),
            stderr: clean(&output.stderr),
            requests: self.hub.requests().len() - before,
        }
    }

    /// Without what differs from run to run.
    pub(crate) fn clean(&self, text: &str) -> String {
        let root = self.dir.path().canonicalize().unwrap();
        let text =
            text.replace(&*root.to_string_lossy(), "[DIR]").replace(&*self.dir.path().to_string_lossy(), "[DIR]");
        text.replace(self.hub.endpoint(), "[HUB]").replace(self.hub.cdn_endpoint(), "[CDN]")
    }

    /// The folder of what this machine knows of the project.
    pub(crate) fn record(&self) -> PathBuf {
        let store = modelpin_ops::Store::new(self.dir.path().join("store"));
        modelpin_ops::Record::of(&store, &self.path("")).unwrap().folder().to_owned()
    }

    /// Makes this a machine that knows nothing of the project and its folders.
    pub(crate) fn forget(&self) {
        std::fs::remove_dir_all(self.record()).unwrap();
    }

    /// Every file and link of the target, by path.
    pub(crate) fn target(&self) -> Vec<String> {
        self.below(".modelpin/hub")
    }

    /// Every file and link below a folder of the project, by path.
    pub(crate) fn below(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let (mut found, mut open) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.symlink_metadata().unwrap().is_dir() {
                    open.push(path.clone());
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }

    /// Whether a file of a model is in the target, as loaders look for it.
    pub(crate) fn is_installed(&self, repo: &str, path: &str) -> bool {
        let snapshots = format!("models--{}/snapshots/", repo.replace('/', "--"));
        self.target().iter().any(|found| found.starts_with(&snapshots) && found.ends_with(&format!("/{path}")))
    }

    /// The line of the lock about a file.
    pub(crate) fn locked_file(&self, path: &str) -> String {
        let begins = format!("\"{path}\" = {{ kind = ");
        let lock = self.read("models.lock");
        lock.lines().find(|line| line.starts_with(&begins)).unwrap_or_else(|| panic!("no {path} in\n{lock}")).to_owned()
    }

    /// The locked SHA-256 of a file, in hexadecimal.
    pub(crate) fn locked_sha256(&self, path: &str) -> String {
        self.locked_file(path).split('"').find(|part| part.len() == 64).unwrap().to_owned()
    }

    pub(crate) fn locked_kind(&self, path: &str) -> String {
        self.locked_file(path).split('"').nth(3).unwrap().to_owned()
    }

    /// The value of a key of the only entry in the lock; empty where it has none.
    pub(crate) fn locked_value(&self, key: &str) -> String {
        let lock = self.read("models.lock");
        let value = lock.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
        value.unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Where the store has, or would have, the bytes with this SHA-256.
    pub(crate) fn blob(&self, sha256: &str) -> PathBuf {
        self.root().join("store/blobs/sha256").join(&sha256[..2]).join(sha256)
    }

    /// Puts bytes into the store under this SHA-256, whether it is theirs or not.
    pub(crate) fn write_blob(&self, sha256: &str, bytes: impl AsRef<[u8]>) {
        let blob = self.blob(sha256);
        std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
        std::fs::write(blob, bytes).unwrap();
    }

    /// Removes all that was downloaded, and all that is known of projects.
    pub(crate) fn remove_store(&self) {
        let store = self.root().join("store");
        if store.exists() {
            std::fs::remove_dir_all(store).unwrap();
        }
    }

    /// Runs git in the project, with no settings but these.
    pub(crate) fn git(&self, words: &str) {
        let settings = ["user.name=t", "user.email=t@localhost", "init.defaultBranch=main", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(settings.iter().flat_map(|setting| ["-c", setting])).args(words.split(' '));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        succeed(command.current_dir(self.path("")));
    }

    /// The snapshot's path of a file of `acme/chat` in the target.
    pub(crate) fn snapshot(&self, commit: &str, path: &str) -> PathBuf {
        self.path(&format!(".modelpin/hub/models--acme--chat/snapshots/{commit}/{path}"))
    }
}

impl Output {
    pub(crate) fn ok(&self) -> &Self {
        self.exits(0)
    }

    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// A refusal with this exit code: what happened, and a command to type next. Where bytes, the policy or an identity are
    /// refused (4, 5, 6), also what was expected, what was got, and why it matters: a wrong word needs none of these.
    pub(crate) fn refused(&self, code: i32) -> &Self {
        self.exits(code);
        let parts: &[&str] = match code {
            4..=6 => &["error: ", "expected: ", "got: ", "why: ", "help: "],
            _ => &["error: ", "help: "],
        };
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in\n{self}");
        }
        assert!(
            self.stderr.lines().any(|line| line.starts_with("help:") && (line.contains('`') || line.contains("again"))),
            "no command in\n{self}"
        );
        self
    }

    /// The JSON document that was printed.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// The result in it.
    pub(crate) fn result(&self) -> serde_json::Value {
        self.document()["result"].take()
    }

    /// The problems in it.
    pub(crate) fn diagnostics(&self) -> Vec<serde_json::Value> {
        self.document()["diagnostics"].as_array().unwrap().clone()
    }

    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text) || self.stdout.contains(text), "no {text:?} in\n{self}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit: {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) -> std::process::Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", output.status);
    output
}

/// Flips the last byte of a file, whatever its permissions, and keeps its length and modification time.
pub(crate) fn flip(path: &Path) {
    let path = path.canonicalize().unwrap();
    let before = path.metadata().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let mut permissions = before.permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a test's own file")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&path, permissions).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
}

/// Makes a named pipe.
pub(crate) fn mkfifo(path: impl AsRef<Path>) {
    succeed(Command::new("mkfifo").arg(path.as_ref()));
}

/// Starts a command whose end is waited for with `ends`.
pub(crate) fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code (-1 after a signal) and the messages of a command that was started.
pub(crate) fn ends(child: Child) -> (i32, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}
