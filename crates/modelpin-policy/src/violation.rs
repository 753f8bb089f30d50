//! One requirement of the project that its lock does not meet.

use modelpin_rules::Rule;
use modelpin_schema::manifest::policy::{Level, Policy};
use modelpin_schema::refusal::{ErrorClass, Line, Refusal};
use modelpin_schema::{Digest, LOCK, MANIFEST, Name, RepoPath};
use sha2::{Digest as _, Sha256};

/// One requirement of the project that its lock does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static Rule,
    /// What the project wants done about it; never [`Level::Allow`].
    pub level: Level,
    /// The model or dataset.
    pub name: Option<Name>,
    /// The file.
    pub path: Option<RepoPath>,
    /// The line of models.lock or models.audits.toml that it is about.
    pub at: Option<Line>,
    /// What is not met, in one clause.
    pub what: String,
    /// What the policy expects.
    pub expected: String,
    /// What the lock has.
    pub got: String,
    /// What to do about it: one action each, the first the most likely one.
    pub help: Vec<String>,
}

impl Violation {
    /// It as an error about a lock that was written, or is there already.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal::new(ErrorClass::Policy, &self.what)
            .rule(self.rule.id)
            .at(self.at.clone())
            .entry(self.name.as_ref())
            .expected(&self.expected)
            .got(&self.got)
            .why(self.rule.why);
        // Each names the entry where it has to; a file's name may look like a placeholder.
        let refusal = Refusal { help: self.help.clone(), ..refusal };
        match &self.path {
            Some(path) => refusal.file(path),
            None => refusal,
        }
    }

    /// It as an error about a lock that is not written: it points at the key of the policy instead of a line of the
    /// lock, where there is one.
    #[must_use]
    pub fn refusal_of_unwritten(&self, policy: &Policy) -> Refusal {
        let at = self.at.clone().filter(|at| at.file != LOCK);
        let key = policy.place(&self.rule.key());
        let key = key.map(|place| Line { file: MANIFEST.to_owned(), line: place.line });
        self.refusal().at(at.or(key))
    }

    /// What stays the same of it from one check to the next although lines and bytes change, as 64 hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let name = self.name.as_ref().map_or("", Name::as_str);
        let path = self.path.as_ref().map_or("", RepoPath::as_str);
        let parts = [self.rule.id, name, path, &self.what].join("\0");
        Digest::new(Sha256::digest(parts).into()).hex()
    }
}
