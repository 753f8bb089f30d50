//! Opening, writing, protecting and removing single files.

use crate::error::Error;
use crate::hash::{ContentHasher, in_pieces};
use modelpin_schema::Digest;
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// How the names of temporary files begin that are renamed into place when they are complete.
pub const TEMP_PREFIX: &str = ".modelpin-";

/// Opens the file at `path`, which must not be a symbolic link: whoever planted one would choose what is read
/// or written.
///
/// # Errors
/// A symbolic link; I/O errors from opening `path`.
pub fn open_no_follow(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Opening a named pipe would otherwise block until someone writes to it.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options.open(path)
}

/// The first `max` bytes of the regular file at `path`.
///
/// # Errors
/// Anything but a regular file; I/O errors from reading `path`.
pub fn read_small(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let file = open_no_follow(OpenOptions::new().read(true), path)?;
    if !file.metadata()?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a file belongs to this user or to root, so that no other user can have written it. Always true on systems
/// without such owners.
#[must_use]
pub fn is_ours(found: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        [rustix::process::geteuid().as_raw(), 0].contains(&found.uid())
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        true
    }
}

/// Runs `work`, which creates something at `path`, and creates the folder of `path` only if it turns out to be missing:
/// it rarely is, so one system call per file is saved.
pub(crate) fn in_folder<T>(
    doing: &'static str,
    path: &Path,
    work: impl Fn() -> std::io::Result<T>,
) -> Result<T, Error> {
    let mut done = work();
    if let (Err(error), Some(folder)) = (&done, path.parent())
        && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
    {
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        done = work();
    }
    done.map_err(Error::io(doing, path))
}

/// Removes everyone's permission to write.
pub(crate) fn read_only(file: &File) -> std::io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    protect(&mut permissions);
    file.set_permissions(permissions)
}

fn protect(permissions: &mut Permissions) {
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(permissions, 0o444);
    #[cfg(not(unix))]
    permissions.set_readonly(true);
}

/// Restores the permission to write to a file that an interrupted run had already made read-only.
pub(crate) fn make_writable(path: &Path) -> std::io::Result<()> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let mut permissions = found.permissions();
    if found.is_file() && permissions.readonly() {
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
        #[cfg(not(unix))]
        permissions.set_readonly(false);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// Opens the file at `path` below `folder`, wherever links in `folder` lead, if it is a regular file in `folder`;
/// `None` for anything else. `folder` itself may be a link.
///
/// # Errors
/// I/O errors from resolving or opening `path`.
pub fn open_below(folder: &Path, path: &Path) -> std::io::Result<Option<(File, Metadata)>> {
    let Some(folder) = resolve(folder)? else { return Ok(None) };
    let Some(real) = resolve(path)? else { return Ok(None) };
    if !real.starts_with(&folder) || !real.symlink_metadata()?.is_file() {
        return Ok(None);
    }
    let file = open_no_follow(OpenOptions::new().read(true), &real)?;
    let found = file.metadata()?;
    Ok(found.is_file().then_some((file, found)))
}

/// `path` without links in it; `None` where nothing is there.
fn resolve(path: &Path) -> std::io::Result<Option<PathBuf>> {
    match path.canonicalize() {
        Ok(real) => Ok(Some(real)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `path` without links in the part of it that exists.
#[must_use]
pub fn resolve_existing(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| above.canonicalize().ok().map(|real| (above, real)));
    let Some((above, real)) = there else {
        return path.to_owned();
    };
    match path.strip_prefix(above) {
        Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
        _ => real,
    }
}

/// Writes a file of modelpin's own completely, replacing whatever is at `path`: a crash leaves the old file or the new.
///
/// # Errors
/// I/O errors from writing a file next to `path` or renaming it.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_whole(path, bytes, None).map_err(Error::io("write", path))
}

/// Writes the file at `path` completely: a crash leaves the old file or the new. The new file gets the owner and mode
/// of `old`, as far as this user may set them.
///
/// # Errors
/// I/O errors from writing a file next to `path` or renaming it.
pub fn write_whole(path: &Path, bytes: &[u8], old: Option<&Metadata>) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMP_PREFIX);
    #[cfg(unix)]
    {
        // As `open(2)` does: the umask still applies, unlike with a temporary file's default of 0600.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        keep_owner(file.as_file(), old)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Gives `new` the owner and the mode of `old`, as far as this user may: an editor that rewrites a file does the same.
#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let now = new.metadata()?;
    if (now.uid(), now.gid()) != (old.uid(), old.gid()) && fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
        let _ = fchown(new, None, Some(old.gid()));
    }
    let mode = old.mode() & 0o777;
    if now.mode() & 0o777 != mode {
        let _ = new.set_permissions(Permissions::from_mode(mode));
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(new: &File, old: &Metadata) -> std::io::Result<()> {
    new.set_permissions(old.permissions())
}

/// Copies content that must be `digest`, hashing it on the way. The copy is read-only.
///
/// # Errors
/// Other content; I/O errors from reading `from` or creating `to`.
pub fn copy_verified(from: &Path, digest: &Digest, size: u64, to: &Path) -> std::io::Result<()> {
    let source = open_no_follow(OpenOptions::new().read(true), from)?;
    let mut file = File::options().write(true).create_new(true).open(to)?;
    let mut hashed = ContentHasher::default();
    in_pieces(source, size.saturating_add(1), |piece| {
        file.write_all(piece)?;
        hashed.update(piece);
        Ok(())
    })?;
    if hashed.size() != size || hashed.digest() != *digest {
        return Err(changed());
    }
    file.sync_data()?;
    read_only(&file)
}

/// The error of a file that changed between being verified and being used.
pub(crate) fn changed() -> std::io::Error {
    std::io::Error::new(ErrorKind::InvalidData, "the content changed since it was verified")
}

/// Removes whatever is at `path`: a link itself, never what it points at. Does nothing if nothing is there.
///
/// # Errors
/// I/O errors from removing `path`.
pub fn remove(path: &Path) -> Result<(), Error> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if !is_absent(&error) => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether the error says that there is nothing at a path.
pub(crate) fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::resolve_existing;

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("a")).unwrap();
        assert_eq!(resolve_existing(&top.join("a/b/c")), top.join("a/b/c"));
        assert_eq!(resolve_existing(&top.join("a/../a")), top.join("a"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(top.join("a"), top.join("link")).unwrap();
            assert_eq!(resolve_existing(&top.join("link/b")), top.join("a/b"));
        }
    }
}
