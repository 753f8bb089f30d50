//! The change report: what changed in the three files of a project. What lets in more, holds back less or is of
//! another origin than before comes first, over all entries and files, with a mark that needs no colour; then what to
//! type; then the facts; and the files last, a bounded number of them.
//!
//! People are shown the first twelve digits of a digest, which the terminal and a comment have room for; data has all.

mod data;
mod files;
mod html;
mod left_out;
mod markdown;
mod parts;
mod text;

pub use data::data;
pub use parts::Around;

use crate::format::ChangeFormat;
use modelpin_schema::Name;
use modelpin_schema::changes::{Change, ChangeReport};
use modelpin_schema::left_out::LeftOutSummary;
use modelpin_schema::output::changes::Changes;
use std::collections::BTreeMap;

/// The report in a format for people; JSON is [`data()`].
#[must_use]
pub fn render(report: &ChangeReport, around: &Around, format: ChangeFormat) -> String {
    match format {
        ChangeFormat::Text => text::render(report, around),
        ChangeFormat::Markdown => markdown::render(report, around),
        ChangeFormat::Html => html::render(report, around),
        ChangeFormat::Json => String::new(),
    }
}

/// What is left out of each entry whose listing was read.
pub type LeftOut = BTreeMap<Name, LeftOutSummary>;

/// The report of a change of the lock alone, as data.
#[must_use]
pub fn data_of_lock(changes: &[Change], left_out: LeftOut) -> Changes {
    data(&ChangeReport::of_lock(changes.to_vec()), &Around { left_out, ..Around::default() })
}

/// The report of a change of the lock alone, in a format for people.
#[must_use]
pub fn of_lock(changes: &[Change], left_out: LeftOut, format: ChangeFormat) -> String {
    render(&ChangeReport::of_lock(changes.to_vec()), &Around { left_out, ..Around::default() }, format)
}
