//! What `exec` and `env` tell a program: every variable of the table, and a home that holds the target and nothing else.

use crate::sandbox::{Output, Sandbox, mkfifo};
use modelpin_ops::exec::{TABLE, Value};
use modelpin_testkit::Content;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The lines `NAME=VALUE` of an environment.
fn variables(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A shell that does what `modelpin env` printed, then `script`.
fn shell(sandbox: &Sandbox, command: &mut Command, script: &str) -> Output {
    let printed = command.output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let text = format!("{}\n{script}", String::from_utf8(printed.stdout).unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &text])
        .current_dir(sandbox.path(""))
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    sandbox.finish(&mut shell)
}

#[test]
fn no_variable_of_the_person_s_own_leads_a_loader_elsewhere() {
    let (sandbox, _) = Sandbox::synced();
    let poison = |command: &mut Command| {
        command.envs(TABLE.iter().map(|variable| (variable.name, format!("/elsewhere/{}", variable.name))));
        // What modelpin itself reads of these has another meaning, or is none of this.
        command.env("HF_HUB_OFFLINE", "0").env("TRANSFORMERS_OFFLINE", "0").env_remove("HF_HUB_CACHE");
    };
    let mut exec = sandbox.command("exec -- env");
    poison(&mut exec);
    let told = variables(&sandbox.finish(&mut exec).ok().stdout);
    let mut env = sandbox.command("env");
    poison(&mut env);
    let in_shell = variables(&shell(&sandbox, &mut env, "env").ok().stdout);
    for all in [&told, &in_shell] {
        for variable in TABLE {
            let value = all.get(variable.name);
            match variable.value {
                Value::Kept => assert_eq!(value.unwrap(), &format!("/elsewhere/{}", variable.name)),
                Value::Unset | Value::Folders => assert_eq!(value, None, "{}", variable.name),
                Value::Text(text) => assert_eq!(value.unwrap(), text),
                Value::Hub => assert_eq!(value.unwrap(), "[DIR]/project/.modelpin/hub"),
                Value::Home => assert!(value.unwrap().starts_with("[DIR]/store/projects/"), "{value:?}"),
                Value::Modules | Value::Below(_) => {
                    assert!(value.unwrap().starts_with(&format!("{}/", all["HF_HOME"])), "{value:?}");
                }
            }
        }
    }
    let data = sandbox.run("env --format json").ok().result();
    let names = |value: &serde_json::Value| -> BTreeSet<String> {
        let list = value.as_array().map(|all| all.iter().map(|name| name.as_str().unwrap().to_owned()).collect());
        list.unwrap_or_else(|| value.as_object().unwrap().keys().cloned().collect())
    };
    let (set, unset) = (names(&data["set"]), names(&data["unset"]));
    for variable in TABLE {
        let is_set = told.contains_key(variable.name) && variable.value != Value::Kept;
        assert_eq!(set.contains(variable.name), is_set, "{}", variable.name);
        assert_eq!(unset.contains(variable.name), !is_set && variable.value != Value::Kept, "{}", variable.name);
    }
}

#[test]
fn a_variable_that_the_person_names_for_a_token_is_taken_away() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.grant("hubs.\"https://a.example\".token-variable = \"CORP_TOKEN\"");
    sandbox.grant("hubs.\"https://b.example\" = { token-variable = \"_OTHER\" }");
    sandbox.grant("hubs.\"https://c.example\" = { token-variable = \"HF_TOKEN\" }");
    sandbox.grant("hubs.\"https://d.example\" = { token-variable = \"CORP_TOKEN\" }");
    let poisoned = |words: &str| {
        let mut command = sandbox.command(words);
        command.envs(["CORP_TOKEN", "_OTHER", "HF_TOKEN", "MINE"].map(|name| (name, "hf_s3cr3t")));
        command
    };
    let exec = sandbox.finish(&mut poisoned("exec -- env"));
    let in_shell = shell(&sandbox, &mut poisoned("env"), "env");
    for output in [exec, in_shell] {
        let left: Vec<_> =
            variables(&output.ok().stdout).into_iter().filter(|(_, value)| value == "hf_s3cr3t").collect();
        assert_eq!(left, [("MINE".to_owned(), "hf_s3cr3t".to_owned())]);
    }
    let printed = sandbox.run("env");
    assert_eq!(printed.ok().stdout.matches("unset CORP_TOKEN\n").count(), 1, "{printed}");
}

#[test]
fn the_home_is_the_run_s_own_and_holds_the_target() {
    let (sandbox, _) = Sandbox::synced();
    let own = sandbox.root().join("home/.cache/huggingface");
    std::fs::create_dir_all(own.join("modules")).unwrap();
    std::fs::write(own.join("token"), "hf_secret").unwrap();
    let script = "find \"$HF_HOME\" | sed \"s|^$HF_HOME|HOME|\" | sort; cat \"$HF_HOME\"/hub/models--acme--chat/refs/main > /dev/null
        readlink \"$HF_HOME/hub\"; stat -c %a \"$HF_HOME\"
        mkdir -p \"$HF_MODULES_CACHE\" \"$HF_DATASETS_CACHE\"; echo hf_x > \"$HF_HOME/token\"; echo $HF_HOME > last";
    let run = || sandbox.finish(sandbox.command("exec -- sh -c").arg(script));
    let last = || sandbox.read("last");
    let expected = "HOME\nHOME/hub\n[DIR]/project/.modelpin/hub\n700\n";
    assert_eq!(run().ok().stdout, expected);
    let first = last();
    assert_eq!(run().ok().stdout, expected, "nothing of the last run is there");
    assert_ne!(first, last());
    assert_eq!(shell(&sandbox, &mut sandbox.command("env"), script).ok().stdout, expected);
    sandbox.run("verify").ok();
}

#[test]
fn a_home_stays_while_its_command_runs_and_goes_after() {
    let (sandbox, _) = Sandbox::synced();
    let exec = format!("{} exec --", env!("CARGO_BIN_EXE_modelpin"));
    // As if it had been started an hour ago; what it started goes on after it.
    let script = format!(
        "echo $HF_HOME > first; touch -d '1 hour ago' $HF_HOME; {exec} true && test -d $HF_HOME && echo there
         (read line < pipe; {exec} true; test -d $HF_HOME && echo still; touch -d '1 hour ago' $HF_HOME) > late &"
    );
    mkfifo(sandbox.path("pipe"));
    let mut command = sandbox.command("exec -- sh -c");
    command.env_remove("HF_ENDPOINT").stderr(std::process::Stdio::null());
    assert_eq!(sandbox.finish(command.arg(script)).ok().stdout, "there\n");
    let first = PathBuf::from(sandbox.read("first").trim());
    sandbox.run("exec -- true").ok();
    assert!(first.is_dir(), "a program that was left behind has it still");
    std::fs::write(sandbox.path("pipe"), "go\n").unwrap();
    while sandbox.read("late") != "still\n"
        || sandbox.finish(&mut sandbox.command("exec -- true")).code != 0
        || first.exists()
    {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn the_folder_of_code_is_called_by_what_the_lock_has() {
    let (sandbox, chat) = crate::withhold::coder();
    sandbox.write_audit("chat");
    sandbox.run("sync").ok();
    let code = || {
        let said = sandbox.run("exec -- printenv HF_MODULES_CACHE").ok().stdout.clone();
        let path = Path::new(said.trim()).to_owned();
        assert!(path.parent().unwrap().ends_with("modules"), "{said}");
        path.file_name().unwrap().to_owned()
    };
    let before = code();
    assert_eq!(code(), before);
    chat.commit(&[("modeling_acme.py", Content::git("import torch\n\n\nclass Acme(torch.nn.Module):\n    x = 1\n"))]);
    sandbox.run("update").exits(5);
    sandbox.write_audit("chat");
    sandbox.run("sync").ok();
    assert_ne!(code(), before);
}

#[test]
fn where_no_store_can_be_had_the_home_is_a_private_temporary_folder() {
    let (sandbox, _) = Sandbox::synced();
    let temporary = sandbox.root().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let run = |change: &dyn Fn(&mut Command)| {
        let mut command = sandbox.command("exec -- sh -c");
        command.arg("echo $HF_HOME; stat -c %a $HF_HOME; cat $HF_HOME/hub/models--acme--chat/refs/main > /dev/null");
        command.env("TMPDIR", &temporary);
        change(&mut command);
        let said = sandbox.finish(&mut command);
        assert!(said.ok().stdout.starts_with("[DIR]/temporary/modelpin-run-"), "{said}");
        assert!(said.stdout.ends_with("\n700\n"), "{said}");
    };
    run(&|command| {
        command.env_remove("HOME").env_remove("MODELPIN_CACHE_DIR");
    });
    run(&|command| {
        command.env("MODELPIN_CACHE_DIR", "/dev/null/store");
    });
    run(&|command| {
        command.env("MODELPIN_CACHE_DIR", "/proc/store");
    });
}

#[test]
fn plain_folders_are_named_and_no_cache_is_found() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n[sync]\ntarget = \"flat:weights\"\n");
    sandbox.run("sync").ok();
    let script =
        "cat $MODELPIN_MODELS/chat/config.json; test \"$HF_HUB_CACHE\" = \"$HF_HOME/hub\" && ls \"$HF_HUB_CACHE\"";
    let mut command = sandbox.command("exec -- sh -c");
    let output = sandbox.finish(command.arg(script).env("HF_HUB_CACHE", "/elsewhere"));
    assert_eq!(output.ok().stdout, "{\"a\": 1}\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_no_text_is_told_byte_for_byte() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    sandbox.chat();
    let project = sandbox.root().join(std::ffi::OsStr::from_bytes(b"caf\xe9 '\\x"));
    std::fs::create_dir(&project).unwrap();
    let command = |words: &str| {
        let mut command = sandbox.command(words);
        command.current_dir(&project);
        command
    };
    sandbox.finish(&mut command("init --name x")).ok();
    sandbox.finish(&mut command("add acme/chat")).ok();
    sandbox.finish(&mut command("sync")).ok();
    let script =
        "cat \"$HF_HUB_CACHE\"/models--acme--chat/refs/main \"$HF_HOME\"/hub/models--acme--chat/refs/main > /dev/null";
    sandbox.finish(command("exec -- sh -c").arg(script)).ok();
    shell(&sandbox, &mut command("env"), script).ok();
    for words in ["env --format json", "env --loader python"] {
        sandbox.finish(&mut command(words)).refused(2).says("not UTF-8");
    }
}

#[test]
fn exec_runs_with_the_target_and_without_secrets() {
    let (sandbox, _) = Sandbox::synced();
    let output = sandbox.run_with(&[("HF_TOKEN", "hf_x"), ("TRANSFORMERS_CACHE", "/elsewhere")], "exec -- env");
    output.ok();
    assert!(
        output.stdout.contains("HF_HUB_CACHE=[DIR]/project/.modelpin/hub\n")
            && output.stdout.contains("HF_HUB_OFFLINE=1\n"),
        "{output}"
    );
    for gone in ["HF_TOKEN", "TRANSFORMERS_CACHE", sandbox.hub.endpoint()] {
        assert!(!output.stdout.contains(gone), "{gone}: {output}");
    }
    sandbox.run("exec -- sh -c exit\t7").ok();
    assert_eq!(sandbox.finish(sandbox.command("exec -- sh -c").arg("exit 7")).code, 7);
    sandbox.run("exec -- no-such-program").exits(1).says("no-such-program");
    sandbox.run("exec").exits(2);
}
