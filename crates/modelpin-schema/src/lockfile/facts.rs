//! What a pin's bytes are and do, as far as a reviewer should know: recorded when the bytes are looked at, and
//! held against them again whenever they come.

use super::{Declared, Reference};
use crate::text::{is_invisible, text};
use crate::{Digest, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

text! {
    /// A word of the scan: a capability such as `network`, or the id of a rule such as `pickle-broken`.
    Word, "word", "^[a-z0-9][a-z0-9-]{0,63}$", |text| {
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
    FactText, "fact", "^.{1,600}$", |text| {
        if text.is_empty() || text.chars().count() > 600 || text.chars().any(|c| c.is_control() || is_invisible(c)) {
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
    pub auto_map: BTreeSet<FactText>,
    /// What a loader takes from other repos.
    pub references: BTreeSet<Reference>,
    /// What the configuration of an adapter says of its base; none where it is no adapter.
    pub base: Option<Declared>,
    /// What the code can do.
    pub capabilities: BTreeSet<Word>,
    /// What has to be installed: name, and how it is asked for (`==2.6.0`, `unpinned`, an address).
    pub requires: BTreeMap<FactText, FactText>,
    /// By file: the globals that its pickles import.
    pub globals: BTreeMap<RepoPath, BTreeSet<FactText>>,
    /// By file: the SHA-256 of each chat template in it.
    pub templates: BTreeMap<RepoPath, BTreeSet<Digest>>,
    /// By file: the rules that find something to review, or something dangerous.
    pub findings: BTreeMap<RepoPath, BTreeSet<Word>>,
}
