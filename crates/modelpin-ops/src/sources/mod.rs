//! Sources of content: where the bytes of a locked file come from when they are not in the store.
//!
//! They are asked in a fixed order: the store, then [`Mirror`]s, then the Hub's [Xet storage](Xet), then the Hub
//! itself. Nothing that a source gives is believed: its bytes are hashed on their way into the store, and only the
//! store makes them verified content.
//!
//! A new kind of mirror is a file here that implements [`ByteSource`], an arm of [`Mirror`], and one of
//! [`modelpin_schema::manifest::MirrorUrl`].

mod byte_source;
mod directory;
mod hub;
mod mirror;
mod xet;

pub use byte_source::{Body, ByteSource, Pieces, SourceError, Unavailable};
pub use directory::Directory;
pub(crate) use hub::HubFile;
pub use mirror::Mirror;
pub(crate) use xet::XetFile;
pub use xet::{Client, Offer, Xet};
