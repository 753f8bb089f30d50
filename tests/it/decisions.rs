//! Decisions of a project: made by the program, or written into its files without it.

use crate::sandbox::{Output, Sandbox};
use modelpin_schema::audits::{Audit, Audits, Criteria, Exemption, Foreign};
use modelpin_schema::lockfile::Day;
use modelpin_schema::{Lockfile, Name, RepoPath};

/// Who certifies.
pub(crate) const WHO: &str = "Jo <jo@acme.example>";

impl Sandbox {
    /// Runs `certify` with these words, as Jo.
    pub(crate) fn certify(&self, words: &str) -> Output {
        let mut command = self.command(&format!("certify {words} --criteria safe-to-run"));
        self.finish(command.args(["--who", WHO]))
    }

    /// Runs `exempt` with these words, and `more` that may contain spaces.
    pub(crate) fn exempt(&self, words: &str, more: &[&str]) -> Output {
        let mut command = self.command(&format!("exempt {words} --owner ml-platform --ticket SEC-4410"));
        self.finish(command.args(["--reason", "no safetensors yet"]).args(more))
    }

    /// What models.lock says.
    pub(crate) fn lock(&self) -> Lockfile {
        Lockfile::read("models.lock", &self.read("models.lock")).unwrap()
    }

    /// The digest of the code that an entry runs.
    pub(crate) fn code_digest(&self, entry: &str) -> String {
        self.lock().code(&entry.parse().unwrap()).digest().unwrap().to_string()
    }

    /// Adds `text` to the end of models.toml.
    pub(crate) fn declare(&self, text: &str) {
        self.write("models.toml", format!("{}\n{text}\n", self.read("models.toml")));
    }

    /// Adds a decision to the end of models.audits.toml.
    fn decide(&self, text: &str) {
        let old = std::fs::read_to_string(self.path("models.audits.toml")).unwrap_or_else(|_| Audits::empty_text());
        self.write("models.audits.toml", old + text);
    }

    /// Adds an audit of the code of an entry, as it is locked, without the program.
    pub(crate) fn write_audit(&self, entry: &str) {
        let lock = self.lock();
        let name = entry.parse::<Name>().unwrap();
        let (pin, code) = (&lock.pins[&name], lock.code(&name));
        let foreign = code.files.iter().filter(|(place, _)| place.origin.is_some());
        let foreign = foreign
            .map(|(place, found)| (place.clone(), Foreign { revision: found.pin.revision, sha256: found.file.sha256 }));
        let audit = Audit {
            source: pin.source.clone(),
            revision: pin.revision,
            digest: code.digest().unwrap(),
            from: None,
            criteria: Criteria::SafeToRun,
            who: "Jo <jo@example.org>".parse().unwrap(),
            notes: None,
            files: pin.code_files().map(|(path, file)| (path.clone(), file.sha256)).collect(),
            foreign: foreign.collect(),
            place: None,
        };
        self.decide(&audit.print());
    }

    /// Adds an exemption of a file of an entry, as it is locked, with `change` applied to the exemption.
    pub(crate) fn write_exemption(&self, entry: &str, path: &str, change: impl FnOnce(&mut Exemption)) {
        let (lock, path): (_, RepoPath) = (self.lock(), path.parse().unwrap());
        let pin = &lock.pins[&entry.parse::<Name>().unwrap()];
        let mut exemption = Exemption {
            source: pin.source.clone(),
            sha256: pin.files()[&path].sha256,
            file: path,
            reason: "no other weights".parse().unwrap(),
            owner: "Jo <jo@example.org>".parse().unwrap(),
            approver: None,
            ticket: "SEC-1".parse().unwrap(),
            expires: today().plus(30),
            place: None,
        };
        change(&mut exemption);
        self.decide(&exemption.print());
    }
}

pub(crate) fn today() -> Day {
    days_ago(0)
}

/// A day as the program counts them; a negative number is in the future.
pub(crate) fn days_ago(days: i64) -> Day {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Day::at_unix(i64::try_from(now).unwrap() - days * 86_400).unwrap()
}
