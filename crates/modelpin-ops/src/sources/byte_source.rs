//! What every source of content does.

use bytes::Bytes;
use modelpin_schema::Digest;
use std::fmt::Display;
use std::io;
use std::path::PathBuf;

/// A source of content.
///
/// It is called on a thread that may block. A source that waits for a network does so there, with the runtime's handle.
pub trait ByteSource: Send + Sync {
    /// The content `digest` from byte `from` on; none where the source does not have it.
    ///
    /// # Errors
    /// A source that is unavailable; I/O errors from opening a local file.
    fn open(&self, digest: &Digest, from: u64) -> Result<Option<Body>, SourceError>;

    /// The source broke off, or gave other bytes than those that are wanted: reports `why`, where nobody else does, and
    /// whether the source goes on being asked is up to it.
    fn failed(&self, why: &dyn Display);
}

/// The bytes of one content.
pub struct Body {
    /// The bytes of the whole content; none where the source does not say.
    pub length: Option<u64>,
    /// The bytes from where it was opened, in order.
    pub pieces: Pieces,
}

/// Bytes in order. After an error comes nothing more; what came before it is kept.
pub type Pieces = Box<dyn Iterator<Item = Result<Bytes, SourceError>> + Send>;

/// Why a source gives no more bytes.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The source does not serve; the next one continues where it ended.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The Hub does not serve the file. There is no source after it.
    #[error(transparent)]
    Hub(#[from] modelpin_hub::Error),
    /// A local file cannot be read.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Why a source does not serve, in words without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(String);

impl Unavailable {
    /// It does not serve because of `why`.
    pub fn because(why: impl Display) -> Self {
        Self(why.to_string())
    }
}
