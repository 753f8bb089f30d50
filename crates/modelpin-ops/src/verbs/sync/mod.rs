//! `sync`: makes the target, and the quarantine, exactly what the lock says and the policy lets in.
//!
//! The bytes decide what they are: whatever is not remembered of them is looked at before anything of it becomes
//! visible, and held against the lock and the policy.
//!
//! - `content`: bringing bytes and looking at them

mod content;

use super::lock::{self, Terms};
use crate::decisions::Decisions;
use crate::facts;
use crate::gate::Gate;
use crate::install::Depth;
use crate::install::trees::{Ground, Tree, Trees};
use crate::online::Online;
use crate::policy::Held;
use crate::preflight;
use crate::project::{OWN_FOLDER, Project};
use crate::record::Record;
use crate::refusal::{Failure, Refusals, files};
use crate::reporter::Event;
use crate::runtime::Runtime;
use crate::store::hashed_bytes;
use crate::writable::WritableProject;
use content::Look;
use modelpin_schema::lockfile::Day;
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::{Lockfile, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What `sync` may do about a lock that does not answer the manifest, or knows less than the bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it answer, as `lock` does, and record what is seen; pins that answer stay.
    Write,
    /// Refuse.
    Locked,
}

/// What came of a run.
#[derive(Debug)]
pub struct Done {
    /// What changed in the lock: it stays written even where the run was refused afterwards, so that somebody can
    /// decide about it.
    pub changes: Vec<Change>,
    /// What was done, or why it was not.
    pub result: Result<Synced, Failure>,
}

/// What `sync` did.
#[derive(Debug)]
pub struct Synced {
    /// The entries whose files were placed or repaired.
    pub published: BTreeSet<Name>,
    /// Files that came from a mirror or the Hub, or out of the store, to be placed.
    pub brought: usize,
    /// Files that were looked at, to see what they are and do: none in a warm run.
    pub judged: usize,
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
    /// Files that stay out of the target, by entry.
    pub held: BTreeMap<Name, Held>,
    /// How many things the policy only warns of.
    pub warnings: usize,
}

/// What a run works with.
struct Run<'a> {
    online: &'a Online,
    record: &'a Record,
    decisions: Decisions,
    today: Day,
}

/// Makes the target of the project what the lock says and the policy lets in on the day `today`: adds, repairs,
/// removes strangers. Nothing is placed before everything is proven, looked at and let in; what may no longer be in
/// the target or the quarantine goes even where the run is refused.
///
/// # Errors
/// A lock that is missing or stale, or hides something of the bytes, where it may not be written; what the policy
/// refuses; content that cannot be had or is not what it has to be; the system's.
pub fn run(online: &Online, project: &mut WritableProject, today: Day, mode: Mode) -> Done {
    let before = project.lock.clone().unwrap_or_default();
    let result = sync(online, project, today, mode);
    let changes = project.lock.as_ref().map(|lock| diff(&before, lock)).unwrap_or_default();
    Done { changes, result }
}

fn sync(online: &Online, project: &mut WritableProject, today: Day, mode: Mode) -> Result<Synced, Failure> {
    if project.manifest.entries.is_empty() {
        return Err(files::nothing_declared().into());
    }
    // Before anything is resolved and written: what comes has to have a place.
    project.target()?;
    let hashed_before = hashed_bytes();
    let runtime = Runtime::default();
    if project.locked().is_err() && mode == Mode::Write {
        // What it refuses and locks all the same is refused again below.
        runtime.block_on(lock::run(online, project, &Terms::on(today)))?;
    }
    let lock = project.locked()?.clone();
    // Most often what they import is there, and nothing has to be waited for.
    let decisions =
        Decisions::load(project, &online.store).or_else(|_| runtime.block_on(Decisions::bring(online, project)))?;
    let record = Record::of(&online.store, &project.dir)?;
    let run = Run { online, record: &record, decisions, today };

    let gate = Gate::of(project, &lock, &run.decisions, today);
    let trees = run.admit(project, &lock, &gate)?;
    let mut look = Look::new(online, &runtime, &record, &lock);
    if let Err(refused) = look.look(&lock, &trees) {
        // Whatever is in the target and not proven must not be what a loader finds meanwhile.
        trees.withdraw()?;
        return Err(refused);
    }
    let (lock, gate, trees) = run.settle(project, lock, gate, trees, &look, mode)?;
    if let Err(refused) = look.bring(&lock, &trees.missing()) {
        trees.withdraw()?;
        return Err(refused);
    }
    let mut synced = Synced::new(&lock, gate, &trees);
    synced.judged = look.judged;
    let own = project.dir.join(OWN_FOLDER);
    if trees.iter().any(|tree| !tree.found.is_clean() && tree.target.root().starts_with(&own)) {
        project.make_own_folder()?;
    }
    (synced.published, synced.removed) = trees.apply(&look.proven)?;
    synced.published.iter().for_each(|name| online.reporter.report(Event::Published(name)));
    look.remember(&lock);
    synced.hashed = hashed_bytes() - hashed_before;
    Ok(synced)
}

impl Synced {
    /// What is about to be done to `trees`, which are open for `lock`.
    fn new(lock: &Lockfile, gate: Gate, trees: &Trees) -> Self {
        let Tree { target, plan, .. } = trees.target();
        let files = || lock.pins.iter().flat_map(|(name, pin)| plan.visible(name, pin));
        Self {
            published: BTreeSet::new(),
            brought: trees.missing().len(),
            judged: 0,
            removed: 0,
            entries: lock.pins.len(),
            files: files().count(),
            bytes: files().fold(0, |sum, (_, file)| sum.saturating_add(file.size)),
            hashed: 0,
            target: target.root().to_owned(),
            held: gate.held,
            warnings: gate.warnings,
        }
    }
}

impl Run<'_> {
    /// The trees of `lock`, if the gate and what lies in a shared cache let it in. Otherwise whatever may no longer
    /// be in them is removed.
    fn admit(&self, project: &Project, lock: &Lockfile, gate: &Gate) -> Result<Trees, Failure> {
        let ground = Ground { project, record: Some(self.record) };
        let trees = Trees::open(&ground, lock, &gate.held, Depth::Stamps)?;
        match gate.pass().and_then(|()| trees.refuse_foreign()) {
            Ok(()) => {
                trees.target().plan.notes.iter().for_each(|note| self.online.note(note));
                Ok(trees)
            }
            Err(refused) => {
                trees.withdraw()?;
                Err(refused)
            }
        }
    }

    /// Records what was seen in the lock, or holds it against the lock. `gate` and `trees` are those of `lock`; what
    /// comes back are those of the lock as it is then.
    fn settle(
        &self,
        project: &mut WritableProject,
        lock: Lockfile,
        gate: Gate,
        mut trees: Trees,
        look: &Look<'_>,
        mode: Mode,
    ) -> Result<(Lockfile, Gate, Trees), Failure> {
        let mut seen = lock.clone();
        facts::record(&mut seen, &look.seen);
        if mode == Mode::Write {
            project.write_lock(seen.clone())?;
        }
        if seen == lock {
            return Ok((lock, gate, trees));
        }
        if mode == Mode::Write {
            let found = Gate::of(project, &seen, &self.decisions, self.today);
            if found.held != gate.held || found.pass().is_err() {
                trees.save_stamps()?;
                trees = self.admit(project, &seen, &found)?;
            }
            return Ok((seen, found, trees));
        }
        let (found, mut refusals) =
            preflight::against(project, &lock, &gate, (&look.seen, &seen), &self.decisions, self.today);
        refusals.extend(found.denied.iter().cloned());
        let Some(refusals) = Refusals::new(refusals) else {
            for (name, files) in facts::unrecorded(&lock, &look.seen) {
                self.online.note(format_args!(
                    "`{name}`: models.lock does not say yet all that {} of its files are and do; `modelpin sync` without `--locked` records it",
                    files.len()
                ));
            }
            return Ok((lock, Gate { warnings: found.warnings, ..gate }, trees));
        };
        let ground = Ground { project, record: Some(self.record) };
        Trees::open(&ground, &lock, &found.held, Depth::Stamps)?.withdraw()?;
        Err(Failure::Refused(refusals))
    }
}
