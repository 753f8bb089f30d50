//! The folders that loaders read, made exactly what a lock says.
//!
//! Three steps: a [`Plan`] says what a folder should hold, from the lock and the excluded files alone; an inspection
//! compares the folder with it; `publish` and `prune` make the one the other.
//!
//! - `layout`: how such a folder is laid out; `plan`: the files it should hold; `exclusions`: files kept out of it
//! - `tree`: one such folder on disk; `installation`: the target of a project, and its quarantine
//! - `walk`: what a folder holds; `inspect`: the difference to the plan, an `inspection` with its `discrepancy` list
//! - `verify`: hashing files in it; `stamps`: what was verified, so that a run with nothing to do hashes nothing
//! - `publish`: blobs, then snapshots, then refs, each visible at once or not at all; `materialize` copies from the
//!   store, `staging` is where things are built, `shared` has the rules of a cache that other tools use
//! - `prune`: removing what should not be there

mod discrepancy;
mod error;
mod exclusions;
mod inspect;
mod inspection;
mod installation;
mod layout;
mod materialize;
mod plan;
mod prune;
mod publish;
mod shared;
mod staging;
mod stamps;
mod tree;
mod verify;
mod walk;

pub use discrepancy::{Discrepancy, DiscrepancyKind};
pub use error::{Conflict, Error, SharedConflict};
pub use exclusions::{Exclusions, PathsByEntry};
pub use inspection::{Depth, Inspection};
pub use installation::{InspectedTree, Installation, Locations};
pub use layout::{Layout, Location};
pub use plan::{Content, Node, Plan, folder_of};
pub use tree::InstallTree;

#[cfg(test)]
mod tests;
