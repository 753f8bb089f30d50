//! A review for programs. Code is in it as text, with nothing that a terminal would act on: what does not show is an
//! escape of JSON.

use crate::render::document;
use modelpin_ops::verbs::review::change::{Change, Hunk, Line};
use modelpin_ops::verbs::review::{
    Base, Content, Foreign, Review, ReviewStatus, ReviewedFile, Since, SourcedAudit, capabilities,
};
use modelpin_ops::verbs::scan::Location;
use modelpin_schema::Name;
use serde_json::{Value, json};

pub(super) fn render(review: &Review) -> String {
    let pin = &review.pin;
    let (standing, vouched) = match &review.status {
        ReviewStatus::Certified(by) => ("certified", Some(by)),
        ReviewStatus::Changed(by) => ("changed", Some(by)),
        ReviewStatus::Unknown => ("unknown", None),
    };
    let value = json!({
        "name": review.name.as_str(),
        "source": pin.source.to_string(),
        "revision": pin.revision.to_string(),
        "digest": review.digest.to_string(),
        "standing": standing,
        "certified": vouched.map(audit),
        "audits": review.people.iter().map(audit).collect::<Vec<_>>(),
        "audits-required": review.required,
        "auto-map": pin.facts.auto_map.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "requires": pin.facts.requires.iter().map(|(name, asked)| (name.to_string(), json!(asked.as_str()))).collect::<serde_json::Map<_, _>>(),
        "capabilities": capabilities(&review.files),
        "foreign": review.foreign.iter().map(foreign).collect::<Vec<_>>(),
        "files": review.files.iter().map(file).collect::<Vec<_>>(),
        "since": review.since.as_ref().map(|changes| since(&review.name, changes)),
    });
    document("review", &value)
}

fn audit(by: &SourcedAudit) -> Value {
    json!({
        "digest": by.audit.digest.to_string(),
        "revision": by.audit.revision.to_string(),
        "criteria": by.audit.criteria.word(),
        "who": by.audit.who.as_str(),
        "notes": by.audit.notes.as_ref().map(ToString::to_string),
        "import": by.import.as_ref().map(ToString::to_string),
    })
}

fn foreign(foreign: &Foreign) -> Value {
    let Foreign { origin, name, commit } = foreign;
    json!({ "source": origin.to_string(), "name": name.as_str(), "revision": commit.to_string() })
}

/// Bytes that are not UTF-8 become U+FFFD: `exact` says whether there were any.
fn file(code: &ReviewedFile) -> Value {
    let (text, exact) = match &code.content {
        Content::Lines(bytes) => (Some(String::from_utf8_lossy(bytes)), std::str::from_utf8(bytes).is_ok()),
        Content::Opaque(_) => (None, false),
    };
    let capabilities: serde_json::Map<String, Value> = code
        .report
        .facts
        .capabilities
        .iter()
        .map(|(capability, places)| {
            let places = places.iter().map(|place| json!({ "line": place.line, "on-import": place.on_import }));
            (capability.word().to_owned(), places.collect())
        })
        .collect();
    let findings = code.report.findings.iter().map(|finding| {
        let line = match finding.at {
            Location::Line(line) => Some(line),
            Location::Whole | Location::Byte(_) | Location::Key(_) => None,
        };
        json!({ "rule": finding.rule.id, "severity": finding.rule.severity.word(), "member": finding.member, "line": line, "evidence": finding.evidence })
    });
    json!({
        "path": code.called(),
        "member": code.member,
        "file": code.file.hex(),
        "size": code.size,
        "sha256": code.sha256.map(|sum| sum.hex()),
        "format": code.report.format.word(),
        "text": text,
        "exact": exact,
        "capabilities": capabilities,
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn since(name: &Name, since: &Since) -> Value {
    let base = match &since.base {
        Base::Certified(by) => json!({ "certified": audit(by) }),
        Base::Lock { called, lock } => {
            json!({ "lock": called, "revision": lock.pins.get(name).map(|pin| pin.revision.to_string()) })
        }
    };
    json!({
        "base": base,
        "gained": since.gained,
        "lost": since.lost,
        "changes": since.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    let side = |code: &Option<ReviewedFile>| {
        code.as_ref().map(|code| json!({ "size": code.size, "sha256": code.sha256.map(|sum| sum.hex()) }))
    };
    let hunks = change.hunks.as_ref().map(|hunks| hunks.iter().map(hunk).collect::<Vec<_>>());
    json!({ "path": change.called, "old": side(&change.old), "new": side(&change.new), "hunks": hunks })
}

fn hunk(hunk: &Hunk) -> Value {
    let line = |line: &Line| json!({ "old": line.old, "new": line.new, "text": String::from_utf8_lossy(&line.bytes) });
    hunk.lines.iter().map(line).collect()
}
