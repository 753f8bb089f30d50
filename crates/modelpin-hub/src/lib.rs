//! What modelpin asks a Hub. No other crate opens a socket, but for `modelpin-xet`, which reads the storage that a Hub
//! names.
//!
//! A [`Hub`] resolves names to commits, lists commits and opens files, by commit only: no method takes a
//! branch for content. Whatever comes back is hostile until it is one of `modelpin_schema`'s words.
//!
//! - [`hub`]: the clients, built when the first request needs them
//! - [`endpoint`]: addresses, and the law of redirects; [`token`]: a token and the origin that it is for
//! - `api`: repo, refs, commits, scans; `tree`: the listing
//! - `fetch`: content, as one body in order; `place`: where a file is served; `stream`: it over one connection;
//!   `pieces`: over several; `lanes`: how many at once; `pace`: how fast
//! - [`xet`]: what the Hub says of its chunked storage, and the storage's own token
//! - `document`: a file at an https address that is no Hub's
//! - `retry`: when to ask again, and how long to wait
//! - `wire`: the JSON shapes; [`error`]: everything that can go wrong, each with its own name
//!
//! Facts about the wire were taken from `huggingface_hub` 2.4 and the Hub's own API description.

mod api;
mod document;
pub mod endpoint;
pub mod error;
mod fetch;
pub mod hub;
mod lanes;
mod pace;
mod pieces;
mod place;
mod retry;
mod stream;
pub mod token;
mod tree;
mod wire;
pub mod xet;

pub use api::{Ref, Refs, Repo};
pub use endpoint::{DEFAULT_ENDPOINT, Endpoint};
pub use error::{Error, Scope};
pub use fetch::{Body, File};
pub use hub::{Config, Hub};
pub use token::{Token, Unusable};
pub use tree::Entry;

/// Readers of foreign JSON, for fuzzing.
#[doc(hidden)]
pub mod foreign {
    pub use crate::api::{parse_refs, parse_repo};
    pub use crate::tree::parse_page;
    pub use crate::xet::parse_access;
}
