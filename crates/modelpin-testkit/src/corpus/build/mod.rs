//! Small writers for the formats of the corpus. They write what they are told to, also what no honest writer
//! would.

mod compress;
mod hdf5;
mod pickle;
mod proto;
mod tar;
mod zip;

pub use super::pickle::torch_old;
pub use compress::{bzip2, deflate, gzip, lz4, lzma, lzma_raw, xz, zlib, zstd};
pub use hdf5::{Hdf5, Value};
pub use pickle::{Pickle, call, state_dict};
pub use proto::Proto;
pub use tar::{Tar, tar_header};
pub use zip::{Member, Zip, crc32, torch_zip};
