//! Who certified the code of an entry.

use modelpin_policy::Decisions;
use modelpin_schema::audits::{Audit, AuditStatus};
use modelpin_schema::lockfile;
use modelpin_schema::{Digest, Name, Pin, Source};

/// How the code of an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewStatus {
    /// Somebody vouches for it.
    Certified(SourcedAudit),
    /// Nobody does, but for another set of the same repo.
    Changed(SourcedAudit),
    /// Nobody vouches for any code of the repo.
    Unknown,
}

/// An audit, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedAudit {
    /// The audit.
    pub audit: Audit,
    /// The import that it came with; none for the project's own.
    pub import: Option<Name>,
}

impl SourcedAudit {
    fn of(decisions: &Decisions, audit: &Audit) -> Self {
        Self { audit: audit.clone(), import: decisions.import_of(audit).cloned() }
    }

    /// Everybody who vouches for exactly the code with that digest, of the repo `source`.
    pub(crate) fn people(decisions: &Decisions, source: &Source, digest: &Digest) -> Vec<Self> {
        decisions.chain(source).people(digest).into_iter().map(|audit| Self::of(decisions, audit)).collect()
    }

    /// Who vouches for the last set before that with the digest, and counts.
    pub(crate) fn before(decisions: &Decisions, source: &Source, digest: &Digest) -> Option<Self> {
        decisions.chain(source).before(digest).map(|audit| Self::of(decisions, audit))
    }
}

impl std::fmt::Display for SourcedAudit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.audit.who)?;
        self.import.iter().try_for_each(|import| write!(f, " (import {import})"))
    }
}

impl ReviewStatus {
    /// How all the code of the entry of `pin` stands; none where it has no code.
    #[must_use]
    pub fn of(decisions: &Decisions, pin: &Pin, code: &lockfile::Code<'_>) -> Option<Self> {
        let vouched = |audit: &Audit| SourcedAudit::of(decisions, audit);
        decisions.audit_status(pin, code).map(|status| match status {
            AuditStatus::Certified(audit) => Self::Certified(vouched(audit)),
            AuditStatus::Changed(audit) => Self::Changed(vouched(audit)),
            AuditStatus::Unknown => Self::Unknown,
        })
    }
}
