//! From a pin to proven bytes in the store: from the store itself, a mirror, or the Hub, in that order; from the Hub
//! through its Xet storage, where that is offered, and over plain HTTP where not.
//!
//! Several files come at once, each written and hashed in order on a thread of its own, while the Hub's client
//! receives ahead of it. A thread holds one piece of one body, so memory does not grow with the files. A small body is
//! received whole before a thread gets it.
//!
//! - `git`: small files of which only the blob id is known, when a pin is made

mod git;

pub use git::git_files;

use crate::online::{Online, waiting_for};
use crate::refusal::content::{self, Origin};
use crate::refusal::{Failure, Refusal, upstream};
use crate::reporter::Event;
use crate::runtime::blocking;
use crate::xet::{Offer, Xet};
use bytes::Bytes;
use futures_util::future::join;
use futures_util::stream::{StreamExt as _, iter};
use modelpin_hub::Scope;
use modelpin_schema::{Artifact, Claim, CommitId, Digest, Name, Pin, RepoPath, RepoUid, Source};
use modelpin_store::{self as store, Mismatch, Proof, Verified};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Handle;

/// A file of which no more bytes are missing is received before a thread is asked to write it, so that fewer threads wake
/// each other: they cost more than such a file.
const AHEAD: u64 = 64 << 10;

/// Content that is wanted, and where the Hub has it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it has to be.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// The entry that it is for; one of several, where they share it.
    pub name: Name,
    /// Its path in the repo.
    pub path: RepoPath,
    /// The repo.
    pub source: Source,
    /// The commit.
    pub commit: CommitId,
    /// The identity that the repo was locked with.
    pub repo_id: Option<RepoUid>,
}

impl Wanted {
    /// All content of `pin`.
    pub fn all<'a>(name: &'a Name, pin: &'a Pin) -> impl Iterator<Item = Self> + 'a {
        pin.files().iter().map(move |(path, file)| Self::of(name, pin, path, file))
    }

    /// The content of one file of `pin`.
    #[must_use]
    pub fn of(name: &Name, pin: &Pin, path: &RepoPath, file: &Artifact) -> Self {
        Self {
            digest: file.sha256,
            size: file.size,
            name: name.clone(),
            path: path.clone(),
            source: pin.source.clone(),
            commit: pin.revision,
            repo_id: pin.hub.repo_id.clone(),
        }
    }

    fn refuse(&self, refusal: Refusal) -> Failure {
        refusal.entry(&self.name).file(&self.path).into()
    }
}

/// Brings everything that is wanted into the store. Content that several files share comes once.
///
/// # Errors
/// Everything that could not be had or was not what it has to be; whatever else came stays in the store.
pub async fn fetch(online: &Online, wanted: Vec<Wanted>) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let unique: BTreeMap<Digest, Wanted> = wanted.into_iter().map(|wanted| (wanted.digest, wanted)).collect();
    let bytes = unique.values().fold(0_u64, |sum, wanted| sum.saturating_add(wanted.size));
    online.reporter.report(Event::Fetching { files: unique.len(), bytes });
    if let Some(room) = online.store.room().filter(|room| *room < bytes) {
        let missing = unique.values().map(|wanted| online.store.missing(&wanted.digest, wanted.size));
        let missing = missing.fold(0, u64::saturating_add);
        if missing > room {
            online.reporter.report(Event::Tight { missing, room });
        }
    }
    // The largest first, so that no single long file is left for the end.
    let mut queue: Vec<Wanted> = unique.into_values().collect();
    queue.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let large = |wanted: &Wanted| online.hub.as_ref().is_some_and(|hub| hub.is_large(wanted.size));
    let (large, small): (Vec<_>, Vec<_>) = queue.into_iter().partition(large);
    // A large file keeps a core busy; more at once would only share the connections. Small ones wait for answers.
    let cores = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let jobs = online.jobs.max(1);
    let closed = Closed::default();
    let at_once = |queue, most| iter(queue).map(|wanted| one(online, &closed, wanted)).buffer_unordered(most).collect();
    let (mut results, rest): (Vec<_>, Vec<_>) = join(at_once(large, cores.min(jobs)), at_once(small, jobs)).await;
    results.extend(rest);
    online.reporter.report(Event::Fetched);
    let mut verified = BTreeMap::new();
    let mut refusals = Vec::new();
    for result in results {
        match result {
            Ok(proven) => drop(verified.insert(proven.digest(), proven)),
            Err(Stop::Failed(Failure::Refused(refused))) => refusals.extend(refused),
            Err(Stop::Failed(other)) => return Err(other),
            Err(Stop::Reported) => {}
        }
    }
    refusals.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    crate::refusal::fail_if_any(refusals).map(|()| verified)
}

/// Whatever of `wanted` is in the store or a mirror; the Hub is not asked. What is there and damaged is told, and counts
/// as not there.
///
/// # Errors
/// The system's.
pub async fn here(online: &Online, wanted: Vec<Wanted>) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let mut verified = BTreeMap::new();
    for wanted in wanted {
        let (found, _) = on_thread(online, wanted, local).await?;
        if let Local::Proven(proven) = found? {
            verified.insert(proven.digest(), proven);
        }
    }
    Ok(verified)
}

/// One file's content: on disk already, or from a mirror, or from the Hub.
async fn one(online: &Online, closed: &Closed, wanted: Wanted) -> Result<Verified, Stop> {
    if closed.has(&wanted.source) {
        return Err(Stop::Reported);
    }
    let (start, mut wanted) = on_thread(online, wanted, start).await?;
    let mut staged = match start? {
        Start::Proven(verified) => return Ok(verified),
        Start::Begun(staged) => *staged,
    };
    let (mut xet, mut damaged) = (online.xet.as_ref(), false);
    loop {
        let lost = match from_hub(online, closed, &wanted, staged, xet).await? {
            FromHub::Proven(verified) => return Ok(verified),
            FromHub::Damaged if damaged => {
                return Err(Failure::changed(&wanted.path).into());
            }
            FromHub::Damaged => {
                damaged = true;
                wanted.size
            }
            FromHub::Full(here) => here,
        };
        online.reporter.report(Event::Lost(lost));
        // What is refused is what the Hub itself serves.
        xet = None;
        let again = move |online: &Online, wanted: &Wanted| {
            let lock = lock_blob(online, wanted)?;
            let staged = if damaged {
                online.store.stage_from_nothing(lock, wanted.size)
            } else {
                online.store.stage(lock, wanted.size)
            };
            staged.map_err(|error| store_failure(wanted, &Origin::Store, error))
        };
        let (begun, same) = on_thread(online, wanted, again).await?;
        (staged, wanted) = (begun?, same);
    }
}

enum FromHub {
    Proven(Verified),
    /// What came through Xet, or what an earlier run left, is not the content; it is dropped.
    Damaged,
    /// There was room for so many bytes of it, which are kept. Now there is more.
    Full(u64),
}

/// The file's content from the Hub, on top of what an earlier run left of it.
async fn from_hub(
    online: &Online,
    closed: &Closed,
    wanted: &Wanted,
    staged: store::Staged,
    xet: Option<&Xet>,
) -> Result<FromHub, Stop> {
    let Some(hub) = &online.hub else {
        return Err(Failure::from(upstream::offline_file(&wanted.name, &wanted.path)).into());
    };
    let from = staged.offset();
    let file = hub.file(&wanted.source, &wanted.commit, &wanted.path, wanted.size);
    let left = wanted.size.saturating_sub(from);
    let chunks = match xet {
        // Whatever keeps the Hub from telling is told by what follows.
        Some(xet) if xet.is_on() && hub.is_large(left) => file.xet().await.ok().flatten(),
        _ => None,
    };
    let ahead = match left {
        ..=AHEAD => match whole(&file, from).await {
            Ok(pieces) => Some(pieces),
            Err(error) => return Err(refused_by_hub(online, closed, wanted, error).await),
        },
        _ => None,
    };
    let receive = move |online: &Online, wanted: &Wanted| {
        let mut came = Came { here: from, by_xet: 0 };
        let received = receive(online, wanted, Way { file, chunks, ahead }, staged, &mut came);
        let more_room = matches!(&received, Err(Broken::Store(error)) if error.is_full()) && make_room(online);
        (received, came, more_room)
    };
    let ((received, came, more_room), _) = on_thread(online, wanted.clone(), receive).await?;
    match received {
        Ok(verified) => Ok(FromHub::Proven(verified)),
        Err(Broken::Store(store::Error::Mismatch(_))) if from > 0 => {
            online.note(format_args!("what an earlier run left of `{}` is damaged; starting anew", wanted.path));
            Ok(FromHub::Damaged)
        }
        Err(Broken::Store(store::Error::Mismatch(_))) if came.by_xet > 0 => {
            let why = format_args!("its chunks of `{}` are not what models.lock says", wanted.path);
            xet.into_iter().for_each(|xet| xet.give_up(online, why));
            Ok(FromHub::Damaged)
        }
        Err(Broken::Store(_)) if more_room => Ok(FromHub::Full(came.here)),
        Err(Broken::Store(error)) => Err(store_failure(wanted, &Origin::Hub, error).into()),
        Err(Broken::Hub(error)) => Err(refused_by_hub(online, closed, wanted, error).await),
    }
}

/// Removes the chunks that are kept for later files, and keeps no more; whether there were any.
fn make_room(online: &Online) -> bool {
    let removed = online.store.prune_chunks(false).is_ok_and(|(_, bytes)| bytes > 0);
    if removed && let Some(xet) = &online.xet {
        xet.give_up(online, "the disk is full, and its chunks are removed from it");
    }
    removed
}

/// The lock on the file's blob, however long another process holds it.
fn lock_blob(online: &Online, wanted: &Wanted) -> Result<store::BlobLock, Failure> {
    let work = format!("fetches `{}`", wanted.path);
    let waiting = || online.note(waiting_for(online.store.holder(&wanted.digest), &work));
    online.store.lock(&wanted.digest, &waiting).map_err(|error| store_failure(wanted, &Origin::Store, error))
}

/// Repos of which no file can be had, or a whole Hub: why is told once, and nothing more is asked of them.
#[derive(Default)]
struct Closed {
    repos: RefCell<BTreeSet<Source>>,
    hub: Cell<bool>,
}

impl Closed {
    fn has(&self, source: &Source) -> bool {
        self.hub.get() || self.repos.borrow().contains(source)
    }

    fn close(&self, scope: Scope, source: &Source) {
        match scope {
            Scope::File => {}
            Scope::Repo => drop(self.repos.borrow_mut().insert(source.clone())),
            Scope::Hub => self.hub.set(true),
        }
    }
}

/// Why a file was not fetched.
enum Stop {
    Failed(Failure),
    /// Its repo or the whole Hub is unavailable, which another file has reported.
    Reported,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// How a file begins.
enum Start {
    Proven(Verified),
    /// To be had from the Hub, on top of what an earlier run left of it.
    Begun(Box<store::Staged>),
}

fn start(online: &Online, wanted: &Wanted) -> Result<Start, Failure> {
    match local(online, wanted)? {
        Local::Proven(verified) => Ok(Start::Proven(verified)),
        Local::Absent(lock, _) if online.hub.is_some() => stage(online, wanted, lock).map(Box::new).map(Start::Begun),
        Local::Absent(_, Some(refusal)) => Err(refusal.into()),
        Local::Absent(_, None) => Err(upstream::offline_file(&wanted.name, &wanted.path).into()),
    }
}

fn stage(online: &Online, wanted: &Wanted, lock: store::BlobLock) -> Result<store::Staged, Failure> {
    online.store.stage(lock, wanted.size).map_err(|error| store_failure(wanted, &Origin::Store, error))
}

enum Local {
    Proven(Verified),
    /// The lock on the blob, and why what was there is not good, if something was.
    Absent(store::BlobLock, Option<Refusal>),
}

/// The store's own blob, then the mirrors', each hashed before it is believed.
fn local(online: &Online, wanted: &Wanted) -> Result<Local, Failure> {
    let (digest, size) = (&wanted.digest, wanted.size);
    let failure = |origin: Origin| move |error| store_failure(wanted, &origin, error);
    // Most often the blob is there and good: then there is nothing to lock, not even in a store that is read-only.
    if let Proof::Good(verified) = online.store.prove(digest, size).map_err(failure(Origin::Store))? {
        return Ok(Local::Proven(arrived(online, verified)));
    }
    let mut lock = lock_blob(online, wanted)?;
    let mut refusal = None;
    match online.store.prove(digest, size).map_err(failure(Origin::Store))? {
        Proof::Good(verified) => return Ok(Local::Proven(arrived(online, verified))),
        Proof::Bad(mismatch) => {
            if !online.store.set_aside(digest).map_err(failure(Origin::Store))? {
                return Err(mismatched(wanted, &Origin::Store, &mismatch).into());
            }
            online.note(format_args!("the store's copy of `{}` is damaged and is set aside", wanted.path));
            refusal = Some(mismatched(wanted, &Origin::Store, &mismatch));
        }
        Proof::Absent => {}
    }
    for mirror in &online.mirrors {
        let origin = mirror.origin();
        let (proof, again) = online.store.adopt(lock, size, &mirror.path).map_err(failure(origin.clone()))?;
        lock = again;
        match proof {
            Proof::Good(verified) => return Ok(Local::Proven(arrived(online, verified))),
            Proof::Bad(mismatch) => {
                online.note(format_args!("{origin} has other bytes for `{}`; they are not used", wanted.path));
                refusal = Some(mismatched(wanted, &origin, &mismatch));
            }
            Proof::Absent => {}
        }
    }
    Ok(Local::Absent(lock, refusal))
}

/// Tells that a whole file came at once.
fn arrived(online: &Online, verified: Verified) -> Verified {
    online.reporter.report(Event::Here(verified.size()));
    verified
}

enum Broken {
    Hub(modelpin_hub::Error),
    Store(store::Error),
}

/// The way of one file's content.
struct Way {
    file: modelpin_hub::File,
    /// Its hash in the Hub's Xet storage, if it is to come from there.
    chunks: Option<String>,
    /// All of it, where it was so little that no thread had to wait for it.
    ahead: Option<Vec<Bytes>>,
}

/// What the Hub has of a small file from the byte `from`.
async fn whole(file: &modelpin_hub::File, from: u64) -> Result<Vec<Bytes>, modelpin_hub::Error> {
    let mut body = file.open(from).await?;
    let (mut pieces, mut len) = (Vec::new(), 0);
    // More than it says of itself is refused by whoever writes it.
    while len <= AHEAD
        && let Some(piece) = body.chunk().await?
    {
        len += piece.len() as u64;
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Bytes of one file.
struct Came {
    /// Those that were handed to the store by now.
    here: u64,
    by_xet: u64,
}

/// The content by its `way`: through Xet as far as that goes, if it is there, and then from the Hub. Counts what `came`.
fn receive(
    online: &Online,
    wanted: &Wanted,
    way: Way,
    mut staged: store::Staged,
    came: &mut Came,
) -> Result<Verified, Broken> {
    let Way { file, chunks, ahead } = way;
    let runtime = Handle::current();
    let Wanted { digest, path, size, .. } = wanted;
    let from = staged.offset();
    online.reporter.report(Event::Opened { file: digest, path, bytes: *size, here: from });
    let keep = |staged: &mut store::Staged, piece: Bytes, came: &mut Came| {
        let bytes = piece.len() as u64;
        staged.push(piece)?;
        came.here = staged.offset();
        online.reporter.report(Event::Came { file: digest, bytes });
        Ok(())
    };
    if let (Some(chunks), Some(xet), Some(hub)) = (chunks, &online.xet, &online.hub) {
        let offer = Offer { source: &wanted.source, commit: &wanted.commit, hash: &chunks, size: *size };
        for piece in xet.open(online, hub, &offer, from) {
            came.by_xet = came.by_xet.saturating_add(piece.len() as u64);
            keep(&mut staged, piece, came).map_err(Broken::Store)?;
        }
    }
    if let Some(pieces) = ahead {
        pieces.into_iter().try_for_each(|piece| keep(&mut staged, piece, came)).map_err(Broken::Store)?;
    } else {
        let mut body = runtime.block_on(file.open(staged.offset())).map_err(Broken::Hub)?;
        while let Some(piece) = runtime.block_on(body.chunk()).map_err(Broken::Hub)? {
            keep(&mut staged, piece, came).map_err(Broken::Store)?;
        }
    }
    let verified = staged.finish().map_err(Broken::Store)?;
    online.reporter.report(Event::Proven(digest));
    Ok(verified)
}

/// What the Hub refuses: of this file, or, told by the first file that meets it, of all others as well.
async fn refused_by_hub(online: &Online, closed: &Closed, wanted: &Wanted, error: modelpin_hub::Error) -> Stop {
    let scope = error.scope();
    if scope != Scope::File && closed.has(&wanted.source) {
        return Stop::Reported;
    }
    closed.close(scope, &wanted.source);
    let refusal = match &online.hub {
        Some(hub) => upstream::file_refused(hub, &wanted.source, &wanted.commit, wanted.repo_id.as_ref(), error).await,
        None => upstream::refused(&wanted.source, error),
    };
    let named = |refusal: Refusal| {
        let refusal = refusal.entry(&wanted.name);
        if scope == Scope::File { refusal.file(&wanted.path) } else { refusal }
    };
    refusal.map_refusals(named).into()
}

fn mismatched(wanted: &Wanted, origin: &Origin, mismatch: &Mismatch) -> Refusal {
    let refusal = match mismatch {
        Mismatch::Size { got, .. } => content::size(origin, wanted.size, &format!("{got} bytes")),
        Mismatch::Digest { got, .. } => content::digest(origin, &wanted.digest, got),
        Mismatch::GitBlob { expected, got } => content::claim(&Claim::GitBlob(*expected), &format!("git blob {got}")),
    };
    refusal.entry(&wanted.name).file(&wanted.path)
}

fn store_failure(wanted: &Wanted, origin: &Origin, error: store::Error) -> Failure {
    match error {
        store::Error::Mismatch(mismatch) => wanted.refuse(mismatched(wanted, origin, &mismatch)),
        error => error.into(),
    }
}

/// Runs `work` where it may block, and gives the wanted file back with its result.
async fn on_thread<T: Send + 'static>(
    online: &Online,
    wanted: Wanted,
    work: impl FnOnce(&Online, &Wanted) -> T + Send + 'static,
) -> Result<(T, Wanted), Failure> {
    let online = online.clone();
    blocking(move || (work(&online, &wanted), wanted)).await
}
