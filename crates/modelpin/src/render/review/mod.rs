//! Code to be read by a person: all of it, as it is, and with nothing in it that could act on the terminal.
//!
//! - `bytes`: lines of foreign bytes, made to be looked at
//! - `marks`: what the scan saw, at the lines where it saw it
//! - `text`, `json`: the forms

mod bytes;
mod json;
mod marks;
mod text;

use crate::format::Format;
use modelpin_ops::verbs::review::{Review, ReviewStatus};

/// A review in a form.
#[must_use]
pub fn render(review: &Review, format: Format) -> String {
    match format {
        Format::Text => text::render(review),
        Format::Json => json::render(review),
    }
}

/// How the code stands, in one clause.
fn standing(status: &ReviewStatus) -> String {
    match status {
        ReviewStatus::Certified(by) => format!("certified by {by} as {}", by.audit.criteria),
        ReviewStatus::Changed(by) => format!("changed since {by} certified {}", by.audit.digest),
        ReviewStatus::Unknown => "nobody certified it".to_owned(),
    }
}
