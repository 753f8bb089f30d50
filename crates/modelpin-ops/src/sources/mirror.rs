//! Mirrors: places with copies of locked content, which are asked before the Hub.

use super::byte_source::{ByteSource, SourceError};
use super::directory::Directory;
use crate::refusal::Failure;
use crate::refusal::content::Origin;
use modelpin_schema::Digest;
use modelpin_schema::manifest::{ConfiguredPath, MirrorUrl, ProjectPath};
use std::path::{Path, PathBuf};

/// A mirror, and how a person calls it.
#[derive(Debug, Clone)]
pub struct Mirror {
    url: String,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Directory(Directory),
}

impl Mirror {
    /// The mirror that models.toml calls `url`. `directory` says where a path is.
    ///
    /// # Errors
    /// Those of `directory`.
    pub(crate) fn new(
        url: &MirrorUrl,
        directory: impl Fn(&ConfiguredPath<ProjectPath>) -> Result<PathBuf, Failure>,
    ) -> Result<Self, Failure> {
        let place = match url {
            MirrorUrl::Directory(path) => Place::Directory(Directory { path: directory(path)? }),
        };
        Ok(Self { url: url.to_string(), place })
    }

    /// The directory `path`, which a person called `url`.
    pub(crate) fn directory(url: String, path: PathBuf) -> Self {
        Self { url, place: Place::Directory(Directory { path }) }
    }

    /// Its name in a refusal.
    #[must_use]
    pub(crate) fn origin(&self) -> Origin {
        Origin::Mirror(self.url.clone())
    }

    /// What its bytes come from.
    pub(crate) fn source(&self) -> &dyn ByteSource {
        match &self.place {
            Place::Directory(directory) => directory,
        }
    }

    /// Its directory on this machine, if it is one.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Directory(directory) => Some(&directory.path),
        }
    }

    /// The bytes of its copy of `digest`, where it has one and says how long that is.
    pub(crate) fn length(&self, digest: &Digest) -> Option<u64> {
        self.source().open(digest, 0).ok().flatten()?.length
    }

    /// The first bytes of its copy of `digest`, where it has one: all of them, where they are no more than `most`.
    ///
    /// # Errors
    /// A mirror that is unavailable; I/O errors from reading a local file.
    pub(crate) fn read(&self, digest: &Digest, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(body) = self.source().open(digest, 0)? else { return Ok(None) };
        if body.length.is_some_and(|length| length > most) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        for piece in body.pieces {
            bytes.extend_from_slice(&piece?);
            if bytes.len() as u64 > most {
                break;
            }
        }
        Ok(Some(bytes))
    }
}
