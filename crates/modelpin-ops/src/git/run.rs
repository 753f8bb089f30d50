//! Runs one git command, with nothing of the repository's configuration or the caller's environment in force that could
//! run a program, reach a network, or lead to another repository.

use crate::refusal::{Failure, git as refusal};
use std::ffi::OsString;
use std::io::{Error, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long one command may take; even a slow network file system needs less.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes that are read of git's standard error.
const STDERR_BYTES: u64 = 64 << 10;

/// Variables that say where this person's configuration is, which alone may trust a repository of another owner.
/// Everything else goes: `GIT_DIR` and its like belong to whichever repository a hook runs for.
const KEPT: [&str; 10] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "SUDO_UID",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "SYSTEMROOT",
];

/// Variables that keep git from printing another language, waiting for a person, writing, fetching what it does not
/// have, and answering with an object that a ref below `refs/replace` puts in the place of another.
const SET: [(&str, &str); 7] = [
    ("LC_ALL", "C"),
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PAGER", "cat"),
];

/// The most bytes of an answer that are read, where it is no file.
pub(super) const LINES: u64 = 1 << 20;

/// Settings that win over those of the repository. Some name programs; the last makes git say what is ambiguous.
const SETTINGS: [&str; 5] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "protocol.allow=never",
    "core.warnAmbiguousRefs=true",
];

/// The git of this machine, asked about one folder.
pub(super) struct Git<'a> {
    program: PathBuf,
    path: OsString,
    pub(super) dir: &'a Path,
}

/// The result of a git command.
pub(super) struct Answer {
    pub(super) ok: bool,
    pub(super) out: Vec<u8>,
    pub(super) stderr: String,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

impl<'a> Git<'a> {
    /// The git that `PATH` leads to, by its absolute folders: any other is a folder of wherever the command was given.
    ///
    /// # Errors
    /// No git in `PATH`.
    pub(super) fn of(dir: &'a Path) -> Result<Self, Failure> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
        let name = if cfg!(windows) { "git.exe" } else { "git" };
        let program = folders.iter().map(|folder| folder.join(name)).find(|program| runs(program));
        let program = program.ok_or_else(refusal::no_git)?;
        // Each was split off the same variable, so that none has a separator in it.
        let path = std::env::join_paths(folders).unwrap_or_default();
        Ok(Self { program, path, dir })
    }

    /// Runs git with the arguments `words`, and reads at most one byte more than `most` of the answer.
    ///
    /// # Errors
    /// A git that cannot be started, or that does not end in time.
    pub(super) fn ask(&self, words: &[&str], most: u64) -> Result<Answer, Failure> {
        self.ask_about(words, None, most)
    }

    /// Runs git with the arguments `words`, and returns its output without the white space around it.
    ///
    /// # Errors
    /// As those of [`ask`](Self::ask).
    pub(super) fn line(&self, words: &[&str]) -> Result<String, Failure> {
        Ok(self.ask(words, LINES)?.text().trim().to_owned())
    }

    /// The same, with `lines` for it to read.
    ///
    /// # Errors
    /// As those of [`ask`](Self::ask).
    pub(super) fn ask_about(&self, words: &[&str], lines: Option<String>, most: u64) -> Result<Answer, Failure> {
        let mut command = Command::new(&self.program);
        command.env_clear().env("PATH", &self.path).envs(SET);
        command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.args(["--no-pager", "--literal-pathspecs"]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).arg("-C").arg(self.dir).args(words);
        let stdin = if lines.is_some() { Stdio::piped() } else { Stdio::null() };
        let child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let answered = child.and_then(|mut child| {
            send_lines(child.stdin.take().zip(lines))?;
            wait(child, most)
        });
        answered.map_err(|error| Failure::System { doing: "run git", source: error })
    }

    /// Asks which object `revision` is.
    ///
    /// # Errors
    /// As those of [`ask`](Self::ask).
    pub(super) fn verify(&self, revision: &str) -> Result<Answer, Failure> {
        self.ask(&["rev-parse", "--verify", "--end-of-options", revision], LINES)
    }
}

/// Whether it is an executable file.
fn runs(program: &Path) -> bool {
    let Ok(found) = program.metadata() else { return false };
    #[cfg(unix)]
    let may = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may = true;
    found.is_file() && may
}

/// Writes the lines on a thread of their own, since the program may not read before its output is read.
fn send_lines(lines: Option<(ChildStdin, String)>) -> Result<(), Error> {
    let Some((mut stdin, lines)) = lines else { return Ok(()) };
    let write = move || {
        // A program that reads no further has printed its result already.
        let _ = stdin.write_all(lines.as_bytes());
    };
    std::thread::Builder::new().spawn(write).map(drop)
}

/// Reads the output of a program until it ends; one that takes too long is killed.
fn wait(mut child: Child, most: u64) -> Result<Answer, Error> {
    let until = Instant::now() + PATIENCE;
    let received = read_on_thread(child.stdout.take(), most)
        .and_then(|out| Ok((out, read_on_thread(child.stderr.take(), STDERR_BYTES)?)));
    let received = received.and_then(|(out, stderr)| Ok((receive(&out, until)?, receive(&stderr, until)?)));
    let ended = received.and_then(|received| Ok((wait_for_end(&mut child, until)?, received)));
    if ended.is_err() {
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (ok, (out, stderr)) = ended?;
    Ok(Answer { ok, out, stderr: String::from_utf8_lossy(&stderr).into_owned() })
}

/// Reads from a pipe on a thread of its own, since a full one would stop the program while the other is read.
fn read_on_thread(pipe: Option<impl Read + Send + 'static>, most: u64) -> Result<Receiver<Vec<u8>>, Error> {
    let (send, received) = channel();
    let read = move || {
        let mut bytes = Vec::new();
        let whole = pipe.map_or(Ok(0), |pipe| pipe.take(most.saturating_add(1)).read_to_end(&mut bytes));
        if whole.is_ok() {
            // There is no receiver any more where it took too long.
            let _ = send.send(bytes);
        }
    };
    std::thread::Builder::new().spawn(read)?;
    Ok(received)
}

fn receive(received: &Receiver<Vec<u8>>, until: Instant) -> Result<Vec<u8>, Error> {
    received.recv_timeout(until.saturating_duration_since(Instant::now())).map_err(|_| too_long())
}

/// Waits for the program to end, and returns whether it succeeded.
fn wait_for_end(child: &mut Child, until: Instant) -> Result<bool, Error> {
    while Instant::now() < until {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(too_long())
}

fn too_long() -> Error {
    Error::new(ErrorKind::TimedOut, format!("no answer within {} seconds", PATIENCE.as_secs()))
}
