//! Targets that are made, damaged and made whole again.

mod denied;
mod hostile;
mod laws;
mod layout;
mod repair;
mod shared;

use super::{Depth, DiscrepancyKind, Error, Inspection, InstallTree, Layout, Plan};
use crate::record::Record;
use crate::{Store, Verification, Verified};
use modelpin_schema::{Artifact, CommitId, Digest, FileKind, Filter, Lockfile, Name, Pin, RepoPath};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Permissions;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project with a lock, a target and a store of its own.
struct Scene {
    folder: TempDir,
    layout: Layout,
    lock: Lockfile,
    contents: BTreeMap<Digest, Vec<u8>>,
}

/// What a sync did.
#[derive(Debug)]
struct Synced {
    changed: BTreeSet<Name>,
    removed: usize,
    hashed: u64,
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn commit(byte: u8) -> CommitId {
    CommitId::new([byte; 20])
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

impl Scene {
    fn new(layout: Layout) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("project/.modelpin")).unwrap();
        Self { folder, layout, lock: Lockfile::default(), contents: BTreeMap::new() }
    }

    /// A scene with one small model, synced.
    fn synced(layout: Layout) -> Self {
        let mut scene = Self::new(layout);
        scene.pin("chat", "acme/chat", 0x13, "main", &[("config.json", "{}"), ("sub/model.safetensors", "weights")]);
        scene.sync().unwrap();
        scene
    }

    fn pin(&mut self, entry: &str, repo: &str, at: u8, requested: &str, files: &[(&str, &str)]) {
        let source = format!("hf:model/{repo}").parse().unwrap();
        let mut locked = BTreeMap::new();
        for (path, text) in files {
            let path: RepoPath = path.parse().unwrap();
            let sha256 = digest(text.as_bytes());
            self.contents.insert(sha256, text.as_bytes().to_vec());
            locked.insert(path.clone(), Artifact { kind: FileKind::of(&path), size: text.len() as u64, sha256 });
        }
        let pin = Pin::new(source, requested.parse().unwrap(), Filter::default(), commit(at), locked);
        self.lock.pins.insert(name(entry), pin);
    }

    fn record(&self) -> Record {
        Record::of(&self.store(), &self.folder.path().join("project")).unwrap()
    }

    fn root(&self) -> PathBuf {
        match self.layout {
            Layout::SharedHubCache => self.folder.path().join("cache/hub"),
            Layout::HubCache | Layout::Flat | Layout::Quarantine => self.folder.path().join("project/.modelpin/hub"),
        }
    }

    fn place(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// The path of content in the target of a repo.
    fn blob(&self, repo: &str, text: &str) -> PathBuf {
        self.place(&format!("models--{}/blobs/{}", repo.replace('/', "--"), digest(text.as_bytes()).hex()))
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.place(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }

    fn store(&self) -> Store {
        Store::new(self.folder.path().join("store"))
    }

    fn plan(&self) -> Plan {
        Plan::new(&self.lock, self.layout, &BTreeMap::new()).unwrap()
    }

    fn open(&self) -> Result<InstallTree, Error> {
        InstallTree::open(self.layout, self.root(), Some(&self.record()))
    }

    fn inspect(&self, depth: Depth) -> Inspection {
        self.open().unwrap().inspect(&self.plan(), depth).unwrap()
    }

    /// What is wrong, as `path: trouble`.
    fn problems(&self, depth: Depth) -> Vec<String> {
        let word = |trouble: &DiscrepancyKind| match trouble {
            DiscrepancyKind::Missing => "missing".to_owned(),
            DiscrepancyKind::Other { got, .. } => got.clone(),
            DiscrepancyKind::Size { got, .. } => format!("{got} bytes"),
            DiscrepancyKind::Digest { .. } => "other bytes".to_owned(),
            DiscrepancyKind::Untracked => "untracked".to_owned(),
            DiscrepancyKind::Denied => "denied".to_owned(),
        };
        let found = self.inspect(depth).discrepancies;
        found.iter().map(|(path, problem)| format!("{path}: {}", word(&problem.kind))).collect()
    }

    fn assert_whole(&self) {
        for depth in [Depth::Full, Depth::Stamps, Depth::Fast] {
            assert_eq!(self.problems(depth), Vec::<String>::new());
        }
    }

    /// Verification of `wanted`, brought into the store where it is not in it.
    fn verify(&self, wanted: impl Iterator<Item = Digest>) -> BTreeMap<Digest, Verified> {
        let store = self.store();
        wanted.map(|digest| (digest, self.verify_one(&store, &digest))).collect()
    }

    fn verify_one(&self, store: &Store, digest: &Digest) -> Verified {
        let bytes = &self.contents[digest];
        let size = bytes.len() as u64;
        if let Verification::Good(verified) = store.verify(digest, size).unwrap() {
            return verified;
        }
        store.remove_blob(digest).unwrap();
        let mut staged = store.stage(store.lock(digest, &|| {}).unwrap(), size).unwrap();
        staged.write(&bytes[usize::try_from(staged.offset()).unwrap()..]).unwrap();
        staged.finish().unwrap()
    }

    /// As the verb does it.
    fn sync(&self) -> Result<Synced, Error> {
        let plan = self.plan();
        let _held = self.record().lock(&|_| {})?;
        let mut target = self.open()?;
        let found = target.inspect(&plan, Depth::Stamps)?;
        target.check_removable(&found)?;
        let missing = plan.digests().filter(|(path, ..)| found.discrepancies.contains_key(*path));
        let verified = self.verify(missing.map(|(_, digest, _)| digest));
        let changed = if found.is_clean() { BTreeSet::new() } else { target.apply(&plan, &found, &verified)? };
        let removed = target.prune(&found)?;
        target.save_stamps(&plan)?;
        Ok(Synced { changed, removed, hashed: found.hashed })
    }

    /// Everything in the target but folders, links with their text.
    fn tree(&self) -> Vec<String> {
        tree(&self.root())
    }
}

fn tree(root: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, all: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            let shown = path.strip_prefix(root).unwrap().display().to_string();
            if kind.is_symlink() {
                all.push(format!("{shown} -> {}", path.read_link().unwrap().display()));
            } else if kind.is_dir() {
                walk(&path, root, all);
            } else {
                all.push(shown);
            }
        }
    }
    let mut all = Vec::new();
    walk(root, root, &mut all);
    all.sort();
    all
}

/// Changes one byte of a file and hides it as well as a program can.
fn flip(path: &Path) {
    let before = path.metadata().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::set_permissions(path, writable(before.permissions())).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(before.modified().unwrap()).unwrap();
    std::fs::set_permissions(path, before.permissions()).unwrap();
}

#[expect(clippy::permissions_set_readonly_false, reason = "a test's own file")]
fn writable(mut permissions: Permissions) -> Permissions {
    permissions.set_readonly(false);
    permissions
}

fn remove(path: &Path) {
    crate::files::remove(path).unwrap();
}

/// Asserts an error that `is_expected`, and that names `words`.
fn assert_fails<T: std::fmt::Debug>(result: Result<T, Error>, is_expected: fn(&Error) -> bool, words: &str) {
    let error = result.unwrap_err();
    assert!(is_expected(&error), "{error:?}");
    assert!(format!("{error} {error:?}").contains(words), "{error:?}");
}
