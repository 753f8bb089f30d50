//! What users decided about a locked file already: what a scan finds in it is known, and nobody has to look again.

use super::options::Locked;
use crate::decisions;
use crate::refusal::Failure;
use crate::verbs::review::ReviewStatus;
use modelpin_policy::{Decisions, Evaluation, evaluate};
use modelpin_rules::config::{AUTO_MAP, AUTO_MAP_FOREIGN_REPO};
use modelpin_scan::Finding;
use modelpin_schema::{Artifact, FileKind, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// A decision that covers a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Somebody vouches for the code: who.
    Certified(String),
    /// An exemption lets exactly these bytes into the quarantine: who answers for it, and until when.
    Exempted(String),
    /// The policy lets every file with such a finding in.
    Allowed,
}

impl Decision {
    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Certified(_) => "certified",
            Self::Exempted(_) => "exempted",
            Self::Allowed => "allowed",
        }
    }

    /// Who decided so; for an exemption, until when as well.
    #[must_use]
    pub fn by(&self) -> &str {
        match self {
            Self::Certified(by) | Self::Exempted(by) => by,
            Self::Allowed => "the policy",
        }
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {}", self.word(), self.by())
    }
}

/// Every decision of a project, held against its lock.
pub(super) struct Decided<'a> {
    locked: Locked<'a>,
    decisions: Decisions,
    evaluation: Evaluation,
    /// By certified entry: who vouches for all of its code.
    own: BTreeMap<&'a Name, String>,
    /// By entry: who vouches for its code, for it or for another entry that runs it.
    all: BTreeMap<&'a Name, BTreeSet<String>>,
}

impl<'a> Decided<'a> {
    /// Those of the project of `locked`. Where they cannot be read, that is noted, and nothing counts as decided.
    ///
    /// # Errors
    /// I/O errors from reading or storing decisions; never a refusal.
    pub(super) async fn of(locked: Locked<'a>) -> Result<Self, Failure> {
        let Locked { workspace, online, lock } = locked;
        let project = &workspace.project;
        let loaded = match decisions::load(project, &workspace.store) {
            Err(_) if online.hub.is_some() => decisions::fetch_and_load(online, project).await,
            loaded => loaded,
        };
        let decisions = match loaded {
            Ok(decisions) => decisions,
            Err(Failure::Refused(refused)) => {
                let what = refused.into_iter().map(|refusal| refusal.what).collect::<Vec<_>>().join("; ");
                workspace
                    .note(format_args!("nothing counts as certified or exempted: {what}; `modelpin check` says more"));
                decisions::none(project)
            }
            Err(other) => return Err(other),
        };
        let evaluation = evaluate(project.project_policy(), lock, &decisions, workspace.today);
        let (mut own, mut all): (BTreeMap<&Name, String>, BTreeMap<&Name, BTreeSet<String>>) = Default::default();
        for (name, pin) in lock.pins.iter().filter(|(name, _)| evaluation.certified.contains(*name)) {
            let code = lock.code(name);
            let Some(ReviewStatus::Certified(vouched)) = ReviewStatus::of(&decisions, pin, &code) else { continue };
            for covered in code.foreign.values().map(|(foreign, _)| *foreign).chain([name]) {
                all.entry(covered).or_default().insert(vouched.to_string());
            }
            own.insert(name, vouched.to_string());
        }
        Ok(Self { locked, decisions, evaluation, own, all })
    }

    /// The decision about exactly the bytes of a file, as they are locked.
    pub(super) fn about(&self, name: &Name, pin: &Pin, path: &RepoPath, file: &Artifact) -> Option<Decision> {
        let withheld = self.evaluation.withheld.get(name);
        if withheld.is_some_and(|by| by.uncertified.contains(path) || by.refused.contains(path)) {
            return None;
        }
        if withheld.is_some_and(|by| by.quarantined.contains(path)) {
            let exemption = self.decisions.exemption(&pin.source, path, &file.sha256)?;
            return Some(Decision::Exempted(format!("{} until {}", exemption.owner, exemption.expires)));
        }
        if file.kind != FileKind::Code {
            return None;
        }
        // Code that comes in was certified for all that run it.
        let who: Vec<&str> = self.all.get(name)?.iter().map(String::as_str).collect();
        Some(Decision::Certified(who.join(", ")))
    }

    /// The decision about what `finding` says, whatever file of the entry it is in.
    pub(super) fn about_finding(&self, name: &Name, finding: &Finding) -> Option<Decision> {
        let loads_code = [&AUTO_MAP, &AUTO_MAP_FOREIGN_REPO].iter().any(|rule| rule.id == finding.rule.id);
        if loads_code && self.locked.lock.code(name).digest().is_some() {
            // That code is run is decided with the code.
            return self.own.get(name).cloned().map(Decision::Certified);
        }
        self.locked.workspace.project.project_policy().allows(finding.rule).then_some(Decision::Allowed)
    }
}
