//! Notebooks of Jupyter: what their cells do when somebody runs them. Opening one runs nothing.
//!
//! All code cells together are one module, since names carry over from one to the next. What IPython takes for itself
//! (`magic`, `command`) is judged by itself, and what Python it comes down to stands in its place.

mod cell;
mod command;
mod magic;
mod module;
mod output;

use crate::documents::json::Json;
use crate::engine::name::Name;
use crate::engine::{Location, Scan, ScanError};
use crate::languages::python;
use modelpin_rules::code::NOTEBOOK_CODE;
use module::Module;

/// Whether a document is a notebook: by its name, or by what all forms of them have (`nbformat`).
pub(crate) fn is_notebook(json: &Json, name: &Name) -> bool {
    let has = |key: &str| json.get(key).is_some();
    name.suffix == "ipynb" || has("nbformat") && (has("cells") || has("worksheets"))
}

/// A cell with code.
struct Cell {
    /// Its place in the document.
    key: String,
    /// Which one it is, counted from 1 over all cells.
    number: usize,
    source: String,
}

impl Cell {
    /// Reports what happens in a line of it, counted from 1.
    fn report(&self, line: usize, what: &str, scan: &mut Scan<'_>) {
        let evidence = format!("cell {}, line {line}: {what}", self.number);
        scan.report(&NOTEBOOK_CODE, self.at(), evidence);
    }

    fn at(&self) -> Location {
        Location::Key(self.key.clone())
    }
}

/// Scans a notebook; `path` is where it is.
pub(crate) fn scan(json: &Json, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    output::scan(json, scan)?;
    let cells = cells(json);
    if let Some(language) = foreign(json).filter(|_| !cells.is_empty()) {
        let at = Location::Key("metadata.kernelspec".to_owned());
        scan.report(&NOTEBOOK_CODE, at, format!("its cells are in `{language}`, and were not judged"));
    }
    python::grown(|| {
        let mut module = Module::default();
        for cell in &cells {
            cell::read(cell, &mut module, scan)?;
        }
        module.judge(&cells, path, scan)
    })
}

/// The lists of cells that a notebook has, with their keys: one, or one in each worksheet (before version 4).
fn lists(json: &Json) -> Vec<(String, &Json)> {
    let sheets = json.get("worksheets").map(Json::items).unwrap_or_default().iter().enumerate();
    let sheets = sheets.filter_map(|(at, sheet)| Some((format!("worksheets.{at}.cells"), sheet.get("cells")?)));
    json.get("cells").map(|cells| ("cells".to_owned(), cells)).into_iter().chain(sheets).collect()
}

/// The cells that hold code: all that are not known to hold something else.
fn cells(json: &Json) -> Vec<Cell> {
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
fn joined(value: &Json) -> String {
    match value {
        Json::Text(text) => text.to_string(),
        lines => lines.items().iter().filter_map(Json::text).collect(),
    }
}

/// The language of the kernel, where that is not Python.
fn foreign(json: &Json) -> Option<&str> {
    let metadata = json.get("metadata")?;
    let text = |table: &str, key: &str| metadata.get(table).and_then(|table| table.get(key)).and_then(Json::text);
    let named = [text("kernelspec", "language"), text("language_info", "name"), text("kernelspec", "name")];
    let language = named.into_iter().flatten().find(|name| !name.is_empty())?;
    let is_python = named.into_iter().flatten().any(|name| name.to_ascii_lowercase().contains("python"));
    (!is_python).then_some(language)
}
