//! The jail, for honest programs: what runs in it, how it ends, what it leaves.

use crate::jail::{LEVELS, jail, python};
use crate::sandbox::{Output, Sandbox};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a script of Python in the jail.
fn script(sandbox: &Sandbox, options: &[&str], code: &str) -> Output {
    jail(sandbox, options, &[&python(), "-c", code])
}

#[test]
fn honest_programs_run() {
    let (sandbox, _) = Sandbox::synced();
    let code = r#"
import json, multiprocessing, os, pathlib, shutil, sqlite3, subprocess, sys, tempfile, threading, zipfile
import asyncio, concurrent.futures, ctypes, hashlib, random, signal, socket, ssl, time, uuid, zoneinfo

target = pathlib.Path(os.environ["HF_HUB_CACHE"])
(config,) = target.glob("models--acme--chat/snapshots/*/config.json")
assert json.loads(config.read_text()) == {"a": 1}

done = []
threads = [threading.Thread(target=done.append, args=(n,)) for n in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sorted(done) == list(range(20))
with concurrent.futures.ThreadPoolExecutor() as pool: assert sum(pool.map(abs, range(-5, 5))) == 25

assert subprocess.run(["sh", "-c", "echo out | cat"], capture_output=True, text=True, check=True).stdout == "out\n"
assert subprocess.run([sys.executable, "-c", "print(6 * 7)"], stdout=subprocess.PIPE).stdout == b"42\n"
sleeper = subprocess.Popen(["sleep", "1000"]); sleeper.terminate(); assert sleeper.wait() == -signal.SIGTERM

def double(pipe): pipe.send(pipe.recv() * 2)
for method in ["fork", "spawn"]:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=double, args=(there,)); child.start()
    here.send(21); assert here.recv() == 42; child.join(); assert child.exitcode == 0

async def wait():
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    return (await process.communicate(b"x"))[0]
assert asyncio.run(wait()) == b"x"

with tempfile.TemporaryDirectory() as folder:
    base = sqlite3.connect(f"{folder}/base.db")
    base.execute("pragma journal_mode = wal"); base.execute("create table t (a)"); base.execute("insert into t values (1)")
    base.commit(); assert base.execute("select a from t").fetchone() == (1,)
    shutil.copy(config, folder); shutil.copy2(config, f"{folder}/second")
    with zipfile.ZipFile(f"{folder}/z.zip", "w") as z: z.write(f"{folder}/second", "a/b")
    with zipfile.ZipFile(f"{folder}/z.zip") as z: z.extractall(f"{folder}/out")
    assert pathlib.Path(folder, "out/a/b").read_text() == config.read_text()
    shutil.copytree(config.parent, f"{folder}/tree"); shutil.move(f"{folder}/tree", f"{folder}/moved")
    os.mkfifo(f"{folder}/fifo")
pathlib.Path.home().joinpath(".cache/mine").mkdir(parents=True)
pathlib.Path("/dev/null").write_text("x"); assert len(os.urandom(8)) == 8
assert "MemTotal" in pathlib.Path("/proc/meminfo").read_text() and os.cpu_count() and os.sched_getaffinity(0)
assert pathlib.Path("/proc/self/maps").read_text() and os.listdir("/proc/self/fd")
one, two = socket.socketpair(); one.sendall(b"x"); assert two.recv(1) == b"x"
os.nice(1); os.getpriority(os.PRIO_PROCESS, 0)
import pwd; pwd.getpwuid(os.getuid())
print("honest")
"#;
    for level in LEVELS {
        script(&sandbox, &["--landlock", level], code).ok().says("honest");
    }
    sandbox.run("verify").ok();
}

#[test]
fn signals_among_the_jails_own_processes_arrive() {
    let (sandbox, _) = Sandbox::synced();
    let code = r#"
import ctypes, multiprocessing, os, signal, subprocess, sys, threading, time

def ends(process, number): assert process.wait(20) == -number, (process.args, process.returncode)
sleep = lambda **more: subprocess.Popen(["sleep", "1000"], **more)
for number in [signal.SIGTERM, signal.SIGKILL, signal.SIGRTMIN + 1]:
    child = sleep(); child.send_signal(number); ends(child, number)
child = sleep(start_new_session=True); os.killpg(child.pid, signal.SIGTERM); ends(child, signal.SIGTERM)
child = sleep(); os.kill(child.pid, 0); os.kill(child.pid, signal.SIGSTOP); os.kill(child.pid, signal.SIGCONT); child.kill(); child.wait()
try: os.kill(child.pid, 0); assert False
except ProcessLookupError: pass
try: subprocess.run(["sleep", "1000"], timeout=0.2); assert False
except subprocess.TimeoutExpired: pass
child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,)); child.start(); child.terminate(); child.join(); assert child.exitcode == -15

got = []
signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
signal.raise_signal(signal.SIGUSR1); os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1); assert len(got) == 3, got
other = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGUSR1)); other.start(); other.join(); time.sleep(0.01); assert len(got) == 4
signal.setitimer(signal.ITIMER_REAL, 0.01); signal.signal(signal.SIGALRM, lambda *_: got.append(2)); time.sleep(0.1); assert got[-1] == 2
assert subprocess.run([sys.executable, "-c", "import os; os.abort()"]).returncode == -signal.SIGABRT
assert subprocess.run(["sh", "-c", "trap 'exit 7' TERM; kill -TERM $$; exit 1"]).returncode == 7
assert subprocess.run(["sh", "-c", "sleep 1000 & kill $! && wait $!; [ $? = 143 ]"]).returncode == 0
assert subprocess.run(["sh", "-c", "sleep 1000 & trap 'exit 8' TERM; kill -TERM 0; sleep 5"], start_new_session=True).returncode == 8
assert subprocess.run(["timeout", "0.2", "sleep", "1000"]).returncode == 124
# What ends with its parent, as PyTorch's launcher makes its workers.
assert ctypes.CDLL(None).prctl(1, signal.SIGINT) == 0 and ctypes.CDLL(None).prctl(1, signal.SIGKILL) == 0
print("all arrived")
"#;
    for level in LEVELS {
        script(&sandbox, &["--landlock", level], code).ok().says("all arrived");
    }
}

#[test]
fn an_environment_that_came_with_a_clone_opens_nothing_else() {
    let (sandbox, _) = Sandbox::synced();
    let home = sandbox.root().join("home");
    for (path, text) in [(".ssh/id", "s3cret"), (".cache/huggingface/token", "s3cret"), ("notes", "s3cret")] {
        std::fs::create_dir_all(home.join(path).parent().unwrap()).unwrap();
        std::fs::write(home.join(path), text).unwrap();
    }
    sandbox.write(".env", "s3cret");
    let python = std::fs::canonicalize(python()).unwrap();
    std::fs::create_dir_all(sandbox.path(".venv/bin")).unwrap();
    std::fs::create_dir_all(sandbox.path(".venv/lib")).unwrap();
    std::os::unix::fs::symlink(&python, sandbox.path(".venv/bin/python")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", sandbox.path(".venv/bin/sh")).unwrap();
    let secrets =
        [home.join(".ssh/id"), home.join(".cache/huggingface/token"), home.join("notes"), sandbox.path(".env")];
    let secrets: Vec<&str> = secrets.iter().map(|path| path.to_str().unwrap()).collect();
    let held = |what: &str| {
        let words = [".venv/bin/sh", "-c", "for path; do cat \"$path\" || echo shut; done", "sh"];
        let output = jail(&sandbox, &[], &[&words[..], &secrets].concat());
        assert_eq!(output.ok().stdout, "shut\nshut\nshut\nshut\n", "{what}: {output}");
    };
    let own = python.parent().unwrap().display().to_string();
    for home_line in [own.clone(), home.display().to_string(), home.join(".ssh").display().to_string()] {
        sandbox.write(".venv/pyvenv.cfg", format!("home = {home_line}\n"));
        held(&home_line);
    }
    sandbox.write(".venv/pyvenv.cfg", format!("home = {own}\n"));
    let (ssh, cache) = (home.join(".ssh"), home.join(".cache/huggingface"));
    for (part, to) in [("share", &*ssh), ("include", &*cache), ("lib64", &*home), ("share", Path::new(".."))] {
        let link = sandbox.path(".venv").join(part);
        std::os::unix::fs::symlink(to, &link).unwrap();
        held(&format!("{part} to {}", to.display()));
        jail(&sandbox, &[], &[".venv/bin/python", "-c", "import json"]).ok();
        std::fs::remove_file(link).unwrap();
    }
    // A folder of the clone that poses as the Python.
    sandbox.write("base/lib/python3.11/os.py", "");
    std::fs::create_dir_all(sandbox.path("base/bin")).unwrap();
    std::os::unix::fs::symlink(&ssh, sandbox.path("base/share")).unwrap();
    std::os::unix::fs::symlink(&home, sandbox.path("base/include")).unwrap();
    sandbox.write(".venv/pyvenv.cfg", format!("home = {}\n", sandbox.path("base/bin").display()));
    held("base");
}

#[test]
fn shared_memory_is_there_where_it_is_allowed() {
    let (sandbox, _) = Sandbox::synced();
    let code = "import multiprocessing, os
with multiprocessing.Pool(2) as pool: print(sum(pool.map(abs, range(-5, 5))))";
    script(&sandbox, &["--allow-write", "/dev/shm"], code).ok().says("25");
    script(&sandbox, &[], code).exits(1).says("Permission denied");
}

#[test]
fn it_ends_as_the_command_ends() {
    let (sandbox, _) = Sandbox::synced();
    for code in [0, 1, 7, 255] {
        jail(&sandbox, &[], &["sh", "-c", &format!("exit {code}")]).exits(code);
    }
    jail(&sandbox, &[], &["sh", "-c", "kill -KILL $$"]).exits(137);
    jail(&sandbox, &[], &["sh", "-c", "kill -TERM $$"]).exits(143);
    jail(&sandbox, &[], &["no-such-program"]).refused(2).says("no-such-program");
    jail(&sandbox, &[], &["./models.toml"]).refused(2);
    sandbox.run("exec --jail").exits(2);
}

#[test]
fn streams_are_the_callers() {
    let (sandbox, _) = Sandbox::synced();
    let mut command = sandbox.command("exec --jail -- sh -c");
    command.arg("cat; echo err >&2").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"in").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (&b"in"[..], &b"err\n"[..]));
}

#[test]
fn a_socket_or_folder_for_a_stream_is_refused() {
    let (sandbox, _) = Sandbox::synced();
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut command = sandbox.command("exec --jail -- true");
    command.stdin(std::os::fd::OwnedFd::from(socket));
    sandbox.finish(&mut command).refused(2).says("stream 0 is a socket");
    let mut command = sandbox.command("exec --jail -- ls /proc/self/fd/0/");
    command.stdin(std::fs::File::open(sandbox.path("")).unwrap());
    sandbox.finish(&mut command).refused(2).says("stream 0 is a folder");
    // A parent and its child may be joined by a pair.
    let (one, _two) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut command = sandbox.command("exec --jail -- true");
    sandbox.finish(command.stdin(std::os::fd::OwnedFd::from(one))).ok();
}

#[test]
fn paths_that_are_allowed_are_open_and_no_others() {
    let (sandbox, _) = Sandbox::synced();
    let files =
        [("app/serve.py", "import util; print(util.word)"), ("app/util.py", "word = 'served'"), (".env", "KEY=s3cret")];
    for (path, text) in files {
        sandbox.write(path, text);
    }
    std::fs::create_dir(sandbox.path("out")).unwrap();
    let python = python();
    let refused = jail(&sandbox, &[], &[&python, "app/serve.py", "--flag"]);
    refused.exits(2).says("note: `app/serve.py` cannot be read in the jail; `--allow-read app/serve.py` allows it\n");
    let served = jail(&sandbox, &["--allow-read", "app"], &[&python, "app/serve.py"]);
    served.ok().says("served");
    assert_eq!(served.stderr, "");
    jail(&sandbox, &["--allow-read", "app"], &["cat", ".env"]).exits(1).says(".env: Permission denied");
    jail(&sandbox, &["--allow-read", "app"], &["sh", "-c", "echo x >> app/serve.py"]).exits(2);
    jail(&sandbox, &["--allow-write", "out"], &["sh", "-c", "echo y > out/made && cat out/made"]).ok().says("y");
    assert_eq!(sandbox.read("out/made"), "y\n");
    // A link in what is open leads no further than the jail does.
    std::os::unix::fs::symlink(sandbox.path(".env"), sandbox.path("out/env")).unwrap();
    jail(&sandbox, &["--allow-write", "out"], &["cat", "out/env"]).exits(1);
    jail(&sandbox, &["--quiet"], &["cat", ".env"]).exits(1);
}

#[test]
fn a_virtual_environment_is_part_of_the_program() {
    let (sandbox, _) = Sandbox::synced();
    let made = Command::new(python()).args(["-m", "venv", "--without-pip"]).arg(sandbox.path(".venv")).status();
    assert!(made.unwrap().success());
    let packages = sandbox.path(".venv/lib").read_dir().unwrap().next().unwrap().unwrap().path().join("site-packages");
    std::fs::write(packages.join("own.py"), "word = 'from the environment'").unwrap();
    let interpreter = sandbox.path(".venv/bin/python");
    let tool = format!("#!{}\nimport own, sys\nprint(own.word, sys.prefix)\n", interpreter.display());
    sandbox.write(".venv/bin/tool", tool);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path(".venv/bin/tool"), mode).unwrap();
    for words in [vec![".venv/bin/python", "-c", "import own; print(own.word)"], vec![".venv/bin/tool"]] {
        jail(&sandbox, &[], &words).ok().says("from the environment");
    }
    let mut command = sandbox.command("exec --jail -- tool");
    let path = format!("{}:/usr/bin:/bin", sandbox.path(".venv/bin").display());
    sandbox.finish(command.env("PATH", path)).ok().says("from the environment");
    // The rest of the folder that the environment is in stays shut.
    sandbox.write(".venv/secret", "s3cret");
    jail(&sandbox, &[], &[".venv/bin/python", "-c", "open('.venv/secret')"]).exits(1).says("Permission denied");
}

#[test]
fn a_launcher_of_a_version_manager_is_named() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write("shims/python3", "#!/bin/sh\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("shims/python3"), mode).unwrap();
    jail(&sandbox, &[], &["shims/python3"]).refused(2).says("pyenv which");
}

#[test]
fn signals_reach_the_command_and_the_folder_goes() {
    let (sandbox, _) = Sandbox::synced();
    // A shell cannot trap what its caller ignores, as `nohup` and jobs in the background do.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    let heard = |number: u32| ignored >> (number - 1) & 1 == 0;
    for (signal, number, code) in [("TERM", 15, 5), ("INT", 2, 5), ("HUP", 1, 5), ("USR1", 10, 6)] {
        if !heard(number) {
            continue;
        }
        let temp = sandbox.root().join(signal);
        std::fs::create_dir(&temp).unwrap();
        let mut command = sandbox.command("exec --jail -- sh -c");
        command.arg("trap 'exit 5' TERM INT HUP; trap 'exit 6' USR1; sleep 1000 & echo ready; wait");
        let mut child = command.env("TMPDIR", &temp).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(temp.read_dir().unwrap().count(), 1);
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        assert_eq!(temp.read_dir().unwrap().count(), 0);
    }
}

#[test]
fn plain_files_for_a_target_are_readable_too() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.write("models.toml", "[sync]\ntarget = \"flat:weights\"\n\n[models]\n");
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    let code = "cat \"$MODELPIN_MODELS\"/chat/config.json && ! (echo > \"$MODELPIN_MODELS\"/chat/config.json)";
    jail(&sandbox, &[], &["sh", "-c", code]).ok().says("\"a\": 1");
}

#[test]
fn of_a_shared_cache_only_the_models_are_open() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    let other = sandbox.root().join("home/.cache/huggingface/hub/models--acme--other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("weights"), "of another project").unwrap();
    let read = |path: &str| jail(&sandbox, &[], &["sh", "-c", &format!("cat \"$HF_HUB_CACHE\"/{path}")]);
    read("models--acme--chat/snapshots/*/config.json").ok().says("\"a\": 1");
    read("models--acme--other/weights").exits(1);
}

#[test]
fn no_privilege_is_left_to_root_or_to_anyone() {
    let (sandbox, _) = Sandbox::synced();
    std::fs::write(sandbox.root().join("home/token"), "hf_secret").unwrap();
    let program = sandbox.root().join("modelpin");
    std::fs::copy(env!("CARGO_BIN_EXE_modelpin"), &program).unwrap();
    let code = "while read -r line; do echo \"$line\"; done < /proc/self/status; cat $0 $1";
    let token = sandbox.root().join("home/token");
    let root = uid() == 0;
    let users = if root { vec!["0", "65534"] } else { vec!["0"] };
    for (user, landlock) in users.into_iter().flat_map(|user| [(user, "6"), (user, "1")]) {
        // As root, also as an ordinary user, to whom all of this belongs.
        let drop = "import os, sys
uid = int(sys.argv[1])
if uid:
    for folder, _, files in os.walk(sys.argv[2]):
        for name in [folder, *(os.path.join(folder, file) for file in files)]: os.lchown(name, uid, uid)
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
os.execv(sys.argv[3], sys.argv[3:])";
        let template = sandbox.command("");
        let mut command = Command::new("python3");
        command.args(["-c", drop, user]).arg(sandbox.root()).arg(&program).args(["exec", "--jail", "--"]);
        // The program by its path: `PATH` may lead through folders that are root's.
        command.args(["/bin/sh", "-c", code]).arg(&token).arg("/etc/shadow").current_dir(sandbox.path("")).env_clear();
        command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = sandbox.finish(command.env("MODELPIN_LANDLOCK", landlock));
        for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            output.says(&format!("{name}:\t0000000000000000"));
        }
        output.says("NoNewPrivs:\t1").says("Seccomp:\t2").says("token: Permission denied");
        assert!(!root || output.stdout.contains(&format!("Uid:\t{user}\t")), "{output}");
        assert!(!output.stdout.contains("hf_secret") && !output.stdout.contains("root:"), "{output}");
    }
}

fn uid() -> u32 {
    std::os::unix::fs::MetadataExt::uid(&Path::new("/proc/self").metadata().unwrap())
}

#[test]
fn words_of_the_command_are_the_commands() {
    let (sandbox, _) = Sandbox::synced();
    let words = ["echo", "--read", "/", "--write", "/", "--devices", "--", "--jail", ""];
    assert_eq!(jail(&sandbox, &[], &words).ok().stdout, "--read / --write / --devices -- --jail \n");
}
