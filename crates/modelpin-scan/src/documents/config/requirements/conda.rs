//! Conda's `environment.yml`: channels, dependencies, and what pip installs beside them.

use super::asked::{asked, place};
use super::source::source;
use super::{package, pip};
use crate::documents::yaml::{self, Found, Item, Pair};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::{REQUIREMENT_SOURCE, REQUIREMENT_UNPINNED, REQUIREMENT_UNSUPPORTED};

/// Channels that everyone uses.
const CHANNELS: &str = "defaults nodefaults main r anaconda conda-forge pytorch pytorch-nightly pytorch-lts pytorch3d \
    nvidia huggingface fastai fastchan bioconda intel pyg dglteam xformers rapidsai pyviz menpo msys2 free pkgs/main";

/// The keys whose lists are installed from. `pip` is in an item of `dependencies`.
#[derive(Clone, Copy)]
enum List {
    Channels,
    Dependencies,
    Pip,
}

/// Whether a document is an environment, whatever it is called: it has dependencies, and channels or what pip installs.
pub(crate) fn is_environment(text: &str, scan: &mut Scan<'_>) -> Result<bool, ScanError> {
    if !text.contains("dependencies") || !text.contains("channels") && !text.contains("pip") {
        return Ok(false);
    }
    let found = yaml::read(text, &mut scan.budget)?;
    let has = |kind: fn(&List) -> bool| found.pairs.iter().any(|pair| list(&found, pair).as_ref().is_some_and(kind));
    Ok(has(|list| matches!(list, List::Dependencies)) && has(|list| matches!(list, List::Channels | List::Pip)))
}

/// Keys of Conda's settings whose values are places.
const PLACES: [&str; 9] = [
    "channels",
    "default_channels",
    "channel_alias",
    "custom_channels",
    "custom_multichannels",
    "migrated_custom_channels",
    "allowlist_channels",
    "proxy_servers",
    "create_default_packages",
];

/// Scans the settings of Conda (`conda/base/context.py`).
pub(super) fn settings(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let found = yaml::read(text, &mut scan.budget)?;
    let top = |mut pair: usize| {
        while let Some(above) = found.pairs.get(pair).and_then(|pair| pair.parent) {
            pair = above;
        }
        found.pairs.get(pair).map(|pair| pair.key.as_str()).unwrap_or_default()
    };
    let mut places: Vec<(&str, &str, u32)> = Vec::new();
    for (index, pair) in found.pairs.iter().enumerate() {
        scan.budget.step()?;
        if let Some(value) = &pair.value {
            places.push((top(index), value, pair.line));
        }
    }
    for item in &found.items {
        scan.budget.step()?;
        places.push((item.parent.map(top).unwrap_or_default(), &item.text, item.line));
    }
    for (_, value, line) in places.into_iter().filter(|(key, ..)| PLACES.contains(key)) {
        channel(value, Location::Line(line), scan);
    }
    broken(&found)
}

/// Why the file could not be read to its end.
fn broken(found: &Found) -> Result<(), ScanError> {
    match found.broken {
        Some((line, what)) => {
            Err(ScanError::Malformed(&REQUIREMENT_UNSUPPORTED, Location::Line(line), what.to_owned()))
        }
        None => Ok(()),
    }
}

/// Scans a whole file.
pub(in crate::documents) fn environment(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let found = yaml::read(text, &mut scan.budget)?;
    for (tag, line) in &found.tags {
        unknown(tag, *line, scan);
    }
    for pair in &found.pairs {
        key(&found, pair, scan);
    }
    for item in &found.items {
        entry(&found, item, scan);
    }
    broken(&found)
}

/// The list that is under a pair.
fn list(found: &Found, pair: &Pair) -> Option<List> {
    let parent = pair.parent.and_then(|parent| found.pairs.get(parent));
    match (parent, pair.key.as_str()) {
        (None, "channels") => Some(List::Channels),
        (None, "dependencies") => Some(List::Dependencies),
        (Some(parent), "pip") if parent.parent.is_none() && parent.key == "dependencies" => Some(List::Pip),
        _ => None,
    }
}

fn key(found: &Found, pair: &Pair, scan: &mut Scan<'_>) {
    let describes =
        pair.parent.is_none() && matches!(pair.key.as_str(), "name" | "prefix" | "platforms" | "channel_priority");
    let is_known = describes || list(found, pair).is_some() && pair.value.is_none();
    if !is_known {
        unknown(&pair.key, pair.line, scan);
    }
}

fn entry(found: &Found, item: &Item, scan: &mut Scan<'_>) {
    let text = item.text.trim();
    let at = Location::Line(item.line);
    let Some(parent) = item.parent.and_then(|parent| found.pairs.get(parent)) else {
        return unknown(text, item.line, scan);
    };
    match list(found, parent) {
        Some(List::Channels) => channel(text, at, scan),
        Some(List::Dependencies) => dependency(text, at, scan),
        Some(List::Pip) => pip::entry(text, "", at, scan),
        None if parent.parent.is_none() && parent.key == "platforms" => {}
        None => unknown(text, item.line, scan),
    }
}

fn unknown(text: &str, line: u32, scan: &mut Scan<'_>) {
    scan.report(
        &REQUIREMENT_UNSUPPORTED,
        Location::Line(line),
        format!("an unknown part of the environment: `{text}`"),
    );
}

pub(super) fn channel(name: &str, at: Location, scan: &mut Scan<'_>) {
    let name = name.split("/label/").next().unwrap_or_default();
    if !CHANNELS.split_whitespace().any(|known| known == name) {
        source("a channel", name, at, scan);
    }
}

/// `channel::name=version=build`, or a name with versions.
pub(super) fn dependency(item: &str, at: Location, scan: &mut Scan<'_>) {
    if item.contains("://") {
        place(item, scan);
        return scan.report(&REQUIREMENT_SOURCE, at, item);
    }
    let item = match item.split_once("::") {
        Some((from, rest)) => {
            channel(from, at.clone(), scan);
            rest
        }
        None => item,
    };
    let end = item.find(['=', '<', '>', '!', '~', ' ', '[']).unwrap_or(item.len());
    let (name, version) = item.split_at_checked(end).unwrap_or((item, ""));
    asked(name, version, scan);
    package::name(name.trim_start_matches('_'), at.clone(), scan);
    let plain = |c: char| c.is_ascii_alphanumeric() || " =<>!~.,*+-_|[]\"'()".contains(c);
    if !version.chars().all(plain) || name.contains(['/', '\\', ':']) {
        scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("cannot be read: `{item}`"));
    } else if !version.trim_start().starts_with('=') || version.contains('*') {
        scan.report(&REQUIREMENT_UNPINNED, at, item);
    }
}
