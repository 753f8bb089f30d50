//! The types of modelpin's terms, and the three files of a project that are made of them.
//!
//! Everything here is a pure function of text: no files, no network, no clock. Text from outside (a person,
//! a Hub, a file) becomes a type once, through `FromStr`, and is safe to use from then on: a [`RepoPath`]
//! can be joined to a folder, a [`Revision`] can be a file name below `refs/`, a [`CommitId`] cannot move.
//!
//! - [`name`], [`repo`], [`path`], [`revision`], [`digest`]: the newtypes
//! - [`manifest`]: `models.toml`, what a project requires; read, and edited without losing a comment
//! - [`lockfile`]: `models.lock`, what is pinned for it; read, printed, compared with a manifest
//! - [`audits`]: `models.audits.toml`, decisions of people about exact bytes
//! - [`changes`]: what changed in all three, and what of it a reviewer reads first
//! - [`config`]: the settings of a person for their machine, outside of any project
//! - [`filter`], [`selection`], [`kind`]: which files of a repo are asked for, which of them are taken and why, and what
//!   sort of file each is
//! - [`output`]: the JSON documents that commands print
//! - [`fault`]: an error in a file, with the line it is on
//! - [`refusal`]: what ends a command without success

pub mod audits;
pub mod changes;
pub mod config;
pub mod digest;
mod document;
pub mod fault;
mod file_names;
pub mod filter;
pub mod kind;
pub mod left_out;
pub mod lockfile;
pub mod manifest;
pub mod name;
pub mod output;
pub mod path;
pub mod refusal;
pub mod repo;
pub mod revision;
pub mod selection;
pub mod text;

pub use audits::Audits;
pub use config::UserConfig;
pub use digest::{BlobId, Claim, CommitId, Digest};
pub use file_names::{AUDITS, LOCK, MANIFEST};
pub use filter::{Filter, Pattern, Variant};
pub use kind::FileKind;
pub use lockfile::{Artifact, Lockfile, Pin};
pub use manifest::{Manifest, Spec};
pub use name::{Name, Ticket};
pub use path::RepoPath;
pub use repo::{RepoId, RepoKind, RepoUid, Source};
pub use revision::{Requested, Revision};
pub use selection::{ListedFile, Selection};
pub use text::{Invalid, file_word, hides, is_invisible, shell_word, typed_path, visible};
