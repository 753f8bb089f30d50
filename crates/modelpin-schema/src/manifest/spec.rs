//! One entry of a manifest.

use crate::fault::Place;
use crate::{Filter, Name, Requested, Source};

/// One entry: a model or dataset that the project requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Which repo.
    pub source: Source,
    /// Which revision of it.
    pub requested: Requested,
    /// Which of its files.
    pub filter: Filter,
    /// The entry that this one is an adapter of.
    pub adapter_of: Option<Name>,
    /// Where in the manifest it stands; none where the manifest does not name it.
    pub place: Option<Place>,
    /// Whether the manifest with it is still to be written.
    pub is_unwritten: bool,
}
