//! Which files every jail can read, and where a command's own paths lie among them.

use super::Level;
use crate::{Error, Jail};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// Programs and libraries. Not all of `/usr`: images put applications, with their secrets, into `/usr/src/app`, and
/// `/usr/local/etc` holds configuration.
const SYSTEM: &[&str] = &[
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/sbin",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/libx32",
    "/usr/local/bin",
    "/usr/local/include",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/libexec",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
];

/// Configuration that programs look up and that holds no secret. `/etc/ssl/private`, `/etc/shadow` and `/etc/pip.conf`
/// are not among them.
const CONFIGURATION: &[&str] = &[
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/fonts",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/ca-trust/extracted",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
];

/// What the kernel tells of itself. `/proc/self` is the command's own process; its children have other numbers.
const KERNEL: &[&str] = &[
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/self",
    "/proc/stat",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
];

/// Devices that forget or know nothing.
const DEVICES: &[&str] = &["/dev/full", "/dev/null", "/dev/zero"];

/// What a jail opens.
#[derive(Debug)]
pub(super) struct Reach {
    /// What can be read and run.
    pub(super) read: Vec<PathBuf>,
    /// What can be changed as well.
    pub(super) write: Vec<PathBuf>,
    /// Whether the user lets a device in.
    pub(super) devices: bool,
}

impl Reach {
    /// What `jail` opens, where its program needs `own` and Landlock holds `level`.
    ///
    /// # Errors
    /// A path that is not there, that is the whole system, or that covers what must not change; a secret place
    /// within what every jail can read; devices that this kernel cannot tell apart.
    pub(super) fn new(jail: &Jail, own: Vec<PathBuf>, level: Level) -> Result<Self, Error> {
        let mut read: Vec<PathBuf> = [SYSTEM, CONFIGURATION, KERNEL].concat().into_iter().map(PathBuf::from).collect();
        read.extend(pythons());
        read.extend(own);
        read.retain(|path| path.exists());
        for hidden in jail.hidden.iter().filter_map(|path| path.canonicalize().ok()) {
            if let Some(within) = read.iter().find(|path| covers(path, &hidden)) {
                return Err(Error::Exposed { within: within.clone(), hidden });
            }
        }
        let models = jail.models.iter().filter_map(|path| path.canonicalize().ok());
        let models = models.map(whole).collect::<Result<Vec<_>, _>>()?;
        let write = allowed(&jail.write)?;
        let protected = jail.protected.iter().map(|path| settled(path)).chain(models.iter().cloned());
        for protected in protected {
            if let Some(write) =
                write.iter().find(|write| protected.starts_with(write) || write.starts_with(&protected))
            {
                return Err(Error::Covers { write: write.clone(), protected });
            }
        }
        read.extend(models);
        let more = allowed(&jail.read)?;
        let devices = write.iter().any(|path| holds_devices(path));
        if let Some(device) = more.iter().find(|path| devices && !level.holds_devices() && holds_devices(path)) {
            return Err(Error::Devices(device.clone()));
        }
        read.extend(more);
        let known = DEVICES.iter().map(PathBuf::from).filter(|path| path.exists());
        Ok(Self { read, write: write.into_iter().chain(known).collect(), devices })
    }

    /// Whether `path`, as it is after all its links, can be read.
    pub(super) fn reads(&self, path: &Path) -> bool {
        self.read.iter().chain(&self.write).any(|open| covers(open, path))
    }
}

/// Whether `path` is a device or a folder of devices, which `/dev/shm` is not.
fn holds_devices(path: &Path) -> bool {
    let kind = path.metadata().map(|found| found.file_type());
    let in_dev = path.starts_with("/dev") && !path.starts_with("/dev/shm");
    kind.is_ok_and(|kind| kind.is_char_device() || kind.is_block_device() || (in_dev && kind.is_dir()))
}

/// Debian's configuration of each Python, which is code that it runs when it starts: `/etc/python3.11`.
fn pythons() -> impl Iterator<Item = PathBuf> {
    let entries = Path::new("/etc").read_dir().into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().as_bytes().starts_with(b"python3")).map(|entry| entry.path())
}

/// Whether `path`, which has no links on its way, is `open` or below it.
fn covers(open: &Path, path: &Path) -> bool {
    open.canonicalize().is_ok_and(|open| path.starts_with(open))
}

/// Paths that a person named, without links.
fn allowed(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let paths = paths.iter().map(|path| path.canonicalize().map_err(Error::io("find", path)).and_then(whole));
    paths.collect()
}

/// The path, unless everything is below it.
fn whole(path: PathBuf) -> Result<PathBuf, Error> {
    if path.parent().is_none() { Err(Error::Whole(path)) } else { Ok(path) }
}

/// The path without links, as far as it is there.
fn settled(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|part| Some((part.canonicalize().ok()?, path.strip_prefix(part).ok()?)));
    // Part by part, as joining nothing would leave a slash at the end.
    found.map_or_else(|| path.to_owned(), |(part, rest)| part.components().chain(rest.components()).collect())
}

#[cfg(test)]
mod tests {
    use super::{Level, Reach, covers, holds_devices, settled};
    use crate::{Error, Jail};
    use std::path::{Path, PathBuf};

    #[test]
    fn a_link_covers_what_it_leads_to_and_nothing_beside_it() {
        assert!(covers(Path::new("/proc/self"), &PathBuf::from(format!("/proc/{}/maps", std::process::id()))));
        assert!(covers(Path::new("/usr/bin"), Path::new("/usr/bin")));
        assert!(!covers(Path::new("/usr/bin"), Path::new("/usr/binary")));
    }

    #[test]
    fn what_is_not_there_yet_has_a_place_all_the_same() {
        let dir = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/usr", &link).unwrap_or_else(|error| unreachable!("{error}"));
        assert_eq!(settled(&link.join("no/such")), Path::new("/usr/no/such"));
    }

    #[test]
    fn shared_memory_is_no_device() {
        assert!(holds_devices(Path::new("/dev/null")) && holds_devices(Path::new("/dev")));
        assert!(!holds_devices(Path::new("/dev/shm")) && !holds_devices(Path::new("/usr")));
    }

    #[test]
    fn a_secret_place_within_the_system_ends_it() {
        let jail = Jail { hidden: vec![PathBuf::from("/usr/share")], ..Jail::default() };
        assert!(matches!(Reach::new(&jail, Vec::new(), Level(6)), Err(Error::Exposed { .. })));
    }
}
