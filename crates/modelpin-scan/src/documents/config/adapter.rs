//! `adapter_config.json` of PEFT: the base, the patterns, the sizes.

use super::code;
use super::context::Walk;
use super::paths::is_repo;
use super::pattern;
use crate::documents::json::Json;
use crate::engine::{Adapter, ScanError};
use modelpin_rules::adapter::{ADAPTER_BASE, ADAPTER_BOUNDS, ADAPTER_PATTERN, ADAPTER_UNSUPPORTED};
use modelpin_schema::lockfile::{DeclaredBase, Role};

/// Every `peft_type` (`PeftType` of PEFT).
const KINDS: &str = "PROMPT_TUNING MULTITASK_PROMPT_TUNING P_TUNING PREFIX_TUNING LORA ADALORA BOFT ADAPTION_PROMPT \
    IA3 LOHA LOKR OFT XLORA POLY LN_TUNING VERA FOURIERFT HRA BONE MISS RANDLORA CPT TRAINABLE_TOKENS SHIRA C3A ROAD \
    WAVEFT OSF DELORA GRALORA CARTRIDGE VBLORA";

/// Ways to begin (`init_lora_weights`).
const BEGINNINGS: [&str; 9] = ["gaussian", "eva", "olora", "pissa", "corda", "loftq", "orthogonal", "mica", "lora_ga"];

/// The highest rank that still makes sense for a layer, and the largest factor.
const RANK: u64 = 2048;
const SCALE: f64 = 65_536.0;
/// Layers of embeddings, in and out, as models call them.
const EMBEDDINGS: [&str; 8] =
    ["embed_tokens", "lm_head", "wte", "word_embeddings", "embed_in", "embed_out", "shared", "tok_embeddings"];

/// The most entries of a list or an object that names layers one by one.
const ENTRIES: usize = 20_000;
/// The most layers that a model has.
const LAYERS: u64 = 4096;
/// The largest whole number that any other field has.
const NUMBER: u64 = 1 << 24;

/// The document as a whole: an adapter's configuration by its name, without what makes it one.
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    // The Adapters library has configurations of the same name, with `model_name` and `config`.
    let other_library = json.get("model_name").is_some() && json.get("config").is_some();
    if walk.base == "adapter_config.json" && json.get("peft_type").is_none() && !other_library {
        walk.scan.report(&ADAPTER_UNSUPPORTED, walk.at(), "no `peft_type`");
        base(json, walk);
        imports(json, walk);
    }
    if json.get("peft_type").is_some() {
        base(json, walk);
        experts(json, walk);
        let facts = facts(json);
        walk.scan.facts.adapter = Some(facts);
    }
    Ok(())
}

/// An object with a `peft_type`, wherever it is.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    let Some(kind) = json.get("peft_type") else { return Ok(()) };
    match kind.text() {
        Some(kind) if KINDS.split_whitespace().any(|known| known == kind) => {}
        kind => {
            walk.scan.report(
                &ADAPTER_UNSUPPORTED,
                walk.at(),
                format!("`peft_type` is `{}`", kind.unwrap_or("no text")),
            );
        }
    }
    imports(json, walk);
    for (key, value) in json.entries() {
        walk.scan.budget.step()?;
        walk.below(key, |walk| {
            field(key, value, walk);
            // Other kinds say with a rank of 0 that something else decides (OFT's block size).
            let other = key.as_ref() == "r" && value.count() == Some(0) && kind.text() != Some("LORA");
            if !other {
                bounds(key, value, walk);
            }
        });
    }
    Ok(())
}

/// The modules that PEFT imports by name. Both of a key given twice count.
fn imports(json: &Json, walk: &mut Walk<'_, '_>) {
    for (key, value) in json.entries() {
        match &**key {
            "megatron_core" => walk.below(key, |walk| code::library(key, value, walk)),
            "auto_mapping" => walk.below(key, |walk| {
                for (name, library) in value.entries().iter().filter(|(name, _)| &**name == "parent_library") {
                    walk.below(name, |walk| code::library(name, library, walk));
                }
            }),
            _ => {}
        }
    }
}

fn base(json: &Json, walk: &mut Walk<'_, '_>) {
    let key = "base_model_name_or_path";
    if walk.scan.depth() == 0 {
        // The `revision` of PEFT's configuration is that of the base.
        let text = |key| json.get(key).and_then(Json::text);
        walk.scan.facts.base = Some(DeclaredBase::of(text(key), text("revision")));
    }
    let trouble = match json.get(key) {
        None => Some("no base model is named".to_owned()),
        Some(Json::Null) => Some("the base model is null".to_owned()),
        Some(Json::Text(base)) if is_repo(base) => None,
        Some(Json::Text(base)) => Some(format!("`{base}` is not a repository name")),
        Some(_) => Some("the base model is not a string".to_owned()),
    };
    if let Some(trouble) = trouble {
        walk.below(key, |walk| walk.scan.report(&ADAPTER_BASE, walk.at(), trouble));
    }
}

/// The adapters that X-LoRA loads and mixes (`XLoraModel.__init__`); no other kind has such a field.
fn experts(json: &Json, walk: &mut Walk<'_, '_>) {
    let kind = json.get("peft_type").and_then(Json::text);
    let adapters = json.get("adapters").filter(|_| kind == Some("XLORA")).map(Json::entries);
    let texts = adapters.unwrap_or_default().iter().filter_map(|(_, path)| path.text());
    // Without an owner it is a folder.
    for repo in texts.filter(|path| path.contains('/')) {
        walk.refers(Role::Component, repo, None);
    }
}

fn field(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    match key {
        "target_modules" | "exclude_modules" | "modules_to_save" | "target_parameters" | "feedforward_modules" => {
            value.text().into_iter().for_each(|text| check(text, walk));
        }
        "layers_pattern" => {
            let listed = value.items().iter().filter_map(Json::text);
            value.text().into_iter().chain(listed).for_each(|text| check(text, walk));
        }
        "rank_pattern" | "alpha_pattern" => value.entries().iter().for_each(|(text, _)| check(text, walk)),
        "init_lora_weights" | "init_weights" => {
            let known = |text: &str| BEGINNINGS.contains(&text) || text.starts_with("pissa_niter_");
            if let Some(text) = value.text().filter(|text| !known(text)) {
                walk.scan.report(&ADAPTER_UNSUPPORTED, walk.at(), format!("`{key}` is `{text}`"));
            }
        }
        // X-LoRA is made of other adapters.
        "adapters" => {
            for (name, path) in value.entries() {
                if let Some(path) = path.text() {
                    walk.below(name, |walk| walk.scan.report(&ADAPTER_BASE, walk.at(), format!("made of `{path}`")));
                }
            }
        }
        // PEFT unpickles what these name.
        "corda_config" | "eva_config" => {
            for (name, file) in value.entries().iter().filter(|(name, _)| name.ends_with("_file")) {
                if let Some(file) = file.text() {
                    walk.scan.report(&ADAPTER_UNSUPPORTED, walk.at(), format!("`{name}` is unpickled from `{file}`"));
                }
            }
        }
        _ => {}
    }
}

fn check(text: &str, walk: &mut Walk<'_, '_>) {
    if let Some(why) = pattern::trouble(text) {
        walk.scan.report(&ADAPTER_PATTERN, walk.at(), format!("`{text}`: {why}"));
    }
}

/// Numbers out of their range, lists out of any measure.
fn bounds(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    let fine = match key {
        "r" | "init_r" | "target_r" | "rank" => matches!(value, Json::Null) || is_rank(value),
        "lora_alpha" | "alpha" => matches!(value, Json::Null) || number(value).is_some_and(|n| n.abs() <= SCALE),
        k if k.ends_with("dropout") => {
            matches!(value, Json::Null) || number(value).is_some_and(|n| (0.0..=1.0).contains(&n))
        }
        "layer_replication" => matches!(value, Json::Null) || is_replication(value),
        "rank_pattern" => value.entries().len() <= ENTRIES && value.entries().iter().all(|(_, rank)| is_ranks(rank)),
        "alpha_pattern" => {
            value.entries().len() <= ENTRIES
                && value.entries().iter().all(|(_, alpha)| number(alpha).is_some_and(|n| n.abs() <= SCALE))
        }
        "layers_to_transform" => {
            let layer = |value: &Json| value.count().is_some_and(|layer| layer < LAYERS);
            matches!(value, Json::Null) || layer(value) || matches!(value, Json::List(list) if list.iter().all(layer))
        }
        k if k.contains("seed") || k.contains("key") => true,
        _ => number(value).is_none_or(|n| n.abs() <= NUMBER as f64) && value.items().len() <= ENTRIES,
    };
    if !fine {
        walk.scan.report(&ADAPTER_BOUNDS, walk.at(), format!("`{key}` is out of bounds{}", shown(value)));
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Number(number) => format!(": {number}"),
        Json::Text(text) => format!(": `{text}`"),
        Json::List(items) => format!(": {} items", items.len()),
        Json::Object(entries) => format!(": {} entries", entries.len()),
        _ => String::new(),
    }
}

fn number(value: &Json) -> Option<f64> {
    if let Json::Number(number) = value { number.as_f64() } else { None }
}

fn is_rank(value: &Json) -> bool {
    value.count().is_some_and(|rank| (1..=RANK).contains(&rank))
}

/// A rank, or AdaLoRA's list of which of its ranks are left.
fn is_ranks(value: &Json) -> bool {
    is_rank(value)
        || matches!(value, Json::List(list) if list.len() <= ENTRIES && list.iter().all(|item| matches!(item, Json::Bool(_))))
}

/// Ranges of layers that are stacked again: pairs of start and end.
fn is_replication(value: &Json) -> bool {
    let length = |pair: &Json| match pair.items() {
        [start, end] => end.count()?.checked_sub(start.count()?).filter(|length| (1..=LAYERS).contains(length)),
        _ => None,
    };
    let lengths: Option<Vec<u64>> = value.items().iter().take(ENTRIES).map(length).collect();
    matches!(value, Json::List(list) if list.len() <= 1024)
        && lengths
            .is_some_and(|lengths| lengths.iter().fold(0_u64, |sum, length| sum.saturating_add(*length)) <= LAYERS)
}

/// What the tensors are checked against.
fn facts(json: &Json) -> Adapter {
    let text = |key| json.get(key).and_then(Json::text).unwrap_or_default();
    let is_on = |key| json.get(key) == Some(&Json::Bool(true));
    let patterns = json.get("rank_pattern").map(Json::entries).unwrap_or_default();
    let ranks = json.get("r").into_iter().chain(patterns.iter().map(|(_, rank)| rank)).filter_map(Json::count);
    let listed = |key| json.get(key).map(Json::items).unwrap_or_default().iter().filter_map(Json::text);
    // Embeddings that are adapted are saved as a whole beside their adapter (`save_embedding_layers`).
    let embeddings = listed("target_modules").filter(|layer| EMBEDDINGS.contains(layer));
    let mut layers: std::collections::BTreeSet<String> =
        listed("modules_to_save").chain(embeddings).map(str::to_owned).collect();
    // PEFT adds the head of a task automatically.
    let heads: &[&str] = match text("task_type") {
        "SEQ_CLS" | "TOKEN_CLS" => &["classifier", "score"],
        "QUESTION_ANS" => &["qa_outputs"],
        _ => &[],
    };
    layers.extend(heads.iter().map(|head| (*head).to_owned()));
    Adapter {
        kind: text("peft_type").to_owned(),
        ranks: ranks.collect(),
        layers,
        bias: !matches!(text("bias"), "" | "none") || is_on("lora_bias"),
        magnitude: is_on("use_dora"),
        experts: json.get("target_parameters").is_some_and(|names| !names.items().is_empty()),
    }
}
