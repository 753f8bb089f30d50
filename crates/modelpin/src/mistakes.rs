//! Invalid command lines: clap's errors, with better advice where people know a command or option by another name.

use crate::cli;
use crate::exit::Exit;
use crate::out;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use modelpin_schema::fault::nearest;

/// What other tools call a command, and the command here that does it.
const COMMANDS: &[(&str, &str)] = &[
    ("allow", "exempt"),
    ("approve", "certify"),
    ("audit", "check"),
    ("bump", "update"),
    ("bundle", "vendor"),
    ("changes", "diff"),
    ("ci", "sync --locked"),
    ("clean", "cache prune"),
    ("clone", "add"),
    ("create", "init"),
    ("del", "remove"),
    ("delete", "remove"),
    ("download", "sync"),
    ("fetch", "sync"),
    ("freeze", "lock"),
    ("gc", "cache prune"),
    ("get", "sync"),
    ("graph", "tree"),
    ("i", "sync"),
    ("ignore", "exempt"),
    ("inspect", "scan"),
    ("install", "sync"),
    ("lint", "check"),
    ("list", "tree"),
    ("ls", "tree"),
    ("mirror", "vendor"),
    ("new", "init"),
    ("pin", "add"),
    ("prune", "cache prune"),
    ("pull", "sync"),
    ("restore", "sync"),
    ("rm", "remove"),
    ("run", "exec"),
    ("shell", "env"),
    ("show", "tree"),
    ("trust", "certify"),
    ("uninstall", "remove"),
    ("unlock", "update"),
    ("up", "update"),
    ("upgrade", "update"),
    ("validate", "check"),
    ("vet", "certify"),
];

/// Commands that move pins, remove entries or let files in: suggested for a slip of one letter only.
const CAREFUL: &[&str] = &["add", "certify", "convert", "exempt", "lock", "remove", "update"];

/// An option that somebody may look for, of a command or of all (`""`), and what does it here.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("", "--cache-dir", "set `MODELPIN_CACHE_DIR`"),
    ("", "--json", "use `--format json`"),
    ("", "--no-color", "use `--color never`"),
    ("", "--token", "set `HF_TOKEN`"),
    ("add", "--branch", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--commit", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--ref", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--rev", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--revision", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--tag", "write the revision behind the repo: `modelpin add ORG/REPO@REV`"),
    ("add", "--repo-type", "use `--dataset` for a dataset"),
    ("sync", "--check", "`modelpin verify` checks the installed files, `modelpin lock --check` checks models.lock"),
    ("sync", "--dry-run", "`modelpin verify` shows what differs from models.lock"),
    ("sync", "--force", "`modelpin sync` repairs every file that differs from models.lock"),
    ("update", "--rev", "use `modelpin update NAME --precise REV`"),
    ("update", "--revision", "use `modelpin update NAME --precise REV`"),
    ("update", "--version", "change `version` in models.toml, then run `modelpin update NAME`"),
];

/// Prints help and version on stdout (exit 0), and an invalid command line on stderr (exit 2).
pub(crate) fn report(mut error: Error) -> Exit {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Ok;
    }
    advise(&mut error);
    // The message repeats text that was typed, or that a script took from elsewhere, among lines of its own.
    let set = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MODELPIN_"));
    let words = std::env::args_os().skip(1).chain(set.map(|(_, value)| value));
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().all(|word| out::spelled(word) == *word) {
        let _ = error.print();
        return Exit::Usage;
    }
    let mut text = error.render().to_string();
    for word in &words {
        let value = word.split_once('=').map_or("", |(_, value)| value);
        // Clap may have taken out what looks like a style.
        for part in [word, value].into_iter().filter(|part| part.contains('\n')) {
            let bare = anstream::adapter::strip_str(part).to_string();
            text = text.replace(part, &out::spelled(part)).replace(&bare, &out::spelled(part));
        }
    }
    out::stderr(&text);
    Exit::Usage
}

/// Replaces clap's guesses by better advice.
fn advise(error: &mut Error) {
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            error.remove(ContextKind::SuggestedSubcommand);
            text(error, ContextKind::InvalidSubcommand).and_then(|word| instead_of(&word))
        }
        ErrorKind::UnknownArgument => {
            let command = cli::command();
            let mut words = std::env::args_os().skip(1).filter_map(|word| word.into_string().ok());
            let command = words.find(|word| command.find_subcommand(word).is_some()).unwrap_or_default();
            text(error, ContextKind::InvalidArg).and_then(|option| option_instead_of(&command, &option))
        }
        _ => None,
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// The command to use instead of `word`: one that other tools call so, or one that is spelt alike.
fn instead_of(word: &str) -> Option<String> {
    let all = cli::command();
    let known = COMMANDS.iter().find(|(other, _)| *other == word).map(|(_, command)| *command);
    let command = known.or_else(|| {
        let near = nearest(word, all.get_subcommands().map(clap::Command::get_name))?;
        (!CAREFUL.contains(&near) || is_slip(word, near)).then_some(near)
    })?;
    let first = command.split(' ').next().unwrap_or(command);
    let about = all.find_subcommand(first).and_then(clap::Command::get_about).map(ToString::to_string);
    let about = about.filter(|_| first == command).map(|about| format!(": {about}")).unwrap_or_default();
    Some(format!("use `modelpin {command}`{about}"))
}

/// Whether one letter was left out, added, changed or moved to its neighbour's place.
fn is_slip(word: &str, command: &str) -> bool {
    let (word, command): (Vec<char>, Vec<char>) = (word.chars().collect(), command.chars().collect());
    let start = word.iter().zip(&command).take_while(|(a, b)| a == b).count();
    let longest = (word.len().min(command.len())) - start;
    let end = word.iter().rev().zip(command.iter().rev()).take_while(|(a, b)| a == b).count().min(longest);
    match (word.get(start..word.len() - end), command.get(start..command.len() - end)) {
        (Some([a, b]), Some([c, d])) => (a, b) == (d, c),
        (Some(left), Some(right)) => left.len() <= 1 && right.len() <= 1,
        _ => false,
    }
}

fn option_instead_of(command: &str, option: &str) -> Option<String> {
    let found = OPTIONS.iter().find(|(of, other, _)| *other == option && (of.is_empty() || *of == command));
    found.map(|(_, _, advice)| (*advice).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{CAREFUL, COMMANDS, cli, instead_of, is_slip};

    #[test]
    fn every_tip_is_a_command_and_no_other_name_is() {
        let all = cli::command();
        for (other, command) in COMMANDS {
            assert!(all.find_subcommand(other).is_none(), "{other}");
            assert!(all.find_subcommand(command.split(' ').next().unwrap()).is_some(), "{command}");
        }
        assert!(CAREFUL.iter().all(|command| all.find_subcommand(command).is_some()));
    }

    #[test]
    fn what_moves_pins_is_suggested_for_a_slip_only() {
        assert!(is_slip("updat", "update") && is_slip("upadte", "update") && is_slip("lokc", "lock"));
        assert!(!is_slip("audit", "update") && !is_slip("", "update"));
        let tip = |word: &str| instead_of(word).unwrap_or_default();
        assert!(tip("install").starts_with("use `modelpin sync`: "));
        assert_eq!(tip("clean"), "use `modelpin cache prune`");
        assert!(tip("upadte").starts_with("use `modelpin update`"));
        assert!(tip("snyc").starts_with("use `modelpin sync`"), "{}", tip("snyc"));
        for word in ["date", "unlocked", "additional", "rewire"] {
            assert!(
                CAREFUL.iter().all(|command| !tip(word).starts_with(&format!("use `modelpin {command}`"))),
                "{word}"
            );
        }
    }
}
