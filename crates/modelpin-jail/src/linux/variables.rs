//! The variables of a command in the jail.

use super::paths::Reach;
use crate::Error;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What is kept of the variables of this process, besides the parts of `PATH` that can be read. Language, time,
/// terminal, and how many processors to use; the page of the jail lists them.
const KEPT: &[&str] = &[
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "CUDA_VISIBLE_DEVICES",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
    "LINES",
    "MKL_NUM_THREADS",
    "NO_COLOR",
    "OMP_NUM_THREADS",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "TERM",
    "TOKENIZERS_PARALLELISM",
    "TZ",
];

/// The folder of links to models, in the private one: where loaders look that know `HF_HOME` only.
pub(super) const HUB: &str = "huggingface/hub";

/// Where programs keep their own files: each a folder of the private one. The names are those of POSIX, of the XDG base
/// directories, and of Hugging Face's tools.
const PRIVATE: &[(&str, &str)] = &[
    ("HF_HOME", "huggingface"),
    ("HF_HUB_CACHE", HUB),
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("XDG_CACHE_HOME", "home/.cache"),
    ("XDG_CONFIG_HOME", "home/.config"),
    ("XDG_DATA_HOME", "home/.local/share"),
    ("XDG_RUNTIME_DIR", "run"),
    ("XDG_STATE_HOME", "home/.local/state"),
];

/// All variables of the command: what is kept, then what is private, then what the caller sets.
///
/// # Errors
/// I/O errors from making the private folders.
pub(super) fn all(
    private: &Path,
    reach: &Reach,
    set: &[(OsString, OsString)],
) -> Result<Vec<(OsString, OsString)>, Error> {
    let kept = KEPT.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
    let mut all: Vec<_> = kept.collect();
    all.push(("PATH".into(), search(&std::env::var_os("PATH").unwrap_or_default(), reach)));
    for (name, folder) in PRIVATE {
        let folder = private.join(folder);
        std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
        all.push((name.into(), folder.into()));
    }
    all.extend(set.iter().cloned());
    Ok(all)
}

/// The folders of `PATH` that can be read. A shell that finds a program in another would stop there.
fn search(path: &OsStr, reach: &Reach) -> OsString {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    let open = folders.filter(|folder| folder.canonicalize().is_ok_and(|folder| reach.reads(&folder)));
    std::env::join_paths(open).unwrap_or_default()
}
