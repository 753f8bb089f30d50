//! `models.audits.toml` on disk, with the audits that it imports: who vouches for which code, and which file may come
//! in although it would be refused.
//!
//! - `import`: other teams' audits
//! - `write`: adding a decision

mod import;
pub(crate) mod write;

pub use import::fetch_imports;

use crate::files;
use crate::project::Project;
use crate::refusal::{Class, Failure, Line, Refusal};
use crate::session::Session;
use crate::store::Store;
use modelpin_schema::audits::{self, Audit, Audits, Chain, Exemption, From, Refused, Standing};
use modelpin_schema::lockfile::Code;
use modelpin_schema::{Digest, Name, Pin, RepoPath, Source};
use std::num::NonZeroU32;
use std::path::Path;

/// The file's name.
pub const AUDITS: &str = "models.audits.toml";

/// Every decision that counts in a project.
#[derive(Debug, Clone)]
pub struct Decisions {
    /// The project's own.
    pub own: Audits,
    /// Those of other teams, by the name of the import. Only their audits count.
    pub imported: Vec<(Name, Audits)>,
    /// How many people have to certify code.
    pub required: NonZeroU32,
}

impl Decisions {
    /// Of `project`, where nothing counts.
    pub(crate) fn none(project: &Project) -> Self {
        Self { own: Audits::default(), imported: Vec::new(), required: project.manifest.policy.audits }
    }

    /// The decisions of `project`. Imported files are read where they are; those behind an address come from the
    /// `store`, which has them by their hash. No socket is opened.
    ///
    /// # Errors
    /// A file that cannot be read or believed; an import that is not there, or is another than it was.
    pub fn load(project: &Project, store: &Store) -> Result<Self, Failure> {
        let own = own(&project.dir)?;
        project.check_imports(own.imports.iter().filter_map(|import| match &import.from {
            From::Path(wish) => Some(wish),
            From::Url(_) => None,
        }))?;
        let (mut imported, mut refusals) = (Vec::new(), Vec::new());
        for import in &own.imports {
            match import::load(project, store, import) {
                Ok(audits) => imported.push((import.name.clone(), audits)),
                Err(Failure::Refused(refused)) => refusals.extend(refused),
                Err(other) => return Err(other),
            }
        }
        crate::refusal::all(refusals)?;
        Ok(Self { own, imported, required: project.manifest.policy.audits })
    }

    /// The decisions of `project`, for a verb that may use a network: what it imports is fetched, if it is not there.
    ///
    /// # Errors
    /// As [`fetch_imports`] and [`Decisions::load`].
    pub async fn bring(session: &Session, project: &Project) -> Result<Self, Failure> {
        fetch_imports(session, project).await?;
        Self::load(project, &session.store)
    }

    /// Every audit: the imported ones first, so that the project's own are the last word.
    pub fn audits(&self) -> impl Iterator<Item = &Audit> {
        self.imported.iter().map(|(_, audits)| audits).chain([&self.own]).flat_map(|audits| &audits.audits)
    }

    /// The import that `audit`, one of [`Decisions::audits`], came with; none for the project's own.
    #[must_use]
    pub fn import_of(&self, audit: &Audit) -> Option<&Name> {
        let holds = |audits: &Audits| audits.audits.iter().any(|other| std::ptr::eq(other, audit));
        self.imported.iter().find(|(_, audits)| holds(audits)).map(|(name, _)| name)
    }

    /// How `code`, which is all that of the entry of `pin`, stands; none where there is none.
    #[must_use]
    pub fn standing(&self, pin: &Pin, code: &Code<'_>) -> Option<Standing<'_>> {
        code.digest().map(|digest| self.chain(&pin.source).standing(&digest))
    }

    /// What all audits say of the code of `source`.
    #[must_use]
    pub fn chain(&self, source: &Source) -> Chain<'_> {
        Chain::of(self.audits(), source, self.required)
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

/// The files of other teams' decisions that the store has for the project in `dir`, by their hash.
///
/// # Errors
/// An audits file that cannot be read or believed.
pub fn imported_blobs(dir: &Path) -> Result<Vec<Digest>, Failure> {
    Ok(own(dir)?.imports.iter().map(|import| import.sha256).collect())
}

/// The own decisions of the project in `dir`; none, where there is no file.
pub(crate) fn own(dir: &Path) -> Result<Audits, Failure> {
    let text = files::read(dir, &dir.join(AUDITS), audits::MAX_BYTES)?;
    text.map_or_else(|| Ok(Audits::default()), |text| text.read(|text| believe(AUDITS, text)))
}

/// The decisions of a text; `file` is its name in messages.
///
/// # Errors
/// Text that is no file of decisions; an audit that was edited.
pub(crate) fn believe(file: &str, text: &str) -> Result<Audits, Failure> {
    Audits::read(file, text).map_err(|refused| match refused {
        Refused::Unreadable(fault) => Failure::Fault(fault),
        Refused::Edited { source_repo, recorded, computed, place } => Refusal {
            class: Class::Policy,
            rule: None,
            at: Some(Line { file: file.to_owned(), line: place.line }),
            name: None,
            path: None,
            what: format!("an audit of {source_repo} was edited by hand"),
            expected: format!("files that give its `digest`, {recorded}"),
            got: computed.to_string(),
            why: "nobody read the code that it vouches for now".to_owned(),
            help: "take it back from git (`git checkout models.audits.toml`), or remove it and read the code: `modelpin review`, then `modelpin certify`".to_owned(),
        }
        .into(),
    })
}
