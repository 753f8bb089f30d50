//! Small writers for the formats of the corpus. They write what they are told to, also what no honest writer
//! would.

mod hdf5;
mod pickle;
mod proto;
mod zip;

pub use hdf5::{Hdf5, Value};
pub use pickle::{Pickle, call, state_dict};
pub use proto::Proto;
pub use zip::{Member, Zip, crc32};
