//! What a zip archive is: torch's, Keras', skops', TorchServe's, or any other.

use super::member::Member;
use crate::engine::name::Name;
use crate::formats::archive::member_name::folded;

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

/// Names that are passed to torch, or to an unpickler.
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
