//! Decisions of every shape, and the file that they stand in.

use super::{commit, day, fact, name, repo_path, source};
use modelpin_schema::audits::{Audit, Criteria, Exemption, Foreign, From, Import};
use modelpin_schema::lockfile::{CodePath, Origin, set_digest};
use modelpin_schema::manifest::ConfiguredPath;
use modelpin_schema::{Audits, Digest, RepoPath};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::new)
}

fn code() -> impl Strategy<Value = BTreeMap<RepoPath, Digest>> {
    btree_map(repo_path(), digest(), 0..4)
}

pub(crate) fn foreign_path() -> impl Strategy<Value = CodePath> {
    (source(), option::of("[a-z@/]{0,3}[a-z]{1,5}"), repo_path()).prop_filter_map(
        "no revision",
        |(source, at, path)| {
            let revision = at.map(|text| text.parse()).transpose().ok()?;
            Some(CodePath { origin: Some(Origin { source, revision }), path })
        },
    )
}

fn foreign() -> impl Strategy<Value = BTreeMap<CodePath, Foreign>> {
    let file = (commit(), digest()).prop_map(|(revision, sha256)| Foreign { revision, sha256 });
    btree_map(foreign_path(), file, 0..3)
}

prop_compose! {
    /// An audit that follows from itself.
    pub(crate) fn audit()(
        source in source(), revision in commit(), from in option::of(digest()), who in fact(),
        notes in option::of(fact()),
        (files, foreign) in (code(), foreign()).prop_filter("no file", |(own, foreign)| own.len() + foreign.len() > 0),
    ) -> Audit {
        let criteria = Criteria::SafeToRun;
        let mut audit =
            Audit { source, revision, digest: Digest::new([0; 32]), from, criteria, who, notes, files, foreign, place: None };
        audit.digest = set_digest(audit.set().into_iter());
        audit
    }
}

prop_compose! {
    fn exemption()(
        source in source(), file in repo_path(), sha256 in digest(), reason in fact(), owner in fact(),
        approver in option::of(fact()), ticket in "[!-~]{1,10}", expires in day(),
    ) -> Exemption {
        let ticket = ticket.parse().unwrap();
        Exemption { source, file, sha256, reason, owner, approver, ticket, expires, place: None }
    }
}

fn import() -> impl Strategy<Value = Import> {
    let from = prop_oneof![
        "(shared/)?[a-z éß]{1,8}-\\.toml".prop_map(|path| From::Path(ConfiguredPath::Inside(path.parse().unwrap()))),
        "https://[a-z]{1,8}(:[0-9]{1,4})?/[a-z/]{0,8}".prop_map(From::Url),
    ];
    (name(), from, digest()).prop_map(|(name, from, sha256)| Import { name, from, sha256, place: None })
}

/// A file of decisions.
pub(crate) fn audits() -> impl Strategy<Value = Audits> {
    (vec(audit(), 0..3), vec(exemption(), 0..3), vec(import(), 0..3)).prop_map(|(audits, exemptions, mut imports)| {
        imports.sort_by(|one, other| one.name.cmp(&other.name));
        imports.dedup_by(|one, other| one.name == other.name);
        Audits { audits, exemptions, imports }
    })
}

/// The text of decisions. Imports are written by people; the rest as modelpin adds it.
pub(crate) fn print(decisions: &Audits) -> String {
    let mut text = Audits::empty_text();
    for Import { name, from, sha256, .. } in &decisions.imports {
        let (key, place) = match from {
            From::Path(ConfiguredPath::Inside(path)) => ("path", path.as_str()),
            From::Path(ConfiguredPath::Outside(path)) => ("path", path.text.as_str()),
            From::Url(url) => ("url", url.as_str()),
        };
        text += &format!("[[import]]\nname = \"{name}\"\n{key} = \"{place}\"\nsha256 = \"{}\"\n", sha256.hex());
    }
    text.extend(decisions.exemptions.iter().map(Exemption::print));
    text.extend(decisions.audits.iter().map(Audit::print));
    text
}
