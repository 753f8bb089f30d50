//! The end of a jail: whoever ends, whatever is running, nothing is left.

use crate::jail::{LEVELS, python};
use crate::sandbox::Sandbox;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Starts others that leave every group, every session and every parent, asks for no signal when a parent ends, hears no
/// signal that can be unheard, and prints the numbers of all.
const CLINGS: &str = r#"
import ctypes, os, signal, sys, time
prctl = ctypes.CDLL(None).prctl
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
prctl(1, 0, 0, 0, 0); prctl(1, 28, 0, 0, 0); prctl(36, 0, 0, 0, 0); prctl(4, 0, 0, 0, 0)
for leave in [lambda: None, os.setsid, lambda: os.setpgid(0, 0)]:
    if os.fork() == 0:
        leave()
        if os.fork() == 0:
            prctl(1, 0, 0, 0, 0); prctl(4, 0, 0, 0, 0)
            print(os.getpid(), flush=True)
            time.sleep(1000)
        if os.fork() == 0:
            # As a child of the parent's parent (CLONE_PARENT).
            ctypes.CDLL(None).syscall(56 if os.uname().machine == "x86_64" else 220, 0x8000 | 17, 0, 0, 0, 0)
            print(os.getpid(), flush=True)
            time.sleep(1000)
        os._exit(0)
print(f"ready {os.getpid()}", flush=True)
time.sleep(float(sys.argv[1]))
"#;

/// A command that clings, in a jail.
struct Jailed {
    modelpin: Child,
    temp: PathBuf,
    numbers: Vec<String>,
    command: String,
}

impl Jailed {
    fn start(sandbox: &Sandbox, landlock: &str, seconds: &str) -> Self {
        let temp = sandbox.root().join("tmp");
        std::fs::create_dir_all(&temp).unwrap();
        let mut command = sandbox.command("exec --jail --landlock");
        command.arg(landlock).arg("--").args([&*python(), "-c", CLINGS, seconds]).env("TMPDIR", &temp);
        let mut modelpin = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(modelpin.stdout.take().unwrap()).lines().map(Result::unwrap);
        let (mut numbers, mut command) = (Vec::new(), None);
        for line in lines {
            let own = line.strip_prefix("ready ");
            command = command.or(own.map(str::to_owned));
            numbers.push(own.unwrap_or(&line).to_owned());
            if numbers.len() == 10 {
                break;
            }
        }
        assert_eq!(numbers.len(), 10, "{numbers:?}");
        assert!(numbers.iter().all(|number| runs(number)));
        Self { modelpin, temp, numbers, command: command.unwrap() }
    }

    /// The process between modelpin and the command.
    fn guard(&self) -> String {
        let id = self.modelpin.id();
        std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap().trim().to_owned()
    }

    fn all_end(&self, what: &str) {
        let start = Instant::now();
        while self.numbers.iter().any(|number| runs(number)) {
            assert!(start.elapsed() < Duration::from_secs(20), "{what}: some go on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn folder_goes(&self, what: &str) {
        let start = Instant::now();
        while self.temp.read_dir().unwrap().count() > 0 {
            assert!(start.elapsed() < Duration::from_secs(20), "{what}: the private folder stays");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether a process of the jail has this number.
fn runs(number: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
    status.contains("NoNewPrivs:\t1") && !status.contains("State:\tZ")
}

fn kill(words: &[&str]) {
    assert!(Command::new("kill").args(words).status().unwrap().success(), "{words:?}");
}

#[test]
fn nothing_is_left_when_the_command_ends() {
    let (sandbox, _) = Sandbox::synced();
    for level in LEVELS {
        let mut jailed = Jailed::start(&sandbox, level, "0.1");
        assert_eq!(jailed.modelpin.wait().unwrap().code(), Some(0), "{level}");
        assert!(!jailed.numbers.iter().any(|number| runs(number)), "{level}");
        assert_eq!(jailed.temp.read_dir().unwrap().count(), 0, "{level}");
    }
}

#[test]
fn nothing_outlives_modelpin() {
    let (sandbox, _) = Sandbox::synced();
    for level in ["1", "6"] {
        let mut jailed = Jailed::start(&sandbox, level, "1000");
        kill(&["-KILL", &jailed.modelpin.id().to_string()]);
        assert_eq!(jailed.modelpin.wait().unwrap().signal(), Some(9));
        jailed.all_end("modelpin killed");
        jailed.folder_goes("modelpin killed");

        // The whole group, as a shell or a supervisor does it.
        let mut jailed = Jailed::start(&sandbox, level, "1000");
        kill(&["-KILL", "--", &format!("-{}", jailed.modelpin.id())]);
        jailed.modelpin.wait().unwrap();
        jailed.all_end("group killed");
        jailed.folder_goes("group killed");

        // As `pkill -f modelpin` finds it, the guard is nobody.
        let mut jailed = Jailed::start(&sandbox, level, "1000");
        let words = std::fs::read_to_string(format!("/proc/{}/cmdline", jailed.guard())).unwrap();
        let name = std::fs::read_to_string(format!("/proc/{}/comm", jailed.guard())).unwrap();
        assert!(!words.contains("modelpin") && !name.contains("modelpin"), "{words} {name}");
        kill(&["-KILL", &jailed.guard()]);
        assert_eq!(jailed.modelpin.wait().unwrap().code(), Some(137));
        jailed.all_end("guard killed");
        jailed.folder_goes("guard killed");

        // Both at once: the command ends at least.
        let mut jailed = Jailed::start(&sandbox, level, "1000");
        kill(&["-STOP", &jailed.guard()]);
        kill(&["-KILL", &jailed.modelpin.id().to_string(), &jailed.guard()]);
        jailed.modelpin.wait().unwrap();
        let start = Instant::now();
        while runs(&jailed.command) {
            assert!(start.elapsed() < Duration::from_secs(20));
        }
        for number in &jailed.numbers {
            let _ = Command::new("kill").args(["-KILL", number]).stderr(Stdio::null()).status();
        }
        std::fs::remove_dir_all(&jailed.temp).unwrap();
    }
}

#[test]
fn what_starts_itself_anew_is_ended_too() {
    let (sandbox, _) = Sandbox::synced();
    // Each starts the next and ends, so that its number is never known for long.
    let code = "import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        while True:
            if os.fork(): os._exit(0)
time.sleep(0.3)";
    for level in ["1", "6"] {
        let mut command = sandbox.command("exec --jail --landlock");
        let mut modelpin = command.arg(level).arg("--").args([&*python(), "-c", code]).spawn().unwrap();
        let start = Instant::now();
        let ended = loop {
            if let Some(status) = modelpin.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{level}: still hunting");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(ended.code(), Some(0));
    }
}
