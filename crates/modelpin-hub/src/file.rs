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

    /// The first bytes of the file at `path` of a commit, which has `size` bytes: `most` of them, or all. They
    /// are not verified.
    ///
    /// # Errors
    /// As for [`File::open`] and [`Body::chunk`].
    pub async fn head(
        &self,
        source: &Source,
        commit: &CommitId,
        path: &RepoPath,
        size: u64,
        most: u64,
    ) -> Result<Vec<u8>, Error> {
        let answer = async {
            let remote = self.file(source, commit, path, size).remote;
            let mut stream = Stream::new(remote, 0, most.min(size), FullResponse::Accept);
            stream.connect().await?;
            let mut head = Vec::new();
            while let Some(piece) = stream.chunk().await? {
                head.extend_from_slice(&piece);
            }
            head.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            Ok(head)
        };
        answer.await.map_err(|error| self.shown(error))
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
