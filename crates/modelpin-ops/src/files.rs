//! The files of a project, and of other folders that come with a clone: one way to read them, one way to write them.
//!
//! Whoever made the clone chose what lies at a path. So a file is an ordinary one or refused (a pipe would hold its
//! reader
//! up for ever, a device never ends); a symbolic link is followed only where it ends in the same folder; what is read
//! is
//! bounded; and of a file that was reached through a link no word is shown, since it may be one that a clone cannot
//! have.

use crate::refusal::{Failure, files as refuse};
use modelpin_schema::fault::Fault;
use modelpin_store::files::{open_no_follow, write_whole};
use std::fs::{Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

/// The text of a file.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
    /// The file that a link led to.
    linked: Option<PathBuf>,
    path: PathBuf,
}

impl Text {
    /// A text that is in no file.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// The text itself. Faults in it are reported by [`Text::read`], which knows what may be shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, for whoever keeps it.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// What `work` makes of the text.
    ///
    /// # Errors
    /// Those of `work`; a fault of a file that a link led to, without a word of that.
    pub fn read<T>(&self, work: impl FnOnce(&str) -> Result<T, Failure>) -> Result<T, Failure> {
        work(&self.text).map_err(|failure| match (failure, &self.linked) {
            (Failure::Fault(fault), Some(real)) => refuse::linked_text(&self.path, real, fault.place.as_ref()).into(),
            (failure, _) => failure,
        })
    }
}

/// The text of the file at `path`, of at most `max` bytes; none where there is no such file. A link may end anywhere in
/// `folder`.
///
/// # Errors
/// Something that is not an ordinary file, or a link out of `folder`; a larger file; one that is not UTF-8; I/O errors
/// from
/// reading it.
pub fn read(folder: &Path, path: &Path, max: u64) -> Result<Option<Text>, Failure> {
    let Some(Content { bytes, linked }) = content(folder, path, max)? else { return Ok(None) };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(Text { text, linked, path: path.to_owned() })),
        Err(error) => Err(fault(path, format!("the file is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))),
    }
}

/// The folder in which a link at `path` may end, where a person wrote that path: the project's folder `home`, if the
/// path
/// as it is written stays in it, else the file's own.
#[must_use]
pub fn folder_of<'a>(home: &'a Path, path: &'a Path) -> &'a Path {
    let deeper = |depth: usize, part| match part {
        Component::Normal(_) => Some(depth + 1),
        Component::CurDir => Some(depth),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    };
    let inside = path.strip_prefix(home).is_ok_and(|below| below.components().try_fold(0, deeper).is_some());
    if inside { home } else { path.parent().unwrap_or(path) }
}

/// What a file holds.
struct Content {
    bytes: Vec<u8>,
    /// The file that a link led to.
    linked: Option<PathBuf>,
}

fn content(folder: &Path, path: &Path, max: u64) -> Result<Option<Content>, Failure> {
    let Some(place) = find(folder, path)? else { return Ok(None) };
    let file = open_no_follow(OpenOptions::new().read(true), &place.real).map_err(Failure::io("read", path))?;
    // It may have been exchanged since it was looked at.
    check_ordinary(path, &file.metadata().map_err(Failure::io("look at", path))?)?;
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::io("read", path))?;
    if bytes.len() as u64 > max {
        return Err(fault(path, format!("the file is larger than {max} bytes, the most that is read")));
    }
    Ok(Some(Content { bytes, linked: place.linked.then_some(place.real) }))
}

fn fault(path: &Path, message: String) -> Failure {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Fault::whole(&name, message).into()
}

/// An ordinary file that is there.
struct Place {
    /// Where it is, without a link on the way.
    real: PathBuf,
    /// Whether a link led there.
    linked: bool,
    found: Metadata,
}

/// The file at `path`, which is to be in `folder` wherever links lead; none where there is nothing.
fn find(folder: &Path, path: &Path) -> Result<Option<Place>, Failure> {
    match path.symlink_metadata() {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(Failure::io("look at", path)(error)),
    }
    let home = folder.canonicalize().map_err(Failure::io("find", folder))?;
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(refuse::leads_nowhere(path).into()),
        Err(error) => return Err(Failure::io("find", path)(error)),
    };
    if !real.starts_with(&home) {
        return Err(refuse::leads_out(path, &real).into());
    }
    let found = real.symlink_metadata().map_err(Failure::io("look at", path))?;
    check_ordinary(path, &found)?;
    let plain = path.strip_prefix(folder).is_ok_and(|below| home.join(below) == real);
    Ok(Some(Place { real, linked: !plain, found }))
}

fn check_ordinary(path: &Path, found: &Metadata) -> Result<(), Failure> {
    if found.is_file() { Ok(()) } else { Err(refuse::not_ordinary(path, kind(found)).into()) }
}

fn kind(found: &Metadata) -> &'static str {
    if found.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = found.file_type();
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}

/// Writes the file at `path` whole: a crash leaves the old one or the new one. A link is written through, if it ends in
/// `folder`, and an existing file keeps its mode and, where this user may give it away, its owner.
///
/// # Errors
/// Something that is not an ordinary file, or a link out of `folder`; I/O errors from writing it.
pub fn write(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match find(folder, path)? {
        Some(place) => write_whole(&place.real, bytes, Some(&place.found)),
        None => write_whole(path, bytes, None),
    }
    .map_err(Failure::io("write", path))
}

/// The largest `.gitignore` or `.gitattributes` that is edited, in bytes.
const MAX_LINES: u64 = 16 << 20;

/// What the file at `path` in `folder` is to be so that it has the `lines`; none where it has them.
///
/// # Errors
/// As for [`read`].
pub(crate) fn with_lines(folder: &Path, path: &Path, lines: &[&str]) -> Result<Option<Vec<u8>>, Failure> {
    let old = content(folder, path, MAX_LINES)?.map(|content| content.bytes).unwrap_or_default();
    let mut new = old.clone();
    for line in lines.iter().map(|line| line.as_bytes()) {
        if old.split(|byte| *byte == b'\n').any(|old| old.trim_ascii() == line) {
            continue;
        }
        if new.last().is_some_and(|byte| *byte != b'\n') {
            new.push(b'\n');
        }
        new.extend_from_slice(line);
        new.push(b'\n');
    }
    Ok((new != old).then_some(new))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::{read, with_lines, write};
    use crate::refusal::{ErrorClass, Failure};
    use modelpin_schema::fault::Fault;
    use modelpin_store::files::replace;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::path::Path;

    fn refused(failure: Failure) -> String {
        assert_eq!(failure.class(), ErrorClass::Usage);
        match failure {
            Failure::Refused(refusals) => format!("{refusals:?}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_link_is_followed_in_its_folder_and_no_further() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        let outside = root.path().join("outside");
        std::fs::create_dir_all(home.join("deep")).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("file"), "s3cret-bytes").unwrap();
        std::fs::write(home.join("deep/file"), "ours").unwrap();
        let path = home.join("link");
        for to in ["../outside/file", "out/file", "deep/../../outside/file", "deep/hop"] {
            symlink(to, &path).unwrap();
            let _ = symlink(&outside, home.join("out"));
            let _ = symlink("../out/file", home.join("deep/hop"));
            for failure in [read(&home, &path, 100).unwrap_err(), write(&home, &path, b"new").unwrap_err()] {
                assert!(!refused(failure).contains("s3cret-bytes"), "{to}");
            }
            std::fs::remove_file(&path).unwrap();
        }
        let through = home.join("out/file");
        assert!(read(&home, &through, 100).is_err() && write(&home, &through, b"new").is_err());
        assert_eq!(std::fs::read(outside.join("file")).unwrap(), b"s3cret-bytes");
        symlink("deep/none", &path).unwrap();
        refused(read(&home, &path, 100).unwrap_err());
        std::fs::remove_file(&path).unwrap();
        symlink("deep/file", &path).unwrap();
        let text = read(&home, &path, 100).unwrap().unwrap();
        assert_eq!(text.as_str(), "ours");
        let fault = |text: &str| Err::<(), _>(Failure::from(Fault::at("link", text, 0..1, text.to_owned())));
        assert!(!refused(text.read(fault).unwrap_err()).contains("ours"));
        write(&home, &path, b"new").unwrap();
        assert!(path.is_symlink());
        assert_eq!(std::fs::read(home.join("deep/file")).unwrap(), b"new");
    }

    #[test]
    fn only_ordinary_files_are_read_and_written() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir(path("folder")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(made.success());
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        symlink("pipe", path("link")).unwrap();
        for name in ["folder", "pipe", "socket", "link"] {
            refused(read(root.path(), &path(name), 100).unwrap_err());
            refused(write(root.path(), &path(name), b"new").unwrap_err());
        }
        assert!(read(root.path(), &path("none"), 100).unwrap().is_none());
        assert!(read(Path::new("/dev"), Path::new("/dev/zero"), 100).is_err());
        write(root.path(), &path("large"), &[b'a'; 101]).unwrap();
        assert!(read(root.path(), &path("large"), 100).is_err());
    }

    #[test]
    fn what_is_written_keeps_its_mode_and_what_is_new_obeys_the_umask() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        write(root.path(), &path, b"1").unwrap();
        let new = path.metadata().unwrap().mode() & 0o777;
        assert_eq!(new & 0o600, 0o600);
        for mode in [0o600, 0o664, 0o444, 0o755] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            write(root.path(), &path, b"2").unwrap();
            assert_eq!(path.metadata().unwrap().mode() & 0o777, mode);
        }
        replace(&path, b"3").unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, new);
    }

    #[test]
    fn a_line_is_added_once() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".gitignore");
        let line = |line| with_lines(root.path(), &path, &[line]).unwrap();
        assert_eq!(line("a").unwrap(), b"a\n");
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(line("a").unwrap(), b"\xff\na\n");
        std::fs::write(&path, "b\n  a\r\n").unwrap();
        assert_eq!(line("a"), None);
    }
}
