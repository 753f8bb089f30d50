//! What a zip archive is: torch's, Keras', skops', TorchServe's, or any other.

use super::member::Member;
use super::{Zip, folded};
use crate::documents::{keras, object};
use crate::engine::name::Name;
use crate::engine::{At, Halt, Scan};
use modelpin_rules::pickle::TORCHSCRIPT;

/// What an archive is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Weights of torch: there is a `data.pkl`.
    Torch,
    /// An exported program of torch (`.pt2`).
    Exported,
    /// A Keras model.
    Keras,
    /// A skops model.
    Skops,
    /// A model archive of TorchServe.
    Mar,
    /// Any other, under a name that torch loads or not.
    Plain,
}

/// Names that are handed to torch, or to an unpickler.
pub(super) fn is_torch_name(name: &Name) -> bool {
    matches!(
        name.suffix.as_str(),
        "pt" | "pth" | "bin" | "ckpt" | "ptl" | "pt2" | "th" | "pyt" | "torch" | "pkl" | "pickle" | "p" | "sav"
    )
}

impl Kind {
    pub(super) fn of(members: &[Member], name: &Name) -> Self {
        let names = || members.iter().flat_map(|member| std::iter::once(&member.name).chain(&member.also));
        let names: Vec<String> = names().map(|name| folded(name)).collect();
        let any = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(name));
        let weights = any(&|name| name.ends_with(".weights.h5") || name.ends_with(".weights.npz"));
        if any(&|name| base(name) == "data.pkl") {
            Self::Torch
        } else if any(&|name| base(name) == "archive_format")
            || (name.suffix == "pt2" && any(&|n| n.ends_with(".json")))
        {
            Self::Exported
        } else if any(&|name| name == "config.json")
            && (name.suffix == "keras" || weights || any(&|name| name == "metadata.json"))
        {
            Self::Keras
        } else if name.suffix == "skops" {
            Self::Skops
        } else if name.suffix == "mar" || any(&|name| name == "mar-inf/manifest.json") {
            Self::Mar
        } else {
            Self::Plain
        }
    }

    /// Whether torch reads it.
    pub(super) fn is_torch(self) -> bool {
        matches!(self, Self::Torch | Self::Exported)
    }
}

/// The last part of a name.
pub(super) fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Judges a member that means something to the loader of the archive. Says whether that was all of it.
pub(super) fn special(zip: &Zip<'_, '_>, member: &Member, name: &Name, scan: &mut Scan<'_>) -> Result<bool, Halt> {
    let called = folded(&member.name);
    if called.starts_with("__macosx/") && base(&called).starts_with("._") {
        // What Finder keeps beside each file: attributes of macOS, which no loader looks for.
        let note = zip.open(member, scan)?;
        return note.map_or(Ok(true), |note| {
            Ok(note.bytes(0, 4)? == [0, 5, 0x16, 7] && note.len() < 1 << 20 && !super::has_directory(&note)?)
        });
    }
    match (zip.kind, called.as_str()) {
        (Kind::Exported, called) if base(called) == "archive_format" => {
            scan.find(&TORCHSCRIPT, At::Byte(member.header), "an exported program (`archive_format`)");
            Ok(false)
        }
        (kind, "config.json") if !kind.is_torch() => {
            let is_keras = kind == Kind::Keras || name.suffix == "keras";
            let done = document(zip, member, scan, |text, scan| {
                let meant = is_keras || text.contains("class_name") || text.contains("\\u");
                if meant {
                    keras::config(text, "", scan);
                }
            })?;
            Ok(done && is_keras)
        }
        (kind, "schema.json") => {
            let is_skops = kind == Kind::Skops;
            let done = document(zip, member, scan, |text, scan| {
                let meant = is_skops || text.contains("__module__") || text.contains("__loader__");
                if meant || text.contains("\\u") {
                    object::skops(text, scan);
                }
            })?;
            Ok(done && is_skops)
        }
        _ => Ok(false),
    }
}

/// Reads a member whole, as text. Says whether it could be.
fn document(
    zip: &Zip<'_, '_>,
    member: &Member,
    scan: &mut Scan<'_>,
    work: impl FnOnce(&str, &mut Scan<'_>),
) -> Result<bool, Halt> {
    let Some(content) = zip.open(member, scan)? else {
        return Ok(false);
    };
    let most = scan.limits.json;
    let bytes = content.all(most)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(false);
    };
    crate::formats::archive::within(&member.name, scan, |scan| work(text, scan));
    Ok(true)
}
