//! The small commands.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::Content;

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

#[test]
fn env_is_what_a_shell_can_read() {
    let (sandbox, _) = Sandbox::synced();
    let shell = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{}\necho \"$HF_HUB_CACHE\"", sandbox.run("env").ok().stdout))
        .output()
        .unwrap();
    assert_eq!(sandbox.clean(&String::from_utf8_lossy(&shell.stdout)), "[DIR]/project/.modelpin/hub\n");
}

#[test]
fn export_is_what_sha256sum_reads() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write("SUMS", sandbox.run("export --format sha256sums").ok().stdout.clone());
    let checked = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "../../SUMS"])
        .current_dir(sandbox.path(".modelpin/hub"))
        .status();
    assert!(checked.unwrap().success());
}

#[test]
fn the_lock_s_tree_is_what_sha256sum_says() {
    let (sandbox, chat) = Sandbox::synced();
    let folder = sandbox.snapshot(&chat.head(), "");
    let script = "sha256sum * | sha256sum | cut -d' ' -f1";
    let summed =
        std::process::Command::new("sh").env("LC_ALL", "C").args(["-c", script]).current_dir(folder).output().unwrap();
    let tree = String::from_utf8(summed.stdout).unwrap();
    assert!(sandbox.read("models.lock").contains(&format!("tree = \"sha256:{}\"", tree.trim())));
}

#[test]
fn the_cache_is_listed_pruned_and_verified() {
    let (sandbox, chat) = Sandbox::synced();
    assert_eq!(sandbox.run("cache dir").ok().stdout, "[DIR]/store\n");
    assert_eq!(sandbox.run("cache ls").ok().stdout.lines().count(), 2);
    chat.commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("update").ok();
    sandbox.run("cache prune --dry-run").ok().says("would remove 1 file (");
    assert_eq!(sandbox.run("cache ls").stdout.lines().count(), 3);
    sandbox.run("cache prune").ok().says("removed 1 file (");
    sandbox.run("cache verify").ok().says("2 files");
    sandbox.run("sync --frozen").ok();
    sandbox.write("models.lock", "nonsense");
    sandbox.run("cache prune").exits(2);
    assert_eq!(sandbox.run("-C / cache ls --format json").ok().stdout.matches("sha256").count(), 2);
}

#[test]
fn completions_are_made_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(sandbox.run(&format!("completions {shell}")).ok().stdout.contains("modelpin"));
    }
}

#[test]
fn help_and_version_are_there_and_slips_are_2() {
    let sandbox = Sandbox::new();
    sandbox.run("--version").ok().says("modelpin 0.");
    for words in ["--help", "help sync", "sync --help"] {
        assert!(sandbox.run(words).ok().stdout.contains("Examples:"), "{words}");
    }
    for words in ["", "sink", "sync --lokced", "add", "update --precise main", "update a b --precise main"] {
        sandbox.run(words).exits(2);
    }
}

#[test]
fn short_help_fits_a_screen() {
    let sandbox = Sandbox::new();
    let mut all = vec![String::new()];
    for command in modelpin::cli::command().get_subcommands() {
        all.push(command.get_name().to_owned());
        all.extend(command.get_subcommands().map(|part| format!("{} {}", command.get_name(), part.get_name())));
    }
    assert!(all.len() > 25);
    for command in all {
        let output = sandbox.run_with(&[("COLUMNS", "80")], &format!("{command} -h"));
        let lines = output.ok().stdout.lines();
        assert!(lines.clone().count() < 50 && lines.clone().all(|line| line.chars().count() <= 80), "{output}");
        // A command's own options come first.
        let own = output.stdout.find("\nOptions:");
        assert!(own.is_none_or(|own| own < output.stdout.find("\nGlobal options:").unwrap()), "{output}");
    }
}

#[test]
fn words_of_other_tools_lead_to_the_command() {
    let sandbox = Sandbox::new();
    for (words, tip) in [
        ("install", "use `modelpin sync`: "),
        ("audit", "use `modelpin check`: "),
        ("clean", "use `modelpin cache prune`"),
        ("upgrade", "use `modelpin update`: "),
        ("ls", "use `modelpin tree`: "),
        ("add acme/chat --revision main", "`modelpin add ORG/REPO@REV`"),
        ("tree --json", "use `--format json`"),
    ] {
        let output = sandbox.run(words);
        output.exits(2).says(tip);
        assert_eq!(output.stderr.matches("tip: ").count(), 1, "{output}");
    }
}

#[test]
fn quiet_says_refusals_only_and_colours_are_asked_for() {
    let (sandbox, _) = Sandbox::locked();
    let output = sandbox.run("sync --quiet");
    assert_eq!((output.ok().stdout.as_str(), output.stderr.as_str()), ("", ""));
    assert!(sandbox.run("--quiet lock --check").ok().stderr.is_empty());
    assert!(!sandbox.run("add x/y").stderr.contains('\u{1b}'));
    assert!(sandbox.run("--color always add x/y").stderr.contains('\u{1b}'));
    assert!(
        !sandbox
            .run_with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], "--color never add x/y")
            .stderr
            .contains('\u{1b}')
    );
}

#[test]
fn a_reader_that_has_read_enough_is_no_trouble() {
    let (sandbox, _) = Sandbox::synced();
    let mut child = sandbox.command("tree").stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
