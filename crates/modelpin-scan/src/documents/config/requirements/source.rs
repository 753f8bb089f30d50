//! Where packages come from.

use super::asked;
use crate::engine::{Location, Scan};
use modelpin_rules::requirement::REQUIREMENT_SOURCE;

/// Whether it is the default package index, or a file of it.
fn is_home(url: &str) -> bool {
    matches!(url.trim_end_matches('/'), "https://pypi.org/simple" | "https://pypi.python.org/simple")
        || url.starts_with("https://files.pythonhosted.org/packages/")
}

/// Records a place that packages come from, unless it is the usual one.
pub(super) fn source(what: &str, from: &str, at: Location, scan: &mut Scan<'_>) {
    if !is_home(from) {
        asked::asked(what, from, scan);
        scan.report(&REQUIREMENT_SOURCE, at, format!("{what} `{from}`"));
    }
}
