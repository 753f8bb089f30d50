//! The report for a person at a terminal: refusals in their five parts, warnings likewise, and one line on the whole.

use super::{believed, kept_out, summary};
use crate::out::line;
use crate::render::failure::{Level, SHOWN, told};
use modelpin_ops::policy::{Lapse, Ruling};
use modelpin_ops::verbs::check::Checked;

pub(super) fn render(checked: &Checked, all: bool) -> String {
    let mut out = String::new();
    let shown = if all { usize::MAX } else { SHOWN };
    told(&mut out, &checked.evaluation.refusals(), Level::Refused, shown);
    let warnings: Vec<_> = checked.evaluation.warned().map(Ruling::refusal).collect();
    told(&mut out, &warnings, Level::Warned, shown);
    match &checked.lapsing {
        Some(lapsing) => lapsing.iter().for_each(|lapse| push(&mut out, lapse)),
        None => {
            kept_out(checked).iter().chain(&believed(checked)).for_each(|text| line(&mut out, format_args!("{text}")));
        }
    }
    line(&mut out, format_args!("{}", summary(checked)));
    out
}

/// One exemption in a line: its last day, what it is for, who answers for it.
fn push(out: &mut String, lapse: &Lapse) {
    let exemption = &lapse.exemption;
    let name = lapse.ruling.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let (path, owner, ticket) = (&exemption.file, &exemption.owner, &exemption.ticket);
    let (expires, left) = (exemption.expires, left(lapse.days));
    line(out, format_args!("{expires}  {left:12}  {name}: {path}  (owner {owner}, ticket {ticket})"));
}

/// How much time is left.
pub(super) fn left(days: i64) -> String {
    match days {
        ..0 => "lapsed".to_owned(),
        0 => "last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
