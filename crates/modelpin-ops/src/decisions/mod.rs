//! `models.audits.toml` on disk, with the audits that it imports: who vouches for which code, and which file may come
//! in although it would be refused.
//!
//! - `import`: other teams' audits
//! - `write`: adding a decision

mod import;
pub(crate) mod write;

pub use import::fetch_imports;

pub use crate::file_names::AUDITS;
use crate::files;
use crate::online::Online;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Line, Refusal};
use modelpin_schema::audits::{self, Audit, AuditStatus, Audits, AuditsError, Chain, Exemption, From};
use modelpin_schema::lockfile::Code;
use modelpin_schema::{Digest, Name, Pin, RepoPath, Source};
use modelpin_store::Store;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

/// Every decision that counts in a project; it is not changed once it is made, since an index leads to what is in it.
#[derive(Debug, Clone)]
pub struct Decisions {
    /// The project's own.
    pub own: Audits,
    /// Those of other teams, by the name of the import. Only their audits count.
    pub imported: Vec<(Name, Audits)>,
    /// How many people have to certify code.
    pub required: NonZeroU32,
    index: Index,
}

impl Decisions {
    fn new(own: Audits, imported: Vec<(Name, Audits)>, required: NonZeroU32) -> Self {
        let index = Index::of(&own, &imported);
        Self { own, imported, required, index }
    }

    /// Of `project`, where nothing counts.
    pub(crate) fn none(project: &Project) -> Self {
        Self::new(Audits::default(), Vec::new(), project.manifest.policy.audits)
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
        crate::refusal::fail_if_any(refusals)?;
        Ok(Self::new(own, imported, project.manifest.policy.audits))
    }

    /// The decisions of `project`, for a verb that may use a network: what it imports is fetched, if it is not there.
    ///
    /// # Errors
    /// As [`fetch_imports`] and [`Decisions::load`].
    pub async fn bring(online: &Online, project: &Project) -> Result<Self, Failure> {
        fetch_imports(online, project).await?;
        Self::load(project, &online.store)
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
    pub fn standing(&self, pin: &Pin, code: &Code<'_>) -> Option<AuditStatus<'_>> {
        code.digest().map(|digest| self.chain(&pin.source).status(&digest))
    }

    /// What all audits say of the code of `source`.
    #[must_use]
    pub fn chain(&self, source: &Source) -> Chain<'_> {
        let places = self.index.audits.get(source).into_iter().flatten();
        let audits = places.filter_map(|(from, at)| {
            let audits = self.imported.get(*from).map_or(&self.own, |(_, audits)| audits);
            audits.audits.get(*at)
        });
        Chain::of(audits, source, self.required)
    }

    /// Of the exemptions for the file at `path` of `source`, whatever their bytes and days, the one that holds longest.
    #[must_use]
    pub fn exemption_of_any(&self, source: &Source, path: &RepoPath) -> Option<&Exemption> {
        self.own.exemptions.get(self.index.exemptions.get(source)?.get(path)?.longest)
    }

    /// The exemption for exactly these bytes; of several, the one that holds longest.
    #[must_use]
    pub fn exemption(&self, source: &Source, path: &RepoPath, sha256: &Digest) -> Option<&Exemption> {
        let of_file = self.index.exemptions.get(source)?.get(path)?;
        self.own.exemptions.get(*of_file.by_bytes.get(sha256)?)
    }
}

/// Where in the files a decision stands, so that each is found in a time that does not depend on how many there are.
#[derive(Debug, Clone, Default)]
struct Index {
    /// The audits of each source, in their order: of which import (the project's own come behind them), and which.
    audits: BTreeMap<Source, Vec<(usize, usize)>>,
    exemptions: BTreeMap<Source, BTreeMap<RepoPath, OfFile>>,
}

/// The exemptions of a file that hold longest; of two that end together, the later one.
#[derive(Debug, Clone, Default)]
struct OfFile {
    longest: usize,
    by_bytes: BTreeMap<Digest, usize>,
}

impl Index {
    fn of(own: &Audits, imported: &[(Name, Audits)]) -> Self {
        let mut index = Self::default();
        for (from, audits) in imported.iter().map(|(_, audits)| audits).chain([own]).enumerate() {
            for (at, audit) in audits.audits.iter().enumerate() {
                index.audits.entry(audit.source.clone()).or_default().push((from, at));
            }
        }
        let mut order: Vec<(usize, &Exemption)> = own.exemptions.iter().enumerate().collect();
        order.sort_by_key(|(at, exemption)| (exemption.expires, *at));
        for (at, exemption) in order {
            let of_source = index.exemptions.entry(exemption.source.clone()).or_default();
            let of_file = of_source.entry(exemption.file.clone()).or_default();
            of_file.longest = at;
            of_file.by_bytes.insert(exemption.sha256, at);
        }
        index
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
        AuditsError::Unreadable(fault) => Failure::Fault(fault),
        AuditsError::Edited { source_repo, recorded, computed, place } => Refusal::new(ErrorClass::Policy, format!("an audit of {source_repo} was edited by hand")).at(Line { file: file.to_owned(), line: place.line }).expected(format!("files that give its `digest`, {recorded}")).got(computed.to_string()).why("nobody read the code that it vouches for now").help("take it back from git (`git checkout models.audits.toml`), or remove it and read the code: `modelpin review`, then `modelpin certify`")
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Decisions, believe};
    use std::fmt::Write as _;
    use std::num::NonZeroU32;

    #[test]
    fn the_exemption_that_holds_longest_is_found_by_its_bytes_and_by_its_file() {
        let mut text = "version = 1\n".to_owned();
        for (file, byte, expires) in [
            ("a.bin", "aa", "2999-01-02"),
            ("a.bin", "aa", "2999-01-01"),
            ("a.bin", "bb", "2999-01-03"),
            ("b.bin", "aa", "2999-01-04"),
        ] {
            let sha256 = byte.repeat(32);
            writeln!(
                text,
                "[[exemption]]\nsource = \"hf:model/x/y\"\nfile = \"{file}\"\nsha256 = \"{sha256}\"\nreason = \"r\"\n\
                 owner = \"o\"\nticket = \"S-1\"\nexpires = \"{expires}\""
            )
            .unwrap();
        }
        let decisions = Decisions::new(believe("a.toml", &text).unwrap(), Vec::new(), NonZeroU32::MIN);
        let source = "hf:model/x/y".parse().unwrap();
        let of = |file: &str, byte: &str| {
            let sha256 = modelpin_schema::Digest::from_hex(&byte.repeat(32)).unwrap();
            decisions.exemption(&source, &file.parse().unwrap(), &sha256).map(|found| found.expires.to_string())
        };
        assert_eq!(of("a.bin", "aa").as_deref(), Some("2999-01-02"));
        assert_eq!(of("a.bin", "bb").as_deref(), Some("2999-01-03"));
        assert_eq!(of("b.bin", "bb"), None);
        let any = decisions.exemption_of_any(&source, &"a.bin".parse().unwrap()).unwrap();
        assert_eq!(any.expires.to_string(), "2999-01-03");
        assert!(decisions.exemption_of_any(&"hf:model/x/z".parse().unwrap(), &any.file).is_none());
    }
}
