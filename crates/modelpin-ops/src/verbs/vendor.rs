//! `vendor`: copies of all locked files, for places without a network.

use crate::convert;
use crate::fetch::{self, Wanted};
use crate::file_names::OWN_FOLDER;
use crate::files::{self, with_lines};
use crate::online::Online;
use crate::refusal::{ErrorClass, Failure, Refusal, files as refuse};
use crate::settings::normal;
use crate::writable::WritableWorkspace;
use modelpin_schema::text::line;
use modelpin_schema::{Digest, visible};
use modelpin_store::files::{TEMP_PREFIX, copy_verified, remove, resolve_existing};
use modelpin_store::{Store, Verification, Verified, blob_in};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The list of what is in a vendored directory.
const SUMS: &str = "SHA256SUMS";
/// The attributes that git reads.
const ATTRIBUTES: &str = ".gitattributes";
/// The lines that make git leave bytes alone.
const LINES: [&str; 2] = ["/blobs/** -text -ident", "/SHA256SUMS -text -ident"];

/// What to do about a directory that is used for something else.
const OWN_DIRECTORY: &str = "run `modelpin vendor DIR` with a directory of its own";

/// What `vendor` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendored {
    /// Files in the directory.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Files that were copied this time.
    pub copied: usize,
    /// Files that no lock wants any more, which were removed.
    pub removed: usize,
    /// Files that no lock wants any more, which stay: their directory was not made here.
    pub foreign: usize,
}

/// Makes `dir` hold exactly the content of the lock, results of conversions and their sources included, by digest, with
/// a `SHA256SUMS` that `sha256sum` checks.
/// The lock can be synced from it as a `[[mirror]]`. From a directory that this machine's modelpin did not make,
/// nothing is removed.
///
/// # Errors
/// A stale lock; a `dir` that is not apart from other files; content that is not found; links in `dir`; I/O errors from
/// writing to it.
pub async fn run(workspace: &WritableWorkspace, online: &Online, dir: &Path) -> Result<Vendored, Failure> {
    let project = &workspace.project;
    let lock = project.locked()?;
    is_apart(workspace, dir)?;
    std::fs::create_dir_all(dir).map_err(Failure::io("make the folder", dir))?;
    let dir = &dir.canonicalize().map_err(Failure::io("find", dir))?;
    let record = workspace.need_record()?;
    let blobs = dir.join("blobs");
    check(dir)?;
    is_list_of_ours(&dir.join(SUMS))?;
    let ours = record.owns(&blobs) || entries(&blobs)?.is_empty();
    if !ours && dir.join(SUMS).symlink_metadata().is_err() {
        return Err(not_vendored(dir).into());
    }
    let wanted = lock.pins.iter().flat_map(|(name, pin)| Wanted::all(name, pin)).collect();
    let mut verified = fetch::fetch(online, wanted).await?;
    let results = lock.pins.values().flat_map(|pin| pin.results().map(|(_, file)| file.sha256)).collect();
    verified.extend(convert::obtain(online, lock, &results, &verified).await?);
    if !is_folder(&blobs)? {
        std::fs::create_dir(&blobs).map_err(Failure::io("make the folder", &blobs))?;
    }
    if ours {
        record.record_ownership(&blobs)?;
    }
    let attributes = dir.join(ATTRIBUTES);
    if let Some(text) = with_lines(dir, &attributes, &LINES)? {
        files::write(dir, &attributes, &text)?;
    }
    let there = Store::new(dir.clone());
    let mut done = Vendored { files: verified.len(), bytes: 0, copied: 0, removed: 0, foreign: 0 };
    let mut sums = String::new();
    for content in verified.values() {
        done.bytes = done.bytes.saturating_add(content.size());
        done.copied += usize::from(place(&there, dir, content)?);
        let path = blob_in(Path::new(""), &content.digest());
        line(&mut sums, format_args!("{}  {}", content.digest().hex(), path.display()));
    }
    modelpin_store::files::replace(&dir.join(SUMS), sums.as_bytes())?;
    let keep: BTreeSet<Digest> = verified.keys().copied().collect();
    for blob in there.blobs()?.iter().filter(|blob| !keep.contains(&blob.digest)) {
        if ours {
            there.remove_blob(&blob.digest)?;
            done.removed += 1;
        } else {
            done.foreign += 1;
        }
    }
    if ours {
        tidy(dir)?;
    }
    Ok(done)
}

/// Refuses a directory that cannot be one, that a link of the project's leads out of it, or that other files of
/// modelpin's or of git's are in, or below.
fn is_apart(workspace: &WritableWorkspace, dir: &Path) -> Result<(), Failure> {
    let project = &workspace.project;
    let taken = dir.ancestors().find(|path| path.symlink_metadata().is_ok());
    if taken.is_some_and(|taken| !taken.is_dir()) {
        let got = "a file, or a dangling link";
        return Err(unsuitable(dir, "is not a folder", got, "the copies cannot be written there"));
    }
    let home = resolve_existing(&project.dir);
    let there = normal(&resolve_existing(dir));
    let written = normal(dir);
    if (written.starts_with(&project.dir) || written.starts_with(&home)) && !there.starts_with(&home) {
        let why = "the author of a clone would choose where files are written and removed";
        return Err(unsuitable(dir, "is outside of the project", "a symbolic link on the way", why));
    }
    if there.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
        let why = "git would take the copies for its own files";
        return Err(unsuitable(dir, "is in a folder of git", "a folder `.git`", why));
    }
    let target = project.target()?.root;
    let store = workspace.store.root().to_owned();
    for (place, whose) in [(project.dir.join(OWN_FOLDER), "own folder"), (target, "target"), (store, "cache")] {
        let place = resolve_existing(&place);
        if there.starts_with(&place) || place.starts_with(&there) {
            let got = format!("modelpin's {whose} `{}`", visible(&place.to_string_lossy()));
            let what = "overlaps with modelpin's other files";
            return Err(unsuitable(dir, what, &got, "files of one would be removed as untracked in the other"));
        }
    }
    Ok(())
}

/// A directory that copies cannot be in.
fn unsuitable(dir: &Path, what: &str, got: &str, why: &str) -> Failure {
    Refusal::new(ErrorClass::Usage, format!("`{}` {what}", visible(&dir.to_string_lossy())))
        .expected("a directory for nothing but copies")
        .got(got)
        .why(why)
        .help(OWN_DIRECTORY)
        .into()
}

/// Refuses a list of sums that `vendor` did not write, which it would replace.
fn is_list_of_ours(path: &Path) -> Result<(), Failure> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::io("open", path)(error)),
    };
    loop {
        let mut line = Vec::new();
        // No line of ours is that long.
        let read = (&mut file).take(256).read_until(b'\n', &mut line).map_err(Failure::io("read", path))?;
        if read == 0 {
            return Ok(());
        }
        if !is_line_of_ours(&line) {
            return Err(Refusal::new(
                ErrorClass::Usage,
                format!("`{}` was not written by `modelpin vendor`", visible(&path.to_string_lossy())),
            )
            .expected("only lines such as `DIGEST  blobs/sha256/AB/DIGEST`")
            .got(format!("`{}`", visible(&String::from_utf8_lossy(&line))))
            .why("the file would be overwritten")
            .help(OWN_DIRECTORY)
            .into());
        }
    }
}

/// Whether `vendor` would write this line of a list of sums.
fn is_line_of_ours(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let Some((hex, blob)) = line.trim_end_matches(['\n', '\r']).split_once("  ") else { return false };
    Digest::from_hex(hex).is_ok_and(|digest| Path::new(blob) == blob_in(Path::new(""), &digest))
}

/// Refuses a directory in which a link would lead the writing elsewhere.
fn check(dir: &Path) -> Result<(), Failure> {
    for name in [SUMS, ATTRIBUTES] {
        let path = dir.join(name);
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => return Err(linked(&path)),
            Ok(found) if !found.is_file() => return Err(refuse::not_ordinary(&path, "something else").into()),
            _ => {}
        }
    }
    is_folder(&dir.join("blobs"))?;
    let sums = dir.join("blobs/sha256");
    is_folder(&sums)?;
    match entries(&sums)?.into_iter().find(|entry| entry.is_symlink()) {
        Some(link) => Err(linked(&link)),
        None => Ok(()),
    }
}

/// The store is such a directory, or somebody's copy of it.
fn not_vendored(dir: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` has blobs that `modelpin vendor` did not write", dir.display()))
        .expected("an empty directory, or one with a `SHA256SUMS` that `vendor` made")
        .got("a directory with `blobs` and without `SHA256SUMS`")
        .help(OWN_DIRECTORY)
}

/// Whether there is a folder at `path`, or nothing yet.
fn is_folder(path: &Path) -> Result<bool, Failure> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(found) if found.is_symlink() => Err(linked(path)),
        Ok(_) => Err(Refusal::new(ErrorClass::Usage, format_args!("`{}` is not a folder", path.display()))
            .expected("a folder, or nothing yet")
            .got("a file")
            .help(OWN_DIRECTORY)
            .into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io("look at", path)(error)),
    }
}

fn linked(path: &Path) -> Failure {
    Refusal::new(ErrorClass::Usage, format!("`{}` is a symbolic link", path.display()))
        .expected("a directory without links")
        .why("files would be written and removed wherever the link points")
        .help("remove the link")
        .help(OWN_DIRECTORY)
        .into()
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    match std::fs::read_dir(folder) {
        Ok(listed) => listed.map(|entry| Ok(entry.map_err(Failure::io("list", folder))?.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::io("list", folder)(error)),
    }
}

/// Copies a blob, unless it is there already with the right bytes.
fn place(there: &Store, dir: &Path, verified: &Verified) -> Result<bool, Failure> {
    let digest = verified.digest();
    let size = verified.size();
    let place = blob_in(dir, &digest);
    let folder = place.parent().unwrap_or(dir);
    for folder in [dir.join("blobs/sha256"), folder.to_owned()] {
        if !is_folder(&folder)? {
            std::fs::create_dir(&folder).map_err(Failure::io("make the folder", &folder))?;
        }
    }
    if matches!(there.verify(&digest, size)?, Verification::Good(_)) {
        return Ok(false);
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMP_PREFIX);
    let aside = builder.make_in(folder, |aside| copy_verified(verified.path(), &digest, size, aside));
    let aside = aside.map_err(Failure::io("copy to", folder))?.into_temp_path();
    aside.persist(&place).map_err(|error| Failure::io("rename", &place)(error.error))?;
    Ok(true)
}

/// Removes what runs left that were killed: the project's lock says that none is at work.
fn tidy(dir: &Path) -> Result<(), Failure> {
    for folder in entries(&dir.join("blobs/sha256"))?.iter().filter(|folder| folder.is_dir()) {
        for path in entries(folder)? {
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(TEMP_PREFIX.as_bytes())) {
                remove(&path)?;
            }
        }
    }
    Ok(())
}
