//! The command's own files: itself, its interpreter, and the installation of Python that it is part of.

use crate::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The most that is read of a script's first line (Linux reads 256 bytes) or of a `pyvenv.cfg`.
const HEAD: u64 = 4096;
/// A script may name a script as its interpreter; Linux follows five.
const DEPTH: usize = 5;

/// What of an installation a program needs. Not all of it: its folder may be a home or a project.
const PARTS: &[&str] = &["bin", "include", "lib", "lib64", "pyvenv.cfg", "share"];

/// A command that was found.
#[derive(Debug)]
pub(super) struct Program {
    /// Its file, as it was named: whether Python is in a virtual environment depends on it.
    pub(super) path: PathBuf,
    /// What it needs to be read and run.
    pub(super) own: Vec<PathBuf>,
}

/// Finds the command `word`; `search` is the value of `PATH`.
///
/// # Errors
/// No such file, or a launcher that would look for the program in a home folder.
pub(super) fn find(word: &OsStr, search: &OsStr) -> Result<Program, Error> {
    let path = locate(word, search).ok_or_else(|| Error::NoProgram(word.to_owned()))?;
    if path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "shims") {
        return Err(Error::Shim(path));
    }
    let mut own = Vec::new();
    gather(&path, search, &mut own, DEPTH);
    Ok(Program { path, own })
}

fn locate(word: &OsStr, search: &OsStr) -> Option<PathBuf> {
    if word.as_bytes().contains(&b'/') {
        return std::path::absolute(word).ok().filter(|path| runs(path));
    }
    let folders = std::env::split_paths(search).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(word)).find(|path| !word.is_empty() && runs(path))
}

fn runs(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Adds what the program at `path` needs to `own`.
fn gather(path: &Path, search: &OsStr, own: &mut Vec<PathBuf>, depth: usize) {
    let Ok(real) = path.canonicalize() else { return };
    for place in [path, &real] {
        if let Some(prefix) = place.parent().and_then(Path::parent) {
            installation(prefix, own);
        }
    }
    own.push(real.clone());
    if let Some(interpreter) = interpreter(&real, search).filter(|_| depth > 0) {
        gather(&interpreter, search, own, depth - 1);
    }
}

/// Adds the parts of a Python at `prefix`: a virtual environment with the Python that it was made from, or a Python.
fn installation(prefix: &Path, own: &mut Vec<PathBuf>) {
    let parts = |prefix: &Path| PARTS.iter().map(|part| prefix.join(part)).collect::<Vec<_>>();
    if let Some(base) = base_of(prefix) {
        own.extend(parts(prefix));
        if is_python(&base) {
            own.extend(parts(&base));
        }
    } else if is_python(prefix) {
        own.extend(parts(prefix));
    }
}

/// The folder of the Python that the virtual environment at `prefix` was made from
/// (<https://docs.python.org/3/library/site.html>: `home` in `pyvenv.cfg` is the folder of its executable).
fn base_of(prefix: &Path) -> Option<PathBuf> {
    let text = head(&prefix.join("pyvenv.cfg"))?;
    let text = String::from_utf8(text).ok()?;
    let home = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "home").then(|| value.trim())
    })?;
    Path::new(home).canonicalize().ok()?.parent().map(Path::to_owned)
}

/// Whether a Python's library is at `prefix`: `os.py` is the mark by which Python finds it itself.
fn is_python(prefix: &Path) -> bool {
    let Ok(entries) = prefix.join("lib").read_dir() else { return false };
    entries
        .flatten()
        .any(|entry| entry.file_name().as_bytes().starts_with(b"python3") && entry.path().join("os.py").is_file())
}

/// The program that runs the script at `path`, where it is a script.
fn interpreter(path: &Path, search: &OsStr) -> Option<PathBuf> {
    let head = head(path)?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(OsStr::from_bytes);
    let first = Path::new(words.next()?);
    if first.file_name()? != "env" {
        return Some(first.to_owned());
    }
    let named = words.find(|word| !word.as_bytes().starts_with(b"-") && !word.as_bytes().contains(&b'='))?;
    locate(named, search)
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    // Not a device or a pipe, which could keep us waiting.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}
