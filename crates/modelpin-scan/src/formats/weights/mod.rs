//! Formats that hold numbers and words, and run nothing: recognized by what they are inside, never by their names.
//!
//! Anyone who recognises one says no more than that its own readers run nothing. Whether the same bytes are a pickle or
//! an archive to another reader is asked of all of them by `dispatch`.

mod certainty;
mod ctranslate2;
mod fasttext;
mod little_endian;
mod magic;
mod matlab;
mod netcdf;
mod science;
mod ubjson;
mod word2vec;

pub(crate) use magic::scan as marked;
pub(crate) use ubjson::scan as ubjson;
pub(crate) use {ctranslate2::scan as ctranslate2, fasttext::scan as fasttext, matlab::scan as matlab};

use crate::engine::source::ByteRange;
use crate::engine::{Format, ScanError};

/// Which of these formats `part` is, if it is one of them.
pub(crate) fn sniff(part: &ByteRange<'_>, head: &[u8]) -> Result<Option<Format>, ScanError> {
    Ok(if matlab::is_matlab(head) {
        Some(Format::Matlab)
    } else if fasttext::is_fasttext(head) {
        Some(Format::FastText)
    } else if ctranslate2::is_ctranslate2(head) {
        Some(Format::Ctranslate2)
    } else if ubjson::is_ubjson(head) {
        Some(Format::Ubjson)
    } else {
        magic::sniff(part, head)?.map(|_| Format::Weights)
    })
}
