//! The change report for programs: everything, and every digest in full.

use super::parts::{Around, commands, word};
use modelpin_schema::Artifact;
use modelpin_schema::changes::ChangeReport;
use modelpin_schema::changes::{Change, FactChange};
use modelpin_schema::output::changes::{self, Changes, Entry, Fact, File};

/// The report as data.
#[must_use]
pub fn data(report: &ChangeReport, around: &Around) -> Changes {
    Changes {
        folder: around.folder.clone(),
        changes: report.changes.iter().map(entry).collect(),
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

fn entry(change: &Change) -> Entry {
    let side = |file: &Option<Artifact>| file.as_ref().map(artifact);
    let files = change.files.iter();
    Entry {
        name: change.name.to_string(),
        change: word(change.kind).to_owned(),
        facts: change.facts.iter().map(fact).collect(),
        files: files
            .map(|file| File { path: file.path.to_string(), old: side(&file.old), new: side(&file.new) })
            .collect(),
    }
}

fn artifact(file: &Artifact) -> changes::Artifact {
    changes::Artifact { kind: file.kind.word().to_owned(), size: file.size, sha256: file.sha256.hex() }
}
