//! Commands that install packages: what they ask for, word by word.

use super::asked::asked;
use super::{conda, package, pip};
use crate::engine::{Location, Scan};

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// pip, or what takes its arguments.
    Pip,
    /// Conda, or what takes its arguments.
    Conda,
}

/// Options that change how something is installed, not what.
const HOW: &[&str] = &[
    "-q",
    "-qq",
    "-qqq",
    "-U",
    "-qU",
    "-Uq",
    "-qqU",
    "-Uqq",
    "-v",
    "-y",
    "-I",
    "--quiet",
    "--upgrade",
    "--yes",
    "--user",
    "--no-cache-dir",
    "--no-cache",
    "--force-reinstall",
    "--ignore-installed",
    "--no-build-isolation",
    "--no-warn-script-location",
    "--disable-pip-version-check",
    "--root-user-action",
    "--break-system-packages",
    "--no-input",
    "--verbose",
    "--system",
    "--dry-run",
    "--override-channels",
];

/// The same with a value of their own.
const HOW_WITH: &[&str] = &[
    "--progress-bar",
    "--upgrade-strategy",
    "--timeout",
    "--retries",
    "--default-timeout",
    "-n",
    "--name",
    "--resolution",
];

/// Options that say what is installed or from where, in one word or with the next.
const WHAT: &[&str] = &["-r", "-c", "-e", "-f", "-i", "--channel"];

/// Judges the arguments of `install`. Says whether all of them are known.
pub(crate) fn install(tool: Tool, words: &[&str], at: &Location, scan: &mut Scan<'_>) -> bool {
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        let option = word.split('=').next().unwrap_or(word);
        if let Some(target) = word.strip_prefix('>').or_else(|| word.strip_prefix("2>")) {
            let target = if target.is_empty() { words.next().unwrap_or_default() } else { target };
            if !matches!(target, "/dev/null" | "&1") {
                return false;
            }
        } else if HOW.contains(&option) {
        } else if HOW_WITH.contains(&option) {
            if option == word {
                words.next();
            }
        } else if word.starts_with('-') {
            let takes_next = !word.contains('=')
                && (WHAT.contains(&word)
                    || word.starts_with("--") && words.peek().is_some_and(|next| !next.starts_with('-')));
            let value = if takes_next { words.next().unwrap_or_default() } else { "" };
            match (tool, word) {
                (Tool::Conda, "-c" | "--channel") => conda::channel(value, at.clone(), scan),
                _ => pip::entry(&format!("{word} {value}"), "", at.clone(), scan),
            }
        } else {
            one(tool, word, at, scan);
        }
    }
    true
}

fn one(tool: Tool, word: &str, at: &Location, scan: &mut Scan<'_>) {
    match tool {
        // A shell takes what is behind `>` for a file, and pip gets what is before it.
        Tool::Pip => package::check(word, at.clone(), scan),
        Tool::Conda if word.contains("::") || word.contains("://") => conda::dependency(word, at.clone(), scan),
        Tool::Conda => {
            let name = word.split(['=', '<', '>']).next().unwrap_or(word);
            asked(name, word.get(name.len()..).unwrap_or_default(), scan);
            package::name(name, at.clone(), scan);
        }
    }
}
