//! Content, by commit only.

use crate::Error;
use crate::config::Config;
use crate::hub::Hub;
use crate::ranged::RangedDownload;
use crate::remote_file::{FullResponse, RemoteFile};
use crate::stream::Stream;
use bytes::Bytes;
use modelpin_schema::{CommitId, RepoPath, Source};
use std::sync::Arc;

/// A file of a commit. Where it is served is asked for once, however often it is opened.
pub struct File {
    pub(crate) remote: Arc<RemoteFile>,
}

/// The content of one file, in order from where it was asked for, however it comes.
pub struct Body {
    remote: Arc<RemoteFile>,
    source: BodySource,
}

enum BodySource {
    One(Box<Stream>),
    Many(RangedDownload),
}

impl File {
    /// Opens it at byte `from`. A large one is received over several connections, where the server supports ranges.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer of another commit or length.
    pub async fn open(&self, from: u64) -> Result<Body, Error> {
        let (remote, size) = (self.remote.clone(), self.remote.size);
        let source = if remote.hub.is_large(size.saturating_sub(from)) {
            BodySource::Many(RangedDownload::new(remote.clone(), from))
        } else {
            let mut stream = Stream::new(remote.clone(), from, size, FullResponse::Accept);
            if from < size || size == 0 {
                stream.connect().await.map_err(|error| remote.hub.shown(error))?;
            }
            BodySource::One(Box::new(stream))
        };
        Ok(Body { remote, source })
    }
}

impl File {
    /// The bytes from `from` to `end`, which are not verified. Where a server sends the whole file instead, no more than
    /// the front of it is received.
    ///
    /// # Errors
    /// As for [`File::open`] and [`Body::chunk`]; a server that sends the whole file where a later part was asked for.
    pub async fn range(&self, from: u64, end: u64) -> Result<Vec<u8>, Error> {
        let whole = if from == 0 { FullResponse::Accept } else { FullResponse::Reject };
        let received = self.received(from, end.min(self.remote.size), whole).await;
        received.map_err(|error| self.remote.hub.shown(error))
    }

    /// Whether the server has sent the whole file where a range was asked for.
    #[must_use]
    pub fn ignores_ranges(&self) -> bool {
        self.remote.is_whole()
    }

    async fn received(&self, from: u64, end: u64, whole: FullResponse) -> Result<Vec<u8>, Error> {
        let mut stream = Stream::new(self.remote.clone(), from, end, whole);
        stream.connect().await?;
        let mut bytes = Vec::new();
        while let Some(piece) = stream.chunk().await? {
            bytes.extend_from_slice(&piece);
        }
        // The last piece of a whole file goes on behind the range.
        bytes.truncate(usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

impl Hub {
    /// The file at `path` of a commit, which has `size` bytes. No request is made yet.
    #[must_use]
    pub fn file(&self, source: &Source, commit: &CommitId, path: &RepoPath, size: u64) -> File {
        File { remote: Arc::new(RemoteFile::new(self.clone(), source.clone(), *commit, path.clone(), size)) }
    }

    /// Whether so many bytes come over several connections.
    #[must_use]
    pub fn is_large(&self, bytes: u64) -> bool {
        let Config { connections, rate, piece, .. } = self.config();
        // Connections that share a low rate would each be idle for so long that servers close them.
        let slow = rate.is_some_and(|rate| rate.get() < piece.get() as u64);
        connections.get() > 1 && !slow && self.prefetch().suits(bytes)
    }
}

impl Body {
    /// The next piece of the content; none at its end, which is exactly where the listing says.
    ///
    /// # Errors
    /// A body that is longer or shorter than it should be, or that is cut off again and again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.next().await;
        chunk.map_err(|error| self.remote.hub.shown(error))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let at = match &mut self.source {
                BodySource::One(stream) => return stream.chunk().await,
                BodySource::Many(pieces) => match pieces.chunk().await {
                    Err(_) if self.remote.is_whole() => pieces.at(),
                    chunk => return chunk,
                },
            };
            // The server does not support ranges: one connection is used.
            let stream = Stream::new(self.remote.clone(), at, self.remote.size, FullResponse::Accept);
            self.source = BodySource::One(Box::new(stream));
        }
    }
}
