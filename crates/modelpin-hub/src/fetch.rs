//! Content, by commit only.

use crate::Error;
use crate::hub::{Config, Hub};
use crate::pieces::Pieces;
use crate::place::{Place, Whole};
use crate::stream::Stream;
use bytes::Bytes;
use modelpin_schema::{CommitId, RepoPath, Source};
use std::sync::Arc;

/// A file of a commit. Where it is served is asked for once, however often it is opened.
pub struct File {
    pub(crate) place: Arc<Place>,
}

/// The content of one file, in order from where it was asked for, however it comes.
pub struct Body {
    place: Arc<Place>,
    way: Way,
}

enum Way {
    One(Box<Stream>),
    Many(Pieces),
}

impl File {
    /// Opens it at byte `from`. A large one comes over several connections, where the server plays along.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer of another commit or length.
    pub async fn open(&self, from: u64) -> Result<Body, Error> {
        let (place, size) = (self.place.clone(), self.place.size);
        let way = if place.hub.is_large(size.saturating_sub(from)) {
            Way::Many(Pieces::new(place.clone(), from))
        } else {
            let mut stream = Stream::new(place.clone(), from, size, Whole::Taken);
            if from < size || size == 0 {
                stream.connect().await.map_err(|error| place.hub.shown(error))?;
            }
            Way::One(Box::new(stream))
        };
        Ok(Body { place, way })
    }
}

impl Hub {
    /// The file at `path` of a commit, which has `size` bytes. Nothing is asked yet.
    #[must_use]
    pub fn file(&self, source: &Source, commit: &CommitId, path: &RepoPath, size: u64) -> File {
        File { place: Arc::new(Place::new(self.clone(), source.clone(), *commit, path.clone(), size)) }
    }

    /// Whether so many bytes come over several connections.
    #[must_use]
    pub fn is_large(&self, bytes: u64) -> bool {
        let Config { connections, rate, piece, .. } = self.config();
        // Many connections that share little would each be idle for so long that servers close them.
        let slow = rate.is_some_and(|rate| rate.get() < piece.get() as u64);
        connections.get() > 1 && !slow && self.window().suits(bytes)
    }

    /// The first bytes of the file at `path` of a commit, which has `size` bytes: `most` of them, or all. Nothing
    /// proves them.
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
            let place = self.file(source, commit, path, size).place;
            let mut stream = Stream::new(place, 0, most.min(size), Whole::Taken);
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
    /// A body that is longer or shorter than it should be, or that cannot be had to its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.next().await;
        chunk.map_err(|error| self.place.hub.shown(error))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let at = match &mut self.way {
                Way::One(stream) => return stream.chunk().await,
                Way::Many(pieces) => match pieces.chunk().await {
                    Err(_) if self.place.is_whole() => pieces.at(),
                    chunk => return chunk,
                },
            };
            // The server knows no parts, so one connection has to do.
            let stream = Stream::new(self.place.clone(), at, self.place.size, Whole::Taken);
            self.way = Way::One(Box::new(stream));
        }
    }
}
