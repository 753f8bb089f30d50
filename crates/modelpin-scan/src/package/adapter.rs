//! The tensors of an adapter, checked against its configuration.

use crate::documents::config::folder;
use crate::engine::{Adapter, Location, Report};
use modelpin_rules::adapter::ADAPTER_SHAPE;
use std::collections::BTreeMap;

/// How the tensors of each kind of adapter are called, but those of LoRA.
const MARKS: [(&str, &str); 24] = [
    ("LORA", "trainable_tokens"),
    ("IA3", "ia3_"),
    ("LOHA", "hada_"),
    ("LOKR", "lokr_"),
    ("OFT", "oft_"),
    ("BOFT", "boft_"),
    ("VERA", "vera_"),
    ("PROMPT_TUNING", "prompt_"),
    ("MULTITASK_PROMPT_TUNING", "prompt_"),
    ("P_TUNING", "prompt_"),
    ("PREFIX_TUNING", "prompt_"),
    ("CPT", "prompt_"),
    ("CARTRIDGE", "prompt_"),
    ("ADAPTION_PROMPT", "adaption_"),
    ("HRA", "hra_"),
    ("BONE", "bone_"),
    ("MISS", "miss_"),
    ("FOURIERFT", "fourierft_"),
    ("RANDLORA", "randlora_"),
    ("VBLORA", "vblora_"),
    ("TRAINABLE_TOKENS", "trainable_tokens"),
    ("XLORA", "internal_xlora"),
    ("POLY", "poly_lora"),
    ("LN_TUNING", "ln_tuning"),
];

/// More tensors than this, and those that were left out of the facts may be the missing halves of pairs.
const PAIRED: usize = 10_000;

type Shapes = BTreeMap<String, Vec<u64>>;

/// Compares every `adapter_model.safetensors` with the configuration beside it.
pub(super) fn compare(reports: &mut BTreeMap<String, Report>) {
    let mut troubles: Vec<(String, Vec<String>)> = Vec::new();
    for (path, report) in &*reports {
        let Some(adapter) = &report.facts.adapter else { continue };
        let weights = format!("{}adapter_model.safetensors", folder(path));
        if let Some(shapes) = reports.get(&weights).map(|report| &report.facts.tensors) {
            troubles.push((
                weights,
                shapes.iter().filter_map(|(name, shape)| trouble(name, shape, shapes, adapter)).collect(),
            ));
        }
    }
    for (path, found) in troubles {
        if let Some(report) = reports.get_mut(&path) {
            found.into_iter().for_each(|trouble| report.add(&ADAPTER_SHAPE, Location::Whole, trouble));
        }
    }
}

fn trouble(name: &str, shape: &[u64], all: &Shapes, adapter: &Adapter) -> Option<String> {
    let parts: Vec<&str> = name.split('.').collect();
    let marked = |mark: &str| parts.iter().any(|part| part.starts_with(mark));
    if let Some(part) = parts.iter().find(|part| part.starts_with("lora_")) {
        return lora(name, part, shape, all, adapter).map(|why| format!("`{name}` {shape:?}: {why}"));
    }
    let declared = parts.iter().any(|part| adapter.layers.contains(*part))
        || adapter.layers.iter().any(|layer| layer.contains('.') && name.contains(layer.as_str()));
    // Kinds that are not in the table are called like their tensors.
    let own = adapter.kind.to_lowercase();
    let known = MARKS.iter().any(|(kind, mark)| *kind == adapter.kind && marked(mark))
        || (!matches!(own.as_str(), "" | "lora") && marked(&own))
        || (adapter.bias && name.ends_with(".bias"));
    (!declared && !known).then(|| format!("`{name}` {shape:?}: a layer that is not in the configuration"))
}

/// What is wrong with one tensor of a LoRA adapter; `part` says which of its matrices it is.
fn lora(name: &str, part: &str, shape: &[u64], all: &Shapes, adapter: &Adapter) -> Option<&'static str> {
    let (twin, rank) = match part {
        "lora_A" | "lora_embedding_A" => ("A", shape.first()),
        "lora_B" | "lora_embedding_B" => ("B", shape.get(1)),
        "lora_magnitude_vector" => return (!adapter.magnitude).then_some("the configuration has no DoRA"),
        // AdaLoRA prunes its ranks one by one.
        "lora_E" if adapter.kind == "ADALORA" => return None,
        _ => return Some("LoRA has no such tensor"),
    };
    if name.ends_with(".bias") {
        return (!adapter.bias).then_some("the configuration has no biases");
    }
    if !matches!(adapter.kind.as_str(), "LORA" | "XLORA" | "GRALORA") {
        return (adapter.kind != "ADALORA").then_some("the configuration is of another adapter type");
    }
    if shape.len() < 2 {
        return Some("it is not a matrix");
    }
    let fits = |rank: &u64| {
        adapter.ranks.contains(rank)
            || (adapter.experts && adapter.ranks.iter().any(|one| rank.checked_rem(*one) == Some(0)))
    };
    if !rank.is_some_and(fits) {
        return Some("the rank differs from the configuration");
    }
    let other = part.strip_suffix(twin).map(|stem| format!("{stem}{}", if twin == "A" { "B" } else { "A" }));
    let partner = other.map(|other| name.replace(&format!("{part}."), &format!("{other}.")));
    // The tensors of embeddings have no `.weight` after them.
    let embedding = |name: &String| name.replace("lora_embedding_A", "lora_embedding_B");
    let alone = partner.is_some_and(|partner| {
        !all.contains_key(&partner)
            && !all.contains_key(&embedding(&partner))
            && all.len() <= PAIRED
            && name.contains(&format!("{part}."))
    });
    alone.then_some("the other half of the pair is missing")
}
