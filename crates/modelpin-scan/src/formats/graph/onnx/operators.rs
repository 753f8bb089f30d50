//! The operators of a model, checked against those that the common runtimes bring along.

use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::graph::{ONNX_CUSTOM_OPERATOR, ONNX_PYTHON_OPERATOR};
use std::collections::{BTreeMap, BTreeSet};

/// The operators of the runtimes, a line each, below their domain in brackets. Those of ONNX itself are all that
/// were ever registered; those of `com.microsoft` are the ones that compute, from ONNX Runtime's
/// `docs/ContribOperators.md`.
const KNOWN: &str = include_str!("ops.txt");

/// How many different operators are kept. Large models have some dozens.
const MOST: usize = 10_000;

/// What a model uses, and what it defines itself.
#[derive(Debug, Default)]
pub(super) struct Operators {
    /// Domain and name, with the first node of that kind.
    used: BTreeMap<(String, String), Location>,
    defined: BTreeSet<(String, String)>,
}

impl Operators {
    pub(super) fn uses(&mut self, domain: String, name: String, at: Location) -> Result<(), ScanError> {
        self.used.entry((domain, name)).or_insert(at);
        self.room()
    }

    pub(super) fn defines(&mut self, domain: String, name: String) -> Result<(), ScanError> {
        self.defined.insert((domain, name));
        self.room()
    }

    fn room(&self) -> Result<(), ScanError> {
        let kept = self.used.len().saturating_add(self.defined.len());
        if kept > MOST { Err(ScanError::LimitReached("different operators")) } else { Ok(()) }
    }

    pub(super) fn check(&self, scan: &mut Scan<'_>) {
        for (operator, at) in &self.used {
            let (domain, name) = operator;
            let shown = if domain.is_empty() { name.clone() } else { format!("{domain}::{name}") };
            // A function of the model cannot be what its name says here: these names are taken by a runtime.
            if calls_python(name) {
                scan.report(&ONNX_PYTHON_OPERATOR, at.clone(), shown);
            } else if !self.defined.contains(operator) && !is_known(domain, name) {
                scan.report(&ONNX_CUSTOM_OPERATOR, at.clone(), shown);
            }
        }
    }
}

/// ONNX Runtime's operators that run Python: of its interoperability build, of its extensions, of its training.
fn calls_python(name: &str) -> bool {
    matches!(name, "PyOp" | "PyCustomOp" | "PythonOp" | "PythonOpGrad" | "TritonOp")
}

fn is_known(domain: &str, name: &str) -> bool {
    let section = match domain {
        "" | "ai.onnx" => "ai.onnx",
        "ai.onnx.ml" | "ai.onnx.preview" | "ai.onnx.preview.training" | "com.microsoft" => domain,
        "ai.onnx.training" => "ai.onnx.preview.training",
        // What ONNX Runtime makes of known operators when it saves an optimised model.
        "com.microsoft.nchwc" | "com.ms.internal.nhwc" | "com.microsoft.experimental" => {
            return is_known("", name)
                || is_known("com.microsoft", name)
                || matches!(name, "ReorderInput" | "ReorderOutput");
        }
        _ => return false,
    };
    KNOWN
        .lines()
        .skip_while(|line| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) != Some(section))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line == name)
}
