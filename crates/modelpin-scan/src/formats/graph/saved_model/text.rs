//! Graphs as text (`saved_model.pbtxt`, `graph.pbtxt`), which TensorFlow loads as well as the binary ones.

use super::operators::{operator, restores, saves};
use crate::documents::json::Json;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::graph::{PROTOBUF_MALFORMED, TF_DATA_OPERATOR, TF_UNKNOWN_OPERATOR};
use std::collections::BTreeSet;

/// What a document names.
#[derive(Default)]
struct Names<'j> {
    used: BTreeSet<&'j str>,
    defined: BTreeSet<&'j str>,
}

/// Scans a document; one that has no operators is no graph.
pub(crate) fn scan(message: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut names = Names::default();
    collect(message, "", &mut names, scan)?;
    for op in names.used {
        if !op.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_>./-".contains(&byte)) {
            scan.report(&PROTOBUF_MALFORMED, Location::Whole, format!("operator `{op}` is not a plain identifier"));
        } else if saves(op) || restores(op) {
            scan.report(
                &TF_DATA_OPERATOR,
                Location::Whole,
                format!("`{op}`: its callers are not traced in the text format"),
            );
        } else if let Some(rule) =
            operator(op).filter(|rule| *rule != &TF_UNKNOWN_OPERATOR || !names.defined.contains(op))
        {
            scan.report(rule, Location::Whole, format!("`{op}`"));
        }
    }
    Ok(())
}

/// Collects the names in a message and below, whose depth was bounded where it was read.
fn collect<'j>(message: &'j Json, field: &str, names: &mut Names<'j>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.step()?;
    for (name, value) in message.entries() {
        match (&**name, value.text()) {
            ("op", Some(op)) => {
                names.used.insert(op);
            }
            ("name", Some(function)) if field == "signature" => {
                names.defined.insert(function);
            }
            (name, None) => collect(value, name, names, scan)?,
            _ => {}
        }
    }
    Ok(())
}
