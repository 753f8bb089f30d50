//! Small writers for the formats of the corpus. They write what they are told to, also what no honest writer
//! would.

mod pickle;
mod proto;
mod zip;

pub use pickle::{Pickle, call, state_dict};
pub use proto::Proto;
pub use zip::{Member, Zip, crc32};
