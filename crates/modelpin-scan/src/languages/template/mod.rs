//! Chat templates, wherever they hide: programs in Jinja2 that make the text a model is given.
//!
//! Renderers run them in a sandbox, mostly (llama-cpp-python did not: CVE-2024-34359), and sandboxes have had
//! holes (CVE-2016-10745, CVE-2019-10906, CVE-2024-56326). So a template is parsed as Jinja2 parses it, and every
//! expression of it has to be on the allowlist of `words`.

mod bound;
mod calls;
mod check;
mod cost;
mod expr;
mod fold;
mod frame;
mod hidden;
mod lex;
mod lines;
mod looping;
mod parse;
mod purpose;
mod size;
mod tree;
mod words;

pub(crate) use purpose::Purpose;

use crate::engine::memory::MemoryPermit;
use crate::engine::name::Name;
use crate::engine::source::{ByteRange, TREE};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use lines::Lines;
use modelpin_rules::file::HIDDEN_CHARACTERS;
use modelpin_rules::template::{TEMPLATE_ESCAPE as ESCAPE, TEMPLATE_UNPARSABLE as BROKEN};

/// Templates that are kept for the lock, and the bytes of each.
const KEPT: (usize, usize) = (64, 256 * 1024);

/// The most bytes of a template: its tree takes up to 160 times as much memory. The largest of the much-used chat
/// templates has 20 KiB.
const MOST: usize = 1 << 20;

/// Marks of pages.
const PAGE: &[&str] =
    &["<!doctype", "<html", "<head", "<body", "<div", "<h1", "<table", "<form", "</p>", "</a>", ".html"];

/// A template on its own.
pub(crate) fn file(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.document.min(MOST))?;
    let Ok(template) = std::str::from_utf8(&bytes) else {
        return Err(ScanError::Malformed(&BROKEN, Location::Whole, "it is not UTF-8".to_owned()));
    };
    let lower = template.to_ascii_lowercase();
    let is_page = !name.base.starts_with("chat_template") && PAGE.iter().any(|mark| lower.contains(mark));
    check(template, "", if is_page { Purpose::Page } else { Purpose::Chat }, scan);
    Ok(FullyCovered)
}

/// Scans the chat template `text`, found at `key` (empty: the whole file).
pub(crate) fn text(text: &str, key: &str, scan: &mut Scan<'_>) {
    check(text, key, Purpose::Chat, scan);
}

/// Whether a text has the marks of Jinja.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Scans the template `text`, found at `key` (empty: the whole file).
pub(crate) fn check(text: &str, key: &str, purpose: Purpose, scan: &mut Scan<'_>) {
    let whole = || if key.is_empty() { Location::Whole } else { Location::Key(key.to_owned()) };
    if purpose == Purpose::Chat && text.len() <= KEPT.1 && scan.facts.templates.len() < KEPT.0 {
        scan.facts.templates.insert(text.to_owned());
    }
    if text.len() > scan.limits.document.min(MOST) {
        scan.record_error(ScanError::LimitReached("bytes of a template"));
        return;
    }
    if purpose != Purpose::Other
        && let Some(hidden) = crate::engine::characters::hidden(text)
    {
        scan.report(&HIDDEN_CHARACTERS, whole(), hidden);
    }
    let lines = Lines::of(text, key);
    let _turn = MemoryPermit::of(text.len().saturating_mul(TREE));
    let checked = match parse::parse(text) {
        Ok(tree) => check::check(&tree, &lines, purpose, scan),
        Err(_) if purpose == Purpose::Other => Ok(()),
        Err((why, at)) => {
            scan.report(&BROKEN, lines.place(at), format!("{why}: {}", lines.excerpt(at)));
            if let Some(at) = dunder(text) {
                scan.report(&ESCAPE, lines.place(at), format!("it names {}", lines.excerpt(at)));
            }
            Ok(())
        }
    };
    if let Err(error) = checked {
        scan.record_error(error);
    }
}

/// Where the name of one of Python's special attributes is in a template that cannot be parsed.
fn dunder(text: &str) -> Option<usize> {
    text.match_indices("__").map(|(at, _)| at).find(|at| {
        let name = text.get(at.saturating_add(2)..).unwrap_or_default();
        let length = name.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(name.len());
        let end = at.saturating_add(length).saturating_add(4);
        text.get(*at..end).is_some_and(words::is_dunder)
    })
}
