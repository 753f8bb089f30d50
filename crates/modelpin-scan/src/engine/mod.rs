//! What every scanner works with: the bytes, the limits, the findings.

mod capability;
pub(crate) mod characters;
pub(crate) mod code;
mod code_member;
pub(crate) mod encoding;
mod error;
mod finding;
mod format;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod name;
mod not_read;
mod place;
mod scan;
pub(crate) mod source;

pub use capability::Capability;
pub use code_member::{CodeMember, CodeSink};
pub(crate) use error::{FullyCovered, ScanError, ScanResult};
pub use finding::{Adapter, Facts, FileReference, Finding, LazyFacts, Report, Verdict};
pub use format::Format;
pub use limits::{Limits, Usage};
pub use not_read::NotRead;
pub use place::{Location, Occurrence};
pub(crate) use scan::Scan;
pub use source::Source;
