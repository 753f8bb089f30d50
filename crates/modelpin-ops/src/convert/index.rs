//! The index of converted shards. It follows from the results alone, and the index of the sources has to agree with it.

use super::{Made, Stop, changed, store_result};
use crate::online::Online;
use crate::refusal::{Failure, convert as refuse};
use crate::runtime::blocking;
use crate::scanning::{Opened, on_scanner_thread};
use modelpin_scan::convert::{Index, IndexBuilder, IndexedShard, WriteError};
use modelpin_schema::{Digest, RepoPath};
use modelpin_store::Verified;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A shard, and where its result is.
#[derive(Debug, Clone)]
pub(crate) struct ConvertedShard {
    /// The path of the shard.
    pub(crate) from: RepoPath,
    /// The path of the result.
    pub(crate) to: RepoPath,
    /// The result, on this machine.
    pub(crate) place: PathBuf,
    /// Its SHA-256.
    pub(crate) sha256: Digest,
}

/// Makes the index of `shards`, in the place of the index at `path`, whose bytes are `source`.
///
/// # Errors
/// An index that does not say what is in the shards; I/O errors from the store.
pub(crate) async fn make_index(
    online: &Online,
    path: &RepoPath,
    source: Verified,
    shards: Vec<ConvertedShard>,
) -> Result<Made, Failure> {
    make(online, path, source, shards).await?.map_err(|why| refuse::other_index(path, &why).into())
}

/// The same; where the index of the source does not say what is in the shards, says why not.
///
/// # Errors
/// I/O errors from the store.
pub(super) async fn make(
    online: &Online,
    path: &RepoPath,
    source: Verified,
    shards: Vec<ConvertedShard>,
) -> Result<Result<Made, String>, Failure> {
    let at = path.clone();
    let work = move |online: &Online| -> Result<Made, Stop> {
        let opened = Opened::new(source.path()).map_err(Failure::io("open", source.path()))?;
        let (index, absent) = guarded(&at, || {
            let index = collect(&shards)?;
            let absent = index.check(&opened).map_err(|why| Stop::Outside(why.to_string()))?;
            Ok((index, absent))
        })?;
        let bytes = index.text().as_bytes();
        let digest = Digest::new(Sha256::digest(bytes).into());
        let write = |out: &mut dyn std::io::Write| out.write_all(bytes).map_err(WriteError::Output);
        let result = store_result(online, &write, &at, &digest, bytes.len() as u64)?.map_err(|_| changed(&at))?;
        let dropped = absent.into_iter().map(|name| (name, "the index names it, and no shard has it".to_owned()));
        let dropped = dropped.collect();
        Ok(Made { result, tensors: index.tensors(), aliases: BTreeMap::new(), dropped })
    };
    let online = online.clone();
    outcome(blocking(move || work(&online)).await?)
}

/// The SHA-256 that the index of `shards` has; where they have none, says why not. `path` is that of the index of the
/// sources.
///
/// # Errors
/// I/O errors from reading the shards.
pub(super) fn digest(path: &RepoPath, shards: &[ConvertedShard]) -> Result<Result<Digest, String>, Failure> {
    let index = guarded(path, || collect(shards));
    outcome(index.map(|index| Digest::new(Sha256::digest(index.text()).into())))
}

/// Reads the results one by one.
fn collect(shards: &[ConvertedShard]) -> Result<Index, Stop> {
    let mut builder = IndexBuilder::default();
    for ConvertedShard { from, to, place, sha256 } in shards {
        let result = &Opened::new(place).map_err(Failure::io("open", place))?;
        let shard = IndexedShard { from: from.file_name(), to: to.file_name(), result, sha256: *sha256 };
        builder.add(shard).map_err(|why| Stop::Outside(why.to_string()))?;
    }
    Ok(builder.finish())
}

/// Does `work` where hostile bytes can neither overflow the stack nor crash the program.
fn guarded<T: Send>(path: &RepoPath, work: impl FnOnce() -> Result<T, Stop> + Send) -> Result<T, Stop> {
    on_scanner_thread(work)?.unwrap_or_else(|| {
        let what = format_args!("the converter panicked on `{path}`; nothing was converted");
        Err(Failure::internal(what).into())
    })
}

fn outcome<T>(done: Result<T, Stop>) -> Result<Result<T, String>, Failure> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Outside(why)) => Ok(Err(why)),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}
