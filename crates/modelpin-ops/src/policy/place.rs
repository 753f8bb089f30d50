//! Which line of which file a ruling is about. Files are named from the project's folder.

use crate::file_names::AUDITS;
use crate::file_names::MANIFEST;
use crate::refusal::Line;
use modelpin_schema::fault::Place;

/// A place in `models.audits.toml`.
pub(super) fn decision(place: Option<&Place>) -> Option<Line> {
    place.map(|place| Line { file: AUDITS.to_owned(), line: place.line })
}

/// A place in `models.toml`.
pub(super) fn wished(place: &Place) -> Line {
    Line { file: MANIFEST.to_owned(), line: place.line }
}

/// ` (models.toml:12)`, where a key of `[policy]` has a place.
pub(super) fn wish(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({MANIFEST}:{})", place.line)).unwrap_or_default()
}
