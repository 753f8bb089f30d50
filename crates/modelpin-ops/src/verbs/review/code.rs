//! Code files: verified, read and scanned.

use super::inside::{self, Budget};
use super::reviewed_file::{Content, MAX_SHOWN, ReviewedFile, keeps_changing};
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::refusal::{Failure, usage};
use crate::scanning::{ScanInput, ScanTask, scan_files};
use modelpin_scan::{Format, Report};
use modelpin_schema::lockfile::code::CodeFile;
use modelpin_schema::lockfile::{self, CodePath};
use modelpin_schema::{Digest, Name};
use modelpin_store::files::open_no_follow;
use modelpin_store::{Store, Verification};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

/// A set of code files, and where they can be had, by their place.
pub(super) type Set = BTreeMap<CodePath, Wanted>;

/// All the code of an entry.
pub(super) fn set(code: &lockfile::Code<'_>) -> Set {
    code.files.iter().map(|(place, found)| (place.clone(), wanted(found))).collect()
}

fn wanted(found: &CodeFile<'_>) -> Wanted {
    Wanted {
        digest: found.file.sha256,
        size: found.file.size,
        name: found.name.clone(),
        path: found.path.clone(),
        source: found.pin.source.clone(),
        commit: found.pin.revision,
        repo_id: found.pin.hub.repo_id.clone(),
    }
}

fn scan_task(store: &Store, wanted: &Wanted) -> ScanTask {
    ScanTask { path: wanted.path.to_string(), input: ScanInput::at(store.blob_path(&wanted.digest)) }
}

/// Reads a set of the entry `name`, by place, the code inside of each archive behind it. What is not in the store is
/// fetched; every byte that is shown was hashed.
///
/// # Errors
/// Content that is not found or does not match the lock; a scanner that broke; I/O errors from the store.
pub(super) async fn read(online: &Online, name: &Name, set: &Set) -> Result<Vec<ReviewedFile>, Failure> {
    let mut missing = Vec::new();
    let mut is_damaged = false;
    for (place, wanted) in set {
        let proof = online.store.verify(&wanted.digest, wanted.size)?;
        is_damaged |= matches!(proof, Verification::Bad(_));
        if !matches!(proof, Verification::Good(_)) {
            missing.push((place, wanted.clone()));
        }
    }
    let wanted = || missing.iter().map(|(_, wanted)| wanted.clone()).collect();
    if online.hub.is_none() && !is_damaged {
        let here = fetch::fetch_local(online, wanted()).await?;
        let gone = missing.iter().filter(|(_, wanted)| !here.contains_key(&wanted.digest));
        let gone: Vec<String> = gone.map(|(place, _)| place.to_string()).collect();
        if !gone.is_empty() {
            return Err(usage::not_here("review", name, &gone).into());
        }
    } else if !missing.is_empty() {
        fetch::fetch(online, wanted()).await?;
    }
    let tasks: Vec<ScanTask> = set.values().map(|wanted| scan_task(&online.store, wanted)).collect();
    let reports = scan_files(&tasks, online.jobs, &*online.reporter)?;
    let mut files = Vec::new();
    let mut budget = Budget::default();
    for ((place, wanted), report) in set.iter().zip(reports) {
        let size = wanted.size;
        let file = wanted.digest;
        let content = content(&online.store.blob_path(&file), &file, size, &report)?;
        let mut code =
            ReviewedFile { place: place.clone(), member: Vec::new(), file, size, sha256: Some(file), content, report };
        let members =
            if code.report.has_code() { inside::take(&online.store, &mut code, &mut budget)? } else { Vec::new() };
        files.push(code);
        files.extend(members);
    }
    Ok(files)
}

fn content(place: &Path, sha256: &Digest, size: u64, report: &Report) -> Result<Content, Failure> {
    if report.has_code() && !report.is_code() {
        return Ok(Content::Opaque("an archive, whose code follows"));
    }
    if report.format.is_archive() {
        return Ok(Content::Opaque("an archive, in which no code was found"));
    }
    if size > MAX_SHOWN {
        return Ok(Content::Opaque("more than a person reads"));
    }
    let file = open_no_follow(OpenOptions::new().read(true), place).map_err(Failure::io("open", place))?;
    let mut bytes = Vec::new();
    file.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::io("read", place))?;
    // It was verified a moment ago, but what is shown has to be what was verified.
    if Digest::new(Sha256::digest(&bytes).into()) != *sha256 {
        return Err(keeps_changing(place));
    }
    // Python takes no source with a NUL in it, and there is no machine code without one: what could be either is shown.
    if report.format == Format::Native && bytes.contains(&0) {
        return Ok(Content::Opaque("native code or byte code"));
    }
    Ok(Content::Lines(bytes))
}
