//! Content, by commit only.

use crate::api::named;
use crate::endpoint::shown;
use crate::hub::{Hub, Part, Purpose};
use crate::{Error, retry};
use bytes::Bytes;
use modelpin_schema::text::visible;
use modelpin_schema::{CommitId, RepoPath, Source};
use reqwest::header::{CONTENT_ENCODING, CONTENT_RANGE};
use reqwest::{Response, StatusCode};

/// Cuts in a row without a byte between them after which a body is given up.
const MAX_CUTS: u32 = 5;

/// The content of one file, in order from where it was asked for. A body that is cut goes on where it was.
pub struct Body {
    hub: Hub,
    source: Source,
    commit: CommitId,
    path: RepoPath,
    size: u64,
    at: u64,
    /// Where reading ends: at `size`, unless only a head is wanted.
    end: u64,
    response: Option<Response>,
    /// Bytes to pass over: the server began at the start although it was asked for a later part.
    skip: u64,
    cuts: u32,
}

impl Hub {
    /// Opens the file at `path` of a commit, which has `size` bytes, at byte `from`.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer of another commit or length.
    pub async fn open(
        &self,
        source: &Source,
        commit: &CommitId,
        path: &RepoPath,
        size: u64,
        from: u64,
    ) -> Result<Body, Error> {
        self.part(source, commit, path, size, Part { from, end: None }).await
    }

    /// The first bytes of the file at `path` of a commit, which has `size` bytes: `most` of them, or all. Nothing
    /// proves them.
    ///
    /// # Errors
    /// As for [`Hub::open`] and [`Body::chunk`].
    pub async fn head(
        &self,
        source: &Source,
        commit: &CommitId,
        path: &RepoPath,
        size: u64,
        most: u64,
    ) -> Result<Vec<u8>, Error> {
        let end = (most < size).then_some(most);
        let mut body = self.part(source, commit, path, size, Part { from: 0, end }).await?;
        let mut head = Vec::new();
        while let Some(piece) = body.chunk().await? {
            head.extend_from_slice(&piece);
        }
        head.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(head)
    }

    async fn part(
        &self,
        source: &Source,
        commit: &CommitId,
        path: &RepoPath,
        size: u64,
        part: Part,
    ) -> Result<Body, Error> {
        let from = part.from;
        let mut body = Body {
            hub: self.clone(),
            source: source.clone(),
            commit: *commit,
            path: path.clone(),
            size,
            at: from,
            end: part.end.unwrap_or(size),
            response: None,
            skip: 0,
            cuts: 0,
        };
        if from < size || size == 0 {
            body.connect().await?;
        }
        Ok(body)
    }
}

impl Body {
    async fn connect(&mut self) -> Result<(), Error> {
        let url = self.hub.endpoint().resolve(&self.source, &self.commit.hex(), &self.path)?;
        let end = (self.end < self.size).then_some(self.end);
        let part = (self.at > 0 || end.is_some()).then_some(Part { from: self.at, end });
        let (response, first) =
            self.hub.get(Purpose::Body, url, part).await.map_err(|error| named(error, &self.commit.hex()))?;
        if let Some(commit) = first.get("x-repo-commit")
            && commit.as_bytes() != self.commit.hex().as_bytes()
        {
            return Err(Error::CommitMismatch {
                asked: self.commit,
                got: visible(&String::from_utf8_lossy(commit.as_bytes())),
            });
        }
        let header =
            |name| response.headers().get(name).and_then(|value: &reqwest::header::HeaderValue| value.to_str().ok());
        if let Some(encoding) = header(CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(Error::Encoding { url: shown(response.url()), encoding: visible(encoding) });
        }
        let (begins, ends) = match response.status() {
            StatusCode::PARTIAL_CONTENT => (self.check_range(header(CONTENT_RANGE).unwrap_or_default())?, self.end),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(self.length(format!("no more than {}", self.at)));
            }
            _ => (0, self.size),
        };
        let announced = response.content_length().map(|length| begins.saturating_add(length));
        if let Some(total) = announced.filter(|total| *total != ends) {
            return Err(self.length(total.to_string()));
        }
        self.skip = self.at.saturating_sub(begins);
        self.response = Some(response);
        Ok(())
    }

    /// Where a part begins, of `bytes 7-9/10`: where it was asked for, of a whole of the right length.
    fn check_range(&self, range: &str) -> Result<u64, Error> {
        let parsed = range.strip_prefix("bytes ").and_then(|range| {
            let (part, total) = range.split_once('/')?;
            let (begin, _) = part.split_once('-')?;
            Some((begin.trim().parse::<u64>().ok()?, total.trim().parse::<u64>().ok()))
        });
        match parsed {
            Some((begin, total)) if begin == self.at && total.is_none_or(|total| total == self.size) => Ok(begin),
            _ => Err(self.length(format!("the part `{}`", visible(range)))),
        }
    }

    fn length(&self, got: String) -> Error {
        Error::Length { expected: self.size, got }
    }

    /// The next piece of the content; none at its end, which is exactly where the listing says.
    ///
    /// # Errors
    /// A body that is longer or shorter than it should be, or that cannot be had to its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Some(response) = &mut self.response else {
                if self.at >= self.end {
                    return Ok(None);
                }
                self.connect().await?;
                continue;
            };
            // A server that serves the whole for a head is not listened to any longer.
            if self.at >= self.end && self.end < self.size {
                self.response = None;
                return Ok(None);
            }
            match response.chunk().await {
                Ok(Some(piece)) => {
                    if let Some(piece) = self.taken(piece)? {
                        return Ok(Some(piece));
                    }
                }
                Ok(None) if self.at == self.size => {
                    self.response = None;
                    return Ok(None);
                }
                Ok(None) if response.content_length().is_some() => {
                    return Err(self.length(self.at.to_string()));
                }
                // Without a length of its own, a body that ends early may have been cut.
                Ok(None) | Err(_) => self.cut().await?,
            }
        }
    }

    /// What is new in a piece.
    fn taken(&mut self, mut piece: Bytes) -> Result<Option<Bytes>, Error> {
        let known = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
        let _ = piece.split_to(known);
        self.skip -= known as u64;
        if piece.is_empty() {
            return Ok(None);
        }
        let end = self.at.saturating_add(piece.len() as u64);
        if end > self.size {
            return Err(self.length(format!("at least {end}")));
        }
        self.at = end;
        self.cuts = 0;
        Ok(Some(piece))
    }

    async fn cut(&mut self) -> Result<(), Error> {
        self.response = None;
        self.cuts += 1;
        if self.cuts > MAX_CUTS {
            return Err(Error::Cut { path: self.path.clone(), at: self.at });
        }
        tokio::time::sleep(retry::backoff(self.cuts, self.hub.config().backoff)).await;
        Ok(())
    }
}
