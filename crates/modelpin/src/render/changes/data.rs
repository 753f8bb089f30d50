//! The change report for programs: everything, and every digest in full.

use super::parts::{Around, commands, word};
use modelpin_schema::Artifact;
use modelpin_schema::changes::ChangeReport;
use modelpin_schema::changes::{Change, FactChange};
use modelpin_schema::left_out::{LeftOutGroup, LeftOutSummary, Take};
use modelpin_schema::output::changes::{self, Changes, Entry, Fact, File, LeftOut};

/// The report as data.
#[must_use]
pub fn data(report: &ChangeReport, around: &Around) -> Changes {
    Changes {
        folder: around.folder.clone(),
        changes: report.changes.iter().map(|change| entry(change, around.left_out.get(&change.name))).collect(),
        manifest: report.manifest.iter().map(fact).collect(),
        decisions: report.audits.iter().map(fact).collect(),
        marks: report.highlights().len(),
        undecided: around.undecided.keys().map(ToString::to_string).collect(),
        next: commands(report, around),
    }
}

fn fact(fact: &FactChange) -> Fact {
    let FactChange { key, about, old, new, widens } = fact;
    Fact { key: key.to_string(), about: about.clone(), old: old.clone(), new: new.clone(), widens: *widens }
}

fn entry(change: &Change, left_out: Option<&LeftOutSummary>) -> Entry {
    let side = |file: &Option<Artifact>| file.as_ref().map(artifact);
    let files = change.files.iter();
    Entry {
        name: change.name.to_string(),
        change: word(change.kind).to_owned(),
        facts: change.facts.iter().map(fact).collect(),
        left_out: left_out.map(|summary| summary.groups.iter().map(group).collect()),
        files: files
            .map(|file| File { path: file.path.to_string(), old: side(&file.old), new: side(&file.new) })
            .collect(),
    }
}

fn group(group: &LeftOutGroup) -> LeftOut {
    let LeftOutGroup { reason, label, files, bytes, beside, take } = group;
    let (include, variant) = match take {
        None => (None, None),
        Some(Take::Include(glob)) => (Some(glob.clone()), None),
        Some(Take::Variant(name)) => (None, Some(name.clone())),
    };
    LeftOut {
        reason: reason.word().to_owned(),
        name: label.clone(),
        files: *files,
        bytes: *bytes,
        beside: beside.clone(),
        include,
        variant,
    }
}

fn artifact(file: &Artifact) -> changes::Artifact {
    changes::Artifact { kind: file.kind.word().to_owned(), size: file.size, sha256: file.sha256.hex() }
}
