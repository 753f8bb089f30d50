//! Notebooks of Jupyter: what their cells do when somebody runs them. Opening one runs nothing.
//!
//! All code cells together are one module, since names carry over from one to the next. What IPython takes for itself
//! (`magic`, `command`) is judged by itself, and what Python it comes down to stands in its place.

mod cell;
mod command;
mod magic;
mod module;
mod output;
mod source;

use crate::documents::json::Json;
use crate::engine::name::Name;
use crate::engine::{Location, Scan, ScanError};
use crate::languages::python;
use modelpin_rules::code::NOTEBOOK_CODE;
use module::Module;
use source::{cells, foreign};

/// Whether a document is a notebook: by its name, or by what all forms of them have (`nbformat`).
pub(crate) fn is_notebook(json: &Json, name: &Name) -> bool {
    let has = |key: &str| json.get(key).is_some();
    name.suffix == "ipynb" || has("nbformat") && (has("cells") || has("worksheets"))
}

/// Scans a notebook; `path` is where it is.
pub(crate) fn scan(json: &Json, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    output::scan(json, scan)?;
    let cells = cells(json);
    if let Some(language) = foreign(json).filter(|_| !cells.is_empty()) {
        let at = Location::Key("metadata.kernelspec".to_owned());
        scan.report(&NOTEBOOK_CODE, at, format!("its cells are in `{language}`, and were not checked"));
    }
    python::grown(|| {
        let mut module = Module::default();
        for cell in &cells {
            cell::read(cell, &mut module, scan)?;
        }
        module.judge(&cells, path, scan)
    })
}
