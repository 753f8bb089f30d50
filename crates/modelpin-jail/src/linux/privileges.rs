//! Capabilities, and the promise never to gain one again.

use crate::Error;
use rustix::thread::{self, CapabilitySet, CapabilitySets};

const PROMISE: &str = "no capabilities, and none to be gained (`capset`, `PR_SET_NO_NEW_PRIVS`)";

/// Gives up every capability of this process, for good. Programs that root starts get back whatever the bounding set
/// and the permitted set hold (capabilities(7)): with `no_new_privs` set they get no more than is permitted before, so
/// an ordinary user, who cannot empty the bounding set, needs no more than this either.
///
/// # Errors
/// A kernel that does not let go of them.
pub(super) fn drop_all() -> Result<(), Error> {
    thread::set_no_new_privs(true).map_err(lacks)?;
    thread::clear_ambient_capability_set().map_err(lacks)?;
    for number in 0..u64::BITS {
        let one = CapabilitySet::from_bits_retain(1 << number);
        // The kernel says EINVAL to the first that it does not know.
        if thread::capability_is_in_bounding_set(one) == Ok(true) {
            // Refused to whoever lacks CAP_SETPCAP; see above.
            let _ = thread::remove_capability_from_bounding_set(one);
        }
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    thread::set_capabilities(None, sets).map_err(lacks)?;
    if thread::capabilities(None).map_err(lacks)? != sets || !thread::no_new_privs().map_err(lacks)? {
        return Err(lacks("some were kept"));
    }
    Ok(())
}

fn lacks(detail: impl std::fmt::Display) -> Error {
    Error::lacks(PROMISE, detail)
}
