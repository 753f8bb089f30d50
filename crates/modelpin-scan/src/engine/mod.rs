//! What every scanner works with: the bytes, the limits, the findings.

mod capability;
pub(crate) mod characters;
pub(crate) mod code;
mod finding;
mod format;
mod halt;
mod inner;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod name;
mod place;
mod scan;
pub(crate) mod source;

pub use capability::Capability;
pub use finding::{Adapter, Facts, Finding, Learned, Mention, Report, Verdict};
pub use format::Format;
pub(crate) use halt::{Followed, Halt, Outcome};
pub use inner::{Inner, Sink};
pub use limits::{Limits, Spent};
pub use place::{At, Place};
pub(crate) use scan::Scan;
pub use source::Source;
