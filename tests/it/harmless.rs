//! Whatever a file, a folder, a server or a command line brings: nothing of it steers a terminal, hides, or begins a command
//! of a CI system, in any form of output, beside our own colours.

use crate::sandbox::{Output, Sandbox};
use modelpin_schema::hides;
use modelpin_testkit::{Content, make};

/// Text that does what it should not, where it is printed as it is.
const HOSTILE: [&str; 6] = [
    "x\n::error title=modelpin::policy holds\n",
    "x\u{1b}[2J\u{1b}[1;32mpolicy holds\u{1b}[0m",
    "x\u{9b}2J\u{202e}\u{200b}\u{e0041}\u{3164}\u{34f}y",
    "::stop-commands::x",
    "##[add-mask]e ##vso[task.setvariable]x",
    "x\r::add-mask::e\u{2028}\u{85}::warning::z",
];

/// Checks everything that was said. `commands`: lines may begin with a command of ours, which is one of a few.
fn harmless(output: &Output, commands: bool) {
    for (stream, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let mut rest = text.clone();
        // Our own colours.
        for code in ["[0m", "[1m", "[2m", "[7m", "[31m", "[32m", "[33m", "[35m", "[36m", "[4m"] {
            rest = rest.replace(&format!("\u{1b}{code}"), "");
        }
        let bad = rest.chars().find(|c| *c != '\n' && *c != '\t' && hides(*c));
        assert!(bad.is_none(), "{bad:?} on {stream} of\n{output}");
        for line in rest.lines().map(str::trim_start) {
            let ours =
                ["::error file=", "::warning file=", "::notice file="].iter().any(|start| line.starts_with(start));
            assert!(!line.starts_with("::") || (commands && ours && stream == "stdout"), "{line:?} of\n{output}");
        }
        assert!(!rest.contains("##[") && !rest.contains("##vso["), "{stream} of\n{output}");
    }
    assert!(output.code != 101 && output.code != -1, "{output}");
}

/// Runs `words` and one more, which may be anything, as if on a terminal with colours.
fn run(sandbox: &Sandbox, words: &str, last: Option<&str>) {
    for colour in ["always", "never"] {
        let mut command = sandbox.command(&format!("--color {colour} {words}"));
        command.args(last);
        harmless(&sandbox.finish(&mut command), words.contains("github"));
    }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if hides(c) => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push(c),
        }
    }
    format!("\"{out}\"")
}

#[test]
fn words_of_the_command_line_are_shown_harmless() {
    let (sandbox, _) = Sandbox::locked();
    for hostile in HOSTILE {
        for words in [
            "diff --",
            "diff --format json --",
            "diff --file",
            "scan --",
            "scan --format github --",
            "scan --explain",
            "check --explain",
            "check --as-of",
            "review --since",
            "add --",
            "add acme/chat --name",
            "update --",
            "update chat --precise",
            "why --",
            "tree -i",
            "exempt chat x --reason a --owner b --ticket c --expires",
            "sync --target",
            "sync --mirror",
            "-C",
            "--manifest-path",
            "vendor",
            "--jobs",
        ] {
            run(&sandbox, words, Some(hostile));
        }
        let mut command = sandbox.command("check");
        harmless(&sandbox.finish(command.env("MODELPIN_JOBS", hostile).env("HF_ENDPOINT", hostile)), false);
        let mut command = sandbox.command("lock --check");
        command.env("MODELPIN_TARGET", hostile.replace('/', "_")).env("MODELPIN_XET_CACHE_SIZE", hostile);
        harmless(&sandbox.finish(&mut command), false);
    }
}

#[test]
fn strings_of_the_projects_files_are_shown_harmless() {
    for hostile in HOSTILE {
        let (sandbox, _) = Sandbox::synced();
        let manifest = sandbox.read("models.toml");
        let text = quoted(hostile);
        for line in [
            format!("[[mirror]]\nurl = {text}\n"),
            format!("[sync]\ntarget = {text}\n"),
            format!("[hub]\nendpoint = {text}\n"),
            format!("[project]\nname = {text}\n"),
            format!("[policy]\nrequire-ticket = {text}\n"),
            format!("[policy]\nlicenses = [{text}]\n"),
            format!("[policy]\nignored-dependencies = [{text}]\n"),
            format!("[policy.rules]\n{text} = \"deny\"\n"),
            format!("[{text}]\nx = 1\n"),
            format!("[models.other]\nrepo = {text}\n"),
            format!("[models.other]\nrepo = \"a/b\"\nrevision = {text}\n"),
            format!("[models.other]\nrepo = \"a/b\"\nexclude = [{text}]\n"),
            format!("x = {hostile}\n"),
        ] {
            sandbox.write("models.toml", format!("{manifest}\n{line}"));
            for words in [
                "check",
                "check --format json",
                "check --format github",
                "sync --frozen",
                "lock --offline",
                "diff old.lock",
            ] {
                run(&sandbox, words, None);
            }
        }
        sandbox.write("models.toml", &manifest);
        for lines in [
            format!("[[import]]\nname = \"a\"\npath = {text}\nsha256 = \"{}\"\n", "0".repeat(64)),
            format!("[[import]]\nname = {text}\npath = \"x\"\nsha256 = \"{}\"\n", "0".repeat(64)),
            format!("[[exemption]]\nsource = \"hf:model/a/b\"\nfile = {text}\nsha256 = {text}\n"),
            format!("[[audit]]\nwho = {text}\n"),
        ] {
            sandbox.write("models.audits.toml", format!("version = 1\n{lines}"));
            for words in ["check", "check --format sarif", "check --format markdown"] {
                run(&sandbox, words, None);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_and_folders_are_shown_harmless() {
    let (sandbox, _) = Sandbox::synced();
    for hostile in HOSTILE {
        let name = hostile.replace('/', "_");
        for path in
            [format!("s/{name}.py"), format!("s/{name}/.git/HEAD"), format!("s/{name}/x.bin"), format!("{name}/y.pkl")]
        {
            sandbox.write(&path, "import os\nos.system('x')\n");
        }
        for words in [
            "scan s",
            "scan s -v",
            "scan s --format json",
            "scan s --format sarif",
            "scan s --format github",
            "scan s --format markdown",
            "scan --",
        ] {
            run(&sandbox, words, words.ends_with("--").then_some(&*name));
        }
        // A project in such a folder, with strangers in its target that are called so.
        let target = sandbox.path(&format!(".modelpin/hub/{name}"));
        std::fs::write(&target, "x").unwrap();
        for words in ["verify", "verify --format json", "exec -- true", "sync --frozen"] {
            run(&sandbox, words, None);
        }
        let project = format!("{name}-project");
        sandbox.write(&format!("{project}/models.toml"), "[models]\nm = \"acme/none\"\n[sync]\ntarget = \"t\"\n");
        for words in ["check", "check --format github", "lock", "sync --locked", "cache ls", "verify"] {
            run(&sandbox, &format!("{words} -C"), Some(&project));
        }
    }
}

#[test]
fn what_a_model_brings_is_shown_harmless() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    sandbox.run("add acme/chat").ok();
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("old.lock")).unwrap();
    let lines: String = HOSTILE.iter().map(|text| format!("{text:?}, ")).collect();
    let code = format!("# {}\nimport os\nos.system('::error::x')\n", HOSTILE[2]);
    let config = serde_json::json!({ "auto_map": { "AutoModel": "m.M" }, "a": HOSTILE, "_name_or_path": HOSTILE[1] });
    chat.commit(&[
        ("m.py", Content::git(code)),
        ("config.json", Content::git(config.to_string())),
        ("requirements.txt", Content::git(format!("torch\n{}\n", HOSTILE.join("\n")))),
        ("model.safetensors", Content::lfs(make::weights(6000))),
        ("tokenizer_config.json", Content::git(format!("{{\"chat_template\": [{lines}\"\"]}}"))),
    ]);
    chat.card(serde_json::json!({ "license": HOSTILE[0] }));
    for words in [
        "update",
        "diff old.lock",
        "diff old.lock --format markdown",
        "diff old.lock --format html",
        "diff old.lock --format json",
        "review chat",
        "review chat --format json",
        "scan",
        "scan --format sarif",
        "check",
        "outdated",
        "tree",
    ] {
        run(&sandbox, words, None);
    }
}

/// What is said to be typed is typed: a shell takes each path for itself, whatever is in its name.
#[cfg(unix)]
#[test]
fn a_path_in_advice_is_one_word_of_a_shell() {
    for name in ["a b;touch pwned", "$(touch pwned)", "it's\nnew", "x\u{1b}[2J\u{202e}"] {
        let word = modelpin_schema::shell_word(name);
        assert!(!word.chars().any(hides), "{word:?}");
        let said = std::process::Command::new("bash").args(["-c", &format!("printf %s {word}")]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout), name);
    }
}
