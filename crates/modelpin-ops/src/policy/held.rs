//! Which files of an entry stay out of the target: code that nobody certified, and formats that can run code.

use super::{Ruling, rules};
use crate::decisions::Decisions;
use modelpin_schema::audits::Standing;
use modelpin_schema::lockfile::{Artifact, Day};
use modelpin_schema::manifest::Policy;
use modelpin_schema::manifest::policy::{Formats, Level, RemoteCode};
use modelpin_schema::{FileKind, Name, Pin, RepoPath};
use std::collections::BTreeSet;

/// Files that stay out of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Code that nobody certified: locked, and nowhere to be run.
    pub withheld: BTreeSet<RepoPath>,
    /// Files that an exemption lets in, into the quarantine only.
    pub quarantined: BTreeSet<RepoPath>,
    /// Files that nothing lets in.
    pub refused: BTreeSet<RepoPath>,
}

impl Held {
    /// Whether it keeps the file at `path` out of the target.
    #[must_use]
    pub fn keeps(&self, path: &RepoPath) -> bool {
        self.withheld.contains(path) || self.quarantined.contains(path) || self.refused.contains(path)
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.withheld.is_empty() && self.quarantined.is_empty() && self.refused.is_empty()
    }
}

/// Whether the file at `path` can run code when it is loaded: a pickle, or a container that has one in it.
#[must_use]
pub fn executes(pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    file.kind == FileKind::Pickle || pin.facts.globals.contains_key(path)
}

pub(super) fn held(
    policy: &Policy,
    name: &Name,
    pin: &Pin,
    decisions: &Decisions,
    today: Day,
    rulings: &mut Vec<Ruling>,
) -> Held {
    let mut held = Held::default();
    let certified =
        policy.remote_code == RemoteCode::Reviewed && matches!(decisions.standing(pin), Some(Standing::Certified(_)));
    for (path, file) in pin.files() {
        if file.kind == FileKind::Code {
            if !certified {
                held.withheld.insert(path.clone());
            }
            continue;
        }
        let scanned = policy.formats == Formats::Scanned && !pin.facts.findings.contains_key(path);
        if !executes(pin, path, file) || scanned {
            continue;
        }
        match decisions.exemption(&pin.source, path, &file.sha256).filter(|found| found.holds_on(today)) {
            Some(_) => held.quarantined.insert(path.clone()),
            None => {
                rulings.push(Ruling {
                    rule: &rules::FORMAT_EXECUTES,
                    level: Level::Deny,
                    can_be_decided: true,
                    name: Some(name.clone()),
                    path: Some(path.clone()),
                    at: None,
                    what: "it can run code when it is loaded".to_owned(),
                    expected: "a format that holds data only, or an exemption for exactly these bytes".to_owned(),
                    got: "a pickle".to_owned(),
                    help: "`modelpin exempt NAME FILE …`".to_owned(),
                });
                held.refused.insert(path.clone())
            }
        };
    }
    held
}
