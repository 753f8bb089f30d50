//! What went wrong with a file, worded.

use super::wanted::Wanted;
use crate::refusal::content::{self, Origin};
use crate::refusal::{Failure, Refusal};
use modelpin_schema::Claim;
use modelpin_schema::text::count;
use modelpin_store::{self as store, Mismatch};

/// What `origin` gave is not what is wanted.
pub(super) fn mismatched(wanted: &Wanted, origin: &Origin, mismatch: &Mismatch) -> Refusal {
    let refusal = match mismatch {
        Mismatch::Size { got, .. } => content::size(origin, wanted.size, &count(*got, "byte")),
        Mismatch::Digest { got, .. } => content::digest(origin, &wanted.digest, got),
        Mismatch::GitBlob { expected, got } => content::claim(&Claim::GitBlob(*expected), &format!("git blob {got}")),
    };
    refusal.entry(&wanted.name).file(&wanted.path)
}

/// What the store could not keep of the bytes that `origin` gave.
pub(super) fn store_failure(wanted: &Wanted, origin: &Origin, error: store::Error) -> Failure {
    match error {
        store::Error::Mismatch(mismatch) => mismatched(wanted, origin, &mismatch).into(),
        error => error.into(),
    }
}
