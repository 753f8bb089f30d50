//! The cells of a notebook, as the versions of the format keep them.

use crate::documents::json::Json;
use crate::engine::{Location, Scan};
use modelpin_rules::code::NOTEBOOK_CODE;

/// A cell with code.
pub(super) struct Cell {
    /// Its place in the document.
    key: String,
    /// Which one it is, counted from 1 over all cells.
    pub(super) number: usize,
    pub(super) source: String,
}

impl Cell {
    /// Reports what happens in a line of it, counted from 1.
    pub(super) fn report(&self, line: usize, what: &str, scan: &mut Scan<'_>) {
        let evidence = format!("cell {}, line {line}: {what}", self.number);
        scan.report(&NOTEBOOK_CODE, self.at(), evidence);
    }

    pub(super) fn at(&self) -> Location {
        Location::Key(self.key.clone())
    }
}

/// The lists of cells that a notebook has, with their keys: one, or one in each worksheet (before version 4).
pub(super) fn lists(json: &Json) -> Vec<(String, &Json)> {
    let sheets = json.get("worksheets").map(Json::items).unwrap_or_default().iter().enumerate();
    let sheets = sheets.filter_map(|(at, sheet)| Some((format!("worksheets.{at}.cells"), sheet.get("cells")?)));
    json.get("cells").map(|cells| ("cells".to_owned(), cells)).into_iter().chain(sheets).collect()
}

/// The cells that hold code: all that are not known to hold something else.
pub(super) fn cells(json: &Json) -> Vec<Cell> {
    let all = lists(json).into_iter().flat_map(|(key, cells)| {
        cells.items().iter().enumerate().map(move |(at, cell)| (format!("{key}.{at}"), cell)).collect::<Vec<_>>()
    });
    let mut found = Vec::new();
    for ((key, cell), number) in all.zip(1_usize..) {
        let kind = cell.get("cell_type").and_then(Json::text).unwrap_or("code");
        if matches!(kind, "markdown" | "raw" | "heading" | "html") {
            continue;
        }
        // `source` in version 4, `input` in 2 and 3, `code` in 1 (`nbformat/v*/nbbase.py`).
        for name in ["source", "input", "code"] {
            let source = cell.get(name).map(joined).unwrap_or_default();
            if !source.trim().is_empty() {
                found.push(Cell { key: format!("{key}.{name}"), number, source });
            }
        }
    }
    found
}

/// A text, or the lines of one.
pub(super) fn joined(value: &Json) -> String {
    match value {
        Json::Text(text) => text.to_string(),
        lines => lines.items().iter().filter_map(Json::text).collect(),
    }
}

/// The language of the kernel, where that is not Python.
pub(super) fn foreign(json: &Json) -> Option<&str> {
    let metadata = json.get("metadata")?;
    let text = |table: &str, key: &str| metadata.get(table).and_then(|table| table.get(key)).and_then(Json::text);
    let named = [text("kernelspec", "language"), text("language_info", "name"), text("kernelspec", "name")];
    let language = named.into_iter().flatten().find(|name| !name.is_empty())?;
    let is_python = named.into_iter().flatten().any(|name| name.to_ascii_lowercase().contains("python"));
    (!is_python).then_some(language)
}
