//! Code to be read by a person: all of it, as it is, and with nothing in it that could act on the terminal.
//!
//! - `bytes`: lines of foreign bytes, made to be looked at
//! - `marks`: what the scan saw, at the lines where it saw it
//! - `text`, `data`: the formats

mod bytes;
mod data;
mod marks;
mod text;

pub use data::data;
pub use text::render as text;

use modelpin_ops::verbs::review::ReviewStatus;

/// How the code stands, in one clause.
fn standing(status: &ReviewStatus) -> String {
    match status {
        ReviewStatus::Certified(by) => format!("certified by {by} as {}", by.audit.criteria),
        ReviewStatus::Changed(by) => format!("changed since {by} certified {}", by.audit.digest),
        ReviewStatus::Unknown => "not certified".to_owned(),
    }
}
