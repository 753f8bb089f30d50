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

/// Scans a whole file.
pub(super) fn environment(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
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
    match found.broken {
        Some((line, what)) => {
            Err(ScanError::Malformed(&REQUIREMENT_UNSUPPORTED, Location::Line(line), what.to_owned()))
        }
        None => Ok(()),
    }
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

fn channel(name: &str, at: Location, scan: &mut Scan<'_>) {
    let name = name.split("/label/").next().unwrap_or_default();
    if !CHANNELS.split_whitespace().any(|known| known == name) {
        source("a channel", name, at, scan);
    }
}

/// `channel::name=version=build`, or a name with versions.
fn dependency(item: &str, at: Location, scan: &mut Scan<'_>) {
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
