//! Bytes of a file over one connection, in order. A body that is cut off is resumed where it was.

use crate::limiter::{Overload, Permit};
use crate::remote_file::{FullResponse, RemoteFile};
use crate::request::Answer;
use crate::{Error, retry};
use bytes::Bytes;
use std::sync::Arc;

/// How often in a row a body may be cut off without a byte before it is given up.
const MAX_CUTS: u32 = 5;

/// A range of a file that is being received.
pub(crate) struct Stream {
    remote: Arc<RemoteFile>,
    at: u64,
    /// The byte after the last that is wanted.
    end: u64,
    whole: FullResponse,
    answer: Option<Answer>,
    /// The byte after the last of the answer.
    limit: u64,
    /// Bytes to skip: the server began at the start although it was asked for a later part.
    skip: u64,
    cuts: u32,
    /// Whether no byte of this answer has been received yet.
    fresh: bool,
}

impl Stream {
    /// The bytes from `at` to `end`.
    pub(crate) fn new(remote: Arc<RemoteFile>, at: u64, end: u64, whole: FullResponse) -> Self {
        Self { remote, at, end, whole, answer: None, limit: end, skip: 0, cuts: 0, fresh: true }
    }

    /// Asks for what is still to come.
    pub(crate) async fn connect(&mut self) -> Result<(), Error> {
        let opened = self.remote.open(self.at, self.end, self.whole).await?;
        self.limit = opened.ends;
        self.skip = self.at.saturating_sub(opened.begins);
        self.answer = Some(opened.answer);
        self.fresh = true;
        Ok(())
    }

    /// The next bytes; none at the end, which is exactly where the listing says.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Some(answer) = &mut self.answer else {
                if self.at >= self.end {
                    return Ok(None);
                }
                self.connect().await?;
                continue;
            };
            // Of a server that sends the whole file for a range, no more is read.
            if self.at >= self.end && self.limit > self.end {
                self.answer = None;
                return Ok(None);
            }
            match answer.response.chunk().await {
                Ok(Some(piece)) => {
                    if let Some(rate_limiter) = self.remote.hub.rate_limiter() {
                        rate_limiter.pay(piece.len()).await;
                    }
                    if let Some(piece) = self.taken(piece)? {
                        return Ok(Some(piece));
                    }
                }
                Ok(None) if self.at == self.limit => {
                    self.answer = None;
                    return Ok(None);
                }
                Ok(None) if answer.response.content_length().is_some() => {
                    return Err(self.remote.length(self.at.to_string()));
                }
                // Without a length of its own, a body that ends early may have been cut.
                Ok(None) | Err(_) => self.cut().await?,
            }
        }
    }

    /// The bytes of a piece that were not received before.
    fn taken(&mut self, mut piece: Bytes) -> Result<Option<Bytes>, Error> {
        let known = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
        let _ = piece.split_to(known);
        self.skip -= known as u64;
        if piece.is_empty() {
            return Ok(None);
        }
        let end = self.at.saturating_add(piece.len() as u64);
        if end > self.limit {
            return Err(self.remote.length(format!("at least {end}")));
        }
        self.at = end;
        self.cuts = 0;
        self.fresh = false;
        Ok(Some(piece))
    }

    async fn cut(&mut self) -> Result<(), Error> {
        let permit = self.answer.take().and_then(|answer| answer.permit);
        // A server that accepts a connection and sends nothing may have too many of them.
        let overload = permit.as_ref().filter(|_| self.fresh).map_or(Overload::None, Permit::report_overload);
        drop(permit);
        match overload {
            Overload::None => self.cuts += 1,
            Overload::ReducedTo(limit) => self.remote.hub.notice_fewer_connections(limit),
            Overload::Reported => {}
        }
        if self.cuts > MAX_CUTS {
            return Err(Error::Cut { path: self.remote.path.clone(), at: self.at });
        }
        tokio::time::sleep(retry::backoff(self.cuts.max(1), self.remote.hub.config().backoff)).await;
        Ok(())
    }
}
