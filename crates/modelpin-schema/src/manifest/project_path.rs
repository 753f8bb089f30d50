//! Where a project's files are: inside the project by type, or outside, which a file of the project can name but only a
//! person can grant.

use crate::fault::Place;
use crate::text::serde_by_text;
use crate::{RepoPath, visible};
use std::fmt;
use std::str::FromStr;

/// The path of a file or folder inside a project, from the project's folder. It cannot lead out of it, and is not the
/// project itself. A file system can still make it lead elsewhere, by a link on the way.
///
/// ```
/// use modelpin_schema::manifest::ProjectPath;
/// assert!("models/".parse::<ProjectPath>().is_ok());
/// assert!("../.ssh".parse::<ProjectPath>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectPath(RepoPath);

/// Why a text is not a path inside a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectPathError {
    /// It leads out of the project, or would for somebody who expands it.
    #[error("`{0}` leads out of the project")]
    Outside(String),
    /// It is not a path.
    #[error("invalid path `{got}`: {reason}")]
    Invalid {
        /// The text, made visible.
        got: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ProjectPath {
    /// The path, with `/` between its parts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ProjectPath {
    type Err = ProjectPathError;

    fn from_str(text: &str) -> Result<Self, ProjectPathError> {
        let parts = || text.split(['/', '\\']);
        let drive = text.as_bytes().get(1) == Some(&b':');
        if text.starts_with(['/', '\\', '~']) || drive || text.contains(['$', '%']) || parts().any(|part| part == "..")
        {
            return Err(ProjectPathError::Outside(visible(text)));
        }
        let kept: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let invalid = |reason: String| ProjectPathError::Invalid { got: visible(text), reason };
        if kept.is_empty() {
            return Err(invalid("it is the project itself".to_owned()));
        }
        kept.join("/").parse().map(Self).map_err(|error: crate::Invalid| invalid(error.reason))
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place that a file of the project names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfiguredPath<T> {
    /// It is inside of the project.
    Inside(T),
    /// It leads out of the project, so that only a person can grant it.
    Outside(OutsidePath),
}

/// A place outside of the project, as a file of the project spells it. It is text of whoever wrote that file: nothing
/// in it is expanded, and nothing is read or written there before a person named the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsidePath {
    /// Its spelling.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A target as people spell it, in models.toml and elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder for a Hugging Face cache of the project's own.
    Own(String),
    /// A folder for plain folders, one an entry: `flat:FOLDER`.
    Flat(String),
    /// The Hugging Face cache that this user's other tools share: `hf-cache`.
    HfCache,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("a target has no control characters in it".to_owned());
        }
        match text.strip_prefix("flat:") {
            Some("") => Err("`flat:` needs a folder, as in `flat:models`".to_owned()),
            Some(folder) => Ok(Self::Flat(folder.to_owned())),
            None if text == "hf-cache" => Ok(Self::HfCache),
            None if text.is_empty() => Err("the target is a folder, `hf-cache` or `flat:FOLDER`".to_owned()),
            None => Ok(Self::Own(text.to_owned())),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(folder) => f.write_str(folder),
            Self::Flat(folder) => write!(f, "flat:{folder}"),
            Self::HfCache => f.write_str("hf-cache"),
        }
    }
}

serde_by_text!(Target, "target: a folder, `hf-cache` or `flat:FOLDER`", "^[^\\u0000-\\u001f]+$");

/// Where synced files go, inside of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncTarget {
    /// A Hugging Face cache of the project's own, in this folder.
    Own(ProjectPath),
    /// Plain folders, one an entry, below this folder.
    Flat(ProjectPath),
}

impl SyncTarget {
    /// Reads `text`, which is at `place` in the manifest.
    pub(super) fn configured(text: &str, place: Place) -> Result<ConfiguredPath<Self>, String> {
        let elsewhere = |place| Ok(ConfiguredPath::Outside(OutsidePath { text: text.to_owned(), place }));
        let (folder, kind): (_, fn(ProjectPath) -> Self) = match text.parse()? {
            Target::Own(folder) => (folder, Self::Own),
            Target::Flat(folder) => (folder, Self::Flat),
            Target::HfCache => return elsewhere(place),
        };
        match folder.parse() {
            Ok(folder) => Ok(ConfiguredPath::Inside(kind(folder))),
            Err(ProjectPathError::Outside(_)) => elsewhere(place),
            Err(invalid) => Err(invalid.to_string()),
        }
    }
}

impl ConfiguredPath<ProjectPath> {
    /// Reads `text`, which is at `place` in the manifest.
    pub(crate) fn of(text: &str, place: Place) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("a path has no control characters in it".to_owned());
        }
        match text.parse() {
            Ok(inside) => Ok(Self::Inside(inside)),
            Err(ProjectPathError::Outside(_)) => Ok(Self::Outside(OutsidePath { text: text.to_owned(), place })),
            Err(invalid) => Err(invalid.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ProjectPath, ProjectPathError};

    #[test]
    fn what_leads_out_is_not_inside() {
        for text in [
            "..",
            "../x",
            "a/..",
            "a/../b",
            "a/../../b",
            "./../x",
            "/",
            "/x",
            "//host/share",
            "\\x",
            "\\\\host\\share",
            "..\\x",
            "a\\..\\..\\b",
            "C:",
            "C:\\x",
            "c:/x",
            "D:x",
            "~",
            "~/x",
            "~root/x",
            "$HOME/x",
            "${HOME}/x",
            "a/$X",
            "%USERPROFILE%/x",
        ] {
            assert!(matches!(text.parse::<ProjectPath>(), Err(ProjectPathError::Outside(_))), "{text}");
        }
        for text in ["", ".", "./", "././/", "a\\b", "a\0b", "a/nul", "a/b.", "ab:c/d"] {
            assert!(matches!(text.parse::<ProjectPath>(), Err(ProjectPathError::Invalid { .. })), "{text}");
        }
        for (text, kept) in [
            ("models", "models"),
            ("./models", "models"),
            ("models/", "models"),
            (".modelpin//hub", ".modelpin/hub"),
            ("a~b", "a~b"),
            ("a..b/c", "a..b/c"),
        ] {
            assert_eq!(text.parse::<ProjectPath>().unwrap().as_str(), kept);
        }
    }
}
