//! `sync`: makes the target exactly what the lock says.

use super::lock;
use crate::project::Project;
use crate::refusal::{Failure, files};
use crate::reporter::Event;
use crate::session::{Session, waiting_for};
use crate::store::{Verified, hashed_bytes};
use crate::target::{Depth, Layout, Plan, Target};
use crate::transfer::{self, Wanted};
use modelpin_schema::lockfile::Day;
use modelpin_schema::lockfile::diff::Change;
use modelpin_schema::{Digest, Lockfile, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What `sync` may do about a lock that does not answer the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it answer, as `lock` does; pins that answer stay.
    Write,
    /// Refuse.
    Locked,
}

/// What `sync` did.
#[derive(Debug)]
pub struct Synced {
    /// What changed in the lock.
    pub changes: Vec<Change>,
    /// The entries whose files were placed or repaired.
    pub published: BTreeSet<Name>,
    /// Files that came from a mirror or the Hub, or out of the store.
    pub brought: usize,
    /// Strangers that were removed.
    pub removed: usize,
    /// Entries in the target.
    pub entries: usize,
    /// Locked files in the target.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes that were hashed: none in a warm run.
    pub hashed: u64,
    /// The target's folder.
    pub target: PathBuf,
}

/// Makes the target of the project what the lock says: adds, repairs, removes strangers. Nothing is placed
/// before everything is proven.
///
/// # Errors
/// A lock that is missing or stale, where it may not be written; content that cannot be had or is not what it
/// has to be; the system's.
pub async fn run(
    session: &Session,
    project: &mut Project,
    hf_cache: &Path,
    today: Day,
    mode: Mode,
) -> Result<Synced, Failure> {
    if project.manifest.entries.is_empty() {
        return Err(files::nothing_declared().into());
    }
    let hashed_before = hashed_bytes();
    let stale = project.locked().is_err();
    let changes = if stale && mode == Mode::Write {
        lock::run(session, project, &lock::Terms::on(today)).await?.changes
    } else {
        Vec::new()
    };
    let lock = project.locked()?;
    let layout = Layout::from(&project.manifest.target);
    let plan = Plan::new(lock, layout, &BTreeMap::new())?;
    plan.notes.iter().for_each(|note| session.note(note));
    let memory = project.own_folder()?;
    let waiting = || session.note(waiting_for(Target::holder(&memory), "syncs this project"));
    let _held = Target::lock(&memory, &waiting)?;
    let mut target = Target::open(layout, project.target_root(hf_cache)?, &memory)?;
    let found = target.inspect(&plan, Depth::Stamps)?;
    let missing: BTreeSet<Digest> =
        plan.digests().filter(|(path, ..)| found.problems.contains_key(*path)).map(|(_, digest, _)| digest).collect();
    let proven = match bring(session, lock, &missing).await {
        Ok(proven) => proven,
        Err(refused) => {
            // Whatever is in the target and not proven must not be what a loader finds meanwhile.
            target.withdraw(&found)?;
            return Err(refused);
        }
    };
    let published = if found.is_clean() { BTreeSet::new() } else { target.apply(&plan, &found, &proven)? };
    published.iter().for_each(|name| session.reporter.report(Event::Published(name)));
    let removed = target.sweep(&found)?;
    target.save_stamps(&plan)?;
    Ok(Synced {
        changes,
        published,
        brought: proven.len(),
        removed,
        entries: lock.pins.len(),
        files: lock.pins.values().map(|pin| pin.files().len()).sum(),
        bytes: lock.pins.values().fold(0, |sum, pin| sum.saturating_add(pin.size())),
        hashed: hashed_bytes() - hashed_before,
        target: target.root().to_owned(),
    })
}

/// Brings the content of the lock that is among `missing` into the store.
async fn bring(
    session: &Session,
    lock: &Lockfile,
    missing: &BTreeSet<Digest>,
) -> Result<BTreeMap<Digest, Verified>, Failure> {
    if missing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let all = lock.pins.iter().flat_map(|(name, pin)| Wanted::all(name, pin));
    transfer::fetch(session, all.filter(|wanted| missing.contains(&wanted.digest)).collect()).await
}
