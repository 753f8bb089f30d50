//! What a notebook shows without running anything: the outputs that are kept in it.

use crate::documents::json::Json;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::code::NOTEBOOK_OUTPUT;

/// What a browser runs.
const RUNS: [&str; 5] = ["<script", "javascript:", " onload=", " onerror=", "<iframe"];

/// Looks through the outputs of all cells.
pub(super) fn scan(json: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for (key, cells) in super::source::lists(json) {
        for (at, cell) in cells.items().iter().enumerate() {
            for output in cell.get("outputs").map(Json::items).unwrap_or_default() {
                scan.budget.step()?;
                // Version 4 keeps the forms of an output under `data`, older ones beside its type.
                let forms = output.get("data").unwrap_or(output).entries();
                for (kind, value) in forms {
                    if let Some(what) = acts(kind, value, scan)? {
                        let at = Location::Key(format!("{key}.{at}.outputs"));
                        scan.report(&NOTEBOOK_OUTPUT, at, format!("`{kind}` with {what}"));
                    }
                }
            }
        }
    }
    Ok(())
}

fn acts(kind: &str, value: &Json, scan: &mut Scan<'_>) -> Result<Option<String>, ScanError> {
    if matches!(kind, "application/javascript" | "text/javascript" | "javascript") {
        return Ok(Some("JavaScript".to_owned()));
    }
    if !matches!(kind, "text/html" | "html" | "image/svg+xml" | "svg") {
        return Ok(None);
    }
    let text = super::source::joined(value).to_ascii_lowercase();
    scan.budget.charge_bytes(text.len().saturating_mul(RUNS.len()))?;
    Ok(RUNS.iter().find(|mark| text.contains(**mark)).map(|mark| format!("`{}`", mark.trim())))
}
