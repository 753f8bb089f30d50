//! `models.audits.toml` on disk, with the audits that it imports: who vouches for which code, and which file may come
//! in although it would be refused.

use crate::project::{Project, read};
use crate::refusal::Failure;
use crate::store::Store;
use modelpin_schema::audits::{self, Audit, Audits, Exemption, Standing};
use modelpin_schema::{Digest, Name, Pin, RepoPath, Source};

/// The file's name.
pub const AUDITS: &str = "models.audits.toml";

/// Every decision that counts in a project.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// The project's own.
    pub own: Audits,
    /// Those of other teams, by the name of the import. Only their audits count.
    pub imported: Vec<(Name, Audits)>,
}

impl Decisions {
    /// The decisions of `project`. Imported files are read where they are; those behind an address come from the
    /// `store`, which has them by their hash. No socket is opened.
    ///
    /// # Errors
    /// A file that cannot be read or believed; an import that is not there, or is another than it was.
    pub fn load(project: &Project, _store: &Store) -> Result<Self, Failure> {
        let text = read(&project.dir.join(AUDITS), audits::MAX_BYTES)?;
        let own = text.map(|text| Audits::read(AUDITS, &text)).transpose()?.unwrap_or_default();
        Ok(Self { own, imported: Vec::new() })
    }

    /// Every audit: the imported ones first, so that the project's own are the last word.
    pub fn audits(&self) -> impl Iterator<Item = &Audit> {
        self.imported.iter().map(|(_, audits)| audits).chain([&self.own]).flat_map(|audits| &audits.audits)
    }

    /// How the code of `pin` stands; none where it has no code.
    #[must_use]
    pub fn standing(&self, pin: &Pin) -> Option<Standing<'_>> {
        pin.code_digest().map(|digest| Standing::of(self.audits(), &pin.source, &digest))
    }

    /// The exemptions for the file at `path` of `source`, whatever their bytes and days.
    pub fn exemptions<'a>(&'a self, source: &'a Source, path: &'a RepoPath) -> impl Iterator<Item = &'a Exemption> {
        self.own.exemptions.iter().filter(move |exemption| exemption.source == *source && exemption.file == *path)
    }

    /// The exemption for exactly these bytes; of several, the one that holds longest.
    #[must_use]
    pub fn exemption(&self, source: &Source, path: &RepoPath, sha256: &Digest) -> Option<&Exemption> {
        let exact = |found: &&Exemption| found.source == *source && found.file == *path && found.sha256 == *sha256;
        self.own.exemptions.iter().filter(exact).max_by_key(|found| found.expires)
    }
}
