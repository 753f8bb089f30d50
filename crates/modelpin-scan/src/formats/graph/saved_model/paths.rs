//! Paths that a graph holds as constants, and what saves to them. A saver takes the path of the loader's choice: one that
//! has a path of its own writes there whoever runs it.

use super::node::Node;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::graph::TF_FILE_OPERATOR;
use std::collections::{BTreeMap, BTreeSet};

/// How many nodes are kept.
const MOST: usize = 100_000;

/// Operators that make a path from paths, or pass one on.
const PASSING: &[&str] = &[
    "Identity",
    "IdentityN",
    "StopGradient",
    "PlaceholderWithDefault",
    "ShardedFilename",
    "StringJoin",
    "StringFormat",
    "Pack",
    "ConcatV2",
    "ExpandDims",
    "Squeeze",
    "Reshape",
    "Fill",
    "Tile",
    "Select",
    "SelectV2",
    "Merge",
    "Switch",
    "EnsureShape",
];

/// What one graph or function has of it.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Constants that are paths out of the model.
    constants: BTreeMap<String, String>,
    /// Nodes that pass texts on, with what they take.
    passing: BTreeMap<String, Vec<String>>,
    /// Nodes that save, with what they take and where they are.
    saving: BTreeMap<String, (Vec<String>, u64)>,
}

impl Paths {
    /// Takes note of a node.
    pub(super) fn add(&mut self, node: &Node, is_saving: bool) -> Result<(), ScanError> {
        if let Some(path) = node.constants.iter().find(|path| leads_out(path)) {
            self.constants.insert(node.name.clone(), path.clone());
        }
        if is_saving {
            // The first of a saver's inputs are paths, the others names, slices and tensors.
            let paths = match node.op.as_str() {
                "Save" | "SaveSlices" | "SaveV2" => 1,
                "MergeV2Checkpoints" => 2,
                _ => usize::MAX,
            };
            let inputs = node.inputs.iter().take(paths).cloned().collect();
            self.saving.insert(node.name.clone(), (inputs, node.at));
        } else if PASSING.contains(&node.op.as_str()) {
            self.passing.insert(node.name.clone(), node.inputs.clone());
        }
        let kept = self.constants.len().saturating_add(self.passing.len()).saturating_add(self.saving.len());
        if kept > MOST { Err(ScanError::LimitReached("paths of a graph")) } else { Ok(()) }
    }

    /// Reports what saves to a constant path; `place` is where it is.
    pub(super) fn check(&self, place: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        if self.constants.is_empty() {
            return Ok(());
        }
        for (name, (inputs, at)) in &self.saving {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&str> = inputs.iter().map(String::as_str).collect();
            while let Some(node) = open.pop() {
                scan.budget.step()?;
                if let Some(path) = self.constants.get(node) {
                    let evidence = format!("node `{name}`{place} saves to `{path}`");
                    scan.report(&TF_FILE_OPERATOR, Location::Byte(*at), evidence);
                }
                if seen.insert(node) {
                    open.extend(self.passing.get(node).into_iter().flatten().map(String::as_str));
                }
            }
        }
        Ok(())
    }
}

/// Whether a text is a path, or an address, that leads out of where the model is.
fn leads_out(text: &str) -> bool {
    let is_drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    text.starts_with(['/', '~', '\\'])
        || text.contains("://")
        || is_drive
        || text.split(['/', '\\']).any(|part| part == "..")
}
