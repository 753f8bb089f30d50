//! Conversions: a locked file that can run code when it is loaded, and the data that is installed in its place.
//!
//! The source stays locked, so that whoever has it and the same converter can make the result anew. What a result is
//! called follows from its source alone: it is the name that loaders look for before they look for the source.

use super::Artifact;
use crate::{Digest, FileKind, RepoPath};
use std::fmt;

/// What was made of a locked file, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The locked file that it was made of.
    pub from: RepoPath,
    /// The SHA-256 of that file.
    pub source: Digest,
    /// The number of the converter. The same one makes the same bytes of the same source, always; never 0.
    pub converter: u32,
    /// Bytes of the result.
    pub size: u64,
    /// SHA-256 of the result.
    pub sha256: Digest,
}

impl Converted {
    /// The result as a file.
    #[must_use]
    pub fn artifact(&self) -> Artifact {
        Artifact { kind: FileKind::Safetensors, size: self.size, sha256: self.sha256 }
    }
}

impl fmt::Display for Converted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, source, converter, sha256, .. } = self;
        write!(f, "{from} {source} -> {sha256} by converter {converter}")
    }
}

/// Whether the file at `path` is one of several that hold the weights together, as in
/// `pytorch_model-00001-of-00002.bin`.
#[must_use]
pub fn is_shard(path: &RepoPath) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = path.file_name().split_once("-of-").and_then(|(before, of)| Some((before.rsplit_once('-')?.1, of)));
    parts.is_some_and(|(number, of)| is_number(number) && is_number(of.split('.').next().unwrap_or_default()))
}

/// Where the result of converting the file at `from` belongs: beside it, under the name that transformers, PEFT and
/// diffusers look for first. None for names that no loader of weights looks for, and for shards, which need an index.
///
/// ```
/// use modelpin_schema::lockfile::result_path;
/// let of = |path: &str| result_path(&path.parse().unwrap()).map(|path| path.to_string());
/// assert_eq!(of("pytorch_model.bin").as_deref(), Some("model.safetensors"));
/// assert_eq!(of("unet/diffusion_pytorch_model.bin").as_deref(), Some("unet/diffusion_pytorch_model.safetensors"));
/// assert_eq!(of("config.json"), None);
/// ```
#[must_use]
pub fn result_path(from: &RepoPath) -> Option<RepoPath> {
    if is_shard(from) {
        return None;
    }
    let name = from.file_name();
    let folder = from.as_str().strip_suffix(name)?;
    let stem = ["bin", "pt", "pth", "ckpt"].iter().find_map(|suffix| name.strip_suffix(suffix)?.strip_suffix('.'))?;
    // A variant stands between: `pytorch_model.fp16.bin` is `model.fp16.safetensors`.
    let stem = match stem.strip_prefix("pytorch_model") {
        Some(variant) if variant.is_empty() || variant.starts_with('.') => format!("model{variant}"),
        _ => stem.to_owned(),
    };
    format!("{folder}{stem}.safetensors").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{is_shard, result_path};
    use crate::lockfile::sample::sample;

    #[test]
    fn a_result_has_the_name_that_loaders_look_for() {
        for (from, result) in [
            ("pytorch_model.bin", Some("model.safetensors")),
            ("pytorch_model.fp16.bin", Some("model.fp16.safetensors")),
            ("text_encoder/pytorch_model.bin", Some("text_encoder/model.safetensors")),
            ("adapter_model.bin", Some("adapter_model.safetensors")),
            ("diffusion_pytorch_model.bin", Some("diffusion_pytorch_model.safetensors")),
            ("pytorch_model_2.bin", Some("pytorch_model_2.safetensors")),
            ("model.bin", Some("model.safetensors")),
            ("a/v1.5.ckpt", Some("a/v1.5.safetensors")),
            ("x.pt", Some("x.safetensors")),
            ("x.pth", Some("x.safetensors")),
            ("x.pkl", None),
            ("x.BIN", None),
            ("bin", None),
            (".bin", Some(".safetensors")),
            ("pytorch_model-00001-of-00002.bin", None),
            ("model-1-of-2.fp16.bin", None),
        ] {
            let got = result_path(&from.parse().unwrap());
            assert_eq!(got.as_ref().map(crate::RepoPath::as_str), result, "{from}");
        }
        for path in ["one-of-us.bin", "best-1-of-a-kind.bin", "1-of-2.bin", "a-1-of-.bin"] {
            assert!(!is_shard(&path.parse().unwrap()), "{path}");
        }
    }

    #[test]
    fn a_conversion_goes_with_its_source() {
        let mut lock = sample();
        let pin = lock.pins.get_mut(&"chat".parse().unwrap()).unwrap();
        let same = pin.converted.clone();
        pin.drop_orphans();
        assert_eq!((pin.converted.len(), &pin.converted), (1, &same));
        pin.converted.values_mut().for_each(|converted| converted.source = crate::Digest::new([1; 32]));
        pin.drop_orphans();
        assert!(pin.converted.is_empty());
        let there = same.into_values().map(|converted| ("Config.json".parse().unwrap(), converted)).collect();
        pin.converted = there;
        pin.drop_orphans();
        assert!(pin.converted.is_empty(), "another file is in its place");
    }
}
