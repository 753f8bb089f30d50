//! The report for a person at a terminal: refusals in their five parts, warnings likewise, and one line on the whole.

use super::{believed, kept_out, summary};
use crate::out::line;
use crate::render::failure::{Level, SHOWN, told};
use modelpin_ops::verbs::check::Checked;
use modelpin_policy::{Expiring, Violation};

pub(super) fn render(checked: &Checked, all: bool) -> String {
    let mut out = String::new();
    let refused: Vec<_> = checked.evaluation.denied().map(Violation::refusal).collect();
    let shown = if all { usize::MAX } else { SHOWN };
    told(&mut out, &refused, Level::Refused, shown);
    let warnings: Vec<_> = checked.evaluation.warned().map(Violation::refusal).collect();
    told(&mut out, &warnings, Level::Warned, shown);
    match &checked.expiring {
        Some(expiring) => expiring.iter().for_each(|expiring| push(&mut out, expiring)),
        None => {
            kept_out(checked).iter().chain(&believed(checked)).for_each(|text| line(&mut out, format_args!("{text}")));
        }
    }
    line(&mut out, format_args!("{}", summary(checked)));
    out
}

/// One exemption in a line: its last day, what it is for, who answers for it.
fn push(out: &mut String, expiring: &Expiring) {
    let exemption = &expiring.exemption;
    let name = expiring.violation.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let (path, owner, ticket) = (&exemption.file, &exemption.owner, &exemption.ticket);
    let (expires, left) = (exemption.expires, left(expiring.days));
    line(out, format_args!("{expires}  {left:12}  {name}: {path}  (owner {owner}, ticket {ticket})"));
}

/// How much time is left.
pub(super) fn left(days: i64) -> String {
    match days {
        ..0 => "expired".to_owned(),
        0 => "last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
