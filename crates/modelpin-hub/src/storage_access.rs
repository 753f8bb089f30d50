//! What opens a Hub's Xet storage, and the cache of it.

use std::collections::BTreeMap;
use tokio::sync::Mutex;
use url::Url;

/// What opens the storage for a commit. It holds a secret, so it cannot be printed.
#[derive(Clone)]
pub struct Access {
    /// The storage's address: https, or on this machine.
    pub cas: String,
    /// The storage's token.
    pub token: String,
    /// When the token ends, in seconds since 1970.
    pub expires: u64,
}

/// What was had, by the address where more is.
pub(crate) type AccessCache = Mutex<BTreeMap<Url, Access>>;
