//! From a pin to verified bytes in the store: from the store itself, a mirror, or the Hub, in that order; from the Hub
//! through its Xet storage, where that is offered, and over plain HTTP where not.
//!
//! Several files are fetched at once, each written and hashed in order on a thread of its own, while the Hub's client
//! receives ahead of it. A thread holds one piece of one body, so memory does not grow with the files.
//!
//! - `all`: many files at once; `file`: one of them, from the Hub; `local`: one of them, from the store or a mirror
//! - `wanted`: what is asked for; `unavailable`: repos and Hubs that are not asked again; `failure`: what went wrong,
//!   worded
//! - `git`: small files of which only the blob id is known, when a pin is made

mod all;
mod failure;
mod file;
mod git;
mod local;
mod unavailable;
mod wanted;

pub use all::{fetch, fetch_local};
pub use git::git_files;
pub use wanted::Wanted;
