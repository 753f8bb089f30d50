//! Documents that name Python objects to build: Hydra and YAML configurations, skops schemas.

use crate::Scan;

/// Judges the `schema.json` of a skops archive.
pub(crate) fn skops(text: &str, scan: &mut Scan<'_>) {
    let _ = (text, scan);
}

/// Judges a YAML document: tags that build objects, `_target_` keys.
pub(crate) fn yaml(text: &str, scan: &mut Scan<'_>) {
    let _ = (text, scan);
}
