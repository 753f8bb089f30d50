//! What a file of the project was in earlier commits: a bounded number of them.

use super::{LINES, in_work_tree};
use crate::git::run::Git;
use crate::refusal::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many commits that changed the file are listed.
const COMMITS: &str = "--max-count=5000";
/// How many states of the file are read: the newest and the oldest of those commits, so that nobody pushes what was there
/// before out of sight by a row of small changes.
const STATES: usize = 400;
/// How far the history is followed, in commits of its main line: git has to look at each.
const REACH: &str = "--skip=5000";
/// How many bytes of them, together.
const BYTES: u64 = 32 << 20;

/// The commits that changed a file, each with those before it, and what the file was.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// By commit: the commits before it of those that are here.
    pub(crate) parents: BTreeMap<String, Vec<String>>,
    /// The texts that the file had, each with the commits in which it had it.
    pub(crate) texts: Vec<(String, BTreeSet<String>)>,
    /// Whether the clone is a shallow one, so that there may be more.
    pub(crate) is_cut: bool,
}

/// The history of the file `name` of the folder `dir`; none where git knows nothing of it.
///
/// # Errors
/// A git that does not come to an end.
pub(crate) fn history(dir: &Path, name: &str) -> Result<Option<History>, Failure> {
    let Ok(git) = Git::of(dir) else { return Ok(None) };
    if in_work_tree(&git).is_err() {
        return Ok(None);
    }
    let says = |words: &[&str]| git.ask(words, LINES).map(|answer| answer.text().trim().to_owned());
    let is_cut = says(&["rev-parse", "--is-shallow-repository"])? == "true";
    let far = says(&["rev-list", "--first-parent", "--max-count=1", REACH, "HEAD", "--"])?;
    let without = format!("^{far}");
    let mut words = vec!["rev-list", "--parents", "--full-history", COMMITS, "HEAD"];
    if !far.is_empty() {
        words.push(&without);
    }
    words.extend(["--", name]);
    let listed = git.ask(&words, LINES)?;
    let (mut commits, mut parents) = (Vec::new(), BTreeMap::new());
    for line in listed.text().lines() {
        let mut ids = line.split(' ').map(str::to_owned);
        commits.extend(ids.next());
        parents.extend(commits.last().map(|id| (id.clone(), ids.collect::<Vec<_>>())));
    }
    let texts = texts(&git, name, &commits)?;
    Ok(Some(History { parents, texts, is_cut }))
}

/// What the file was in each of the commits, which come from the newest to the oldest.
fn texts(git: &Git<'_>, name: &str, commits: &[String]) -> Result<Vec<(String, BTreeSet<String>)>, Failure> {
    let asked: String = commits.iter().map(|id| format!("{id}:./{name}\n")).collect();
    let checked = git.ask_about(&["cat-file", "--batch-check"], Some(asked), LINES)?.text();
    let (mut blobs, mut order): (BTreeMap<&str, BTreeSet<String>>, Vec<&str>) = (BTreeMap::new(), Vec::new());
    for (commit, line) in commits.iter().zip(checked.lines()) {
        // `<id> blob <size>`; else the file was not there, or not a file.
        if let Some((id, rest)) = line.split_once(' ')
            && rest.starts_with("blob ")
        {
            let known = blobs.entry(id).or_default();
            if known.is_empty() {
                order.push(id);
            }
            known.insert(commit.clone());
        }
    }
    let both_ends = order.iter().zip(order.iter().rev()).flat_map(|(new, old)| [*new, *old]).take(order.len());
    let asked: String = both_ends.take(STATES).map(|id| format!("{id}\n")).collect();
    let out = git.ask_about(&["cat-file", "--batch"], Some(asked), BYTES)?.out;
    let mut texts = Vec::new();
    let mut rest = out.as_slice();
    while let Some((header, content)) = line(rest) {
        let size = header.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let Some((text, behind)) = size.and_then(|size| content.split_at_checked(size)) else { break };
        let id = header.split(' ').next().unwrap_or_default();
        // One of both ends may come twice.
        if let (Some(commits), Ok(text)) = (blobs.remove(id), String::from_utf8(text.to_vec())) {
            texts.push((text, commits));
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    Ok(texts)
}

/// The first line of `bytes`, and what is behind it.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(bytes.get(..at)?).ok()?, bytes.get(at + 1..)?))
}

impl History {
    /// Whether one of `commits` comes before `commit`.
    pub(crate) fn has_before(&self, commit: &str, commits: &BTreeSet<String>) -> bool {
        let (mut seen, mut queue) = (BTreeSet::new(), vec![commit]);
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
