//! Scanning a file by parts of it, as far as bounds allow: a file on the Hub without downloading it, and in the same way
//! a file on this machine, where the two have to be compared.
//!
//! - here: what a file's parts come from; `hub`: from the Hub
//! - `reader`: what the scanner reads, with the parts that came and what may still be asked for

mod hub;
mod reader;

pub(crate) use hub::{HubFile, Traffic};
pub(crate) use reader::{Bounds, RangeReader};

use modelpin_scan::Source;
use std::io;

/// What the parts of a file come from.
pub(crate) trait Parts {
    /// The length of the file in bytes.
    fn size(&self) -> u64;

    /// The `length` bytes from `at` on, which are all in the file.
    ///
    /// # Errors
    /// Why there are none.
    fn part(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart>;

    /// Several such parts, each by its place and length.
    fn parts(&self, places: &[(u64, u64)]) -> Vec<Result<Vec<u8>, NoPart>> {
        places.iter().map(|(at, length)| self.part(*at, *length)).collect()
    }
}

/// Why a part of a file did not come.
#[derive(Debug)]
pub(crate) enum NoPart {
    /// It is not read: that would cost more than is spent, or bring more than was asked for.
    Declined,
    /// Reading it failed.
    Failed(io::Error),
}

impl<P: Parts + ?Sized> Parts for &P {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn part(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart> {
        (**self).part(at, length)
    }

    fn parts(&self, places: &[(u64, u64)]) -> Vec<Result<Vec<u8>, NoPart>> {
        (**self).parts(places)
    }
}

/// A file on this machine, by parts.
pub(crate) struct LocalFile<S>(pub(crate) S);

impl<S: Source> Parts for LocalFile<S> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn part(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart> {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(at.saturating_add(filled as u64), rest) {
                Ok(0) => return Err(NoPart::Failed(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(NoPart::Failed(error)),
            }
        }
        Ok(bytes)
    }
}
