//! A review for programs. Code is in it as text, with nothing that a terminal would act on: what does not
//! show is an escape of JSON.

use modelpin_ops::verbs::review::change::{self, Hunk};
use modelpin_ops::verbs::review::{self as verb, Content, ReviewStatus, ReviewedFile, SourcedAudit, capabilities};
use modelpin_ops::verbs::scan::Location;
use modelpin_schema::Name;
use modelpin_schema::output::review::{Audit, Base, Change, Comparison, File, Finding, Foreign, Line, Review, Sum};
use modelpin_schema::output::scan::Capability;

/// A review as data.
#[must_use]
pub fn data(review: &verb::Review) -> Review {
    let pin = &review.pin;
    let (standing, vouched) = match &review.status {
        ReviewStatus::Certified(by) => ("certified", Some(by)),
        ReviewStatus::Changed(by) => ("changed", Some(by)),
        ReviewStatus::Unknown => ("unknown", None),
    };
    Review {
        name: review.name.to_string(),
        source: pin.source.to_string(),
        revision: pin.revision.to_string(),
        digest: review.digest.to_string(),
        standing: standing.to_owned(),
        certified: vouched.map(audit),
        audits: review.people.iter().map(audit).collect(),
        audits_required: review.required.get(),
        auto_map: pin.facts.auto_map.iter().map(ToString::to_string).collect(),
        requires: pin.facts.requires.iter().map(|(name, asked)| (name.to_string(), asked.to_string())).collect(),
        capabilities: capabilities(&review.files).into_iter().map(str::to_owned).collect(),
        foreign: review.foreign.iter().map(foreign).collect(),
        files: review.files.iter().map(file).collect(),
        since: review.since.as_ref().map(|changes| since(&review.name, changes)),
    }
}

fn audit(by: &SourcedAudit) -> Audit {
    Audit {
        digest: by.audit.digest.to_string(),
        revision: by.audit.revision.to_string(),
        criteria: by.audit.criteria.word().to_owned(),
        who: by.audit.who.to_string(),
        notes: by.audit.notes.as_ref().map(ToString::to_string),
        import: by.import.as_ref().map(ToString::to_string),
    }
}

fn foreign(foreign: &verb::Foreign) -> Foreign {
    let verb::Foreign { origin, name, commit } = foreign;
    Foreign { source: origin.to_string(), name: name.to_string(), revision: commit.to_string() }
}

/// Bytes that are not UTF-8 become U+FFFD: `exact` says whether there were any.
fn file(code: &ReviewedFile) -> File {
    let (text, exact) = match &code.content {
        Content::Lines(bytes) => {
            (Some(String::from_utf8_lossy(bytes).into_owned()), std::str::from_utf8(bytes).is_ok())
        }
        Content::Opaque(_) => (None, false),
    };
    let capabilities = code.report.facts.capabilities.iter().map(|(capability, places)| {
        let places = places.iter().map(|place| Capability { line: place.line, on_import: place.on_import });
        (capability.word().to_owned(), places.collect())
    });
    let findings = code.report.findings.iter().map(|finding| Finding {
        rule: finding.rule.id.to_owned(),
        severity: finding.rule.severity.word().to_owned(),
        member: finding.member.clone(),
        line: match finding.at {
            Location::Line(line) => Some(line),
            Location::Whole | Location::Byte(_) | Location::Key(_) => None,
        },
        evidence: finding.evidence.clone(),
    });
    File {
        path: code.called(),
        member: code.member.clone(),
        file: code.file.hex(),
        size: code.size,
        sha256: code.sha256.map(|sum| sum.hex()),
        format: code.report.format.word().to_owned(),
        text,
        exact,
        capabilities: capabilities.collect(),
        findings: findings.collect(),
    }
}

fn since(name: &Name, since: &verb::Comparison) -> Comparison {
    let base = match &since.base {
        verb::Base::Certified(by) => Base::Certified { certified: audit(by) },
        verb::Base::Lock { called, lock } => {
            Base::Lock { lock: called.clone(), revision: lock.pins.get(name).map(|pin| pin.revision.to_string()) }
        }
    };
    Comparison {
        base,
        gained: since.gained.iter().map(ToString::to_string).collect(),
        lost: since.lost.iter().map(ToString::to_string).collect(),
        changes: since.changes.iter().map(change).collect(),
    }
}

fn change(change: &change::Change) -> Change {
    let side = |code: &Option<ReviewedFile>| {
        code.as_ref().map(|code| Sum { size: code.size, sha256: code.sha256.map(|sum| sum.hex()) })
    };
    Change {
        path: change.called.clone(),
        old: side(&change.old),
        new: side(&change.new),
        hunks: change.hunks.as_ref().map(|hunks| hunks.iter().map(hunk).collect()),
    }
}

fn hunk(hunk: &Hunk) -> Vec<Line> {
    let line = |line: &change::Line| Line {
        old: line.old,
        new: line.new,
        text: String::from_utf8_lossy(&line.bytes).into_owned(),
    };
    hunk.lines.iter().map(line).collect()
}
