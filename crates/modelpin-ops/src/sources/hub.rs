//! One file of the Hub, over plain HTTP.

use super::byte_source::{Body, ByteSource, SourceError};
use bytes::Bytes;
use modelpin_hub::{Error, File};
use modelpin_schema::Digest;
use std::fmt::Display;
use tokio::runtime::Handle;

/// A file of which no more bytes are missing is received before a thread is asked to write it, so that fewer threads
/// wake each other: they cost more than such a file.
const SMALL: u64 = 64 << 10;

/// One file of the Hub.
pub(crate) struct HubFile {
    file: File,
    /// Its bytes, in all.
    size: u64,
    /// What is missing of it, where that is so little that no thread has to wait for it.
    received: Option<Vec<Bytes>>,
}

impl HubFile {
    /// The `file` of `size` bytes, to be opened at byte `from`. What is missing of a small one is received now.
    ///
    /// # Errors
    /// The Hub's.
    pub(crate) async fn prepare(file: File, size: u64, from: u64) -> Result<Self, Error> {
        let received = match size.saturating_sub(from) {
            ..=SMALL => Some(receive(&file, from).await?),
            _ => None,
        };
        Ok(Self { file, size, received })
    }
}

impl ByteSource for HubFile {
    fn open(&self, _: &Digest, from: u64) -> Result<Option<Body>, SourceError> {
        if let Some(received) = &self.received {
            return Ok(Some(Body { length: Some(self.size), pieces: Box::new(received.clone().into_iter().map(Ok)) }));
        }
        let runtime = Handle::current();
        let mut body = runtime.block_on(self.file.open(from))?;
        let next = move || runtime.block_on(body.chunk()).map_err(SourceError::from).transpose();
        Ok(Some(Body { length: Some(self.size), pieces: Box::new(std::iter::from_fn(next)) }))
    }

    /// Its errors end the transfer and are reported there.
    fn failed(&self, _: &dyn Display) {}
}

/// What the Hub has of a small file from the byte `from`.
async fn receive(file: &File, from: u64) -> Result<Vec<Bytes>, Error> {
    let mut body = file.open(from).await?;
    let mut pieces = Vec::new();
    let mut len = 0;
    // More than it says of itself is refused by whoever writes it.
    while len <= SMALL
        && let Some(piece) = body.chunk().await?
    {
        len += piece.len() as u64;
        pieces.push(piece);
    }
    Ok(pieces)
}
