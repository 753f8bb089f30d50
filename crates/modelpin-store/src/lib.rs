//! Verified files on disk: the content store that all projects of a user share, and the folders that loaders read.
//!
//! - `store`: the store's folders; `blob` (files in it, and [`Verified`]), `stage` and `git` (files on their way in),
//!   `writer` (writing beside the hashing), `parts` (what interrupted runs left), `import` (files from a mirror),
//!   `gc` (pruning and checking the whole store), `free_space`
//! - [`install`]: the folders that loaders read, made exactly what a lock says
//! - `record`: what this machine knows of a project: what was verified, scanned, and created
//! - `lock`: locks between processes
//! - [`files`]: opening, writing and removing single files; `stat`: what a file looks like; `hash`: hashing content
//!
//! - `error` and `install`'s own errors say what happened; `refusal` words them for users
//!
//! This crate knows the lock (`modelpin-schema`) and the disk. It knows no network and no policy: it is told which
//! files are denied.

mod blob;
mod error;
pub mod files;
mod free_space;
mod gc;
mod git;
mod hash;
mod import;
pub mod install;
mod lock;
mod parts;
mod record;
mod refusal;
mod stage;
mod stat;
mod store;
mod writer;

pub use blob::{BlobState, Verification, Verified};
pub use error::{Error, Mismatch};
pub use gc::{Blob, Pruned};
pub use git::StagedGit;
pub use hash::{ContentHasher, GitHasher, hashed_bytes};
pub use lock::{BlobLock, StoreLock};
pub use parts::boot_id;
pub use record::{OWN_FOLDER, Record};
pub use refusal::denied_in_shared_cache;
pub use stage::Staged;
pub use stat::FileStat;
pub use store::{Store, blob_in};

#[cfg(test)]
mod tests;
