//! The audits and exemptions that count in a project, and finding them.

use modelpin_schema::audits::{Audit, AuditStatus, Audits, Chain, Exemption};
use modelpin_schema::lockfile::Code;
use modelpin_schema::{Digest, Name, Pin, RepoPath, Source};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// The decisions that count in a project. Never changed once made, since an index points into them.
#[derive(Debug, Clone)]
pub struct Decisions {
    /// The project's own.
    pub own: Audits,
    /// Those of other teams, with the name of the import. Only their audits count.
    pub imported: Vec<(Name, Audits)>,
    /// How many people have to certify code.
    pub required: NonZeroU32,
    index: Index,
}

impl Decisions {
    /// The decisions of a project: its own, those of its imports, and how many people have to certify code.
    #[must_use]
    pub fn new(own: Audits, imported: Vec<(Name, Audits)>, required: NonZeroU32) -> Self {
        let index = Index::of(&own, &imported);
        Self { own, imported, required, index }
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

    /// Whether `code`, all that of the entry of `pin`, is certified; none where there is no code.
    #[must_use]
    pub fn audit_status(&self, pin: &Pin, code: &Code<'_>) -> Option<AuditStatus<'_>> {
        code.digest().map(|digest| self.chain(&pin.source).status(&digest))
    }

    /// The audits of the code of `source`, and which sets of code they certify.
    #[must_use]
    pub fn chain(&self, source: &Source) -> Chain<'_> {
        let places = self.index.audits.get(source).into_iter().flatten();
        let audits = places.filter_map(|(from, at)| {
            let audits = self.imported.get(*from).map_or(&self.own, |(_, audits)| audits);
            audits.audits.get(*at)
        });
        Chain::of(audits, source, self.required)
    }

    /// The exemption of the file at `path` that ends last, whatever bytes it is for and whether it is over or not.
    #[must_use]
    pub fn exemption_of_any(&self, source: &Source, path: &RepoPath) -> Option<&Exemption> {
        self.own.exemptions.get(self.index.exemptions.get(source)?.get(path)?.longest)
    }

    /// The exemption for exactly these bytes that ends last, whether it is over or not.
    #[must_use]
    pub fn exemption(&self, source: &Source, path: &RepoPath, sha256: &Digest) -> Option<&Exemption> {
        let of_file = self.index.exemptions.get(source)?.get(path)?;
        self.own.exemptions.get(*of_file.by_bytes.get(sha256)?)
    }
}

/// Where each decision is, so that finding one takes the same time however many there are.
#[derive(Debug, Clone, Default)]
struct Index {
    /// The audits of each source in their order: the index of the import (the project's own follow the last), and of
    /// the audit in it.
    audits: BTreeMap<Source, Vec<(usize, usize)>>,
    exemptions: BTreeMap<Source, BTreeMap<RepoPath, OfFile>>,
}

/// The exemptions of a file that end last; of two that end on one day, the later one in the file.
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

#[cfg(test)]
mod tests {
    use super::Decisions;
    use modelpin_schema::Audits;
    use std::fmt::Write as _;
    use std::num::NonZeroU32;

    #[test]
    fn the_exemption_that_ends_last_is_found_by_its_bytes_and_by_its_file() {
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
        let decisions = Decisions::new(Audits::read("a.toml", &text).unwrap(), Vec::new(), NonZeroU32::MIN);
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
