//! Documents that name Python objects to build: Hydra and YAML configurations, skops schemas.

use crate::rules::object::{HYDRA, HYDRA_KNOWN};
use crate::{At, Scan};

/// Judges the `schema.json` of a skops archive.
pub(crate) fn skops(text: &str, scan: &mut Scan<'_>) {
    let _ = (text, scan);
}

/// Judges a YAML document: tags that build objects, `_target_` keys.
pub(crate) fn yaml(text: &str, scan: &mut Scan<'_>) {
    let _ = (text, scan);
}

/// Judges a `_target_` of a configuration: what Hydra imports and calls.
pub(crate) fn target(name: &str, at: At, scan: &mut Scan<'_>) {
    let root = name.split('.').next().unwrap_or_default();
    let known = matches!(root, "nemo" | "torch" | "omegaconf" | "lightning" | "pytorch_lightning" | "transformers");
    scan.find(if known { &HYDRA_KNOWN } else { &HYDRA }, at, name);
}
