//! The tree of entries.

use super::{bytes, document};
use modelpin_ops::verbs::tree::Node;
use serde_json::{Value, json};
use std::fmt::Write as _;

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
    let pin = node.pin;
    let tag = pin.tag.as_ref().map(|tag| format!(" {tag}")).unwrap_or_default();
    let (source, requested, commit) = (&pin.source, &pin.requested, pin.revision.short());
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{first}{}  {source} {requested}{tag} -> {commit}  ({} files, {})",
        node.name,
        pin.files().len(),
        bytes(pin.size())
    );
    for (at, below) in node.below.iter().enumerate() {
        let last = at + 1 == node.below.len();
        let (branch, trunk) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        push(out, below, &format!("{rest}{branch}"), &format!("{rest}{trunk}"));
    }
}

/// The tree for programs.
#[must_use]
pub fn json(nodes: &[Node<'_>]) -> String {
    document("entries", &nodes.iter().map(value).collect())
}

fn value(node: &Node<'_>) -> Value {
    let pin = node.pin;
    json!({
        "name": node.name.as_str(),
        "source": pin.source.to_string(),
        "requested": pin.requested.to_string(),
        "tag": pin.tag.as_ref().map(ToString::to_string),
        "revision": pin.revision.to_string(),
        "files": pin.files().len(),
        "bytes": pin.size(),
        "below": node.below.iter().map(value).collect::<Vec<_>>(),
    })
}
