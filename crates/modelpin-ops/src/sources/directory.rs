//! A directory that `modelpin vendor` made: content by its digest.

use super::byte_source::{Body, ByteSource, SourceError};
use bytes::Bytes;
use modelpin_schema::Digest;
use modelpin_store::blob_in;
use modelpin_store::files::open_below;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// A directory with copies of locked content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Where it is.
    pub path: PathBuf,
}

impl Directory {
    /// Opens the copy of `digest`, with its length in bytes.
    ///
    /// A link is followed inside of the directory only: of what else it leads to, not even the length is told.
    fn file(&self, digest: &Digest) -> Result<Option<(PathBuf, File, u64)>, SourceError> {
        let path = blob_in(&self.path, digest);
        let opened = open_below(&self.path, &path).map_err(|source| failure("open", &path, source))?;
        Ok(opened.map(|(file, found)| (path, file, found.len())))
    }
}

impl ByteSource for Directory {
    fn open(&self, digest: &Digest, from: u64) -> Result<Option<Body>, SourceError> {
        let Some((path, mut file, length)) = self.file(digest)? else { return Ok(None) };
        io::Seek::seek(&mut file, io::SeekFrom::Start(from)).map_err(|source| failure("read", &path, source))?;
        let mut file = Some(file);
        let next = move || {
            let piece = read(file.as_mut()?).map_err(|source| failure("read", &path, source)).transpose();
            if !matches!(piece, Some(Ok(_))) {
                file = None;
            }
            piece
        };
        Ok(Some(Body { length: Some(length), pieces: Box::new(std::iter::from_fn(next)) }))
    }

    /// Whoever reads from it reports that; other content in it may be good.
    fn failed(&self, _: &dyn Display) {}
}

/// The next bytes of `file`; none at its end.
fn read(file: &mut File) -> io::Result<Option<Bytes>> {
    let mut piece = Vec::with_capacity(PIECE);
    file.take(PIECE as u64).read_to_end(&mut piece)?;
    Ok(if piece.is_empty() { None } else { Some(piece.into()) })
}

fn failure(doing: &'static str, path: &Path, source: io::Error) -> SourceError {
    SourceError::Io { doing, path: path.to_owned(), source }
}
