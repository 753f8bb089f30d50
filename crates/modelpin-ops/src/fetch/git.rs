//! Ordinary git files, whose SHA-256 is not known before they are received.

use crate::online::Online;
use crate::refusal::content;
use crate::refusal::{Failure, upstream};
use crate::runtime::blocking;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_schema::{BlobId, Claim, CommitId, Digest, RepoPath, Source};
use modelpin_store::{self as store, Verified};
use tokio::runtime::Handle;

/// Why a body did not become a file of the store.
enum Broken {
    Hub(modelpin_hub::Error),
    Store(store::Error),
}

/// Fetches ordinary git files at lock time: each must be the blob that the listing names, and its SHA-256 is
/// what the lock will believe from then on.
///
/// # Errors
/// Whatever the Hub refuses; a body that is not the listed blob.
pub async fn git_files(
    online: &Online,
    source: &Source,
    commit: &CommitId,
    files: Vec<(RepoPath, u64, BlobId)>,
) -> Result<Vec<(RepoPath, u64, Digest)>, Failure> {
    let one = |(path, size, blob)| async move {
        let digest = git_file(online, source, commit, &path, size, blob).await?;
        Ok((path, size, digest))
    };
    iter(files).map(one).buffered(online.jobs.max(1)).try_collect().await
}

async fn git_file(
    online: &Online,
    source: &Source,
    commit: &CommitId,
    path: &RepoPath,
    size: u64,
    blob: BlobId,
) -> Result<Digest, Failure> {
    let Some(hub) = &online.hub else {
        return Err(upstream::refused_offline(source).into());
    };
    let at_file = |failure: Failure| failure.map_refusals(|refusal| refusal.file(path));
    let mut body = hub
        .file(source, commit, path, size)
        .open(0)
        .await
        .map_err(|error| at_file(upstream::refused(source, error)))?;
    let store = online.store.clone();
    let receive = move || -> Result<Verified, Broken> {
        let runtime = Handle::current();
        let mut staged = store.stage_git(blob, size).map_err(Broken::Store)?;
        while let Some(piece) = runtime.block_on(body.chunk()).map_err(Broken::Hub)? {
            staged.write(&piece).map_err(Broken::Store)?;
        }
        staged.finish().map_err(Broken::Store)
    };
    match blocking(receive).await? {
        Ok(verified) => Ok(verified.digest()),
        Err(Broken::Hub(error)) => Err(at_file(upstream::refused(source, error))),
        Err(Broken::Store(store::Error::Mismatch(mismatch))) => {
            Err(content::claim(&Claim::GitBlob(blob), &mismatch.to_string()).file(path).into())
        }
        Err(Broken::Store(error)) => Err(error.into()),
    }
}
