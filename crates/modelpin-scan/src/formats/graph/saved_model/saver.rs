//! The part of a graph that saves and restores its variables.
//!
//! Every SavedModel has one. It runs when a loader asks for it by name, with the path of the loader's choice, and
//! that is all it may do: whatever else of the graph leads into it reads and writes files on its own account.

use super::node::{Node, node_of};
use super::operators::{restores, saves};
use super::paths::Paths;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::graph::TF_DATA_OPERATOR;
use std::collections::{BTreeMap, BTreeSet};

/// How much of a graph's savers is kept.
const MOST: usize = 100_000;

/// What is known of the savers of one graph.
#[derive(Debug, Default)]
pub(super) struct Saver {
    /// Functions that restore or save, themselves or through others.
    functions: BTreeSet<String>,
    /// Those of them that save.
    writers: BTreeSet<String>,
    /// Which functions call a function.
    callers: BTreeMap<String, BTreeSet<String>>,
    /// The scopes (with `/` at the end) and single nodes at the top that belong to a saver.
    zone: BTreeSet<String>,
    /// Nodes at the top that save.
    saving: BTreeSet<String>,
    /// The inputs of nodes in the zone.
    inputs: BTreeMap<String, Vec<String>>,
    /// The constant paths of the function at hand, and those at the top.
    inner: Paths,
    outer: Paths,
}

impl Saver {
    /// Takes note of a node in a function.
    pub(super) fn inner(&mut self, function: &str, node: &Node) -> Result<(), ScanError> {
        self.inner.add(node, saves(&node.op))?;
        if saves(&node.op) {
            self.writers.insert(function.to_owned());
        }
        if saves(&node.op) || restores(&node.op) {
            self.functions.insert(function.to_owned());
        }
        // A function may be called through an attribute, or as an operator.
        for call in node.calls.iter().chain([&node.op]) {
            if self.callers.len() > MOST {
                return Err(ScanError::LimitReached("functions of a graph"));
            }
            self.callers.entry(call.clone()).or_default().insert(function.to_owned());
        }
        Ok(())
    }

    /// A function has been read to its end.
    pub(super) fn leave(&mut self, function: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        std::mem::take(&mut self.inner).check(&format!(" of function `{function}`"), scan)
    }

    /// The nodes at the top have been read.
    pub(super) fn leave_top(&mut self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        std::mem::take(&mut self.outer).check("", scan)
    }

    /// Follows the calls of functions up to where they begin.
    pub(super) fn close(&mut self) {
        for set in [&mut self.functions, &mut self.writers] {
            let mut open: Vec<String> = set.iter().cloned().collect();
            while let Some(function) = open.pop() {
                for caller in self.callers.get(&function).into_iter().flatten() {
                    if set.insert(caller.clone()) {
                        open.push(caller.clone());
                    }
                }
            }
        }
    }

    /// Takes note of a node at the top.
    pub(super) fn top(&mut self, node: &Node) -> Result<(), ScanError> {
        let calls = || node.calls.iter().chain([&node.op]);
        let is_saving = saves(&node.op) || calls().any(|call| self.writers.contains(call));
        self.outer.add(node, is_saving)?;
        if is_saving {
            self.saving.insert(node.name.clone());
        }
        if is_saving || restores(&node.op) || calls().any(|call| self.functions.contains(call)) {
            self.zone.insert(scope(&node.name).to_owned());
        }
        if self.zone.len() > MOST { Err(ScanError::LimitReached("savers of a graph")) } else { Ok(()) }
    }

    fn has(&self, node: &str) -> bool {
        let mut scopes = node.match_indices('/').filter_map(|(at, _)| node.get(..=at));
        self.zone.contains(node) || scopes.any(|scope| self.zone.contains(scope))
    }

    /// Inspects what a node at the top takes its inputs from.
    pub(super) fn edges(&mut self, node: &Node, at: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        if self.zone.is_empty() {
            return Ok(());
        }
        if self.has(&node.name) {
            if self.inputs.len() > MOST {
                return Err(ScanError::LimitReached("savers of a graph"));
            }
            self.inputs.insert(node.name.clone(), node.inputs.clone());
        } else if let Some(input) = node.inputs.iter().find(|input| self.has(input)) {
            let evidence = format!("node `{}` depends on `{input}`, which saves or restores", node.name);
            scan.report(&TF_DATA_OPERATOR, Location::Byte(at), evidence);
        }
        Ok(())
    }

    /// A signature, or the initialisation, runs the node of this tensor.
    pub(super) fn runs(&self, who: &str, tensor: &str, at: u64, scan: &mut Scan<'_>) {
        if self.has(node_of(tensor)) {
            scan.report(
                &TF_DATA_OPERATOR,
                Location::Byte(at),
                format!("{who} runs `{tensor}`, which saves or restores"),
            );
        }
    }

    /// The function of this name can be called on the loaded model.
    pub(super) fn offers(&self, function: &str, at: u64, scan: &mut Scan<'_>) {
        if self.functions.contains(function) {
            scan.report(
                &TF_DATA_OPERATOR,
                Location::Byte(at),
                format!("function `{function}` saves or restores, and can be called"),
            );
        }
    }

    /// Loading runs this node: it may restore, but not save.
    pub(super) fn restores(&self, operation: &str, at: u64, scan: &mut Scan<'_>) {
        let mut seen = BTreeSet::new();
        let mut open = vec![node_of(operation)];
        while let Some(node) = open.pop() {
            if self.saving.contains(node) {
                let evidence = format!("restoring by `{operation}` runs `{node}`, which saves");
                scan.report(&TF_DATA_OPERATOR, Location::Byte(at), evidence);
            }
            if seen.insert(node) {
                open.extend(self.inputs.get(node).into_iter().flatten().map(String::as_str));
            }
        }
    }
}

/// The scope that a node is in, with its `/`; its own name where it is in none.
fn scope(node: &str) -> &str {
    node.rfind('/').and_then(|at| node.get(..=at)).unwrap_or(node)
}
