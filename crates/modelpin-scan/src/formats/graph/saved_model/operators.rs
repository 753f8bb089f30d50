//! The operators of a graph, checked against those that compute and nothing else.

use super::node::Node;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::Rule;
use modelpin_rules::graph::{TF_DATA_OPERATOR, TF_FILE_OPERATOR, TF_PYTHON_OPERATOR, TF_UNKNOWN_OPERATOR};
use std::collections::{BTreeMap, BTreeSet};

/// The operators that TensorFlow 2.21 registers, less those that touch files, networks, Python, other machines
/// or the program that runs them. A line each.
const COMPUTES: &str = include_str!("ops.txt");

/// Those of them with no kernels of their own any more that old graphs still have.
const OLD: &[&str] = &["BatchNormWithGlobalNormalization", "PlaceholderV2", "ShardedFilename", "ShardedFilespec"];

/// How many different operators and functions are kept.
const MOST: usize = 100_000;

/// What a graph uses, and the functions that it defines.
#[derive(Debug, Default)]
pub(super) struct Operators {
    used: BTreeMap<String, (u64, String)>,
    called: BTreeMap<String, (u64, String)>,
    defined: BTreeSet<String>,
}

impl Operators {
    pub(super) fn defines(&mut self, function: &str) -> Result<(), ScanError> {
        self.defined.insert(function.to_owned());
        if self.defined.len() > MOST { Err(ScanError::LimitReached("functions of a graph")) } else { Ok(()) }
    }

    /// Takes note of a node; `function` is where it is, empty at the top.
    pub(super) fn node(&mut self, node: &Node, function: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let place = if function.is_empty() {
            format!("node `{}`", node.name)
        } else {
            format!("node `{}` of function `{function}`", node.name)
        };
        let leaves = node.places.iter().find(|place| place.contains("://"));
        match leaves {
            Some(to) if node.op.starts_with("Debug") || node.op.starts_with("Print") => {
                scan.report(&TF_FILE_OPERATOR, Location::Byte(node.at), format!("`{}` to `{to}` in {place}", node.op));
            }
            _ => {}
        }
        for call in &node.calls {
            self.called.entry(call.clone()).or_insert_with(|| (node.at, place.clone()));
        }
        self.used.entry(node.op.clone()).or_insert((node.at, place));
        let kept = self.used.len().saturating_add(self.called.len());
        if kept > MOST { Err(ScanError::LimitReached("different operators")) } else { Ok(()) }
    }

    pub(super) fn check(&self, scan: &mut Scan<'_>) {
        for (op, (at, place)) in &self.used {
            match operator(op) {
                Some(rule) if rule != &TF_UNKNOWN_OPERATOR || !self.defined.contains(op) => {
                    scan.report(rule, Location::Byte(*at), format!("`{op}` in {place}"));
                }
                _ => {}
            }
        }
        // A function that is not in the library is one that the runtime registered.
        for (name, (at, place)) in &self.called {
            if !self.defined.contains(name) {
                let rule = operator(name).unwrap_or(&TF_UNKNOWN_OPERATOR);
                scan.report(
                    rule,
                    Location::Byte(*at),
                    format!("function `{name}`, called by {place}, is not in the library"),
                );
            }
        }
    }
}

/// The rule that an operator falls under, nothing where it computes only, or is the saver's.
pub(crate) fn operator(op: &str) -> Option<&'static Rule> {
    if reads_or_writes(op) {
        Some(&TF_FILE_OPERATOR)
    } else if matches!(op, "PyFunc" | "PyFuncStateless" | "EagerPyFunc") {
        Some(&TF_PYTHON_OPERATOR)
    } else if takes_data(op) {
        Some(&TF_DATA_OPERATOR)
    } else if saves(op) || restores(op) || computes(op) {
        None
    } else {
        Some(&TF_UNKNOWN_OPERATOR)
    }
}

fn computes(op: &str) -> bool {
    // These print to the standard streams, or to the file that an attribute names: seen at the node.
    op == "PrintV2" || OLD.contains(&op) || COMPUTES.lines().any(|line| line == op)
}

/// Files of the graph's choice, read or written as they are; connections.
fn reads_or_writes(op: &str) -> bool {
    matches!(
        op,
        "ReadFile"
            | "WriteFile"
            | "SaveDataset"
            | "SaveDatasetV2"
            | "SnapshotDataset"
            | "SnapshotDatasetV2"
            | "DistributedSave"
            | "RpcServer"
            | "RpcServerStart"
            | "RpcServerRegister"
            | "RpcClient"
            | "RpcCall"
    )
}

/// Files that are read as a data set, a table or a list of names, and logs that are written: training graphs have
/// them, and so have models that bring a vocabulary.
fn takes_data(op: &str) -> bool {
    let op = op.strip_prefix("Experimental").unwrap_or(op);
    matches!(
        op,
        "MatchingFiles"
            | "MatchingFilesDataset"
            | "TextLineDataset"
            | "TFRecordDataset"
            | "TFRecordDatasetV2"
            | "FixedLengthRecordDataset"
            | "FixedLengthRecordDatasetV2"
            | "CSVDataset"
            | "CSVDatasetV2"
            | "SqlDataset"
            | "LMDBDataset"
            | "LoadDataset"
            | "CacheDataset"
            | "CacheDatasetV2"
            | "DatasetToTFRecord"
            | "TextLineReader"
            | "TextLineReaderV2"
            | "TFRecordReader"
            | "TFRecordReaderV2"
            | "WholeFileReader"
            | "WholeFileReaderV2"
            | "FixedLengthRecordReader"
            | "FixedLengthRecordReaderV2"
            | "LMDBReader"
            | "InitializeTableFromTextFile"
            | "InitializeTableFromTextFileV2"
            | "ImmutableConst"
            | "LoadAndRemapMatrix"
            | "GenerateVocabRemapping"
            | "CreateSummaryFileWriter"
            | "CreateSummaryDbWriter"
            | "DecodeProtoV2"
            | "EncodeProto"
    )
}

/// The saver's operators that write files.
pub(super) fn saves(op: &str) -> bool {
    matches!(op, "Save" | "SaveSlices" | "SaveV2" | "MergeV2Checkpoints")
}

/// The saver's operators that read files.
pub(super) fn restores(op: &str) -> bool {
    matches!(op, "Restore" | "RestoreSlice" | "RestoreV2" | "CheckpointExists")
}
