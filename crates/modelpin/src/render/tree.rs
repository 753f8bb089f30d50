//! The tree of entries.

use super::bytes;
use crate::out::line;
use modelpin_ops::verbs::tree::{Cut, End, Node};
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::output::pins;
use modelpin_schema::text::count;
use modelpin_schema::{Name, Pin};
use std::collections::BTreeSet;

/// What is taken, as words.
pub(super) fn words(how: &BTreeSet<DependencyKind>) -> Vec<String> {
    how.iter().map(ToString::to_string).collect()
}

/// The tree for people.
#[must_use]
pub fn text(nodes: &[Node<'_>]) -> String {
    let mut out = String::new();
    for node in nodes {
        push(&mut out, node, "", "");
    }
    out
}

fn push(out: &mut String, node: &Node<'_>, first: &str, rest: &str) {
    let how = words(&node.how).join(", ");
    let cut = match node.cut {
        None => "",
        Some(Cut::Repeated) => " (*)",
        Some(Cut::Deep) => " (...)",
    };
    match &node.end {
        End::Pinned(name, pin) => {
            let how = if how.is_empty() { how } else { format!("{how}  ") };
            line(out, format_args!("{first}{name}  {how}{}{cut}", summary(pin)));
        }
        End::Unpinned(what) => line(out, format_args!("{first}{what}  {how}, not pinned")),
    }
    for (at, below) in node.below.iter().enumerate() {
        let last = at + 1 == node.below.len();
        let (branch, trunk) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        push(out, below, &format!("{rest}{branch}"), &format!("{rest}{trunk}"));
    }
}

fn summary(pin: &Pin) -> String {
    let tag = pin.hub.tag.as_ref().map(|tag| format!(" {tag}")).unwrap_or_default();
    let source = &pin.source;
    let requested = &pin.requested;
    let commit = pin.revision.short();
    format!("{source} {requested}{tag} -> {commit}  ({}, {})", count(pin.files().len(), "file"), bytes(pin.size()))
}

/// The tree for programs.
#[must_use]
pub fn data(nodes: &[Node<'_>]) -> pins::Tree {
    pins::Tree { entries: nodes.iter().map(node).collect() }
}

fn node(node: &Node<'_>) -> pins::Node {
    let (refers_to, pin) = match &node.end {
        End::Pinned(name, pin) => (None, Some(self::pin(name, pin))),
        End::Unpinned(what) => (Some(what.clone()), None),
    };
    let cut = node.cut.map(|cut| match cut {
        Cut::Repeated => "shown above",
        Cut::Deep => "too deep",
    });
    pins::Node {
        pinned: pin.is_some(),
        how: words(&node.how),
        refers_to,
        pin,
        cut: cut.map(str::to_owned),
        below: node.below.iter().map(self::node).collect(),
    }
}

fn pin(name: &Name, pin: &Pin) -> pins::Pin {
    pins::Pin {
        name: name.to_string(),
        source: pin.source.to_string(),
        requested: pin.requested.to_string(),
        tag: pin.hub.tag.as_ref().map(ToString::to_string),
        revision: pin.revision.to_string(),
        required_by: pin.dependencies.required_by.iter().map(ToString::to_string).collect(),
        files: pin.files().len(),
        bytes: pin.size(),
    }
}
