//! Twins and variants: a family of files whose weights another family of the same folder holds.

use super::choice::Reason;
use super::decision::Decision;
use super::known::twin;
use super::listing::{FamilyKey, Listing};
use super::names::TORCH;
use crate::RepoPath;

/// Leaves out pickles beside their twin in safetensors, and variants beside the plain weights or, where `wanted` names a
/// variant that a folder has, the plain weights beside it. A folder without that variant keeps what is plain, as
/// diffusers does (`pipelines/pipeline_loading_utils.py`, `variant_compatible_siblings`).
pub(super) fn decide<'a>(listing: &Listing<'a>, wanted: Option<&str>, decision: &mut Decision<'a>) {
    for file in &listing.files {
        let Some(key) = file.family() else { continue };
        if let Some((reason, beside)) = needless(listing, key, wanted) {
            decision.leave_out(file.path, reason, beside);
        }
    }
}

fn needless<'a>(
    listing: &Listing<'a>,
    (folder, stem, extension, variant): FamilyKey<'a>,
    wanted: Option<&str>,
) -> Option<(Reason, &'a RepoPath)> {
    let torch = TORCH.contains(&extension);
    let safetensors = |variant| {
        let known = if torch { Some(twin(stem)) } else { (extension == "safetensors").then_some(stem) };
        listing.complete((folder, known?, "safetensors", variant))
    };
    if torch && let Some(twin) = safetensors(variant) {
        return Some((Reason::Copy, twin));
    }
    let of_format = |variant| safetensors(variant).or_else(|| listing.complete((folder, stem, extension, variant)));
    if variant.is_empty() {
        return Some((Reason::Variant, of_format(wanted?)?));
    }
    if Some(variant) == wanted && (!torch || safetensors("").is_none()) {
        return None;
    }
    Some((Reason::Variant, of_format("")?))
}

/// The variant of that name as the repo spells it.
pub(super) fn spelled<'a>(listing: &Listing<'a>, name: &str) -> Option<&'a str> {
    listing.variants().find(|variant| variant.eq_ignore_ascii_case(name))
}
