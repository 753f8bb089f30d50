//! The jail: attempts to get out of it, each of which succeeds outside.

use crate::sandbox::{Output, Sandbox};
use std::collections::BTreeMap;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

const ESCAPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/it/jail/escapes.py");
const LAUNCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/it/jail/launch.py");

/// Python itself, not what a version manager puts before it.
pub(crate) fn python() -> String {
    let found = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

/// Every ABI of Landlock that a jail makes a difference of.
pub(crate) const LEVELS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// Whether this kernel is at least this one.
fn newer_than(major: u32, minor: u32) -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split(['.', '-']).map(|word| word.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (major, minor)
}

/// A process that is none of the jail's, ended with the test.
struct Victim(Child);

impl Victim {
    fn start() -> Self {
        let victim = Command::new("sleep").arg("1000").env("SECRET", "s3cret").process_group(0).spawn().unwrap();
        let name = || std::fs::read_to_string(format!("/proc/{}/comm", victim.id())).unwrap();
        while name().trim() != "sleep" {
            std::thread::yield_now();
        }
        Self(victim)
    }

    /// Where its memory begins.
    fn address(&self) -> u64 {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", self.0.id())).unwrap();
        u64::from_str_radix(maps.split('-').next().unwrap(), 16).unwrap()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A synced project full of things that nobody in the jail may have.
struct Place {
    sandbox: Sandbox,
    victim: Victim,
    facts: String,
    token: PathBuf,
    _open: (TcpListener, Option<TcpListener>, UdpSocket, UnixListener, UnixListener, UnixDatagram),
}

impl Place {
    fn new() -> Self {
        let (sandbox, _) = Sandbox::synced();
        sandbox.write(".env", "API_KEY=s3cret\n");
        sandbox.write(".git/config", "[remote]\n");
        let home = sandbox.root().join("home");
        let token = home.join(".cache/huggingface/token");
        std::fs::create_dir_all(token.parent().unwrap()).unwrap();
        std::fs::write(&token, "hf_secret").unwrap();
        std::fs::write(token.with_extension("copy"), "hf_secret").unwrap();
        std::fs::write(sandbox.root().join("temp"), "a neighbour's").unwrap();
        let blobs = sandbox.path(".modelpin/hub/models--acme--chat/blobs");
        let model = blobs.read_dir().unwrap().next().unwrap().unwrap().path();
        // Nothing but the jail is in the way.
        std::fs::set_permissions(&model, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let name = sandbox.root().file_name().unwrap().to_string_lossy().into_owned();
        let abstract_name = |end: &str| SocketAddr::from_abstract_name(format!("{name}-{end}")).unwrap();
        let open = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("[::1]:0").ok(),
            UdpSocket::bind("127.0.0.1:0").unwrap(),
            UnixListener::bind(sandbox.root().join("socket")).unwrap(),
            UnixListener::bind_addr(&abstract_name("stream")).unwrap(),
            UnixDatagram::bind_addr(&abstract_name("datagrams")).unwrap(),
        );
        let victim = Victim::start();
        let facts = serde_json::json!({
            "tcp4": open.0.local_addr().unwrap().port(),
            "tcp6": open.1.as_ref().map_or(9, |listener| listener.local_addr().unwrap().port()),
            "udp": open.2.local_addr().unwrap().port(),
            "unix": sandbox.root().join("socket"),
            "abstract": format!("{name}-stream"),
            "datagrams": format!("{name}-datagrams"),
            "token": token,
            "home": home,
            "temp": sandbox.root().join("temp"),
            "project": sandbox.path(""),
            "store": sandbox.root().join("store"),
            "target": sandbox.path(".modelpin/hub"),
            "model": model,
            "victim": victim.0.id(),
            "address": victim.address(),
        });
        Self { sandbox, victim, facts: facts.to_string(), token, _open: open }
    }

    /// Runs these words, then all attempts.
    fn attempt(&self, before: &[&str]) -> BTreeMap<String, String> {
        let template = self.sandbox.command("");
        let mut command = Command::new("python3");
        command.arg(LAUNCH).arg(&self.token).args(before).args([&*python(), ESCAPES, &self.facts]);
        command.current_dir(self.sandbox.path("")).env_clear();
        command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = self.sandbox.finish(&mut command);
        let told = output.ok().stdout.lines().map(|line| line.split_once(' ').unwrap());
        told.map(|(name, said)| (name.to_owned(), said.to_owned())).collect()
    }
}

#[test]
fn nothing_gets_out_that_gets_through_outside() {
    let place = Place::new();
    let (program, mut inside) = (env!("CARGO_BIN_EXE_modelpin"), BTreeMap::new());
    // On kernels with less of Landlock; and with a device let in, more requests to devices are let through, and nothing else.
    let device = ["--allow-write", "/dev/full"];
    let kernels = LEVELS.iter().map(|level| vec!["--landlock", level]);
    for more in [vec![], device.to_vec(), [["--landlock", "1"], device].concat()].into_iter().chain(kernels) {
        let mut words = vec![program, "exec", "--jail", "--allow-read", ESCAPES];
        words.extend(more);
        words.push("--");
        inside = place.attempt(&words);
        place.sandbox.run("verify").ok();
        let out: Vec<_> = inside.iter().filter(|(_, said)| !said.starts_with("refused")).collect();
        assert!(out.is_empty(), "{words:?}: {out:?}");
    }
    let outside = place.attempt(&[]);
    let idle: Vec<_> = outside.iter().filter(|(name, said)| !name.ends_with('?') && *said != "got through").collect();
    assert!(idle.is_empty(), "these prove nothing: {idle:?}");
    assert_eq!(inside.len(), outside.len());
    let through = outside.values().filter(|said| *said == "got through").count();
    assert!(through >= 80, "{through} of {}: {outside:?}", outside.len());
    drop(place.victim);
}

/// Runs a command in the jail of a synced project.
pub(crate) fn jail(sandbox: &Sandbox, options: &[&str], command: &[&str]) -> Output {
    sandbox.finish(sandbox.command("exec --jail").args(options).arg("--").args(command))
}

#[test]
fn the_environment_is_the_short_list() {
    let (sandbox, _) = Sandbox::synced();
    let secrets =
        [("AWS_SECRET_ACCESS_KEY", "s3cret"), ("HF_TOKEN", "s3cret"), ("LD_PRELOAD", ""), ("LC_API_KEY", "s3cret")];
    let mut command = sandbox.command("exec --jail -- env");
    command.envs(secrets).envs([("LANG", "C.UTF-8"), ("TERM", "xterm"), ("PATH", "/usr/bin:/bin:/nowhere:relative")]);
    let output = sandbox.finish(&mut command);
    let private = output.stdout.lines().find_map(|line| line.strip_prefix("TMPDIR=")).unwrap();
    let private = Path::new(private).parent().unwrap().to_owned();
    let mut lines: Vec<String> =
        output.ok().stdout.replace(&*private.to_string_lossy(), "[PRIVATE]").lines().map(str::to_owned).collect();
    lines.sort();
    assert!(!private.exists(), "{}", private.display());
    expect_test::expect![[r#"
        HF_DATASETS_OFFLINE=1
        HF_ENDPOINT=http://127.0.0.1:9
        HF_EVALUATE_OFFLINE=1
        HF_HOME=[PRIVATE]/huggingface
        HF_HUB_CACHE=[PRIVATE]/huggingface/hub
        HF_HUB_DISABLE_IMPLICIT_TOKEN=1
        HF_HUB_DISABLE_TELEMETRY=1
        HF_HUB_OFFLINE=1
        HOME=[PRIVATE]/home
        LANG=C.UTF-8
        LLAMA_ARG_OFFLINE=1
        LLAMA_OFFLINE=1
        PATH=/usr/bin:/bin
        TERM=xterm
        TMPDIR=[PRIVATE]/tmp
        TRANSFORMERS_OFFLINE=1
        XDG_CACHE_HOME=[PRIVATE]/home/.cache
        XDG_CONFIG_HOME=[PRIVATE]/home/.config
        XDG_DATA_HOME=[PRIVATE]/home/.local/share
        XDG_RUNTIME_DIR=[PRIVATE]/run
        XDG_STATE_HOME=[PRIVATE]/home/.local/state"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_kernel_that_cannot_hold_it_is_refused() {
    let (sandbox, _) = Sandbox::synced();
    // ENOSYS for `landlock_create_ruleset`, as before Linux 5.13; EPERM for `seccomp`, as some containers say.
    for (call, error, landlock, says) in [
        (444, 38, "6", "files out of reach (Landlock"),
        (446, 1, "6", "files out of reach (Landlock"),
        (317, 1, "6", if newer_than(6, 12) { "seccomp filters" } else { "seccomp notifications" }),
        (317, 1, "1", "seccomp notifications"),
    ] {
        if cfg!(not(target_arch = "x86_64")) {
            continue;
        }
        let script = format!(
            "import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
filter = b''.join(struct.pack('HBBI', *line) for line in [
    (0x20, 0, 0, 0), (0x15, 0, 1, {call}), (6, 0, 0, 0x00050000 | {error}), (6, 0, 0, 0x7fff0000)])
code = ctypes.create_string_buffer(filter)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, struct.pack('HxxxxxxQ', 4, ctypes.addressof(code)), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])"
        );
        let mut command = sandbox.command("");
        let mut launched = Command::new("python3");
        launched.args(["-c", &script, env!("CARGO_BIN_EXE_modelpin"), "exec", "--jail", "--", "touch", "ran"]);
        launched.current_dir(sandbox.path("")).env_clear();
        launched.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = sandbox.finish(launched.env("MODELPIN_LANDLOCK", landlock));
        output.refused(1).says(says);
        if call == 444 {
            let (_, rest) = output.stderr.split_once(" (Linux ").unwrap();
            expect_test::expect![[r#"
                 cannot hold the jail
                  expected:  files out of reach (Landlock, as of Linux 5.13)
                  got:       no Landlock, or none that is switched on
                  why:       a jail with a gap does not protect; the command was not started
                help: use Linux 5.13 or later, with `landlock` in `/sys/kernel/security/lsm` (boot parameter `lsm=landlock,…`)
                help: in a container, allow `landlock_restrict_self` and `seccomp`
                help: or run `modelpin exec -- CMD` without a jail: the command can then reach everything that you can
            "#]].assert_eq(rest.split_once(')').unwrap().1);
        }
        assert!(!sandbox.path("ran").exists());
        // It is the kernel's word that counts: plain `exec` needs none of it.
        sandbox.finish(command.args(["exec", "--", "true"])).ok();
    }
}

#[test]
fn no_write_reaches_what_was_pinned() {
    let (sandbox, _) = Sandbox::synced();
    std::os::unix::fs::symlink(sandbox.path(".modelpin"), sandbox.path("link")).unwrap();
    let store = sandbox.root().join("store");
    for path in [
        ".",
        "..",
        ".modelpin",
        ".modelpin/hub",
        ".modelpin/hub/models--acme--chat/blobs",
        "link",
        "models.lock",
        "models.toml",
    ] {
        jail(&sandbox, &["--allow-write", path], &["true"]).refused(2).says("let the command change");
    }
    let refused = jail(&sandbox, &["--allow-write", &store.to_string_lossy()], &["true"]);
    refused.refused(2);
    expect_test::expect![[r#"
        error: `--allow-write` would let the command change `[DIR]/store`
          expected:  a file or folder apart from the models, the cache, and modelpin's own files
          got:       `[DIR]/store`
          why:       the command could change what was pinned and reviewed
        help: give it a folder of its own to write to: `modelpin exec --jail --allow-write OUT -- CMD`
    "#]]
    .assert_eq(&refused.stderr);
    for option in ["--allow-read", "--allow-write"] {
        jail(&sandbox, &[option, "/"], &["true"]).refused(2).says("whole system");
        jail(&sandbox, &[option, "/usr/.."], &["true"]).refused(2);
        jail(&sandbox, &[option, "no-such-thing"], &["true"]).exits(1).says("no-such-thing");
    }
    sandbox.run("exec --allow-read . -- true").exits(2);
}

#[test]
fn a_home_within_the_system_is_refused() {
    let (sandbox, _) = Sandbox::synced();
    let mut command = sandbox.command("exec --jail -- true");
    sandbox.finish(command.env("HOME", "/usr/share")).refused(2).says("the command could read `/usr/share`");
}

#[test]
fn a_target_that_is_not_as_locked_starts_nothing() {
    let (sandbox, repo) = Sandbox::synced();
    let file = sandbox.snapshot(&repo.head(), "config.json");
    crate::sandbox::flip(&file);
    jail(&sandbox, &[], &["touch", "/dev/null"]).refused(4);
}

#[test]
fn a_device_to_be_read_beside_one_to_be_written_needs_a_kernel_that_tells_them_apart() {
    let (sandbox, _) = Sandbox::synced();
    let devices = ["--allow-read", "/dev/tty", "--allow-write", "/dev/full"];
    jail(&sandbox, &[&["--landlock", "4"], &devices[..]].concat(), &["true"])
        .refused(2)
        .says("the device `/dev/tty` cannot be read-only");
    if newer_than(6, 10) {
        jail(&sandbox, &[&["--landlock", "5"], &devices[..]].concat(), &["true"]).ok();
    }
    jail(&sandbox, &[&["--landlock", "4"], &devices[..2]].concat(), &["true"]).ok();
}

#[test]
fn the_page_has_a_line_for_every_abi() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/jail.md")).unwrap();
    let table = page.split("<!-- levels -->").nth(1).unwrap().split("<!-- /levels -->").next().unwrap();
    let levels: Vec<&str> = table.lines().filter_map(|line| line.split("| ABI ").nth(1)?.split(' ').next()).collect();
    assert_eq!(levels, LEVELS);
    // Nor does the program take another.
    let (sandbox, _) = Sandbox::synced();
    for other in ["0", "7"] {
        jail(&sandbox, &["--landlock", other], &["true"]).exits(2);
    }
}
