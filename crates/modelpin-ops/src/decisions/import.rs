//! Other teams' files of decisions: found at a path or, by their hash, in the store; brought into the store by the
//! verbs that may use a network. What is believed is one content, whoever serves it.

use super::read::{believe, own};
use crate::file_names::AUDITS;
use crate::files;
use crate::online::{Online, waiting_for};
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Line, Refusal, upstream};
use crate::runtime::blocking;
use crate::sources::SourceError;
use modelpin_schema::audits::{self, Audits, From, Import};
use modelpin_schema::manifest::ConfiguredPath;
use modelpin_schema::{Digest, visible};
use modelpin_store::{Store, blob_in};
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::Path;

/// Brings every file that the project imports from an address into the store: from a mirror or the network, if it
/// is not there yet. A project that imports nothing costs nothing.
///
/// # Errors
/// An audits file that cannot be read or believed; a file that cannot be had, or has other bytes than the import says.
pub async fn fetch_imports(online: &Online, project: &Project) -> Result<(), Failure> {
    let mut refusals = Vec::new();
    for import in own(&project.dir)?.imports {
        let From::Url(url) = &import.from else { continue };
        match bring(online, &import, url).await {
            Ok(()) => {}
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::fail_if_any(refusals)
}

async fn bring(online: &Online, import: &Import, url: &str) -> Result<(), Failure> {
    if matches!(stored(&online.store, &import.sha256)?, Some(Ok(_))) {
        return Ok(());
    }
    if let Some(bytes) = from_mirrors(online, import).await? {
        return keep(online, import, bytes).await;
    }
    let hub = online.hub.as_ref().ok_or_else(|| not_here(import))?;
    let max = usize::try_from(audits::MAX_BYTES).unwrap_or(usize::MAX);
    let bytes = hub.document(url, max).await.map_err(|error| not_served(import, &error))?;
    match digest(&bytes) {
        got if got == import.sha256 => keep(online, import, bytes).await,
        got => Err(other_bytes(import, Some(&got)).into()),
    }
}

/// The bytes of an import from the first mirror that has them.
async fn from_mirrors(online: &Online, import: &Import) -> Result<Option<Vec<u8>>, Failure> {
    let mirrors = online.mirrors.clone();
    let wanted = import.sha256;
    blocking(move || {
        for mirror in &mirrors {
            match mirror.read(&wanted, audits::MAX_BYTES) {
                Ok(found) => {
                    if let Some(bytes) = found.filter(|bytes| digest(bytes) == wanted) {
                        return Ok(Some(bytes));
                    }
                }
                Err(SourceError::Io { doing, path, source }) => return Err(Failure::Io { doing, path, source }),
                Err(SourceError::Unavailable(_) | SourceError::Hub(_)) => {}
            }
        }
        Ok(None)
    })
    .await?
}

/// Puts the bytes of an import into the store.
async fn keep(online: &Online, import: &Import, bytes: Vec<u8>) -> Result<(), Failure> {
    let online = online.clone();
    let digest = import.sha256;
    let work = format!("fetches the import `{}`", import.name);
    let kept = blocking(move || {
        let lock = online.store.lock(&digest, &|| online.note(waiting_for(online.store.holder(&digest), &work)))?;
        online.store.put(lock, &bytes).map(|_| ())
    });
    Ok(kept.await??)
}

/// The decisions of the file that `import` names.
///
/// # Errors
/// A file that is not there, has other bytes than the import says, or is none.
pub(super) fn load(project: &Project, store: &Store, import: &Import) -> Result<Audits, Failure> {
    let bytes = match &import.from {
        From::Path(called) => {
            let path = project.import(called)?;
            let folder = files::folder_of(&project.dir, &path);
            let text = files::read(folder, &path, audits::MAX_BYTES)?.ok_or_else(|| no_file(import, &path))?;
            match digest(text.as_str().as_bytes()) {
                got if got == import.sha256 => text.into_string().into_bytes(),
                got => return Err(other_bytes(import, (folder == project.dir).then_some(&got)).into()),
            }
        }
        // A blob with other bytes than its name says is as good as none: it is fetched again.
        From::Url(_) => match stored(store, &import.sha256)? {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) | None => return Err(not_here(import).into()),
        },
    };
    let text = String::from_utf8_lossy(&bytes);
    believe(&format!("{AUDITS} of the import `{}`", import.name), &text)
}

fn stored(store: &Store, digest: &Digest) -> Result<Option<Result<Vec<u8>, Digest>>, Failure> {
    content(store.root(), digest)
}

/// What the blobs in `root` have for `wanted`: its bytes, or the hash of others; none where there is no file of a
/// size that is read.
fn content(root: &Path, wanted: &Digest) -> Result<Option<Result<Vec<u8>, Digest>>, Failure> {
    let path = blob_in(root, wanted);
    let opened = modelpin_store::files::open_below(root, &path).map_err(Failure::io("open", &path))?;
    let Some((file, _)) = opened.filter(|(_, found)| found.len() <= audits::MAX_BYTES) else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(audits::MAX_BYTES).read_to_end(&mut bytes).map_err(Failure::io("read", &path))?;
    let got = digest(&bytes);
    Ok(Some(if got == *wanted { Ok(bytes) } else { Err(got) }))
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn refusal(class: ErrorClass, import: &Import, what: &str) -> Refusal {
    Refusal::new(class, format_args!("the import `{}` {what}", import.name))
        .at(import.place.as_ref().map(|place| Line { file: AUDITS.to_owned(), line: place.line }))
}

/// `got` is what is there instead, where a clone may learn that.
fn other_bytes(import: &Import, got: Option<&Digest>) -> Refusal {
    let read = match &import.from {
        From::Path(ConfiguredPath::Inside(path)) => format!("read what changed in `{path}`"),
        From::Path(ConfiguredPath::Outside(path)) => format!("read what changed in `{}`", visible(&path.text)),
        // It is for a shell: what it would act on stays out.
        From::Url(url) if url.chars().all(|c| c.is_ascii_alphanumeric() || ":/._~%-".contains(c)) => {
            format!("read what changed (`curl -L {url}` shows it)")
        }
        From::Url(url) => format!("read what changed at `{}`", visible(url)),
    };
    let new = got.map_or_else(
        || "sha256 = \"…\"` with what `sha256sum` says of it".to_owned(),
        |got| format!("sha256 = \"{}\"`", got.hex()),
    );
    refusal(ErrorClass::Policy, import, "is not the file that was imported")
        .expected(import.sha256)
        .got(got.map_or_else(|| "other bytes".to_owned(), ToString::to_string))
        .why("decisions count only as they were when they were reviewed")
        .help(read)
        .help(format_args!("if it is right, write `{new} into {AUDITS}"))
}

fn no_file(import: &Import, path: &Path) -> Refusal {
    refusal(ErrorClass::Usage, import, "was not found")
        .expected(format_args!("a file at `{}`", visible(&path.to_string_lossy())))
        .help(format_args!("correct its `path` in {AUDITS}"))
}

fn not_here(import: &Import) -> Refusal {
    refusal(ErrorClass::Upstream, import, "is not on this machine")
        .expected(format_args!("a file with {}", import.sha256))
        .help("run `modelpin lock` once with a network to download it")
}

fn not_served(import: &Import, error: &modelpin_hub::Error) -> Refusal {
    refusal(ErrorClass::Upstream, import, "cannot be downloaded")
        .got(upstream::chain(error))
        .help(format_args!("correct its `url` in {AUDITS}"))
        .help("or run `modelpin lock` again when the server is available")
}
