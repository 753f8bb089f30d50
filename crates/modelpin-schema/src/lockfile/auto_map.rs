//! The classes that `auto_map` makes a loader import.

use super::PrintableText;

/// A class that configuration makes a loader import: one member of [`Facts::auto_map`](super::Facts::auto_map), taken apart.
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
