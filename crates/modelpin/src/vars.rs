//! The environment variables that modelpin reads. Others are read only by `pager` (`PAGER`, `LESS`), by the jail, and
//! where the user's configuration or a path names one.

use modelpin_ops::settings::expand;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variables and what each does, for the reference page.
pub const ALL: &[(&str, &str)] = &[
    ("CI", "`true` or `1`: `sync` behaves as with `--locked`, and prints a note."),
    ("CLICOLOR_FORCE", "Anything but `0`: colours even if the output is not a terminal."),
    (
        "HF_ENDPOINT",
        "The Hub's address, without a password. Wins over `[hub] endpoint` in models.toml, and gets the token.",
    ),
    ("HF_HOME", "The folder of Hugging Face tools, with the token and the shared cache."),
    ("HF_HUB_CACHE", "The shared Hugging Face cache, used with `--target hf-cache`."),
    ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "`1`: send no token."),
    ("HF_HUB_DISABLE_XET", "`1`: download large files over plain HTTP, even if the Hub offers them through Xet."),
    ("HF_HUB_DOWNLOAD_TIMEOUT", "Seconds without a byte after which a download is retried (10)."),
    ("HF_HUB_ETAG_TIMEOUT", "Seconds after which a request to the Hub's API times out (10)."),
    ("HF_HUB_OFFLINE", "`1`: as `--offline`."),
    (
        "HF_TOKEN",
        "The token. It is sent to the default Hub, to `HF_ENDPOINT` and to the Hubs of [config.toml](config.md), \
         each by its own origin, and nowhere else; never over http to another machine.",
    ),
    ("HF_TOKEN_PATH", "The file with the token, if `HF_TOKEN` is not set."),
    ("HTTPS_PROXY", "The proxy for https, and likewise `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`."),
    (
        "MODELPIN_CACHE_DIR",
        "The cache of downloaded files. The default is in the platform's cache folder, as in `~/.cache/modelpin`.",
    ),
    (
        "MODELPIN_CONFIG",
        "The user's own configuration, [config.toml](config.md). The default is in the platform's configuration \
         folder, as in `~/.config/modelpin/config.toml`.",
    ),
    (
        "MODELPIN_JOBS",
        "As `--jobs`: how many connections download at once (8), and how many files are scanned at once (at most one \
         for each processor).",
    ),
    ("MODELPIN_LANDLOCK", "As `exec --landlock`: the newest ABI of Landlock that a jail uses, from 1 to 6."),
    ("MODELPIN_LIMIT_RATE", "As `--limit-rate`: the most bytes per second, over all connections, as in `10M`."),
    ("MODELPIN_LOCKED", "`true`: `sync` behaves as with `--locked`."),
    ("MODELPIN_MIRROR", "As `--mirror`: a directory with copies of locked files."),
    ("MODELPIN_OFFLINE", "`true`: as `--offline`."),
    (
        "MODELPIN_PIECE_SIZE",
        "The bytes of one request for a large file (`3M`), from `64K` to `64M`. A file of at least eight pieces is \
         downloaded over several connections.",
    ),
    (
        "MODELPIN_RETRY_WAIT",
        "Seconds before a request is retried, unless the server says otherwise (1). Each further wait is twice as \
         long.",
    ),
    ("MODELPIN_TARGET", "As `--target`: where files are installed."),
    (
        "MODELPIN_XET_CACHE_SIZE",
        "The most bytes of chunks that are kept in the cache for files that share them (`4G`); `0`: none.",
    ),
    ("NO_COLOR", "Anything: no colours."),
    (
        "PYTHONPATH",
        "Folders in which `exec` and `env` look for modules that Python would import instead of a loader's copy of \
         code.",
    ),
    (
        "SSL_CERT_FILE",
        "Certificates to trust instead of the operating system's, as a PEM file. A missing file is an error.",
    ),
    ("XDG_CACHE_HOME", "The folder for caches, if no variable above is set."),
    ("XDG_CONFIG_HOME", "The folder for configuration, if `MODELPIN_CONFIG` is not set."),
];

/// The variable `name`, unless it is empty.
#[must_use]
pub fn get(name: &str) -> Option<OsString> {
    debug_assert!(
        ALL.iter().any(|(known, _)| *known == name) || KNOWN_ELSEWHERE.contains(&name),
        "{name} is not documented"
    );
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Read to find the user's folders, or as older names of documented variables.
const KNOWN_ELSEWHERE: &[&str] = &[
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "HUGGINGFACE_HUB_CACHE",
    "TRANSFORMERS_OFFLINE",
    "XDG_DATA_HOME",
];

/// The variable as text.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    get(name).and_then(|value| value.into_string().ok())
}

/// The variable as Hugging Face's tools read a switch: `1`, `ON`, `YES` or `TRUE` in any case.
#[must_use]
pub fn is_on(name: &str) -> bool {
    text(name).is_some_and(|value| ["1", "ON", "YES", "TRUE"].contains(&value.trim().to_ascii_uppercase().as_str()))
}

/// Whether this runs in a CI job.
#[must_use]
pub fn is_ci() -> bool {
    is_on("CI")
}

/// A path with `~` and variables in it expanded, as the Hub's own tools do.
#[must_use]
pub fn expanded(text: &OsStr) -> PathBuf {
    expand(text, |name| std::env::var_os(name))
}

fn path(name: &str) -> Option<PathBuf> {
    get(name).map(|text| expanded(&text))
}

/// The certificates to trust.
#[must_use]
pub fn certificates() -> Option<PathBuf> {
    path("SSL_CERT_FILE")
}

/// A directory with copies of locked files.
#[must_use]
pub fn mirror() -> Option<PathBuf> {
    path("MODELPIN_MIRROR")
}

fn home() -> Option<PathBuf> {
    get("HOME").or_else(|| get("USERPROFILE")).map(PathBuf::from)
}

/// The folder that `variable` names, if it is absolute; else `folder` in the home folder.
fn xdg(variable: &str, folder: &str) -> Option<PathBuf> {
    let named = path(variable).filter(|path| path.is_absolute());
    named.or_else(|| home().map(|home| home.join(folder)))
}

fn cache_home() -> Option<PathBuf> {
    xdg("XDG_CACHE_HOME", ".cache")
}

/// Where the store is.
#[must_use]
pub fn store() -> Option<PathBuf> {
    let platform = || match std::env::consts::OS {
        "macos" => home().map(|home| home.join("Library/Caches/modelpin")),
        "windows" => get("LOCALAPPDATA").map(|local| PathBuf::from(local).join("modelpin").join("cache")),
        _ => cache_home().map(|cache| cache.join("modelpin")),
    };
    path("MODELPIN_CACHE_DIR").or_else(platform)
}

/// Where the person's own configuration is, or would be, and whether a variable says so.
#[must_use]
pub fn config() -> Option<(PathBuf, bool)> {
    let folder = || match std::env::consts::OS {
        "macos" => home().map(|home| home.join("Library/Application Support")),
        "windows" => get("APPDATA").map(PathBuf::from),
        _ => xdg("XDG_CONFIG_HOME", ".config"),
    };
    let platform = || folder().map(|folder| (folder.join("modelpin").join("config.toml"), false));
    path("MODELPIN_CONFIG").map(|named| (named, true)).or_else(platform)
}

fn hf_home() -> Option<PathBuf> {
    path("HF_HOME").or_else(|| cache_home().map(|cache| cache.join("huggingface")))
}

/// Where the Hugging Face cache is that other tools share, by the rules of `huggingface_hub`.
#[must_use]
pub fn hf_cache() -> Option<PathBuf> {
    let named = path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE"));
    named.or_else(|| hf_home().map(|home| home.join("hub")))
}

/// The file in which the Hub's own tools keep the token.
#[must_use]
pub fn token_file() -> Option<PathBuf> {
    path("HF_TOKEN_PATH").or_else(|| hf_home().map(|home| home.join("token")))
}
