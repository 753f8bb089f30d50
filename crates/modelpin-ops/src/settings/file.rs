//! The user's own configuration on disk. What anybody else could have written is not believed.

use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::UserConfig;
use modelpin_schema::config::MAX_BYTES;
use modelpin_schema::fault::Fault;
use modelpin_schema::shell_word;
use modelpin_store::files::is_ours;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

/// The configuration at `path`; an empty one where there is none, unless a user `named` it.
///
/// # Errors
/// A file that is not there although it was named; one that others can write; one that cannot be read or is invalid.
pub(super) fn read(path: &Path, named: bool) -> Result<UserConfig, Failure> {
    let shown = path.display().to_string();
    let file = match open(path) {
        Ok(file) => file,
        // It only grants, so that nothing gets through where it cannot be had.
        Err(error) if !named && is_out_of_reach(error.kind()) => return Ok(UserConfig::default()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(not_there(&shown)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(Failure::io("read", path)(error)),
        // As a link that leads to itself.
        Err(error) => return Err(no_file(&shown, &format!("what cannot be opened: {error}"))),
    };
    let found = file.metadata().map_err(Failure::io("look at", path))?;
    if !found.is_file() {
        let got = if found.is_dir() {
            "a folder, which is not an ordinary file"
        } else {
            "something that is not an ordinary file"
        };
        return Err(no_file(&shown, got));
    }
    if let Some(got) = strange(&found) {
        return Err(not_ones_own(&shown, got));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::io("read", path))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Fault::whole(&shown, format!("the file is larger than {MAX_BYTES} bytes")).into());
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::whole(&shown, "the file is not UTF-8"))?;
    Ok(UserConfig::read(&shown, &text)?)
}

/// As in the home folder of somebody else, which a service may have been given.
fn is_out_of_reach(error: ErrorKind) -> bool {
    matches!(error, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}

/// A link is followed, since people keep their configuration elsewhere; a pipe keeps nobody waiting.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// Why a file may be somebody else's word.
#[cfg(unix)]
fn strange(found: &std::fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    match found {
        found if !is_ours(found) => Some("a file that belongs to another user"),
        found if found.mode() & 0o002 != 0 => Some("a file that everybody can write"),
        _ => None,
    }
}

#[cfg(not(unix))]
fn strange(_: &std::fs::Metadata) -> Option<&'static str> {
    None
}

/// Why not every file is read as the configuration.
const POWER: &str = "it decides where tokens are sent and what is written outside of projects";

/// A configuration that lies in the clone.
pub(super) fn of_the_clone(path: &Path) -> Failure {
    let shown = path.display().to_string();
    Refusal::new(ErrorClass::Usage, format_args!("the configuration `{shown}` is inside the project's checkout"))
        .expected("a file that cannot have come with the clone")
        .why(POWER)
        .help("move it out of the checkout")
        .help(format_args!("or set `MODELPIN_CONFIG={}` if it is yours", shell_word(&shown)))
        .into()
}

fn not_there(shown: &str) -> Failure {
    Refusal::new(ErrorClass::Usage, format_args!("configuration file `{shown}` not found"))
        .help("correct `MODELPIN_CONFIG`, or unset it")
        .into()
}

fn no_file(shown: &str, got: &str) -> Failure {
    let word = shell_word(shown);
    Refusal::new(ErrorClass::Usage, format_args!("the configuration `{shown}` cannot be read"))
        .expected("an ordinary file, or a link to one")
        .got(got)
        .why(POWER)
        .help("name the file itself with `MODELPIN_CONFIG=FILE`")
        .help(format_args!("or move it away (`mv {word} {word}.old`)"))
        .into()
}

fn not_ones_own(shown: &str, got: &str) -> Failure {
    let word = shell_word(shown);
    Refusal::new(ErrorClass::Usage, format_args!("the configuration `{shown}` is not trusted"))
        .expected("an ordinary file of this user or of root that not everybody can write")
        .got(got)
        .why(POWER)
        .help(format_args!("inspect it, then run `chown $(id -u) {word} && chmod 600 {word}`"))
        .help("or remove it")
        .into()
}
