//! What modelpin asks a Hub. No other crate opens a socket, but for `modelpin-xet`, which reads the storage that a Hub
//! names.
//!
//! A [`Hub`] resolves names to commits, lists commits and opens files, by commit only: no method takes a
//! branch for content. Whatever comes back is hostile until it is one of `modelpin_schema`'s types.
//!
//! - [`config`]: how to talk to a Hub; [`hub`]: the HTTP clients, built when the first request needs them;
//!   `request`: one request with its retries and redirects; `certificates`: those to trust
//! - [`endpoint`]: addresses, and which redirects are followed; [`token`]: a token and the origin that it is for
//! - `api`: repo, refs, commits, scans; `tree`: the listing
//! - [`file`](mod@file): content, as one body in order; `remote_file`: where a file is served; `stream`: its bytes over one
//!   connection; `ranged`: over several; `prefetch`: how much is asked for ahead; `limiter`: how many connections there
//!   are; `rate_limiter`: how fast bytes come
//! - [`xet`]: what the Hub says of its chunked storage; `storage_access`: the storage's own token
//! - `document`: a file at an https address that is not a Hub's
//! - `retry`: when to ask again, and how long to wait
//! - `wire`: the JSON shapes; [`error`]: everything that can go wrong, each with its own name
//!
//! Facts about the wire were taken from `huggingface_hub` 2.4 and the Hub's own API description.

mod api;
mod certificates;
pub mod config;
mod document;
pub mod endpoint;
pub mod error;
pub mod file;
pub mod hub;
mod limiter;
mod prefetch;
mod ranged;
mod rate_limiter;
mod remote_file;
mod request;
mod retry;
mod storage_access;
mod stream;
pub mod token;
mod tree;
mod wire;
pub mod xet;

pub use api::{Ref, Refs, Repo};
pub use config::Config;
pub use endpoint::{DEFAULT_ENDPOINT, Endpoint};
pub use error::{Error, Permission, Scope, UnusableToken};
pub use file::{Body, File};
pub use hub::Hub;
pub use storage_access::Access;
pub use token::Token;
pub use tree::Entry;

/// Readers of foreign JSON, for fuzzing.
#[doc(hidden)]
pub mod foreign {
    pub use crate::api::{parse_refs, parse_repo};
    pub use crate::tree::parse_page;
    pub use crate::xet::parse_access;
}
