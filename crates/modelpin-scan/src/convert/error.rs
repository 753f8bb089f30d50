//! Why a checkpoint is not converted, and why writing stopped.

use crate::engine::ScanError;
use crate::formats::pickle::graph::Unsupported;
use std::{fmt, io};

/// The reason for which a checkpoint is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The scan does not call it safe.
    Unsafe,
    /// It is not a checkpoint of torch.
    Format,
    /// The saved object is not a dictionary.
    Object,
    /// There is no tensor in it.
    Empty,
    /// A dictionary or list contains itself.
    Cycle,
    /// A key is neither a text nor a whole number.
    Key,
    /// A name that the format, or its metadata, has for itself.
    Reserved,
    /// Two tensors would get one name.
    Clash,
    /// A tensor is not plainly the elements of a storage.
    Tensor(Unsupported),
    /// Elements that safetensors has no type for.
    Dtype,
    /// A storage is not where, or what, its tensors say.
    Storage,
    /// The order of bytes is unknown.
    Order,
    /// A compressed storage of which not one run of bytes is taken.
    Compressed,
    /// The result would be far larger than the checkpoint.
    Size,
    /// More names, dimensions or tensors than the format's header holds.
    Header,
    /// The index of shards does not say what is in them.
    Index,
    /// The scan does not call the result safe.
    Result,
    /// A limit was hit.
    Limit,
    /// The bytes could not be read.
    Unreadable,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor(unsupported) => return unsupported.fmt(f),
            Self::Unsafe => "the scan did not find it safe",
            Self::Format => "it is not a checkpoint written by torch.save",
            Self::Object => "the saved object is not a dictionary",
            Self::Empty => "it contains no tensors",
            Self::Cycle => "a dictionary or list contains itself",
            Self::Key => "a key is neither a string nor an integer",
            Self::Reserved => "safetensors reserves that name",
            Self::Clash => "two values would get the same name",
            Self::Dtype => "safetensors has no type for its elements",
            Self::Storage => "a storage does not match its tensors",
            Self::Order => "its byte order is unknown",
            Self::Compressed => "a compressed storage is not read sequentially",
            Self::Size => "the result would be much larger than the checkpoint",
            Self::Header => "its names and shapes exceed the header limit of safetensors",
            Self::Index => "the index does not match its shards",
            Self::Result => "the scan did not find the result safe",
            Self::Limit => "it exceeds the limits of a scan",
            Self::Unreadable => "it could not be read",
        }
        .fmt(f)
    }
}

/// A checkpoint that is not converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertError {
    /// The reason.
    pub reason: Reason,
    /// What it is about: a name, a rule, a number. Made harmless for a terminal.
    pub detail: String,
}

impl ConvertError {
    pub(super) fn new(reason: Reason, detail: impl AsRef<str>) -> Self {
        Self { reason, detail: modelpin_schema::visible(detail.as_ref()) }
    }
}

impl From<ScanError> for ConvertError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::LimitReached(what) => Self::new(Reason::Limit, what),
            ScanError::NotRead(reason) => Self::new(Reason::Unreadable, reason.to_string()),
            ScanError::Unreadable(reason) => Self::new(Reason::Unreadable, reason),
            ScanError::Truncated(at) => Self::new(Reason::Unreadable, format!("it ends at byte {at}")),
            ScanError::Malformed(rule, at, what) => {
                Self::new(Reason::Unreadable, format!("{} at {at}: {what}", rule.id))
            }
        }
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl std::error::Error for ConvertError {}

/// Why writing stopped before the end.
#[derive(Debug)]
pub enum WriteError {
    /// The checkpoint could not be read, or is not what it was. Made harmless for a terminal.
    Source(String),
    /// The result could not be written.
    Output(io::Error),
}

impl From<ScanError> for WriteError {
    fn from(error: ScanError) -> Self {
        Self::Source(ConvertError::from(error).detail)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(reason) => write!(f, "the checkpoint could not be read: {reason}"),
            Self::Output(error) => write!(f, "the result could not be written: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(_) => None,
            Self::Output(error) => Some(error),
        }
    }
}
