//! Commands that a cell gives to a shell. Harmless are those that only show something, and packages from the index;
//! anything else is for a person to read.

use super::source::Cell;
use crate::documents::config::requirements;
use crate::engine::{Scan, ScanError};
use modelpin_schema::visible;

/// Commands that show something of the machine or the folder.
const SHOW: &[&str] = &[
    "ls",
    "pwd",
    "echo",
    "true",
    "nvidia-smi",
    "nproc",
    "lscpu",
    "free",
    "df",
    "du",
    "uname",
    "date",
    "which",
    "uptime",
    "lsb_release",
    "rocm-smi",
    "mkdir",
    "sleep",
    "clear",
    "tree",
];

/// Commands that show files, which have to be those of the folder.
const READ: &[&str] =
    &["cat", "head", "tail", "wc", "file", "stat", "md5sum", "sha256sum", "grep", "sort", "uniq", "less"];

/// Programs that are harmless as long as they are only asked what they are.
const ASKED: &[&str] = &["--version", "-V", "--help", "-h"];

/// Subcommands of installers that only show something.
const LISTED: &[&str] = &["list", "show", "freeze", "check", "--version", "-V", "info", "debug", "--help", "help"];

/// Commands of a shell, line by line.
pub(super) fn script(text: &str, cell: &Cell, first: usize, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut lines = text.lines().zip(first..);
    while let Some((begin, number)) = lines.next() {
        scan.budget.step()?;
        let mut whole = begin.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            let Some((next, _)) = lines.next() else { break };
            scan.budget.step()?;
            whole.push_str(next);
        }
        line(&whole, cell, number, scan);
    }
    Ok(())
}

/// One line: what is not harmless in it is reported.
pub(super) fn line(command: &str, cell: &Cell, at: usize, scan: &mut Scan<'_>) {
    let command = command.trim();
    if command.is_empty() || command.starts_with('#') {
        return;
    }
    // A part that is not known, or that depends on something else, makes the whole unknown.
    let joined = command.replace("&&", "\n").replace("||", "\n").replace([';', '|'], "\n");
    let is_plain = !command.replace("&&", "").contains(['`', '$', '{', '&']);
    let is_harmless = is_plain && joined.lines().all(|part| is_harmless(part.trim(), cell, scan));
    if !is_harmless {
        cell.report(at, &format!("runs `{}`", visible(command)), scan);
    }
}

fn is_harmless(command: &str, cell: &Cell, scan: &mut Scan<'_>) -> bool {
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let Some((name, arguments)) = words.split_first() else { return true };
    if let Some((tool, arguments)) = installer(name, arguments) {
        return match arguments.split_first() {
            None => true,
            Some((what, _)) if LISTED.contains(what) => !writes(arguments),
            Some((&"install", asked)) => requirements::install(tool, asked, &cell.at(), scan),
            Some(_) => false,
        };
    }
    let is_near = |word: &&str| !word.starts_with(['/', '~']) && !word.contains("..") && !word.contains(':');
    match *name {
        _ if writes(arguments) => false,
        name if SHOW.contains(&name) => true,
        name if READ.contains(&name) => arguments.iter().all(is_near),
        _ => matches!(arguments, [asked] if ASKED.contains(asked)) && !name.contains(['/', '\\', '.']),
    }
}

/// Whether the output goes to a file, or the input comes from one.
fn writes(arguments: &[&str]) -> bool {
    arguments.iter().any(|word| word.contains(['>', '<']))
}

/// Which installer a command starts, with its arguments.
fn installer<'w>(name: &str, arguments: &'w [&'w str]) -> Option<(requirements::Tool, &'w [&'w str])> {
    use requirements::Tool::{Conda, Pip};
    match (name, arguments) {
        ("pip" | "pip3", rest) => Some((Pip, rest)),
        ("python" | "python3", ["-m", "pip", rest @ ..]) | ("uv", ["pip", rest @ ..]) => Some((Pip, rest)),
        ("conda" | "mamba" | "micromamba", rest) => Some((Conda, rest)),
        _ => None,
    }
}
