//! `why NAME PATH`: why a file of a repo is locked, or why it is not.

use crate::online::Online;
use crate::project::{Project, find_entry};
use crate::refusal::{ErrorClass, Failure, Refusal, upstream};
use modelpin_schema::fault::nearest;
use modelpin_schema::filter::{Filter, Variant};
use modelpin_schema::left_out::pattern_of;
use modelpin_schema::lockfile::AutoMapClass;
use modelpin_schema::selection::{Choice, LeftOut, ListedFile, Reason, Selection};
use modelpin_schema::text::visible;
use modelpin_schema::{Artifact, Name, Pattern, Pin, RepoKind, RepoPath, Requested};
use modelpin_schema::{file_word, shell_word, typed_path};

/// Why a file is locked, or why it is not.
#[derive(Debug)]
pub struct FileWhy<'a> {
    /// The entry.
    pub name: &'a Name,
    /// Its pin.
    pub pin: &'a Pin,
    /// The file.
    pub path: RepoPath,
    /// What is decided about it.
    pub verdict: Verdict,
    /// Commands that change it, the likeliest first.
    pub commands: Vec<String>,
}

/// What is decided about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is locked.
    Locked(Locked),
    /// It is left out.
    LeftOut {
        /// The rule.
        reason: Reason,
        /// The pattern of `exclude` that it matches.
        pattern: Option<Pattern>,
        /// The file that holds the same, or that makes it needless.
        beside: Option<RepoPath>,
        /// Its size in bytes, where the listing was read.
        size: Option<u64>,
    },
    /// It is in the commit, this version takes it, and the lock, which another version made, does not have it.
    NotLocked {
        /// Its size in bytes.
        size: u64,
    },
}

/// What the lock knows of a locked file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// What is locked.
    pub file: Artifact,
    /// The pattern of `include` that takes it; none where the default set does.
    pub pattern: Option<Pattern>,
    /// The classes that configuration makes a loader import from it.
    pub imported: Vec<String>,
    /// What is installed in its place.
    pub replaced_by: Option<RepoPath>,
}

/// Why the file that `word` names is locked or left out, where the lock says it: locked files, and files left out that
/// could run code. None where only the listing of the commit can tell.
///
/// # Errors
/// A lock that is not up to date with the manifest; a name that is not an entry; a word that is not a path.
pub fn from_lock<'a>(project: &'a Project, name: &Name, word: &str) -> Result<Option<FileWhy<'a>>, Failure> {
    let (name, pin) = find_entry(project.locked()?, name)?;
    let path = parse(name, pin, word)?;
    let verdict = if let Some(file) = pin.files().get(&path) {
        locked(pin, &path, *file)
    } else if let Some(reason) = pin.hub.left_out_code.get(&path) {
        let beside = beside_in_lock(pin, &path, *reason);
        Verdict::LeftOut { reason: *reason, pattern: excluded_by(pin, &path), beside, size: None }
    } else {
        return Ok(None);
    };
    Ok(Some(because(project, name, pin, path, verdict)))
}

/// The same, by the listing of the locked commit.
///
/// # Errors
/// As [`from_lock`]; an offline run; what the Hub refuses; a path that the commit does not have.
pub async fn from_listing<'a>(
    project: &'a Project,
    online: &Online,
    name: &Name,
    word: &str,
) -> Result<FileWhy<'a>, Failure> {
    let (name, pin) = find_entry(project.locked()?, name)?;
    let path = parse(name, pin, word)?;
    let hub = online.hub.as_ref().ok_or_else(|| offline(name, &path))?;
    let listed = hub.tree(&pin.source, &pin.revision).await;
    let listed = listed.map_err(|error| upstream::refused(&pin.source, error).map_refusals(|one| one.entry(name)))?;
    let files: Vec<ListedFile<'_>> =
        listed.iter().map(|entry| ListedFile { path: &entry.path, size: entry.size }).collect();
    let Some(file) = files.iter().find(|file| *file.path == path) else {
        return Err(no_file(name, pin, path.as_str(), files.iter().map(|file| file.path)).into());
    };
    let selection = Selection::of(pin.source.kind, &files, &pin.filter);
    let verdict = match selection.choice(&path) {
        Some(Choice::LeftOut(LeftOut { reason, beside, .. })) => Verdict::LeftOut {
            reason,
            pattern: excluded_by(pin, &path),
            beside: beside.cloned(),
            size: Some(file.size),
        },
        _ => Verdict::NotLocked { size: file.size },
    };
    let mut why = because(project, name, pin, path, verdict);
    let is_variant = matches!(&why.verdict, Verdict::LeftOut { reason: Reason::NotChosen | Reason::Variant, .. });
    if let Some(variant) = variant_of(pin, &files, &selection, &why.path).filter(|_| is_variant) {
        why.commands.insert(0, format!("{} --variant {}", add(name, pin), shell_word(variant.as_str())));
    }
    Ok(why)
}

/// The variant or alternative that the file at `path` belongs to, if choosing it takes the file.
fn variant_of(pin: &Pin, files: &[ListedFile<'_>], selection: &Selection<'_>, path: &RepoPath) -> Option<Variant> {
    let alternatives = selection.shelf().map(|shelf| shelf.alternatives.as_slice()).unwrap_or_default();
    let alternative = alternatives.iter().find(|one| one.files.contains(&path)).map(|one| one.name.clone());
    let is_in_name = |name: &&String| {
        let mut words = path.file_name().split(['.', '-']);
        words.any(|word| word.eq_ignore_ascii_case(name))
    };
    let named = alternative.or_else(|| selection.variants().iter().find(is_in_name).cloned());
    let variant: Variant = named?.parse().ok()?;
    let filter = Filter { variant: Some(variant.clone()), ..pin.filter.clone() };
    let is_taken = Selection::of(pin.source.kind, files, &filter).choice(path) == Some(Choice::Taken);
    is_taken.then_some(variant)
}

fn because<'a>(project: &Project, name: &'a Name, pin: &'a Pin, path: RepoPath, verdict: Verdict) -> FileWhy<'a> {
    let is_declared = project.manifest.entries.contains_key(name);
    let commands = commands(name, pin, &path, &verdict, is_declared);
    FileWhy { name, pin, path, verdict, commands }
}

fn locked(pin: &Pin, path: &RepoPath, file: Artifact) -> Verdict {
    let module = path.as_str().strip_suffix(".py").map(|module| module.replace('/', "."));
    let is_imported = |class: &AutoMapClass<'_>| class.repo.is_none() && class.module == module.as_deref();
    let classes =
        pin.facts.auto_map.iter().filter(|fact| AutoMapClass::read(fact).is_some_and(|class| is_imported(&class)));
    Verdict::Locked(Locked {
        file,
        pattern: matching(&pin.filter.include, pin, path),
        imported: classes.map(ToString::to_string).collect(),
        replaced_by: pin.result_of(path).map(|(result, _)| result.clone()),
    })
}

/// The first of `patterns`, which are of the pin's filter, that matches `path`.
fn matching(patterns: &[Pattern], pin: &Pin, path: &RepoPath) -> Option<Pattern> {
    let idle = pin.filter.idle(&[path]);
    patterns.iter().find(|pattern| !idle.contains(pattern)).cloned()
}

fn excluded_by(pin: &Pin, path: &RepoPath) -> Option<Pattern> {
    matching(&pin.filter.exclude, pin, path)
}

/// The file for which `path` is left out, as far as the files that the lock names tell.
fn beside_in_lock(pin: &Pin, path: &RepoPath, reason: Reason) -> Option<RepoPath> {
    let locked = pin.files().iter().map(|(path, file)| ListedFile { path, size: file.size });
    let left_out = pin.hub.left_out_code.keys().map(|path| ListedFile { path, size: 0 });
    let known: Vec<ListedFile<'_>> = locked.chain(left_out).collect();
    match Selection::of(pin.source.kind, &known, &pin.filter).choice(path) {
        Some(Choice::LeftOut(why)) if why.reason == reason => why.beside.cloned(),
        _ => None,
    }
}

/// What is typed to have the file, or to have it no longer.
fn commands(name: &Name, pin: &Pin, path: &RepoPath, verdict: &Verdict, is_declared: bool) -> Vec<String> {
    let Some(pattern) = pattern_of(path.as_str(), false) else { return Vec::new() };
    let pattern = shell_word(pattern.as_str());
    match verdict {
        Verdict::Locked(_) if is_declared => vec![format!("modelpin exclude {name} {pattern}")],
        Verdict::Locked(_) => vec![format!("{} --exclude {pattern}", add(name, pin))],
        Verdict::NotLocked { .. } => vec![format!("modelpin update {name}")],
        // `add` takes no pattern away.
        Verdict::LeftOut { reason: Reason::Excluded, .. } => Vec::new(),
        Verdict::LeftOut { .. } if !pin.filter.include.is_empty() => {
            vec![format!("{} --include {pattern}", add(name, pin))]
        }
        Verdict::LeftOut { .. } => {
            let configuration = if path.as_str().ends_with(".json") { "" } else { " --include '*.json'" };
            vec![
                format!("{} --include {pattern}{configuration}", add(name, pin)),
                format!("{} --include '*'", add(name, pin)),
            ]
        }
    }
}

/// The `add` that is about the entry `name`.
fn add(name: &Name, pin: &Pin) -> String {
    let repo = &pin.source.repo;
    let mut command = format!("modelpin add {repo}");
    match &pin.requested {
        wanted if *wanted == Requested::main() => {}
        Requested::Version(requirement) => {
            command.push_str(&format!(" --version {}", shell_word(&requirement.to_string())));
        }
        wanted => {
            command = format!("modelpin add {}", shell_word(&format!("{repo}@{wanted}")));
        }
    }
    if Name::for_repo(repo.name()).as_ref() != Some(name) {
        command.push_str(&format!(" --name {name}"));
    }
    if pin.source.kind == RepoKind::Dataset {
        command.push_str(" --dataset");
    }
    command
}

fn parse(name: &Name, pin: &Pin, word: &str) -> Result<RepoPath, Failure> {
    let typed = typed_path(word);
    typed.parse().map_err(|_| no_file(name, pin, typed, std::iter::empty()).into())
}

/// A path that the commit does not have.
fn no_file<'a>(name: &Name, pin: &'a Pin, word: &str, listed: impl Iterator<Item = &'a RepoPath>) -> Refusal {
    let what = format!("no file `{}` in `{}` at {}", visible(word), pin.source.repo, pin.revision.short());
    let refusal = Refusal::new(ErrorClass::Usage, what).entry(name);
    let known = pin.files().keys().chain(pin.hub.left_out_code.keys()).chain(listed);
    match nearest(word, known.map(RepoPath::as_str)) {
        Some(meant) => refusal.help(format_args!("did you mean `modelpin why {name} {}`?", file_word(meant))),
        None => refusal.help(format_args!("run `modelpin scan {name} -v` to list the locked files")),
    }
}

/// A file of which only the listing knows why it is left out, without a network.
fn offline(name: &Name, path: &RepoPath) -> Refusal {
    upstream::offline(name)
        .expected("a file that models.lock names: a locked one, or one left out that could run code")
        .got(format_args!("`{path}`, of which only the listing of the commit can tell"))
}

#[cfg(test)]
mod tests {
    use super::add;
    use modelpin_schema::{Filter, Pin};

    #[test]
    fn the_command_is_about_the_entry_however_it_was_added() {
        for (source, requested, name, command) in [
            ("hf:model/acme/chat", "main", "chat", "modelpin add acme/chat"),
            ("hf:model/acme/chat", "v1", "other", "modelpin add acme/chat@v1 --name other"),
            ("hf:dataset/acme/faq", "version:^1.2", "faq", "modelpin add acme/faq --version '^1.2' --dataset"),
        ] {
            let revision = "13".repeat(20).parse().unwrap();
            let pin =
                Pin::new(source.parse().unwrap(), requested.parse().unwrap(), Filter::default(), revision, [].into());
            assert_eq!(add(&name.parse().unwrap(), &pin), command);
        }
    }
}
