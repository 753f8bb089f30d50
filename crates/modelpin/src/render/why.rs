//! Why an entry is locked.

use super::{document, tree::words};
use crate::out::line;
use modelpin_ops::verbs::why::{MAX_WAYS, Why};
use serde_json::{Value, json};

/// The ways for people, one a line. `manifest` is how the manifest is called.
#[must_use]
pub fn text(why: &Why<'_>, manifest: &str) -> String {
    let end = format!("{} ({}@{})", why.name, why.pin.source.repo, why.pin.revision.short());
    let mut out = String::new();
    if let Some(at) = why.line {
        line(&mut out, format_args!("{manifest}:{at} names {end}"));
    }
    for way in &why.ways {
        let steps: String = way.iter().map(|(name, how)| format!("{name} --{}--> ", words(how).join(", "))).collect();
        line(&mut out, format_args!("{steps}{end}"));
    }
    if why.more {
        line(&mut out, format_args!("and more than these {MAX_WAYS} ways"));
    }
    out
}

/// The ways for programs.
#[must_use]
pub fn json(why: &Why<'_>, manifest: &str) -> String {
    let ways: Vec<Value> = why
        .ways
        .iter()
        .map(|way| way.iter().map(|(name, how)| json!({ "from": name.as_str(), "how": words(how) })).collect())
        .collect();
    let value = json!({
        "name": why.name.as_str(),
        "source": why.pin.source.to_string(),
        "revision": why.pin.revision.to_string(),
        "named": why.line.map(|line| json!({ "file": manifest, "line": line })),
        "ways": ways,
        "more": why.more,
    });
    document("why", &value)
}
