//! The files that an entry leaves out: grouped and with sizes where the listing was read in this run, else the counts
//! of the lock and the files that could run code. A few lines either way.

use super::parts::cut;
use crate::render::bytes;
use modelpin_schema::changes::{Change, ChangeKind, FactChange};
use modelpin_schema::left_out::{LeftOutGroup, LeftOutSummary, Take};
use modelpin_schema::shell_word;
use modelpin_schema::text::{choose, count};

/// How many files that could run code are named.
const CODE: usize = 8;
/// Characters of a name.
const LABEL: usize = 60;

/// The facts of `change` that are shown, and what there is to say of the others.
pub(super) fn facts<'a>(change: &'a Change, summary: Option<&LeftOutSummary>) -> (Vec<&'a FactChange>, Option<String>) {
    let is_told = change.kind == ChangeKind::Removed || (change.kind == ChangeKind::Added && summary.is_some());
    let mut code = 0;
    let shown = change.facts.iter().filter(|fact| match fact.key {
        "left-out" => !is_told,
        "left-out-code" if is_told => false,
        "left-out-code" => {
            code += 1;
            code <= CODE
        }
        _ => true,
    });
    let shown = shown.collect();
    let rest = code.checked_sub(CODE).filter(|rest| *rest > 0);
    (shown, rest.map(|rest| format!("left-out-code: {}", count(rest, "more file"))))
}

/// What is left out of the entry, where that is known and news.
pub(super) fn news<'a>(change: &Change, summary: Option<&'a LeftOutSummary>) -> Option<&'a LeftOutSummary> {
    let is_about = |fact: &FactChange| matches!(fact.key, "left-out" | "left-out-code");
    let is_news = match change.kind {
        ChangeKind::Added => true,
        ChangeKind::Changed => change.facts.iter().any(is_about),
        ChangeKind::Removed => false,
    };
    summary.filter(|summary| is_news && !summary.groups.is_empty())
}

/// All of it in a few words.
pub(super) fn head(summary: &LeftOutSummary) -> String {
    format!("left out: {}, {}", count(summary.files(), "file"), bytes(summary.bytes()))
}

/// What a group is called; its name is any text.
pub(super) fn label(group: &LeftOutGroup) -> Option<String> {
    group.label.as_deref().map(|label| cut(label, LABEL))
}

/// How many files a group has, and their size.
pub(super) fn size(summary: &LeftOutSummary, group: &LeftOutGroup) -> String {
    let is_rest = group.label.is_none() && summary.groups.iter().any(|one| one.reason == group.reason && one != group);
    match (&group.label, group.files) {
        (Some(_), 1) => bytes(group.bytes),
        (None, files) if is_rest => format!("{}, {}", count(files, "more file"), bytes(group.bytes)),
        (_, files) => format!("{}, {}", count(files, "file"), bytes(group.bytes)),
    }
}

/// The file that a group is left out for.
pub(super) fn beside(group: &LeftOutGroup) -> Option<String> {
    group.beside.as_deref().map(|beside| cut(beside, LABEL))
}

/// The option that takes a group.
pub(super) fn option(group: &LeftOutGroup) -> Option<String> {
    match group.take.as_ref()? {
        Take::Include(glob) => Some(format!("--include {}", shell_word(glob))),
        Take::Variant(name) => Some(format!("--variant {}", shell_word(name))),
    }
}

/// A group as a line for a terminal, without its reason.
pub(super) fn line(summary: &LeftOutSummary, group: &LeftOutGroup) -> String {
    let size = size(summary, group);
    let mut text = match label(group) {
        Some(label) => format!("{label} ({size})"),
        None => size,
    };
    if let Some(beside) = beside(group) {
        text.push_str(&format!(", beside {beside}"));
    }
    if let Some(option) = option(group) {
        text.push_str(&format!("; `{option}` takes {} instead", choose(group.files, "it", "them")));
    }
    text
}
