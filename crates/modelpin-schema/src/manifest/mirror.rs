//! Addresses of mirrors.

use super::project_path::{ConfiguredPath, OutsidePath, ProjectPath};
use crate::fault::Place;
use std::fmt;

/// Where a mirror is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorUrl {
    /// A directory that `modelpin vendor` made: a path from the manifest's folder, or `file:///…`.
    Directory(ConfiguredPath<ProjectPath>),
}

impl MirrorUrl {
    /// The address `url`, which stands at `place`.
    pub(super) fn read(url: &str, place: Place) -> Result<Self, String> {
        let path = url.strip_prefix("file://").unwrap_or(url);
        if path.is_empty() || path.contains("://") {
            return Err("a mirror is a directory: a path from this file's folder, or `file:///…`".to_owned());
        }
        ConfiguredPath::of(path, place).map(Self::Directory)
    }

    /// The place on this machine outside of the project that it names, which only a person can grant.
    #[must_use]
    pub fn outside(&self) -> Option<&OutsidePath> {
        match self {
            Self::Directory(ConfiguredPath::Outside(path)) => Some(path),
            Self::Directory(ConfiguredPath::Inside(_)) => None,
        }
    }
}

impl fmt::Display for MirrorUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(ConfiguredPath::Inside(path)) => path.fmt(f),
            Self::Directory(ConfiguredPath::Outside(path)) => f.write_str(&path.text),
        }
    }
}
