//! A repo of a running Hub, to be changed by a test.

use crate::git;
use crate::state::{State, lock};
use crate::stored::{Commit, File, Stored};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub use crate::stored::{Content, Gate, Kind};

/// A repo of a running Hub. Copies are the same repo.
#[derive(Clone)]
pub struct Repo {
    state: Arc<Mutex<State>>,
    kind: Kind,
    id: String,
}

impl Repo {
    pub(crate) fn new(state: Arc<Mutex<State>>, kind: Kind, id: &str) -> Self {
        lock(&state).create(kind, id);
        Self { state, kind, id: id.to_owned() }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Stored) -> T) -> T {
        change(lock(&self.state).repos.get_mut(&(self.kind, self.id.clone())).expect("the repo is there"))
    }

    /// Commits these files to `main`, on top of what is there. Returns the commit.
    pub fn commit(&self, files: &[(&str, Content)]) -> String {
        self.commit_on("main", files)
    }

    /// Commits these files to a branch, on top of what is there (or of `main`, where the branch is new).
    pub fn commit_on(&self, branch: &str, files: &[(&str, Content)]) -> String {
        let files: Vec<(String, File)> =
            files.iter().map(|(path, content)| ((*path).to_owned(), File::new(content))).collect();
        self.change(|repo| {
            let parent = repo.branches.get(branch).or_else(|| repo.branches.get("main")).cloned();
            let mut all = parent
                .as_ref()
                .and_then(|id| repo.commits.get(id))
                .map(|commit| commit.files.clone())
                .unwrap_or_default();
            all.extend(files);
            add(repo, branch, parent, all)
        })
    }

    /// Commits the removal of these files to `main`.
    pub fn remove(&self, paths: &[&str]) -> String {
        self.change(|repo| {
            let parent = repo.branches.get("main").cloned();
            let mut all = parent
                .as_ref()
                .and_then(|id| repo.commits.get(id))
                .map(|commit| commit.files.clone())
                .unwrap_or_default();
            all.retain(|path, _| !paths.contains(&path.as_str()));
            add(repo, "main", parent, all)
        })
    }

    /// Rewrites the repo's history: one new commit with these files, everything else is gone.
    pub fn force_push(&self, files: &[(&str, Content)]) -> String {
        self.change(|repo| {
            repo.commits.clear();
            repo.tags.clear();
        });
        self.change(|repo| repo.branches.clear());
        self.commit(files)
    }

    /// Makes a branch.
    pub fn branch(&self, name: &str, commit: &str) {
        self.change(|repo| repo.branches.insert(name.to_owned(), commit.to_owned()));
    }

    /// Makes a tag.
    pub fn tag(&self, name: &str, commit: &str) {
        self.change(|repo| repo.tags.insert(name.to_owned(), commit.to_owned()));
    }

    /// Makes the ref of a pull request.
    pub fn pull_request(&self, number: u64, commit: &str) {
        self.change(|repo| repo.pulls.insert(number, commit.to_owned()));
    }

    /// Makes the ref of what the Hub converts a dataset to, such as `parquet`.
    pub fn convert(&self, name: &str, commit: &str) {
        self.change(|repo| repo.converts.insert(name.to_owned(), commit.to_owned()));
    }

    /// Makes the ref of what the Hub converts a dataset to, of these files and no others, as the Hub does.
    pub fn convert_to(&self, name: &str, files: &[(&str, Content)]) -> String {
        let all = files.iter().map(|(path, content)| ((*path).to_owned(), File::new(content))).collect();
        let commit = self.change(|repo| {
            let commit = add(repo, name, None, all);
            repo.branches.remove(name);
            commit
        });
        self.convert(name, &commit);
        commit
    }

    /// Gives the repo another name; the old one redirects.
    #[must_use]
    pub fn rename(&self, id: &str) -> Self {
        lock(&self.state).rename(self.kind, &self.id, id);
        Self { id: id.to_owned(), ..self.clone() }
    }

    /// Deletes the repo and registers another one under its name.
    pub fn recreate(&self) {
        self.delete();
        lock(&self.state).create(self.kind, &self.id);
    }

    /// Deletes the repo.
    pub fn delete(&self) {
        lock(&self.state).repos.remove(&(self.kind, self.id.clone()));
    }

    /// Gates the repo.
    pub fn gate(&self, gate: Gate) {
        self.change(|repo| repo.gate = Some(gate));
    }

    /// Lets the holder of `token` through the gate.
    pub fn grant(&self, token: &str) {
        self.change(|repo| repo.granted.push(token.to_owned()));
    }

    /// Takes away what [`Repo::grant`] gave.
    pub fn revoke(&self, token: &str) {
        self.change(|repo| repo.granted.retain(|granted| granted != token));
    }

    /// Lets the holder of `token` ask for access; nobody has answered yet.
    pub fn request_access(&self, token: &str) {
        self.change(|repo| repo.pending.push(token.to_owned()));
    }

    /// Makes the repo, which keeps its name, answer to another one as well, as `gpt2` for `openai-community/gpt2`.
    pub fn also_called(&self, old: &str) {
        lock(&self.state).renamed.insert((self.kind, old.to_owned()), self.id.clone());
    }

    /// Hides the repo from everyone without a known token.
    pub fn make_private(&self) {
        self.change(|repo| repo.private = true);
    }

    /// Disables the repo.
    pub fn disable(&self) {
        self.change(|repo| repo.disabled = true);
    }

    /// Sets the card's data, such as `{"license": "mit"}`.
    pub fn card(&self, card: serde_json::Value) {
        self.change(|repo| repo.card = card);
    }

    /// Makes the scanners flag a file.
    pub fn flag(&self, path: &str, level: &str) {
        self.change(|repo| repo.flags.insert(path.to_owned(), level.to_owned()));
    }

    /// The commit of `main`.
    #[must_use]
    pub fn head(&self) -> String {
        self.change(|repo| repo.branches.get("main").cloned().expect("a commit on main"))
    }

    /// The repo's unchanging identity.
    #[must_use]
    pub fn uid(&self) -> String {
        self.change(|repo| repo.uid.clone())
    }
}

/// Adds a commit: each is a day after the one before, from 2026-01-01.
fn add(repo: &mut Stored, branch: &str, parent: Option<String>, files: BTreeMap<String, File>) -> String {
    let day = repo.commits.len() as u64;
    let blobs = files.iter().map(|(path, file)| (path.clone(), file.oid)).collect();
    let (tree, folders) = git::tree(&blobs);
    let id = git::commit(&tree, parent.as_deref(), FIRST_DAY + day * 86_400, &format!("Commit {day} of {}", repo.uid));
    repo.commits.insert(id.clone(), Commit { files, folders, parent, day });
    repo.branches.insert(branch.to_owned(), id.clone());
    id
}

/// 2026-01-01T00:00:00Z.
const FIRST_DAY: u64 = 1_767_225_600;
