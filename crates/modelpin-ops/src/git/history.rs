//! The earlier states of a file of the project, each read on its own, so that no large one hides the others, and a note
//! of whatever was not read.

use super::in_work_tree;
use super::run::LINES;
use crate::git::run::Git;
use crate::refusal::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many commits that changed the file are listed, and the bytes of that list.
const COMMITS: usize = 20_000;
const LISTED: u64 = 16 << 20;
/// How far the history is followed, in commits of its main line: git has to look at each.
const REACH: usize = 100_000;
/// How many bytes of states are read, together: they are told apart one by one, and none is kept.
const BYTES: u64 = 2 << 30;
/// How many bytes of states git is asked for at once, where one state alone is not more.
const AT_ONCE: u64 = 16 << 20;
/// In how many commits the file may be missing: each is asked whether it had one whose bytes are not here.
const GONE: usize = 500;
/// The most bytes of the line that git prints before a state.
const HEADER: u64 = 128;

/// The commits that changed a file, each with those before it.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// By commit: the commits before it of those that are here.
    pub(crate) parents: BTreeMap<String, Vec<String>>,
    /// Whether the clone is shallow, so that there may be more.
    pub(crate) is_cut: bool,
    /// What of the history that is here was not read, where that is any.
    pub(crate) unread: Option<String>,
}

/// A state of the file: its object, its length in bytes, and the commits that have it.
struct State {
    id: String,
    size: u64,
    commits: BTreeSet<String>,
}

/// The history of the file `name` of the folder `dir`; none where git knows nothing of it. Each text that it had is
/// given to `visit`, with the commits in which it had it; those of more than `most` bytes are left out, since no
/// reader of the file takes them.
///
/// # Errors
/// A git that does not end in time.
pub(crate) fn history(
    dir: &Path,
    name: &str,
    most: u64,
    mut visit: impl FnMut(&str, &BTreeSet<String>),
) -> Result<Option<History>, Failure> {
    let Ok(git) = Git::of(dir) else { return Ok(None) };
    if in_work_tree(&git).is_err() || !git.verify("HEAD")?.ok {
        return Ok(None);
    }
    let is_cut = git.line(&["rev-parse", "--is-shallow-repository"])? == "true";
    let far = git.line(&["rev-list", "--first-parent", "--max-count=1", &format!("--skip={REACH}"), "HEAD", "--"])?;
    let without = format!("^{far}");
    let count = format!("--max-count={}", COMMITS + 1);
    let mut words = vec!["rev-list", "--parents", "--full-history", "--simplify-merges", &count, "HEAD"];
    if !far.is_empty() {
        words.push(&without);
    }
    words.extend(["--", name]);
    let listed = git.ask(&words, LISTED)?;
    let mut commits = Vec::new();
    let mut parents = BTreeMap::new();
    for line in listed.text().lines() {
        let mut ids = line.split(' ').map(str::to_owned);
        commits.extend(ids.next());
        parents.extend(commits.last().map(|id| (id.clone(), ids.collect::<Vec<_>>())));
    }
    let (states, is_whole) = states(&git, name, &commits)?;
    let read = texts(&git, states.iter().filter(|state| state.size <= most), &mut visit)?;
    let unread = if !listed.ok {
        Some("git could not list its commits".to_owned())
    } else if !far.is_empty() {
        Some(format!("it has more than {REACH} commits, and the older ones were not looked at"))
    } else if commits.len() > COMMITS || listed.out.len() as u64 > LISTED {
        Some(format!("more than {COMMITS} commits changed {name}"))
    } else if !is_whole {
        Some(format!("git does not have what {name} was in each commit"))
    } else {
        read
    };
    Ok(Some(History { parents, is_cut, unread }))
}

/// The states of the file in `commits`, each once, and whether git answered for all commits.
fn states(git: &Git<'_>, name: &str, commits: &[String]) -> Result<(Vec<State>, bool), Failure> {
    let asked: String = commits.iter().map(|id| format!("{id}:./{name}\n")).collect();
    let checked = git.ask_about(&["cat-file", "--batch-check"], Some(asked), LISTED)?;
    let checked = checked.text();
    let (mut states, mut places): (Vec<State>, BTreeMap<&str, usize>) = (Vec::new(), BTreeMap::new());
    let mut gone = Vec::new();
    for (commit, line) in commits.iter().zip(checked.lines()) {
        // `<id> blob <size>`; else the file was not there, was not a file, or its bytes are not here.
        let Some((id, rest)) = line.split_once(' ') else { continue };
        let Some(size) = rest.strip_prefix("blob ").and_then(|size| size.parse().ok()) else {
            gone.push(commit);
            continue;
        };
        let at = *places.entry(id).or_insert(states.len());
        if at == states.len() {
            states.push(State { id: id.to_owned(), size, commits: BTreeSet::new() });
        }
        if let Some(state) = states.get_mut(at) {
            state.commits.insert(commit.clone());
        }
    }
    let mut is_whole = checked.lines().count() >= commits.len() && gone.len() <= GONE;
    for commit in gone.into_iter().take(GONE) {
        let listed = git.ask(&["ls-tree", commit, "--", name], LINES)?;
        is_whole &= listed.ok && !listed.text().contains(" blob ");
    }
    Ok((states, is_whole))
}

/// Reads the states, a few at a time, and returns what was not read.
fn texts<'a>(
    git: &Git<'_>,
    states: impl Iterator<Item = &'a State>,
    visit: &mut impl FnMut(&str, &BTreeSet<String>),
) -> Result<Option<String>, Failure> {
    let mut total = 0_u64;
    let mut missed = 0_usize;
    let mut states = states.peekable();
    while states.peek().is_some() {
        let mut some = Vec::new();
        let mut bytes = 0_u64;
        while let Some(state) = states.next_if(|state| some.is_empty() || bytes + state.size <= AT_ONCE) {
            bytes += state.size;
            some.push(state);
        }
        total = total.saturating_add(bytes);
        if total > BYTES {
            return Ok(Some(format!("its states are more than {} GiB together", BYTES >> 30)));
        }
        let asked: String = some.iter().map(|state| format!("{}\n", state.id)).collect();
        let out = git.ask_about(&["cat-file", "--batch"], Some(asked), bytes + HEADER * some.len() as u64)?.out;
        let mut rest = out.as_slice();
        for (at, state) in some.iter().enumerate() {
            let Some((text, behind)) = content(rest, state) else {
                missed += some.len() - at;
                break;
            };
            // A lock is text.
            if let Ok(text) = std::str::from_utf8(text) {
                visit(text, &state.commits);
            }
            rest = behind;
        }
    }
    Ok((missed > 0).then(|| format!("git did not give {missed} of its states")))
}

/// The bytes of `state`, with which `bytes` begin behind a line that names it, and what follows.
fn content<'a>(bytes: &'a [u8], state: &State) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(bytes.get(..at)?).ok()?;
    if header != format!("{} blob {}", state.id, state.size) {
        return None;
    }
    let (text, behind) = bytes.get(at + 1..)?.split_at_checked(usize::try_from(state.size).ok()?)?;
    Some((text, behind.get(1..)?))
}

impl History {
    /// Whether one of `commits` comes before `commit`.
    pub(crate) fn has_before(&self, commit: &str, commits: &BTreeSet<String>) -> bool {
        if commits.is_empty() {
            return false;
        }
        let mut seen = BTreeSet::new();
        let mut queue = vec![commit];
        while let Some(at) = queue.pop() {
            for parent in self.parents.get(at).into_iter().flatten() {
                if commits.contains(parent) {
                    return true;
                }
                if seen.insert(parent) {
                    queue.push(parent);
                }
            }
        }
        false
    }
}
