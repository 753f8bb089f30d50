//! Makes diagnostics of what the verbs return.

use crate::exit::Exit;
use modelpin_ops::project::LOCK;
use modelpin_ops::verbs::scan::{self, Finding, ScannedFile, ScannedItem};
use modelpin_ops::{Failure, Refusal};
use modelpin_policy::Violation;
use modelpin_rules::Severity;
use modelpin_schema::manifest::policy;
use modelpin_schema::output::{self, Decision, Diagnostic, Level, Location, Place};
use std::error::Error as _;

/// A failure as errors.
pub(crate) fn failure(failure: &Failure) -> Vec<Diagnostic> {
    let what = failure.source().map_or_else(|| failure.to_string(), |source| format!("{failure}: {source}"));
    let mut problem = Diagnostic::new(Level::Error, what);
    problem.help = advice(failure).iter().map(ToString::to_string).collect();
    problem.exit_code = Some(Exit::from(failure.class()).code());
    match failure {
        Failure::Refused(refusals) => return self::refusals(refusals, Level::Error),
        Failure::Fault(fault) => {
            let line = fault.place.as_ref().map(|place| place.line);
            problem.what.clone_from(&fault.message);
            problem.location = Some(Location { file: fault.file.clone(), line });
            problem.help = fault.help.iter().cloned().collect();
        }
        Failure::Io { path, .. } => problem.path = Some(path.display().to_string()),
        Failure::System { .. } | Failure::Program { .. } | Failure::Changed { .. } | Failure::Internal { .. } => {}
    }
    vec![problem]
}

/// What to do about trouble of the machine, one action each.
fn advice(failure: &Failure) -> &'static [&'static str] {
    use std::io::ErrorKind;
    match failure {
        Failure::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => &[
                "free space on this disk; the next run continues with the files that are complete",
                "`modelpin cache prune` removes files that no known project locks",
            ],
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                &["make the folder writable, or choose another with `--target` or `MODELPIN_CACHE_DIR`"]
            }
            _ => &[],
        },
        Failure::System { source, .. } if source.kind() == ErrorKind::WouldBlock => {
            &["end other programs, or raise the limit of threads (`ulimit -u`)"]
        }
        Failure::Changed { .. } => &["run the command again"],
        Failure::Internal { .. } => &["this is a fault of modelpin; please report it"],
        Failure::Refused(_) | Failure::Fault(_) | Failure::System { .. } | Failure::Program { .. } => &[],
    }
}

/// Refusals as errors or as warnings.
pub(crate) fn refusals(refusals: &[Refusal], level: Level) -> Vec<Diagnostic> {
    refusals.iter().map(|one| refusal(one, level)).collect()
}

fn refusal(refusal: &Refusal, level: Level) -> Diagnostic {
    Diagnostic {
        rule: refusal.rule.map(str::to_owned),
        entry: refusal.name.as_ref().map(ToString::to_string),
        path: refusal.path.clone(),
        location: refusal.at.as_ref().map(|at| Location { file: at.file.clone(), line: Some(at.line) }),
        expected: refusal.expected.clone(),
        got: refusal.got.clone(),
        why: refusal.why.clone(),
        help: refusal.help.clone(),
        exit_code: (level == Level::Error).then(|| Exit::from(refusal.class).code()),
        ..Diagnostic::new(level, &refusal.what)
    }
}

/// What the policy says, as an error or a warning.
pub(crate) fn violation(violation: &Violation) -> Diagnostic {
    let level = match violation.level {
        policy::Level::Deny => Level::Error,
        policy::Level::Warn => Level::Warning,
        policy::Level::Allow => Level::Note,
    };
    Diagnostic {
        can_be_decided: Some(violation.rule.decidable),
        fingerprint: Some(violation.fingerprint()),
        ..refusal(&violation.refusal(), level)
    }
}

/// What the scanner found in a file of `subject`; a note where a decision accepts it.
pub(crate) fn finding(subject: &ScannedItem, file: &ScannedFile, finding: &Finding) -> Diagnostic {
    let rule = finding.rule;
    let decision = file.decision_about(finding).filter(|_| rule.severity > Severity::Note);
    let decision = decision.map(|by| Decision { kind: by.word().to_owned(), by: by.by().to_owned() });
    let (level, severity) = match rule.severity {
        Severity::Dangerous => (Level::Error, output::Severity::Dangerous),
        Severity::Review => (Level::Warning, output::Severity::Review),
        Severity::Note => (Level::Note, output::Severity::Note),
    };
    let level = if decision.is_some() { Level::Note } else { level };
    let mut place = Place { members: finding.member.clone(), byte: None, line: None, key: None };
    match &finding.at {
        scan::Location::Whole => {}
        scan::Location::Byte(byte) => place.byte = Some(*byte),
        scan::Location::Line(line) => place.line = Some(*line),
        scan::Location::Key(key) => place.key = Some(key.clone()),
    }
    Diagnostic {
        rule: Some(rule.id.to_owned()),
        severity: Some(severity),
        property: Some(rule.property.word().to_owned()),
        entry: subject.name().map(ToString::to_string),
        path: Some(subject.path_of(file)),
        place: Some(place).filter(|place| !place.members.is_empty() || finding.at != scan::Location::Whole),
        location: file.line.as_ref().map(|at| Location { file: at.file.clone(), line: Some(at.line) }),
        evidence: Some(finding.evidence.clone()),
        why: Some(rule.why.to_owned()),
        decision,
        fingerprint: Some(subject.fingerprint(file, finding)),
        ..Diagnostic::new(level, rule.says)
    }
}

/// A warning that a check could not look at the whole history.
pub(crate) fn shallow_clone(what: &str) -> Diagnostic {
    let location = Location { file: LOCK.to_owned(), line: None };
    Diagnostic { location: Some(location), ..Diagnostic::new(Level::Warning, what) }
}
