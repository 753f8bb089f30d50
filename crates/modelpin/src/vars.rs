//! Every environment variable that modelpin reads. It reads none anywhere else.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables and what each does, for the reference page.
pub const ALL: &[(&str, &str)] = &[
    ("CI", "`true` or `1`: `sync` behaves as with `--locked`, and says so."),
    ("CLICOLOR_FORCE", "Anything but `0`: colours even where the output is no terminal."),
    ("HF_ENDPOINT", "The Hub's address. Wins over `[hub] endpoint` in models.toml."),
    ("HF_HOME", "Where Hugging Face tools keep their files; the token and the shared cache are looked for there."),
    ("HF_HUB_CACHE", "The shared Hugging Face cache, used with `target = \"hf-cache\"`."),
    ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "`1`: send no token."),
    ("HF_HUB_DISABLE_XET", "`1`: large files come over plain HTTP, also where the Hub offers them through Xet."),
    ("HF_HUB_DOWNLOAD_TIMEOUT", "Seconds without a byte after which a download is tried again (10)."),
    ("HF_HUB_ETAG_TIMEOUT", "Seconds after which a question to the Hub's API is given up (10)."),
    ("HF_HUB_OFFLINE", "`1`: as `--offline`; a command that cannot do without the Hub is refused."),
    ("HF_TOKEN", "The token. It is sent to the endpoint's own origin and nowhere else."),
    ("HF_TOKEN_PATH", "The file with the token, where `HF_TOKEN` is not set."),
    ("HTTPS_PROXY", "The proxy for https, and likewise `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`."),
    ("MODELPIN_CACHE_DIR", "The store. The default is the platform's cache folder, as in `~/.cache/modelpin`."),
    (
        "MODELPIN_JOBS",
        "As `--jobs`: how many connections fetch content at once (8), and how many files are judged at once: no more than there are cores.",
    ),
    ("MODELPIN_LIMIT_RATE", "As `--limit-rate`: the most bytes a second, over all connections, such as `10M`."),
    ("MODELPIN_LOCKED", "`true`: `sync` behaves as with `--locked`."),
    ("MODELPIN_OFFLINE", "`true`: as `--offline`."),
    (
        "MODELPIN_PIECE_SIZE",
        "The bytes of one request for a large file (`3M`), from `64K` to `64M`; a file of at least eight pieces comes over several connections.",
    ),
    (
        "MODELPIN_RETRY_WAIT",
        "Seconds before a request is tried again where the server says nothing (1); each further wait is twice as long.",
    ),
    (
        "MODELPIN_XET_CACHE_SIZE",
        "The most bytes of chunks that are kept in the store for files that share them (`4G`); `0`: none.",
    ),
    ("NO_COLOR", "Anything: no colours."),
    (
        "SSL_CERT_FILE",
        "Certificates to trust instead of the system's, as a PEM file; a file that is not there is an error.",
    ),
    ("XDG_CACHE_HOME", "The folder for caches, where the variables above say nothing."),
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

/// Read for where people's files are, or as older names of documented variables.
const KNOWN_ELSEWHERE: &[&str] =
    &["HOME", "USERPROFILE", "LOCALAPPDATA", "HUGGINGFACE_HUB_CACHE", "HUGGING_FACE_HUB_TOKEN", "TRANSFORMERS_OFFLINE"];

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

/// Whether a CI runs this.
#[must_use]
pub fn is_ci() -> bool {
    is_on("CI")
}

fn home() -> Option<PathBuf> {
    get("HOME").or_else(|| get("USERPROFILE")).map(PathBuf::from)
}

fn cache_home() -> Option<PathBuf> {
    let named = get("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| home().map(|home| home.join(".cache")))
}

/// Where the store is.
#[must_use]
pub fn store() -> Option<PathBuf> {
    let named = get("MODELPIN_CACHE_DIR").map(PathBuf::from);
    let platform = || match std::env::consts::OS {
        "macos" => home().map(|home| home.join("Library/Caches/modelpin")),
        "windows" => get("LOCALAPPDATA").map(|local| PathBuf::from(local).join("modelpin").join("cache")),
        _ => cache_home().map(|cache| cache.join("modelpin")),
    };
    named.or_else(platform)
}

/// Where the Hugging Face cache is that other tools share, by the rules of `huggingface_hub`.
#[must_use]
pub fn hf_cache() -> Option<PathBuf> {
    let named = get("HF_HUB_CACHE").or_else(|| get("HUGGINGFACE_HUB_CACHE")).map(PathBuf::from);
    let hf_home = || get("HF_HOME").map(PathBuf::from).or_else(|| cache_home().map(|cache| cache.join("huggingface")));
    named.or_else(|| hf_home().map(|home| home.join("hub")))
}
