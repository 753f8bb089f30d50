//! What the command inherits: three streams, and no other descriptor.

use crate::Error;
use rustix::fs::{FileType, fstat};
use rustix::net::{AddressFamily, SocketType, sockopt};
use std::os::fd::AsFd;
use std::path::Path;

/// Closes every descriptor but the three streams.
///
/// # Errors
/// Descriptors that cannot be listed, or that stay open.
pub(super) fn close_others() -> Result<(), Error> {
    for number in others()? {
        // The one that the listing itself used is closed by now.
        let _ = nix::unistd::close(number);
    }
    // Only the listing's own is left to be seen.
    match others()?.as_slice() {
        [] | [_] => Ok(()),
        left => {
            let promise = "no inherited descriptors (`/proc/self/fd`, `close`)";
            Err(Error::Lacks { promise, detail: format!("{} stayed open", left.len() - 1) })
        }
    }
}

fn others() -> Result<Vec<i32>, Error> {
    let folder = Path::new("/proc/self/fd");
    let failed = Error::io("list", folder);
    let entries = folder.read_dir().and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
    let numbers = entries.iter().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    Ok(numbers.filter(|number| *number > 2).collect())
}

/// Looks at the three streams: a socket among them may only be a pair's end on this machine, as `socketpair` makes
/// it for a parent and its child. Any other could be read and written whatever the jail says. A folder could be listed.
///
/// # Errors
/// Another socket; a folder.
pub(super) fn check_streams() -> Result<(), Error> {
    check(0, std::io::stdin())?;
    check(1, std::io::stdout())?;
    check(2, std::io::stderr())
}

fn check(number: i32, descriptor: impl AsFd) -> Result<(), Error> {
    // One that is closed is nothing.
    let Ok(found) = fstat(&descriptor) else { return Ok(()) };
    match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => Err(Error::Stream { number, kind: "folder" }),
        FileType::Socket if !is_pair(&descriptor) => Err(Error::Stream { number, kind: "socket" }),
        _ => Ok(()),
    }
}

fn is_pair(descriptor: impl AsFd) -> bool {
    let connected = [SocketType::STREAM, SocketType::SEQPACKET];
    sockopt::socket_domain(&descriptor) == Ok(AddressFamily::UNIX)
        && sockopt::socket_type(&descriptor).is_ok_and(|kind| connected.contains(&kind))
}
