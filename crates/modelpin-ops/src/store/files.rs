//! Opening and protecting files, for everyone who writes in this crate.

use super::Error;
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

/// Opens the file at `path`, which must not be a symbolic link: whoever planted one would choose what is read
/// or written.
pub(crate) fn open_no_follow(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe in a file's place would otherwise hold the opener up for ever.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options.open(path)
}

/// The first `max` bytes of the ordinary file at `path`.
pub(crate) fn read_small(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let file = open_no_follow(OpenOptions::new().read(true), path)?;
    if !file.metadata()?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a file is this user's or root's: what others may have written is nothing that this user said or knows. Where the
/// system has no such owners, everything is.
pub(crate) fn is_ours(found: &Metadata) -> bool {
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

/// Does `work`, which makes something at `path`. Only where the folder of that turns out to be missing it is made: most
/// often it is there, and one call for each file is enough.
pub(super) fn in_folder<T>(
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

/// Takes the permission to write from everyone.
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

/// Gives the permission to write back to a file that a run protected and did not come to rename.
pub(super) fn make_writable(path: &Path) -> std::io::Result<()> {
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
