//! Why an entry is locked.

use super::{document, tree::words};
use modelpin_ops::verbs::why::{MAX_WAYS, Why};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The ways for people, one a line. `manifest` is how the manifest is called.
#[must_use]
pub fn text(why: &Why<'_>, manifest: &str) -> String {
    let end = format!("{} ({}@{})", why.name, why.pin.source.repo, why.pin.revision.short());
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    if let Some(line) = why.line {
        let _ = writeln!(out, "{manifest}:{line} names {end}");
    }
    for way in &why.ways {
        for (name, how) in way {
            let _ = write!(out, "{name} --{}--> ", words(how).join(", "));
        }
        let _ = writeln!(out, "{end}");
    }
    if why.more {
        let _ = writeln!(out, "and more than these {MAX_WAYS} ways");
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
