//! Repos of several variants of the same weights: the choice, and who is asked for it.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};
use std::process::Command;

/// A project, and `acme/chat-GGUF` with three quantizations.
fn with_quants() -> Sandbox {
    let sandbox = Sandbox::new();
    let weights = |size: usize| Content::lfs(make::weights(size));
    sandbox.hub.model("acme/chat-GGUF").commit(&[
        ("README.md", Content::git("x")),
        ("chat.Q2_K.gguf", weights(1000)),
        ("chat.Q4_K_M.gguf", weights(2000)),
        ("chat.Q8_0.gguf", weights(4000)),
    ]);
    sandbox
}

#[test]
fn without_a_choice_the_variants_are_listed_and_nothing_is_written() {
    let sandbox = with_quants();
    expect![[r#"
        error: `chat-gguf`: 3 variants, 7.1 KiB
          expected:  a choice: a loader takes one of them
          got:       `Q2_K` (1.1 KiB), `Q4_K_M` (2.1 KiB), `Q8_0` (4.0 KiB)
        help: run `modelpin add acme/chat-GGUF:Q4_K_M` to take this one
        help: run `modelpin add acme/chat-GGUF --include chat.Q4_K_M.gguf` to take exactly these files
        help: run `modelpin add acme/chat-GGUF --all` to take all of them
    "#]]
    .assert_eq(&sandbox.run("add acme/chat-GGUF").refused(2).stderr);
    assert_eq!(sandbox.read("models.toml"), "[models]\n");
    assert!(!sandbox.path("models.lock").exists());
    // Somebody who writes models.toml by hand is told the key as well.
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat-GGUF\"\n");
    for words in ["lock", "sync"] {
        sandbox
            .run(words)
            .refused(2)
            .says("3 variants")
            .says("write `variant = \"Q4_K_M\"` for `chat` in models.toml")
            .says("`modelpin add acme/chat-GGUF:Q4_K_M --name chat`");
    }
    sandbox.run("add acme/chat-GGUF:Q4_K_M --name chat").ok();
    assert_eq!(sandbox.read("models.toml"), "[models]\nchat = { repo = \"acme/chat-GGUF\", variant = \"Q4_K_M\" }\n");
}

#[test]
fn one_variant_is_taken_in_any_case_and_replaced_by_another() {
    let sandbox = with_quants();
    sandbox.run("add acme/chat-GGUF@main:q4_k_m").ok();
    assert_eq!(
        sandbox.read("models.toml"),
        "[models]\n\n[models.chat-gguf]\nrepo = \"acme/chat-GGUF\"\nvariant = \"Q4_K_M\"\n"
    );
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("variant = \"Q4_K_M\"") && lock.contains("chat.Q4_K_M.gguf"), "{lock}");
    assert!(!lock.contains("\"chat.Q8_0.gguf\" = { kind = \"gguf\""), "{lock}");
    sandbox.edit("models.toml", "Q4_K_M", "q4_k_M");
    sandbox.run("lock --check").ok();
    sandbox.run("add acme/chat-GGUF --quant q8_0").ok().says("chat-gguf changed").says("variant");
    assert!(sandbox.read("models.toml").contains("variant = \"Q8_0\""), "{}", sandbox.read("models.toml"));
    sandbox.edit("models.toml", "Q8_0", "Q2_K");
    sandbox.run("lock --check").exits(3).says("variant");
    sandbox.run("add acme/chat-GGUF --all").ok();
    let lock = sandbox.read("models.lock");
    assert!(
        ["Q2_K", "Q4_K_M", "Q8_0"].iter().all(|quant| lock.contains(&format!("\"chat.{quant}.gguf\" ="))),
        "{lock}"
    );
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_variant_that_is_not_there_and_contradictions_are_refused() {
    let sandbox = with_quants();
    sandbox.chat();
    expect![[r#"
        error: `chat-gguf`: no variant named `Q4_K_L`
          expected:  one of `Q2_K`, `Q4_K_M`, `Q8_0`
        help: run `modelpin add acme/chat-GGUF:Q4_K_M` to take this one
    "#]]
    .assert_eq(&sandbox.run("add acme/chat-GGUF:Q4_K_L").refused(2).stderr);
    sandbox.run("add acme/chat:Q4_K_M").refused(2).says("a repo without variants").says("`modelpin add acme/chat`");
    for (words, both) in [
        ("add acme/chat-GGUF:Q8_0 --variant Q2_K", "`:VARIANT` and `--variant` exclude each other"),
        ("add acme/chat-GGUF:Q8_0 --all", "`:VARIANT` and `--all` exclude each other"),
        ("add acme/chat-GGUF --all --quant Q2_K", "--all"),
        ("add acme/chat-GGUF:", "not a name of a variant"),
        ("add acme/chat-GGUF:a/b", "not a name of a variant"),
    ] {
        sandbox.run(words).exits(2).says(both);
    }
    assert_eq!(sandbox.read("models.toml"), "[models]\n");
}

/// Runs the words with a pseudo-terminal for input, output and messages, on which `answer` is typed.
#[cfg(target_os = "linux")]
fn at_terminal(sandbox: &Sandbox, words: &str, answer: &str) -> (i32, String) {
    use std::io::Write as _;
    use std::process::Stdio;
    let plain = sandbox.command("");
    // `script` of util-linux: `--return` gives the program's exit code; what it reads is typed on the terminal.
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--echo", "never", "--command"]);
    command.arg(format!("{} {words}", env!("CARGO_BIN_EXE_modelpin"))).arg("/dev/null");
    command.current_dir(sandbox.path("")).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    (output.status.code().unwrap_or(-1), sandbox.clean(&shown))
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_at_a_terminal_is_asked() {
    for (answer, variant) in [("2\n", "Q4_K_M"), ("q8_0\n", "Q8_0"), ("all\n", "all")] {
        let sandbox = with_quants();
        let (code, shown) = at_terminal(&sandbox, "add acme/chat-GGUF", answer);
        assert_eq!(code, 0, "{shown}");
        for line in
            ["`acme/chat-GGUF` has 3 variants", "2  Q4_K_M  2.1 KiB  (most people take this one)", "number or name"]
        {
            assert!(shown.contains(line), "no {line} in\n{shown}");
        }
        assert!(sandbox.read("models.toml").contains(&format!("variant = \"{variant}\"")), "{shown}");
        sandbox.run("lock --check").ok();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_who_chooses_nothing_changes_nothing() {
    // The end of the input is what a terminal makes of Ctrl-D.
    for answer in ["\n", "\u{4}", "9\n", "Q9\n"] {
        let sandbox = with_quants();
        let (code, shown) = at_terminal(&sandbox, "add acme/chat-GGUF", answer);
        assert_eq!(code, 2, "{answer:?}: {shown}");
        assert!(shown.contains("nothing was changed"), "{shown}");
        assert_eq!(sandbox.read("models.toml"), "[models]\n");
        assert!(!sandbox.path("models.lock").exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_is_asked_in_ci_or_for_a_program() {
    for words in ["add acme/chat-GGUF --format json", "add acme/chat-GGUF --quiet"] {
        let sandbox = with_quants();
        let (code, shown) = at_terminal(&sandbox, words, "2\n");
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains("3 variants") && !shown.contains("number or name"), "{shown}");
    }
}
