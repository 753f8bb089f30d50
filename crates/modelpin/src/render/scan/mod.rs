//! The report of `scan`.
//!
//! Names, keys and evidence come from files that may be hostile; they are made harmless where they leave the program
//! ([`crate::out`]).

mod data;
mod summary;
mod text;

pub use data::{data, problems};

use crate::format::ReportFormat;
use crate::render::diagnostic;
use modelpin_ops::verbs::scan::Scanned;
use modelpin_rules::Category;
use std::fmt::Write as _;
use summary::summary;

pub use summary::read;

/// The report in every format but JSON; with `all`, also safe files, and every place of a finding.
#[must_use]
pub fn render(scanned: &Scanned, format: ReportFormat, all: bool) -> String {
    match format {
        ReportFormat::Json => String::new(),
        ReportFormat::Text => text::render(scanned, all),
        ReportFormat::Sarif => diagnostic::document(&problems(scanned), modelpin_rules::of(Category::Scan)),
        ReportFormat::Github => {
            let mut out = diagnostic::annotations(&problems(scanned));
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "{}", summary(scanned));
            for read in read(scanned) {
                let _ = writeln!(out, "{read}");
            }
            out
        }
        ReportFormat::Markdown => {
            let table = diagnostic::table(&problems(scanned));
            let read: String = read(scanned).iter().map(|read| format!("\n{read}\n")).collect();
            format!("## modelpin scan: {}\n\n{}\n{read}{table}", scanned.verdict(), summary(scanned))
        }
    }
}
