//! Why an entry is locked.

use super::tree::words;
use crate::out::line;
use modelpin_ops::verbs::why::{MAX_WAYS, Why};
use modelpin_schema::Name;
use modelpin_schema::output::{Location, pins};

/// The paths for people, one a line. `manifest` is how the manifest is called.
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
        line(&mut out, format_args!("and more than these {MAX_WAYS} paths"));
    }
    out
}

/// The paths for programs.
#[must_use]
pub fn data(why: &Why<'_>, manifest: &str) -> pins::Why {
    let step = |(name, how): &(&Name, _)| pins::Step { from: name.to_string(), how: words(how) };
    pins::Why {
        name: why.name.to_string(),
        source: why.pin.source.to_string(),
        revision: why.pin.revision.to_string(),
        named: why.line.map(|line| Location { file: manifest.to_owned(), line: Some(line) }),
        paths: why.ways.iter().map(|way| way.iter().map(step).collect()).collect(),
        more: why.more,
    }
}
