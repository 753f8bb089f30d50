//! The reader of `models.audits.toml`: the version first, then the strict wire form, then the checks.

use super::{Audit, Audits, Criteria, Exemption, Foreign, From, Import, VERSION};
use crate::document::{Document, integer};
use crate::fault::{Fault, Place};
use crate::lockfile::{CodePath, Day, PrintableText, set_digest};
use crate::manifest::ConfiguredPath;
use crate::text::hides;
use crate::{CommitId, Digest, Name, RepoPath, Source, Ticket};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// What to do about an invalid audit.
const REPAIR: &str =
    "take the audit back from git, or remove it; `modelpin certify` writes one about the code that is locked";

/// Why decisions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditsError {
    /// It is not a file of decisions that this version understands.
    #[error(transparent)]
    Unreadable(Box<Fault>),
    /// An audit's files do not give its digest: somebody edited it.
    #[error("the audit of `{source_repo}` was edited by hand")]
    Edited {
        /// The repo that it is about.
        source_repo: Source,
        /// The digest that the audit records.
        recorded: Digest,
        /// The one that its files give.
        computed: Digest,
        /// Where the audit stands.
        place: Box<Place>,
    },
}

impl std::convert::From<Fault> for AuditsError {
    fn from(fault: Fault) -> Self {
        Self::Unreadable(Box::new(fault))
    }
}

impl Audits {
    /// Reads decisions; `file` is the name in messages.
    ///
    /// # Errors
    /// Text that is no such file, one of another version, or a decision that does not follow from itself.
    pub fn read(file: &str, text: &str) -> Result<Self, AuditsError> {
        let help = "keep the decisions of both sides, one after the other, and remove the markers";
        let document = Document::new(file, text, help)?;
        let tree = document.tree()?;
        check_version(&document, &tree)?;
        let wire: Wire = document.read_tree(tree).map_err(|fault| {
            if fault.message.starts_with("missing field") {
                return fault
                    .help("`modelpin certify` and `modelpin exempt` write every key that a decision has to have");
            }
            fault
        })?;
        let fault = |span: Range<usize>, message: String| document.fault(span, message);
        let mut read = Self::default();
        for audit in wire.audit {
            let span = audit.span();
            let audit =
                audit.into_inner().check(document.place(span.clone())).map_err(|why| fault(span, why).help(REPAIR))?;
            let computed = set_digest(audit.set().into_iter());
            if let Some(place) = audit.place.clone().filter(|_| computed != audit.digest) {
                let source_repo = audit.source;
                let recorded = audit.digest;
                return Err(AuditsError::Edited { source_repo, recorded, computed, place: Box::new(place) });
            }
            read.audits.push(audit);
        }
        for exemption in wire.exemption {
            let span = exemption.span();
            let place = document.place(span.clone());
            read.exemptions.push(exemption.into_inner().check(place).map_err(|why| fault(span, why))?);
        }
        let mut names = BTreeSet::new();
        for import in wire.import {
            let span = import.span();
            let import =
                import.into_inner().check(document.place(span.clone())).map_err(|why| fault(span.clone(), why))?;
            if !names.insert(import.name.clone()) {
                return Err(fault(span, format!("`{}` is imported twice", import.name)).into());
            }
            read.imports.push(import);
        }
        Ok(read)
    }
}

/// The version comes before the keys: those of another version are no slips.
fn check_version(document: &Document<'_>, tree: &Spanned<toml::de::DeTable<'_>>) -> Result<(), Fault> {
    let Some(version) = tree.get_ref().get("version") else {
        return Err(Fault::whole(document.file, "the file does not say its version").help(format!(
            "it begins with `version = {VERSION}`; `modelpin certify` and `modelpin exempt` write it so"
        )));
    };
    if integer(version.get_ref()) == Some(VERSION) {
        return Ok(());
    }
    let message = format!("this is not a file of version {VERSION}, the only one that this modelpin understands");
    let fault = document.fault(version.span(), message);
    Err(fault.help("a newer modelpin wrote it: use that one; `modelpin --version` shows this one"))
}

/// Decisions about models: who read which code, and which files are allowed although they would be refused.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(title = "models.audits.toml"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wire {
    /// The version of this format; read before everything else.
    #[serde(rename = "version")]
    #[cfg_attr(feature = "json-schema", schemars(range(min = 1, max = 1)))]
    _version: i64,
    /// Who read which code; written by `modelpin certify`.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "Vec<WireAudit>"))]
    audit: Vec<Spanned<WireAudit>>,
    /// Which file may come in, and until when; written by `modelpin exempt`.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "Vec<WireExemption>"))]
    exemption: Vec<Spanned<WireExemption>>,
    /// Whose audits count here as well. Their exemptions and imports do not.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "Vec<WireImport>"))]
    import: Vec<Spanned<WireImport>>,
}

/// Somebody read a set of code files.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Audit"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireAudit {
    /// Which repo's: `hf:model/owner/name`.
    source: Source,
    /// The commit that it was read at; the bytes can be downloaded from there again.
    revision: CommitId,
    /// SHA-256 of the lines `<sha256>  <path>` of `files`, sorted by path, and after them those of `foreign`, by repo
    /// and path.
    digest: Digest,
    /// The digest of the set from which only the change was read; it counts only if that set is certified, too.
    /// Without it, the whole was read.
    from: Option<Digest>,
    /// What is vouched for: `safe-to-run`.
    criteria: Criteria,
    /// Who read it.
    who: PrintableText,
    /// What they have to say.
    notes: Option<PrintableText>,
    /// The repo's own files of the set, each with its SHA-256: 64 hex digits.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<RepoPath, String>"))]
    files: BTreeMap<RepoPath, Bare>,
    /// The files of the set that are in other repos, to which `auto_map` leads: each as `hf:model/owner/repo:path`, or
    /// `hf:model/owner/repo@revision:path` where the reference to it names a revision.
    #[serde(default)]
    foreign: BTreeMap<CodePath, WireForeign>,
}

/// A code file of another repo, as it was read.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Foreign"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireForeign {
    /// The commit of that repo that it was read at; the bytes can be downloaded from there again.
    revision: CommitId,
    /// SHA-256 of its content: 64 hex digits.
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    sha256: Bare,
}

/// A file that somebody allows.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Exemption"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireExemption {
    /// Which repo's: `hf:model/owner/name`.
    source: Source,
    /// The file's path in it: one file; there is no wildcard.
    file: RepoPath,
    /// SHA-256 of exactly the bytes that are admitted: 64 hex digits.
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    sha256: Bare,
    /// Why the file is allowed.
    reason: PrintableText,
    /// Who answers for it.
    owner: PrintableText,
    /// Who agreed to it, where that is another person.
    approver: Option<PrintableText>,
    /// The ticket in which it was agreed to.
    ticket: Ticket,
    /// The last day on which it holds, as `YYYY-MM-DD`.
    expires: Day,
}

/// Another team's file of decisions, at one content of it.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Import"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireImport {
    /// What it is called in messages; given once.
    name: Name,
    /// Where it is, as a path from this file's folder; one that leads out of that counts only if the person names the
    /// same one, see [settings](settings.md). An import has either this or `url`.
    path: Option<String>,
    /// Where it is, as an https address.
    url: Option<String>,
    /// SHA-256 of the file: 64 hex digits. Another content is refused.
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    sha256: Bare,
}

/// A digest without the name of its algorithm, as `sha256sum` prints it.
struct Bare(Digest);

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        crate::digest::bare(from).map(Self)
    }
}

impl WireAudit {
    fn check(self, place: Place) -> Result<Audit, String> {
        let files: BTreeMap<RepoPath, Digest> = self.files.into_iter().map(|(path, bare)| (path, bare.0)).collect();
        if let Some(place) = self.foreign.keys().find(|place| place.origin.is_none()) {
            return Err(format!("`{place}` does not name a repo: expected `hf:model/ORG/REPO:PATH`"));
        }
        let foreign = self.foreign.into_iter();
        let foreign =
            foreign.map(|(place, WireForeign { revision, sha256 })| (place, Foreign { revision, sha256: sha256.0 }));
        let foreign: BTreeMap<CodePath, Foreign> = foreign.collect();
        if files.is_empty() && foreign.is_empty() {
            return Err("an audit of no file vouches for nothing".to_owned());
        }
        if self.from == Some(self.digest) {
            return Err("an audit of the change from a set to itself vouches for nothing".to_owned());
        }
        let Self { source, revision, digest, from, criteria, who, notes, .. } = self;
        Ok(Audit { source, revision, digest, from, criteria, who, notes, files, foreign, place: Some(place) })
    }
}

impl WireExemption {
    fn check(self, place: Place) -> Result<Exemption, String> {
        if self.file.as_str().contains(['*', '?']) {
            return Err("`file` names one file; there is no wildcard in an exemption".to_owned());
        }
        let Self { source, file, sha256, reason, owner, approver, ticket, expires } = self;
        Ok(Exemption { source, file, sha256: sha256.0, reason, owner, approver, ticket, expires, place: Some(place) })
    }
}

impl WireImport {
    fn check(self, place: Place) -> Result<Import, String> {
        let from = match (self.path, self.url) {
            (Some(path), None) if is_path(&path) => From::Path(ConfiguredPath::of(&path, place.clone())?),
            (None, Some(url)) if is_url(&url) => From::Url(url),
            (Some(_), None) => return Err("`path` is a path from this file's folder".to_owned()),
            (None, Some(_)) => return Err("`url` is an https address, without a password".to_owned()),
            _ => return Err("an import has either `path` or `url`".to_owned()),
        };
        Ok(Import { name: self.name, from, sha256: self.sha256.0, place: Some(place) })
    }
}

fn is_path(text: &str) -> bool {
    (1..=4096).contains(&text.len()) && !text.contains("://") && !text.chars().any(hides)
}

/// Whether `text` is an address that can be asked, and shown: this file is committed, so nothing in it is secret.
fn is_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://").filter(|_| text.starts_with("https://") || is_loopback(text)) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What never leaves the machine needs no TLS.
fn is_loopback(url: &str) -> bool {
    url.strip_prefix("http://127.0.0.1").is_some_and(|rest| rest.starts_with([':', '/']))
}

/// The JSON Schema of `models.audits.toml`.
#[cfg(feature = "json-schema")]
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Wire).to_value()
}
