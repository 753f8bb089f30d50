//! The tree of entries.

use super::{bytes, document};
use crate::out::line;
use modelpin_ops::verbs::tree::{Cut, End, Node};
use modelpin_schema::Pin;
use modelpin_schema::lockfile::DependencyKind;
use serde_json::{Value, json};
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
        Some(Cut::Shown) => " (*)",
        Some(Cut::Deep) => " (...)",
    };
    match &node.end {
        End::Pinned(name, pin) => {
            let how = if how.is_empty() { how } else { format!("{how}  ") };
            line(out, format_args!("{first}{name}  {how}{}{cut}", summary(pin)));
        }
        End::Loose(what) => line(out, format_args!("{first}{what}  {how}, not pinned")),
    }
    for (at, below) in node.below.iter().enumerate() {
        let last = at + 1 == node.below.len();
        let (branch, trunk) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        push(out, below, &format!("{rest}{branch}"), &format!("{rest}{trunk}"));
    }
}

fn summary(pin: &Pin) -> String {
    let tag = pin.hub.tag.as_ref().map(|tag| format!(" {tag}")).unwrap_or_default();
    let (source, requested, commit) = (&pin.source, &pin.requested, pin.revision.short());
    format!("{source} {requested}{tag} -> {commit}  ({} files, {})", pin.files().len(), bytes(pin.size()))
}

/// The tree for programs.
#[must_use]
pub fn json(nodes: &[Node<'_>]) -> String {
    document("entries", &nodes.iter().map(value).collect())
}

fn value(node: &Node<'_>) -> Value {
    let how = words(&node.how);
    let (name, pin) = match &node.end {
        End::Pinned(name, pin) => (name, pin),
        End::Loose(what) => return json!({ "pinned": false, "how": how, "refers-to": what }),
    };
    json!({
        "pinned": true,
        "how": how,
        "name": name.as_str(),
        "source": pin.source.to_string(),
        "requested": pin.requested.to_string(),
        "tag": pin.hub.tag.as_ref().map(ToString::to_string),
        "revision": pin.revision.to_string(),
        "via": pin.dependencies.required_by.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "files": pin.files().len(),
        "bytes": pin.size(),
        "cut": node.cut.map(|cut| match cut {
            Cut::Shown => "shown above",
            Cut::Deep => "too deep",
        }),
        "below": node.below.iter().map(value).collect::<Vec<_>>(),
    })
}
