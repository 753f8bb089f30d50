//! A large file in pieces of one size, over several connections, handed out in order.
//!
//! Pieces are asked for in order, a few ahead of the one whose bytes are wanted next, and wait in memory until their
//! turn comes: whoever reads sees one body. What all files of a run hold ahead is bounded together.

use crate::Error;
use crate::remote_file::{FullResponse, RemoteFile};
use crate::stream::Stream;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// The fewest pieces of one file in flight, where the reader is slower than the network: more would only wait in memory.
const MIN_IN_FLIGHT: usize = 3;
/// Chunks of fewer bytes are joined: a server that sends them one by one must not fill the memory with their heads.
const MIN_CHUNK: usize = 8 << 10;

/// A piece that is being received, or waits for its turn. Dropping it ends the request.
struct InFlight {
    task: JoinHandle<()>,
    /// No more bytes than the piece has: no other bound is needed.
    bytes: UnboundedReceiver<Result<Bytes, Error>>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A file that is received in pieces.
pub(crate) struct RangedDownload {
    remote: Arc<RemoteFile>,
    /// The first byte that was not asked for yet.
    ahead: u64,
    /// The first byte that was not handed out.
    at: u64,
    in_flight: VecDeque<InFlight>,
    /// How many pieces to have in flight: more while the reader waits for them, fewer while they wait for the reader.
    wanted: usize,
    /// Pieces in a row that had arrived before they were wanted.
    early: usize,
}

impl RangedDownload {
    pub(crate) fn new(remote: Arc<RemoteFile>, at: u64) -> Self {
        let budget = remote.hub.prefetch();
        budget.begin_file();
        let wanted = budget.most();
        Self { remote, ahead: at, at, in_flight: VecDeque::new(), wanted, early: 0 }
    }

    /// The first byte that was not handed out.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The next bytes; none at the end. After an error that [`RemoteFile::is_whole`] explains, there are no pieces.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.in_flight.is_empty() {
                self.request_more().await;
            }
            let Some(first) = self.in_flight.front_mut() else { return Ok(None) };
            match first.bytes.recv().await {
                Some(Ok(bytes)) => {
                    self.at = self.at.saturating_add(bytes.len() as u64);
                    return Ok(Some(bytes));
                }
                Some(Err(error)) => return Err(error),
                None => {
                    self.in_flight.pop_front();
                    self.adapt();
                    self.request_more().await;
                }
            }
        }
    }

    /// Asks for as many pieces as there is memory for; for one in any case, so that no file waits for ever: a
    /// file's first piece has memory before its second, and gives it back whatever other files do.
    async fn request_more(&mut self) {
        let budget = self.remote.hub.prefetch();
        while self.ahead < self.remote.size && self.in_flight.len() < budget.share().min(self.wanted) {
            let memory = if self.in_flight.is_empty() {
                budget.wait_for_piece().await
            } else {
                let Some(permit) = budget.try_piece() else { return };
                Some(permit)
            };
            let end = self.ahead.saturating_add(budget.piece()).min(self.remote.size);
            let (sender, bytes) = unbounded_channel();
            let stream = Stream::new(self.remote.clone(), self.ahead, end, FullResponse::Reject);
            self.in_flight.push_back(InFlight { task: tokio::spawn(receive(stream, sender)), bytes, _memory: memory });
            self.ahead = end;
        }
    }

    /// Adapts the number of pieces in flight: doubled where the next piece has not arrived, one less after a round in which
    /// every piece had.
    fn adapt(&mut self) {
        let Some(first) = self.in_flight.front() else { return };
        if !first.task.is_finished() {
            self.wanted = (self.wanted * 2).min(self.remote.hub.prefetch().most());
            self.early = 0;
        } else if self.early < self.wanted {
            self.early += 1;
        } else {
            self.wanted = (self.wanted - 1).max(MIN_IN_FLIGHT);
            self.early = 0;
        }
    }
}

impl Drop for RangedDownload {
    fn drop(&mut self) {
        self.remote.hub.prefetch().end_file();
    }
}

/// Sends what comes of a piece, until it or an error ends it, or nobody wants it any more.
async fn receive(mut stream: Stream, sender: UnboundedSender<Result<Bytes, Error>>) {
    let mut joined = Vec::new();
    loop {
        let chunk = stream.chunk().await.transpose();
        let sent = match chunk {
            Some(Ok(bytes)) if joined.is_empty() && bytes.len() >= MIN_CHUNK => sender.send(Ok(bytes)),
            Some(Ok(bytes)) => {
                joined.extend_from_slice(&bytes);
                if joined.len() < MIN_CHUNK {
                    continue;
                }
                sender.send(Ok(std::mem::take(&mut joined).into()))
            }
            end => {
                let rest = (!joined.is_empty()).then(|| Ok(joined.into()));
                rest.into_iter().chain(end).for_each(|last| drop(sender.send(last)));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
