//! Bytes of a file over one connection, in order. A body that is cut goes on where it was.

use crate::hub::Answer;
use crate::lanes::{Crowd, Lane};
use crate::place::{Place, Whole};
use crate::{Error, retry};
use bytes::Bytes;
use std::sync::Arc;

/// Cuts in a row without a byte between them after which a body is given up.
const MAX_CUTS: u32 = 5;

/// A part of a file that is coming.
pub(crate) struct Stream {
    place: Arc<Place>,
    at: u64,
    /// Where reading ends.
    end: u64,
    whole: Whole,
    answer: Option<Answer>,
    /// The byte behind the last of the answer.
    limit: u64,
    /// Bytes to pass over: the server began at the start although it was asked for a later part.
    skip: u64,
    cuts: u32,
    /// Whether this answer has given no byte yet.
    fresh: bool,
}

impl Stream {
    /// The bytes from `at` to `end`.
    pub(crate) fn new(place: Arc<Place>, at: u64, end: u64, whole: Whole) -> Self {
        Self { place, at, end, whole, answer: None, limit: end, skip: 0, cuts: 0, fresh: true }
    }

    /// Asks for what is still to come.
    pub(crate) async fn connect(&mut self) -> Result<(), Error> {
        let opened = self.place.open(self.at, self.end, self.whole).await?;
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
            // A server that serves the whole for a part is not listened to any longer.
            if self.at >= self.end && self.limit > self.end {
                self.answer = None;
                return Ok(None);
            }
            match answer.response.chunk().await {
                Ok(Some(piece)) => {
                    if let Some(pace) = self.place.hub.pace() {
                        pace.pay(piece.len()).await;
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
                    return Err(self.place.length(self.at.to_string()));
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
        if end > self.limit {
            return Err(self.place.length(format!("at least {end}")));
        }
        self.at = end;
        self.cuts = 0;
        self.fresh = false;
        Ok(Some(piece))
    }

    async fn cut(&mut self) -> Result<(), Error> {
        let lane = self.answer.take().and_then(|answer| answer.lane);
        // A server that takes a connection and gives nothing on it may have too many.
        let crowd = lane.as_ref().filter(|_| self.fresh).map_or(Crowd::Alone, Lane::complain);
        drop(lane);
        match crowd {
            Crowd::Alone => self.cuts += 1,
            Crowd::Fewer(limit) => self.place.hub.fewer(limit),
            Crowd::Known => {}
        }
        if self.cuts > MAX_CUTS {
            return Err(Error::Cut { path: self.place.path.clone(), at: self.at });
        }
        tokio::time::sleep(retry::backoff(self.cuts.max(1), self.place.hub.config().backoff)).await;
        Ok(())
    }
}
