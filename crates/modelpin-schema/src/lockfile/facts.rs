//! What a pin's bytes are and do, as far as a reviewer should know: recorded when the bytes are looked at, and
//! held against them again whenever they come.

use super::{DeclaredBase, Reference};
use crate::text::{hides, text};
use crate::{Digest, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

text! {
    /// A word of the scan: a capability such as `network`, or the id of a rule such as `pickle-broken`.
    Identifier, "word", "^[a-z0-9][a-z0-9-]{0,63}$", |text| {
        let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 64 || text.starts_with('-') || !text.bytes().all(inside) {
            return Err("a word has 1 to 64 lower-case letters, digits and hyphens".to_owned());
        }
        Ok(())
    }
}

text! {
    /// One line of text that came from a file of a repo: a requirement, a global of a pickle, a class that
    /// `auto_map` names.
    PrintableText, "fact", "^.{1,600}$", |text| {
        if text.is_empty() || text.chars().count() > 600 || text.chars().any(hides) {
            return Err("a fact is 1 to 600 visible characters".to_owned());
        }
        Ok(())
    }
}

/// What the bytes of a pin are and do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The classes that configuration makes a loader import from code, as `AutoModel=module.Class`, or
    /// `AutoModel=owner/repo--module.Class` where the code is another repo's.
    pub auto_map: BTreeSet<PrintableText>,
    /// What a loader takes from other repos.
    pub references: BTreeSet<Reference>,
    /// What the configuration of an adapter says of its base; none where it is no adapter.
    pub base: Option<DeclaredBase>,
    /// What the code can do.
    pub capabilities: BTreeSet<Identifier>,
    /// What has to be installed: name, and how it is asked for (`==2.6.0`, `unpinned`, an address).
    pub requires: BTreeMap<PrintableText, PrintableText>,
    /// By file: the globals that its pickles import.
    pub globals: BTreeMap<RepoPath, BTreeSet<PrintableText>>,
    /// By file: the SHA-256 of each chat template in it.
    pub templates: BTreeMap<RepoPath, BTreeSet<Digest>>,
    /// By file: the rules that find something to review, or something dangerous.
    pub findings: BTreeMap<RepoPath, BTreeSet<Identifier>>,
}

/// A class that configuration makes a loader import: one member of [`Facts::auto_map`], taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoMapClass<'a> {
    /// The key that it stands under, such as `AutoModel`.
    pub key: &'a str,
    /// The other repo that it is in, as the file calls it; none for the entry's own.
    pub repo: Option<&'a str>,
    /// The file that it is in, without its `.py`; none where a repo is named, and no class of it.
    pub module: Option<&'a str>,
}

impl<'a> AutoMapClass<'a> {
    /// Takes a fact apart; none for one that stands for all that there was no room for.
    #[must_use]
    pub fn read(fact: &'a PrintableText) -> Option<Self> {
        let (key, class) = fact.as_str().split_once('=')?;
        let module = |class: &'a str| class.rsplit_once('.').map(|(module, _)| module);
        Some(match class.split_once("--") {
            Some((repo, class)) => Self { key, repo: Some(repo), module: module(class) },
            // `custom_generate` names a repo, and no class.
            None if class.contains(['/', '…']) => Self { key, repo: Some(class), module: None },
            None => Self { key, repo: None, module: module(class) },
        })
    }
}
