//! One file, from wherever it can be fetched.

use super::failure::store_failure;
use super::local::{self, Local};
use super::unavailable::UnavailableOrigins;
use super::wanted::Wanted;
use crate::online::Online;
use crate::refusal::content::Origin;
use crate::refusal::{Failure, Refusal, upstream};
use crate::reporter::Event;
use crate::runtime::blocking;
use crate::sources::{ByteSource, HubFile, SourceError, XetFile};
use bytes::Bytes;
use modelpin_hub::{Hub, Scope};
use modelpin_store::{self as store, Staged, Verified};

/// Why a file was not fetched.
pub(super) enum Stop {
    Failed(Failure),
    /// Its repo or the whole Hub is unavailable, which another file has reported.
    Reported,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What fetches files.
#[derive(Clone, Copy)]
pub(super) struct Transfer<'a> {
    pub(super) online: &'a Online,
    pub(super) unavailable: &'a UnavailableOrigins,
}

/// How an attempt to receive a file from the Hub ended.
enum Attempt {
    Verified(Verified),
    /// What was received through Xet, or what an earlier run left, is not the content; it is dropped.
    Damaged,
    /// The disk was full after so many bytes of it, which are kept. Now it has more space.
    Full(u64),
}

/// What was received of a file.
#[derive(Debug, Clone, Copy)]
struct Received {
    /// Bytes that are in the store's unfinished file, those of earlier runs included.
    kept: u64,
    /// Bytes of another source than the last.
    optional: u64,
}

enum Broken {
    Hub(modelpin_hub::Error),
    Store(store::Error),
    Failed(Failure),
}

impl From<store::Error> for Broken {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Transfer<'_> {
    /// One file's content: in the store already, or from a mirror, or from the Hub.
    pub(super) async fn file(self, wanted: Wanted) -> Result<Verified, Stop> {
        if self.unavailable.contains(&wanted.source) {
            return Err(Stop::Reported);
        }
        let mut staged = match self.on_thread(&wanted, start).await?? {
            Start::Verified(verified) => return Ok(verified),
            Start::Staged(staged) => *staged,
        };
        let mut use_xet = true;
        let mut damaged = false;
        loop {
            let discarded = match self.attempt(&wanted, staged, use_xet).await? {
                Attempt::Verified(verified) => return Ok(verified),
                Attempt::Damaged if damaged => return Err(Failure::changed(&wanted.path).into()),
                Attempt::Damaged => {
                    damaged = true;
                    wanted.size
                }
                Attempt::Full(kept) => kept,
            };
            self.online.reporter.report(Event::BytesDiscarded(discarded));
            // Only what the Hub itself serves is refused.
            use_xet = false;
            staged = self.on_thread(&wanted, move |online, wanted| restart(online, wanted, damaged)).await??;
        }
    }

    /// Receives the file from the Hub, on top of what an earlier run left of it.
    async fn attempt(self, wanted: &Wanted, staged: Staged, use_xet: bool) -> Result<Attempt, Stop> {
        let Some(hub) = &self.online.hub else {
            return Err(Failure::from(upstream::offline_file(&wanted.name, &wanted.path)).into());
        };
        let from = staged.offset();
        let sources = match self.sources(hub, wanted, from, use_xet).await {
            Ok(sources) => sources,
            Err(error) => return Err(self.refused(hub, wanted, error).await),
        };
        let work = move |online: &Online, wanted: &Wanted| {
            let mut received = Received { kept: from, optional: 0 };
            let result = receive(online, wanted, &sources, staged, &mut received);
            let is_wrong = matches!(&result, Err(Broken::Store(store::Error::Mismatch(_))));
            if is_wrong && from == 0 && received.optional > 0 {
                let why = format!("its chunks of `{}` are not what models.lock says", wanted.path);
                sources.iter().for_each(|source| source.failed(&why));
            }
            let has_space = matches!(&result, Err(Broken::Store(error)) if error.is_full()) && free_space(online);
            (result, received, has_space)
        };
        let (result, received, has_space) = self.on_thread(wanted, work).await?;
        match result {
            Ok(verified) => Ok(Attempt::Verified(verified)),
            Err(Broken::Store(store::Error::Mismatch(_))) if from > 0 => {
                let path = &wanted.path;
                self.online
                    .note(format_args!("what an earlier run left of `{path}` is corrupted; downloading it again"));
                Ok(Attempt::Damaged)
            }
            Err(Broken::Store(store::Error::Mismatch(_))) if received.optional > 0 => Ok(Attempt::Damaged),
            Err(Broken::Store(_)) if has_space => Ok(Attempt::Full(received.kept)),
            Err(Broken::Store(error)) => Err(store_failure(wanted, &Origin::Hub, error).into()),
            Err(Broken::Hub(error)) => Err(self.refused(hub, wanted, error).await),
            Err(Broken::Failed(failure)) => Err(failure.into()),
        }
    }

    /// The sources of a file that the Hub has, in order: its Xet storage, if that has it, and plain HTTP.
    async fn sources(
        self,
        hub: &Hub,
        wanted: &Wanted,
        from: u64,
        use_xet: bool,
    ) -> Result<Vec<Box<dyn ByteSource>>, modelpin_hub::Error> {
        let Wanted { source, commit, path, size, .. } = wanted;
        let file = hub.file(source, commit, path, *size);
        let mut sources: Vec<Box<dyn ByteSource>> = Vec::new();
        let xet = self.online.xet.as_ref().filter(|xet| use_xet && xet.is_on());
        if let Some(xet) = xet.filter(|_| hub.is_large(size.saturating_sub(from))) {
            // Whatever keeps the Hub from answering is reported by what follows.
            if let Some(hash) = file.xet().await.ok().flatten() {
                sources.push(Box::new(XetFile {
                    xet: xet.clone(),
                    hub: hub.clone(),
                    source: source.clone(),
                    commit: *commit,
                    hash,
                    size: *size,
                    reporter: self.online.reporter.clone(),
                }));
            }
        }
        sources.push(Box::new(HubFile::prepare(file, *size, from).await?));
        Ok(sources)
    }

    /// What the Hub refuses: this file, or, reported by the first file that meets it, all others as well.
    async fn refused(self, hub: &Hub, wanted: &Wanted, error: modelpin_hub::Error) -> Stop {
        let scope = error.scope();
        if scope != Scope::File && self.unavailable.contains(&wanted.source) {
            return Stop::Reported;
        }
        self.unavailable.add(scope, &wanted.source);
        let failure = upstream::file_refused(hub, &wanted.source, &wanted.commit, wanted.repo_id.as_ref(), error).await;
        let about = |refusal: Refusal| {
            let refusal = refusal.entry(&wanted.name);
            if scope == Scope::File { refusal.file(&wanted.path) } else { refusal }
        };
        failure.map_refusals(about).into()
    }

    /// Runs `work` on a thread that may block.
    async fn on_thread<T: Send + 'static>(
        self,
        wanted: &Wanted,
        work: impl FnOnce(&Online, &Wanted) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let online = self.online.clone();
        let wanted = wanted.clone();
        blocking(move || work(&online, &wanted)).await
    }
}

/// How a file begins.
enum Start {
    Verified(Verified),
    /// To be received from the Hub, on top of what an earlier run left of it.
    Staged(Box<Staged>),
}

fn start(online: &Online, wanted: &Wanted) -> Result<Start, Failure> {
    match local::find(online, wanted)? {
        Local::Verified(verified) => Ok(Start::Verified(verified)),
        Local::Absent(lock, _) if online.hub.is_some() => {
            let staged = online.store.stage(lock, wanted.size);
            staged.map(Box::new).map(Start::Staged).map_err(|error| store_failure(wanted, &Origin::Store, error))
        }
        Local::Absent(_, Some(refusal)) => Err(refusal.into()),
        Local::Absent(_, None) => Err(upstream::offline_file(&wanted.name, &wanted.path).into()),
    }
}

/// Begins a file again; what was received of it is of no use where it `is_damaged`.
fn restart(online: &Online, wanted: &Wanted, is_damaged: bool) -> Result<Staged, Failure> {
    let lock = local::lock_blob(online, wanted)?;
    let staged = if is_damaged {
        online.store.stage_from_scratch(lock, wanted.size)
    } else {
        online.store.stage(lock, wanted.size)
    };
    staged.map_err(|error| store_failure(wanted, &Origin::Store, error))
}

/// Receives the content from each of the `sources`, each continuing where the one before it ended. Counts what is
/// `received`.
fn receive(
    online: &Online,
    wanted: &Wanted,
    sources: &[Box<dyn ByteSource>],
    mut staged: Staged,
    received: &mut Received,
) -> Result<Verified, Broken> {
    let Wanted { digest, path, size, .. } = wanted;
    online.reporter.report(Event::FileStarted { file: digest, path, bytes: *size, here: staged.offset() });
    for (at, source) in sources.iter().enumerate() {
        let pieces = match source.open(digest, staged.offset()) {
            Ok(body) => body.into_iter().flat_map(|body| body.pieces),
            Err(error) => {
                skip(&**source, error)?;
                continue;
            }
        };
        let is_optional = at + 1 < sources.len();
        for piece in pieces {
            match piece {
                Ok(piece) => keep(online, wanted, &mut staged, piece, is_optional, received)?,
                Err(error) => {
                    skip(&**source, error)?;
                    break;
                }
            }
        }
    }
    let verified = staged.finish()?;
    online.reporter.report(Event::FileVerified(digest));
    Ok(verified)
}

fn keep(
    online: &Online,
    wanted: &Wanted,
    staged: &mut Staged,
    piece: Bytes,
    is_optional: bool,
    received: &mut Received,
) -> Result<(), store::Error> {
    let bytes = piece.len() as u64;
    if is_optional {
        received.optional = received.optional.saturating_add(bytes);
    }
    staged.push(piece)?;
    received.kept = staged.offset();
    online.reporter.report(Event::BytesReceived { file: &wanted.digest, bytes });
    Ok(())
}

/// Goes on with the next source, where this one only does not serve.
fn skip(source: &dyn ByteSource, error: SourceError) -> Result<(), Broken> {
    match error {
        SourceError::Unavailable(why) => {
            source.failed(&why);
            Ok(())
        }
        SourceError::Hub(error) => Err(Broken::Hub(error)),
        SourceError::Io { doing, path, source } => Err(Broken::Failed(Failure::Io { doing, path, source })),
    }
}

/// Removes the chunks that are kept for later files, and keeps no more; whether there were any.
fn free_space(online: &Online) -> bool {
    let removed = online.store.prune_chunks(false).is_ok_and(|(_, bytes)| bytes > 0);
    if removed && let Some(xet) = &online.xet {
        xet.give_up(&*online.reporter, &"the disk is full, and its chunks are removed from it");
    }
    removed
}
