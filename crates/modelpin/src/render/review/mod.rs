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

use modelpin_ops::verbs::review::Stand;

/// How the code stands, in one clause.
fn standing(stand: &Stand) -> String {
    match stand {
        Stand::Certified(by) => format!("certified by {by} as {}", by.audit.criteria),
        Stand::Changed(by) => format!("changed since {by} certified {}", by.audit.digest),
        Stand::Unknown => "nobody certified it".to_owned(),
    }
}
