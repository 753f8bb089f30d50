//! Whether the lock has the bytes that its commits have, as far as that can be known without a network: a commit
//! never changes, so that two locks which disagree about one are not both true. What the Hub told this machine
//! decides; else the lock that was there first, in the project's own history.

use crate::file_names::LOCK;
use crate::git::{History, history};
use crate::hub_answers;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::lockfile::MAX_BYTES;
use modelpin_schema::text::count;
use modelpin_schema::{Artifact, CommitId, Digest, Filter, Lockfile, Name, Pin, RepoPath, Source};
use modelpin_store::Record;
use std::collections::{BTreeMap, BTreeSet};

/// What contradicts the lock, and whether the clone is shallow, so that older history could not be read.
#[derive(Debug, Default)]
pub(crate) struct CommitCheck {
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) is_cut: bool,
}

/// Each version of one thing that past locks have, with the commits of the project that have it.
type Versions<T> = BTreeMap<T, BTreeSet<String>>;

/// A commit of a repo.
type Commit<'a> = (&'a Source, &'a CommitId);

/// What tells one choice of files of a commit from the other: the first file that only one of them has, and whether
/// that is the older one; none where both are the same.
type FilesDiffer = Option<(RepoPath, bool)>;

/// What the locks of the past say of the commits of a lock.
#[derive(Default)]
struct PastLocks<'a> {
    /// By place: the contents.
    contents: BTreeMap<Digest, Versions<Digest>>,
    /// By entry: how the files of the same choice differ from its own.
    sets: BTreeMap<&'a Name, Versions<FilesDiffer>>,
}

/// Compares `lock` with itself and with the locks of the project's history.
///
/// # Errors
/// A git that does not answer in time.
pub(crate) fn check(project: &Project, record: Option<&Record>, lock: &Lockfile) -> Result<CommitCheck, Failure> {
    let answers = hub_answers::load(record);
    let mut past_locks = PastLocks::default();
    let mut wanted: BTreeMap<Commit<'_>, Vec<(&Name, &Pin)>> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        wanted.entry((&pin.source, &pin.revision)).or_default().push((name, pin));
    }
    let revisions: BTreeSet<String> = lock.pins.values().map(|pin| pin.revision.hex()).collect();
    let visit = |text: &str, commits: &BTreeSet<String>| {
        if may_name(text, &revisions) {
            // What this program cannot read as a lock is left out.
            let Ok(old) = Lockfile::read(LOCK, text) else { return };
            past_locks.record(&old, commits, &wanted, &answers);
        }
    };
    let past = history(&project.dir, LOCK, MAX_BYTES, visit)?.unwrap_or_default();
    let mut refusals = contradictions(&wanted);
    for (name, pin) in &lock.pins {
        let mut others = pin.files().iter().filter_map(|(path, file)| {
            let place = hub_answers::key(&pin.source, &pin.revision, path);
            let other = match answers.get(&place) {
                Some(content) if *content == file.sha256 => None,
                Some(content) => Some((*content, "the Hub told this machine".to_owned())),
                None => earlier(&past, past_locks.contents.get(&place)?, &file.sha256)
                    .map(|(content, commit)| (*content, says(&commit))),
            };
            other.map(|other| (path, file.sha256, other))
        });
        if let Some((path, got, (expected, by))) = others.next() {
            refusals.push(other_bytes(name, pin, path, (&expected, &by), &got, others.count()));
        } else if let Some((Some(other), commit)) =
            past_locks.sets.get(name).and_then(|sets| earlier(&past, sets, &None))
        {
            refusals.push(other_files(name, pin, other, &says(&commit)));
        }
    }
    let is_answered =
        |(pin, path): (&Pin, &RepoPath)| answers.contains_key(&hub_answers::key(&pin.source, &pin.revision, path));
    let mut files = lock.pins.values().flat_map(|pin| pin.files().keys().map(move |path| (pin, path)));
    if let Some(unread) = past.unread.as_ref().filter(|_| !files.all(is_answered)) {
        refusals.push(not_read(unread));
    }
    Ok(CommitCheck { refusals, is_cut: past.is_cut })
}

/// Whether `text` may be a lock that has one of `revisions` in it, which is decided without reading it as one.
fn may_name(text: &str, revisions: &BTreeSet<String>) -> bool {
    // An escape of TOML can spell anything.
    text.contains("\\u")
        || text.contains("\\U")
        || text.contains("\\x")
        || text.split(|c: char| !c.is_ascii_hexdigit()).any(|word| word.len() == 40 && revisions.contains(word))
}

impl<'a> PastLocks<'a> {
    /// Records what `old`, the lock in `commits`, says of what is wanted.
    fn record(
        &mut self,
        old: &Lockfile,
        commits: &BTreeSet<String>,
        wanted: &BTreeMap<Commit<'_>, Vec<(&'a Name, &'a Pin)>>,
        answers: &BTreeMap<Digest, Digest>,
    ) {
        for was in old.pins.values() {
            let Some(pins) = wanted.get(&(&was.source, &was.revision)) else { continue };
            let is_wanted = |path: &RepoPath| pins.iter().any(|(_, pin)| pin.files().contains_key(path));
            for (path, file) in was.files().iter().filter(|(path, _)| is_wanted(path)) {
                let place = self.contents.entry(hub_answers::key(&was.source, &was.revision, path)).or_default();
                place.entry(file.sha256).or_default().extend(commits.iter().cloned());
            }
            for (name, pin) in pins.iter().filter(|(_, pin)| pin.filter == was.filter) {
                let sets = self.sets.entry(*name).or_default();
                sets.entry(other_set(was, pin, answers)).or_default().extend(commits.iter().cloned());
            }
        }
    }
}

/// How the files of `old` differ from those of `new`, which is the same choice of the same commit, where the Hub did
/// not tell this machine that `new` is right.
fn other_set(old: &Pin, new: &Pin, answers: &BTreeMap<Digest, Digest>) -> FilesDiffer {
    let is_answered = |path: &RepoPath| answers.contains_key(&hub_answers::key(&new.source, &new.revision, path));
    let gained = new.files().keys().find(|path| !old.files().contains_key(*path) && !is_answered(path));
    // Where the Hub was asked about the commit, it answered for all of it.
    let is_whole = || new.files().keys().all(is_answered);
    let lost =
        || old.files().keys().find(|path| !new.files().contains_key(*path) && (is_answered(path) || !is_whole()));
    gained.map(|path| (path.clone(), false)).or_else(|| lost().map(|path| (path.clone(), true)))
}

/// What entries of the same lock say of a commit that cannot both be true.
fn contradictions(wanted: &BTreeMap<Commit<'_>, Vec<(&Name, &Pin)>>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for pins in wanted.values().filter(|pins| pins.len() > 1) {
        let mut files: BTreeMap<&RepoPath, (&Name, &Artifact)> = BTreeMap::new();
        let mut sets: Vec<(&Filter, &Name, &Pin)> = Vec::new();
        for (name, pin) in pins {
            let other = pin.files().iter().find_map(|(path, file)| {
                let (first, known) = *files.entry(path).or_insert((name, file));
                let differs = (known.sha256, known.size) != (file.sha256, file.size);
                let says = |file: &Artifact| format!("{}, {} bytes", file.sha256, file.size);
                differs.then(|| (path, format!("{}, as `{first}` has it", says(known)), says(file)))
            });
            let first = sets.iter().find(|(filter, ..)| **filter == pin.filter);
            let other = other.or_else(|| {
                let (_, first, known) = first?;
                let (path, is_lost) = other_set(known, pin, &BTreeMap::new())?;
                let path = [*known, *pin].iter().find_map(|pin| Some(pin.files().get_key_value(&path)?.0))?;
                let has = "the file".to_owned();
                let has_not = "no such file".to_owned();
                let (was, is) = if is_lost { (has, has_not) } else { (has_not, has) };
                Some((path, format!("{was}, as `{first}` with the same choice of files has it"), is))
            });
            if first.is_none() {
                sets.push((&pin.filter, name, pin));
            }
            refusals.extend(other.map(|(path, expected, got)| contradicted(name, pin, path, &expected, &got)));
        }
    }
    refusals
}

fn says(commit: &str) -> String {
    let short: String = commit.chars().take(12).collect();
    format!("models.lock of the project's commit {short} says")
}

/// The version that is not `now` and was there before `now` ever was, and its commit. A version that took the place of
/// `now`, and went again, came later and does not count.
fn earlier<'a, T: Ord>(past: &History, versions: &'a Versions<T>, now: &T) -> Option<(&'a T, String)> {
    let none = BTreeSet::new();
    let same = versions.get(now).unwrap_or(&none);
    let mut others = versions.iter().filter(|(other, _)| *other != now);
    others.find_map(|(other, commits)| {
        let first = commits.iter().find(|commit| !past.has_before(commit, same))?;
        Some((other, first.clone()))
    })
}

/// A refusal of what two locks, or two entries of one, say differently about the commit of an entry.
fn of_commit((name, pin, path): (&Name, &Pin, &RepoPath), what: &str, expected: &str, got: &str, why: &str) -> Refusal {
    Refusal::new(ErrorClass::Integrity, what)
        .entry(name)
        .file(path)
        .expected(expected)
        .got(got)
        .why(why)
        .help("run `git log -p -- models.lock` to see who changed it")
        .help(format_args!("run `modelpin update {name} --precise {}` to ask the Hub which is right", pin.revision))
}

/// Why it matters that an earlier lock says something else.
const MOVED: &str = "a commit never changes, so one of the two locks was not made from the Hub";

fn other_bytes(
    name: &Name,
    pin: &Pin,
    path: &RepoPath,
    (expected, by): (&Digest, &str),
    got: &Digest,
    more: usize,
) -> Refusal {
    let also = match more {
        0 => String::new(),
        more => format!("; the same is true of {}", count(more, "more file")),
    };
    let what = format!("its content changed although its commit did not{also}");
    let expected = format!("{expected}, as {by} of {} at {}", pin.source, pin.revision.short());
    of_commit((name, pin, path), &what, &expected, &got.to_string(), MOVED)
}

fn other_files(name: &Name, pin: &Pin, (path, is_lost): &(RepoPath, bool), by: &str) -> Refusal {
    let (was, is) = if *is_lost { ("the file", "no such file") } else { ("no such file", "the file") };
    let what = "its list of files changed although its commit, `include` and `exclude` did not";
    let expected = format!("{was}, as {by} of {} at {}", pin.source, pin.revision.short());
    of_commit((name, pin, path), what, &expected, is, MOVED)
}

fn contradicted(name: &Name, pin: &Pin, path: &RepoPath, expected: &str, got: &str) -> Refusal {
    let what = format!("models.lock contradicts itself about {} at {}", pin.source, pin.revision.short());
    let why = "a commit has one content, so one of the two entries was not made from the Hub";
    of_commit((name, pin, path), &what, expected, got, why)
}

fn not_read(unread: &str) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "the history of models.lock could not be read in full")
        .expected(
            "every earlier models.lock of the project, or what the Hub said about each locked file on this machine",
        )
        .got(unread)
        .why("an earlier lock that was not read may have other bytes for the same commit")
        .help("run `git log --stat -- models.lock` to see the commits")
        .help("run `modelpin update NAME --precise COMMIT` for each entry to ask the Hub")
}
