//! The report as annotations of GitHub Actions: one line each, on the line of models.lock or models.audits.toml.

use super::{all, believed, kept_out, level, sentence, summary};
use crate::out::line;
use crate::render::github::annotate;
use modelpin_ops::project::{LOCK, MANIFEST};
use modelpin_ops::verbs::check::Checked;

pub(super) fn render(checked: &Checked) -> String {
    let mut out = String::new();
    for violation in all(checked) {
        let (path, at) = match &violation.at {
            Some(at) => (at.file.as_str(), Some(at.line)),
            None => (MANIFEST, None),
        };
        annotate(&mut out, level(violation), path, at, violation.rule.id, &sentence(violation));
    }
    if let Some(note) = checked.note {
        annotate(&mut out, "warning", LOCK, None, "shallow clone", note);
    }
    if checked.expiring.is_none() {
        kept_out(checked).iter().chain(&believed(checked)).for_each(|text| line(&mut out, format_args!("{text}")));
    }
    line(&mut out, format_args!("{}", summary(checked)));
    out
}
