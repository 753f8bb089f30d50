//! What to do about files that can run code when they are loaded: the likeliest remedy first, as a whole command.
//!
//! Which one that is follows from what the lock records. Files of an entry for which it is the same are one group: the
//! first of them has the command for all.

use crate::evaluator::Evaluator;
use modelpin_rules::{Rule, Severity};
use modelpin_schema::lockfile::{Artifact, ConversionTarget, Finder, conversion_target};
use modelpin_schema::manifest::policy::Formats;
use modelpin_schema::selection::{ListedFile, Selection};
use modelpin_schema::text::literal_pattern;
use modelpin_schema::{FileKind, Filter, Pattern, Pin, RepoKind, RepoPath, Requested, file_word, shell_word};
use std::collections::BTreeSet;

/// How many files a command names at most.
const NAMED: usize = 100;

/// The most files of an entry of which each is compared with all others: no honest model has more.
const COMPARED: usize = 2000;

/// What is likeliest to be done about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remedy {
    /// Make safetensors of it, in which loaders find the same weights.
    Convert,
    /// Leave it out: it is dangerous.
    Avoid,
    /// Leave it out: no loader of the repo needs it.
    LeaveOut,
    /// Admit pickles that hold nothing but tensors, since loaders open it by its own name.
    AdmitTensors,
    /// Exempt it: it holds objects of a library.
    Exempt,
    /// Look at it first: nothing is known of it yet.
    Look,
}

impl Remedy {
    /// The remedy for the file at `path` that can run code, of which the lock records findings by the rules `found`.
    pub(crate) fn of(
        pin: &Pin,
        path: &RepoPath,
        file: &Artifact,
        found: &[&'static Rule],
        needless: &BTreeSet<&RepoPath>,
    ) -> Self {
        if found.iter().any(|rule| rule.severity == Severity::Dangerous) {
            return Self::Avoid;
        }
        if needless.contains(path) {
            return Self::LeaveOut;
        }
        if !found.is_empty() {
            return Self::Exempt;
        }
        let is_found = |target: ConversionTarget| target.finder != Finder::Nobody;
        if file.kind == FileKind::Pickle && is_small(pin) && pin.conversion(path).is_ok_and(is_found) {
            return Self::Convert;
        }
        if is_of_library(path) {
            return Self::Exempt;
        }
        if pin.facts.globals.contains_key(path) { Self::AdmitTensors } else { Self::Look }
    }

    /// What is expected instead of the file.
    pub(crate) fn expected(self, formats: Formats) -> &'static str {
        match (self, formats) {
            (Self::Avoid, _) => "a file that runs no foreign code when it is loaded",
            (Self::LeaveOut, _) => "no file that can run code beside weights that cannot",
            (_, Formats::Scanned) => "a file without findings, or an exemption for exactly these bytes",
            (Self::Convert, _) => "a format that holds data only",
            (Self::AdmitTensors, _) => "a format that holds data only, or a policy that admits pickles of tensors",
            (Self::Exempt, _) => "a format that holds data only, or an exemption for exactly these bytes",
            (Self::Look, _) => "a format that holds data only, or a decision about exactly these bytes",
        }
    }
}

/// Whether each file of the entry can be compared with all others.
fn is_small(pin: &Pin) -> bool {
    pin.files().len() <= COMPARED
}

/// The files of `pin` that somebody asked for, and that the rules for the files of a repo leave out.
pub(crate) fn needless(pin: &Pin) -> BTreeSet<&RepoPath> {
    if pin.filter.include.is_empty() {
        return BTreeSet::new();
    }
    let listed: Vec<ListedFile<'_>> =
        pin.files().iter().map(|(path, file)| ListedFile { path, size: file.size }).collect();
    let selection = Selection::of(pin.source.kind, &listed, &Filter::default());
    selection.left_out().map(|(path, _)| path).collect()
}

/// Whether the name is one that libraries give to their own objects, not to weights alone.
fn is_of_library(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let suffixes = [
        ".pkl",
        ".pickle",
        ".joblib",
        ".dill",
        ".cloudpickle",
        ".nemo",
        ".jit",
        ".torchscript",
        ".ts",
        ".model",
        ".zip",
    ];
    suffixes.iter().any(|suffix| name.ends_with(suffix))
}

/// Patterns that leave out the files `paths` of `pin`, and of the others none but those that are needless: by folder
/// where several share one. None where the name of a file cannot be written as a pattern.
fn patterns(pin: &Pin, paths: &BTreeSet<&RepoPath>, needless: &BTreeSet<&RepoPath>) -> Option<Vec<String>> {
    let mut patterns = Vec::new();
    let mut left: BTreeSet<&RepoPath> = paths.clone();
    while let Some(first) = left.pop_first() {
        let pattern = match shared_folder(pin, first, paths, needless) {
            Some(folder) => {
                left.retain(|path| !is_below(path, folder));
                format!("{}/*", literal_pattern(folder))
            }
            None => literal_pattern(first.as_str()),
        };
        pattern.parse::<Pattern>().ok()?;
        patterns.push(pattern);
        if patterns.len() > NAMED {
            return None;
        }
    }
    Some(patterns)
}

/// The folder of `first`, where it holds several of `paths` or something needless, and nothing else.
fn shared_folder<'a>(
    pin: &Pin,
    first: &'a RepoPath,
    paths: &BTreeSet<&RepoPath>,
    needless: &BTreeSet<&RepoPath>,
) -> Option<&'a str> {
    let (folder, _) = first.as_str().rsplit_once('/')?;
    if paths.len() == 1 && needless.is_empty() {
        return None;
    }
    let below = || pin.files().keys().filter(|path| is_below(path, folder));
    let is_out = |path: &RepoPath| paths.contains(path) || needless.contains(path);
    (below().nth(1).is_some() && below().all(is_out)).then_some(folder)
}

fn is_below(path: &RepoPath, folder: &str) -> bool {
    path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Evaluator<'_> {
    /// What to do about the files `paths`, which have the remedy `remedy`.
    pub(crate) fn remedies(
        &self,
        pin: &Pin,
        paths: &BTreeSet<&RepoPath>,
        needless: &BTreeSet<&RepoPath>,
        remedy: Remedy,
    ) -> Vec<String> {
        let mut help = Vec::new();
        match remedy {
            Remedy::Convert => {
                help.push(format!("to convert {} to safetensors, run `{}`", named(paths), self.convert_command(paths)));
                help.push(self.exclude(pin, paths, needless));
                help.extend(self.exempt(paths));
            }
            Remedy::Avoid => {
                help.push(self.exclude(pin, paths, needless));
                help.push(self.look(paths));
                help.extend(self.exempt(paths));
            }
            Remedy::LeaveOut => {
                help.push(self.exclude(pin, paths, needless));
                help.extend(self.exempt(paths));
            }
            Remedy::AdmitTensors => {
                help.push(admit_tensors());
                help.extend(self.convert_for_others(pin, paths));
                help.push(self.exclude(pin, paths, needless));
                help.extend(self.exempt(paths));
            }
            Remedy::Exempt => {
                help.extend(self.exempt(paths));
                help.push(self.look(paths));
                help.push(self.exclude(pin, paths, needless));
            }
            Remedy::Look => {
                help.push(self.look(paths));
                help.push(admit_tensors());
                help.extend(self.convert_for_others(pin, paths));
                help.extend(self.exempt(paths));
                help.push(self.exclude(pin, paths, needless));
            }
        }
        help
    }

    /// The command that converts the files. All of which loaders find the result need not be named.
    fn convert_command(&self, paths: &BTreeSet<&RepoPath>) -> String {
        let is_found = |path: &RepoPath| conversion_target(path).is_some_and(|to| to.finder == Finder::Loader);
        let words =
            if paths.len() > 1 && paths.iter().all(|path| is_found(path)) { String::new() } else { words(paths) };
        format!("modelpin convert {}{words}", self.name())
    }

    /// How to make safetensors of files that loaders open by their own names, for those who name the result.
    fn convert_for_others(&self, pin: &Pin, paths: &BTreeSet<&RepoPath>) -> Option<String> {
        let can_be = is_small(pin) && paths.iter().all(|path| pin.conversion(path).is_ok());
        can_be.then(|| format!("where a loader is given the name of the file, run `{}`", self.convert_command(paths)))
    }

    /// How to see what is in files before anything is decided about them.
    pub(crate) fn look(&self, paths: &BTreeSet<&RepoPath>) -> String {
        format!("to see what is in {}, run `modelpin scan {}`", them(paths), self.name())
    }

    /// How to do without the files `paths`.
    pub(crate) fn exclude(&self, pin: &Pin, paths: &BTreeSet<&RepoPath>, needless: &BTreeSet<&RepoPath>) -> String {
        let them = them(paths);
        match patterns(pin, paths, needless) {
            Some(patterns) => format!("to leave {them} out, run `{}`", self.exclude_command(pin, &patterns)),
            None => format!("to leave {them} out, add patterns to `exclude` in models.toml, then run `modelpin lock`"),
        }
    }

    /// The command that adds `patterns` to the `exclude` of the entry. An entry that is locked for another gets a table
    /// of its own in models.toml.
    fn exclude_command(&self, pin: &Pin, patterns: &[String]) -> String {
        if self.is_named() {
            let patterns: String = patterns.iter().map(|pattern| format!(" {}", shell_word(pattern))).collect();
            return format!("modelpin exclude {}{patterns}", self.name());
        }
        let revision = match &pin.requested {
            Requested::Revision(revision) if revision.as_str() == "main" => String::new(),
            other => format!("@{other}"),
        };
        let repo = shell_word(&format!("{}{revision}", pin.source.repo));
        let dataset = if pin.source.kind == RepoKind::Dataset { " --dataset" } else { "" };
        let patterns: String = patterns.iter().map(|pattern| format!(" --exclude {}", shell_word(pattern))).collect();
        format!("modelpin add {repo}{dataset} --name {}{patterns}", self.name())
    }

    /// Whether models.toml names the entry.
    fn is_named(&self) -> bool {
        self.name.as_ref().is_none_or(|name| self.project.manifest.entries.contains_key(name))
    }

    /// How to let exactly these bytes in, and what can load them then.
    pub(crate) fn exempt(&self, paths: &BTreeSet<&RepoPath>) -> [String; 2] {
        [
            format!(
                "to let exactly these bytes{} into the quarantine, run `modelpin exempt {}{} --reason WHY --owner WHO \
                 --ticket TICKET --expires 90d`",
                if paths.len() > NAMED { format!(" of {}", named(paths)) } else { String::new() },
                self.name(),
                words(paths)
            ),
            "to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write \
             /dev/nvidia0` and more, see docs/guides/jail.md"
                .to_owned(),
        ]
    }
}

fn admit_tensors() -> String {
    "to admit pickles in which the scan finds nothing but tensors, set `formats = \"scanned\"` in `[policy]` of \
     models.toml, then run `modelpin lock`"
        .to_owned()
}

fn them(paths: &BTreeSet<&RepoPath>) -> &'static str {
    if paths.len() == 1 { "it" } else { "them" }
}

/// Those of the files that a command names.
fn named(paths: &BTreeSet<&RepoPath>) -> String {
    if paths.len() > NAMED { format!("the first {NAMED} of them") } else { them(paths).to_owned() }
}

/// The files as words of a command, each behind a blank.
fn words(paths: &BTreeSet<&RepoPath>) -> String {
    paths.iter().take(NAMED).map(|path| format!(" {}", file_word(path.as_str()))).collect()
}
