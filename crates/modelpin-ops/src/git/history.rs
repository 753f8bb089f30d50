//! What a file of the project was in earlier commits: a bounded number of them.

use super::{LINES, in_work_tree};
use crate::git::run::Git;
use crate::refusal::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many commits that changed the file are looked at.
const COMMITS: &str = "--max-count=200";
/// How far the history is followed, in commits of its main line: git has to look at each.
const REACH: &str = "--skip=5000";
/// How many bytes of the file are read, over all commits.
const BYTES: u64 = 64 << 20;

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
    let mut parents = BTreeMap::new();
    for line in listed.text().lines() {
        let mut ids = line.split(' ').map(str::to_owned);
        parents.extend(ids.next().map(|id| (id, ids.collect::<Vec<_>>())));
    }
    let texts = texts(&git, name, &parents)?;
    Ok(Some(History { parents, texts, is_cut }))
}

/// What the file was in each of the commits.
fn texts(
    git: &Git<'_>,
    name: &str,
    commits: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<(String, BTreeSet<String>)>, Failure> {
    let asked: String = commits.keys().map(|id| format!("{id}:./{name}\n")).collect();
    let checked = git.ask_about(&["cat-file", "--batch-check"], Some(asked), LINES)?.text();
    let mut blobs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (commit, line) in commits.keys().zip(checked.lines()) {
        // `<id> blob <size>`; else the file was not there, or not a file.
        if let Some((id, rest)) = line.split_once(' ')
            && rest.starts_with("blob ")
        {
            blobs.entry(id).or_default().insert(commit.clone());
        }
    }
    let asked: String = blobs.keys().map(|id| format!("{id}\n")).collect();
    let out = git.ask_about(&["cat-file", "--batch"], Some(asked), BYTES)?.out;
    let mut texts = Vec::new();
    let mut rest = out.as_slice();
    while let Some((header, content)) = line(rest) {
        let size = header.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let Some((text, behind)) = size.and_then(|size| content.split_at_checked(size)) else { break };
        let id = header.split(' ').next().unwrap_or_default();
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
