//! The command line as a whole: help, words of other tools, colours, and a reader that goes away.

use crate::sandbox::Sandbox;

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
