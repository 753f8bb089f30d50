//! ONNX graphs in several precisions, as optimum and transformers.js export them.

use super::found::Found;
use crate::selection::listing::File;
use std::collections::{BTreeMap, BTreeSet};

/// So many precisions of one graph are alternatives; two may be read for different things.
const MIN_PRECISIONS: usize = 3;

/// The ends of a graph's name that tell its precision: transformers.js (`utils/dtypes.js`, `DEFAULT_DTYPE_SUFFIX_MAPPING`),
/// optimum (`onnxruntime/utils.py`, and the names of its quantizer and optimizer), sentence-transformers
/// (`backend.py`, `export_dynamic_quantized_onnx_model`).
const PRECISIONS: &[&str] = &[
    "fp32",
    "fp16",
    "bf16",
    "int8",
    "uint8",
    "int4",
    "q8",
    "q8f16",
    "q4",
    "q4f16",
    "bnb4",
    "quantized",
    "quant",
    "O1",
    "O2",
    "O3",
    "O4",
    "qint8_arm64",
    "qint8_avx2",
    "qint8_avx512",
    "qint8_avx512_vnni",
    "quint8_avx2",
    "optimized",
];

/// The files of each precision of a graph, its plain form under the empty name.
type Precisions<'a> = BTreeMap<&'a str, Vec<File<'a>>>;

pub(super) fn find<'a>(taken: &[File<'a>]) -> Found<'a> {
    let mut graphs: BTreeMap<(&'a str, &'a str), Precisions<'a>> = BTreeMap::new();
    for file in taken {
        // `model.onnx`, `model.onnx_data`, `model.onnx.data`; a voice's `X.onnx.json` is none of them.
        let Some((stem, rest)) = file.name.split_once(".onnx") else { continue };
        if rest.is_empty() || rest.starts_with("_data") || rest == ".data" {
            let (base, precision) = split(stem);
            graphs.entry((file.folder, base)).or_default().entry(precision).or_default().push(*file);
        }
    }
    graphs.retain(|_, precisions| precisions.len() > 1);
    if !graphs.values().any(|precisions| precisions.len() >= MIN_PRECISIONS) {
        return Found::new();
    }
    let names: BTreeSet<&str> = graphs.values().flat_map(BTreeMap::keys).copied().collect();
    let single = if graphs.len() == 1 { graphs.keys().next().map(|(_, base)| *base) } else { None };
    let of = |precision: &&'a str| (name(single, precision, &names), files(&graphs, precision));
    names.iter().map(of).collect()
}

/// `model_q4f16` where there is one graph, `q4f16` where all graphs of it belong together.
fn name(single: Option<&str>, precision: &str, names: &BTreeSet<&str>) -> String {
    match (single, precision) {
        (Some(base), "") => base.to_owned(),
        (Some(base), precision) => format!("{base}_{precision}"),
        // transformers.js calls the plain graphs so.
        (None, "") => if names.contains("fp32") { "plain" } else { "fp32" }.to_owned(),
        (None, precision) => precision.to_owned(),
    }
}

/// The files of one precision of all graphs. Of a graph without it, the plain files; without those as well, all.
fn files<'a>(graphs: &BTreeMap<(&'a str, &'a str), Precisions<'a>>, precision: &str) -> Vec<File<'a>> {
    let of = |precisions: &Precisions<'a>| {
        let some = precisions.get(precision).or_else(|| precisions.get("")).cloned();
        some.unwrap_or_else(|| precisions.values().flatten().copied().collect())
    };
    graphs.values().flat_map(of).collect()
}

fn split(stem: &str) -> (&str, &str) {
    let ends = PRECISIONS.iter().filter_map(|precision| {
        let base = stem.strip_suffix(precision)?.strip_suffix(['_', '-', '.'])?;
        (!base.is_empty()).then_some((base, *precision))
    });
    ends.min_by_key(|(base, _)| base.len()).unwrap_or((stem, ""))
}
