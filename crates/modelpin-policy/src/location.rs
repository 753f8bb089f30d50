//! The line of a file that a violation is about. Files are named from the project's folder.

use modelpin_schema::fault::Place;
use modelpin_schema::refusal::Line;
use modelpin_schema::{AUDITS, MANIFEST};

/// The line of a decision in models.audits.toml.
pub(crate) fn decision(place: Option<&Place>) -> Option<Line> {
    place.map(|place| Line { file: AUDITS.to_owned(), line: place.line })
}

/// ` (models.audits.toml:5)`, where a decision has a place.
pub(crate) fn in_audits(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({AUDITS}:{})", place.line)).unwrap_or_default()
}

/// ` (models.toml:12)`, where a key has a place.
pub(crate) fn in_manifest(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({MANIFEST}:{})", place.line)).unwrap_or_default()
}
