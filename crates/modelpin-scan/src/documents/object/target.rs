//! Keys of configurations whose value is a path that a framework imports and calls.

use crate::engine::{Location, Scan};
use crate::knowledge::views::object::{self, Classification};
use modelpin_rules::object::{HYDRA_TARGET, HYDRA_TARGET_KNOWN};

/// Roots under which projects keep their own code.
const OWN_CODE: &[&str] = &[
    "src",
    "model",
    "models",
    "modules",
    "networks",
    "data",
    "datamodules",
    "datasets",
    "utils",
    "lib",
    "core",
    "project",
];

/// Scans what a `_target_` of Hydra, or another key that is imported and called, names.
pub(crate) fn target(name: &str, at: Location, scan: &mut Scan<'_>) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    let dangerous = match object::classify(name) {
        // A path that is put together from other keys.
        _ if name.contains("${") => false,
        Classification::Dangerous => true,
        Classification::Data | Classification::Library => false,
        Classification::Foreign => is_unknown_function(name),
    };
    scan.report(if dangerous { &HYDRA_TARGET } else { &HYDRA_TARGET_KNOWN }, at, name);
}

/// Libraries whose loaders download and run the code of a repository when they are given a trust argument.
const LOADERS: &[&str] = &[
    "transformers",
    "diffusers",
    "datasets",
    "sentence_transformers",
    "peft",
    "optimum",
    "trl",
    "evaluate",
    "open_clip",
    "setfit",
    "adapters",
    "vllm",
    "lm_eval",
    "langchain_huggingface",
];

/// Whether `name` belongs to a library that runs the code of a repository when it is given a trust argument.
pub(crate) fn is_loader(name: &str) -> bool {
    name.split('.').next().is_some_and(|root| LOADERS.contains(&root.trim()))
}

/// Whether an argument of a loader, as text, makes it run code of a repository.
pub(crate) fn trusts(key: &str, value: &str) -> bool {
    match key {
        "trust_remote_code" => {
            let off = ["", "false", "no", "off", "n", "0", "null", "none", "~"];
            !off.contains(&value.trim().to_ascii_lowercase().as_str())
        }
        "custom_pipeline" | "custom_generate" => value.contains('/'),
        _ => false,
    }
}

/// Reports a call with an argument that makes it trust remote code.
pub(crate) fn trusted(name: &str, key: &str, at: Location, scan: &mut Scan<'_>) {
    scan.report(&HYDRA_TARGET, at, format!("`{}` with `{key}`", name.trim()));
}

/// A function of a package that is neither known nor looks like the project's own. Classes have a capital.
fn is_unknown_function(name: &str) -> bool {
    let root = name.split('.').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_class = name.split('.').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_uppercase()));
    !is_class && !last.starts_with("from_") && !OWN_CODE.contains(&root)
}
