//! Which repo: its kind, its id, its identity on the Hub.

use crate::Invalid;
use crate::text::{serde_by_text, text};
use std::fmt;
use std::str::FromStr;

text! {
    /// A repo on a Hub: `owner/name`, or a bare legacy `name`. The case is kept, since it is part of the id.
    ///
    /// The rules are those of `huggingface_hub` (`validate_repo_id`), narrowed to ASCII: `--` and `..` are
    /// refused, which is what makes the folder name of a repo in a cache reversible.
    ///
    /// ```
    /// use modelpin_schema::RepoId;
    /// assert!("sentence-transformers/all-MiniLM-L6-v2".parse::<RepoId>().is_ok());
    /// assert!("../etc".parse::<RepoId>().is_err());
    /// ```
    RepoId, "repo id", "^([A-Za-z0-9_.-]{1,96}/)?[A-Za-z0-9_.-]{1,96}$", |text| {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err("give `owner/name`, not an address".to_owned());
        }
        let parts: Vec<&str> = text.split('/').collect();
        if parts.len() > 2 {
            return Err("expected `owner/name`, with one slash at most".to_owned());
        }
        for part in parts {
            if part.is_empty() || part.len() > 96 {
                return Err("owner and name have 1 to 96 characters each".to_owned());
            }
            if !part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
                return Err("owner and name have letters, digits, `-`, `_` and `.` only".to_owned());
            }
            if part.starts_with(['-', '.']) || part.ends_with(['-', '.']) {
                return Err("owner and name neither begin nor end with `-` or `.`".to_owned());
            }
            if part.contains("--") || part.contains("..") {
                return Err("`--` and `..` are not allowed".to_owned());
            }
        }
        if text.to_ascii_lowercase().ends_with(".git") {
            return Err("a repo id does not end in `.git`".to_owned());
        }
        Ok(())
    }
}

impl RepoId {
    /// The owner's namespace; none for a bare legacy id such as `gpt2`.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.as_str().split_once('/').map(|(owner, _)| owner)
    }

    /// Whether the Hub may call this repo `now` without it being another's: a rename within its owner, or the name with
    /// an owner that a bare legacy id has today. Nobody can register a bare id any more.
    #[must_use]
    pub fn may_be_called(&self, now: &Self) -> bool {
        match (self.owner(), now.owner()) {
            (Some(asked), Some(now)) => now.eq_ignore_ascii_case(asked),
            (asked, _) => asked.is_none(),
        }
    }

    /// The part after the owner.
    #[must_use]
    pub fn name(&self) -> &str {
        self.as_str().rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }
}

text! {
    /// The Hub's own, unchanging id of a repo (`_id` in its answers): it tells a repo from another that was
    /// later registered under the same name.
    RepoUid, "repo identity", "^[0-9a-f]{8,64}$", |text| {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if !(8..=64).contains(&text.len()) || !text.bytes().all(hex) {
            return Err("expected 8 to 64 lower-case hex digits".to_owned());
        }
        Ok(())
    }
}

/// Model or dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepoKind {
    /// A model repo.
    Model,
    /// A dataset repo.
    Dataset,
}

impl RepoKind {
    /// Both kinds, in the order in which a lock prints them.
    pub const ALL: [Self; 2] = [Self::Model, Self::Dataset];

    /// The singular, as in `[model.NAME]`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "dataset",
        }
    }

    /// The plural, as in `/api/models/…`, `[models.NAME]` and `models--owner--name`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
        }
    }
}

impl fmt::Display for RepoKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where a model or dataset comes from; prints as `hf:model/owner/name`. It names no server: which endpoint
/// or mirror carries the bytes is no part of what they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Model or dataset.
    pub kind: RepoKind,
    /// The repo, in the spelling that the manifest uses.
    pub repo: RepoId,
}

impl Source {
    /// The folder of this repo in a Hugging Face cache: `models--owner--name`.
    #[must_use]
    pub fn cache_folder(&self) -> String {
        format!("{}--{}", self.kind.plural(), self.repo.as_str().replace('/', "--"))
    }
}

impl FromStr for Source {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("source", text, "expected `hf:model/owner/name` or `hf:dataset/owner/name`");
        let rest = text.strip_prefix("hf:").ok_or_else(wrong)?;
        for kind in RepoKind::ALL {
            if let Some(repo) = rest.strip_prefix(kind.word()).and_then(|rest| rest.strip_prefix('/')) {
                return Ok(Self { kind, repo: repo.parse()? });
            }
        }
        Err(wrong())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hf:{}/{}", self.kind, self.repo)
    }
}

serde_by_text!(Source, "source", "^hf:(model|dataset)/");

#[cfg(test)]
mod tests {
    use super::{RepoId, Source};

    #[test]
    fn a_source_prints_as_it_reads() {
        for text in ["hf:model/acme/chat-7b", "hf:dataset/acme/faq", "hf:model/gpt2"] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn ids_that_are_none_are_refused() {
        for text in
            ["", "/", "a/", "a/b/c", "a--b/c", "a/b..c", "a/b.git", "ä/b", "a b/c", "-a/b", "a/.b", "https://h.co/a/b"]
        {
            assert!(text.parse::<RepoId>().is_err(), "{text}");
        }
    }

    #[test]
    fn folders_are_those_of_a_hugging_face_cache() {
        let folder = |text: &str| text.parse::<Source>().unwrap().cache_folder();
        assert_eq!(folder("hf:model/acme/chat-7b"), "models--acme--chat-7b");
        assert_eq!(folder("hf:dataset/acme/faq"), "datasets--acme--faq");
        assert_eq!(folder("hf:model/gpt2"), "models--gpt2");
    }
}
