//! Conversions: a locked file that can run code when it is loaded, and the data that is installed in its place.
//!
//! The source stays locked, so that whoever has it and the same converter can make the result anew. What a result is
//! called follows from its source alone: it is the name that loaders look for before they look for the source.
//!
//! Shards and their index, a family, are converted together or not at all. The index of the results follows from the
//! results alone: it names the tensors that they hold.

use super::Artifact;
use super::conversion_target::is_index;
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
        let kind = if is_index(&self.from) { FileKind::Config } else { FileKind::Safetensors };
        Artifact { kind, size: self.size, sha256: self.sha256 }
    }
}

impl fmt::Display for Converted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, source, converter, sha256, .. } = self;
        write!(f, "{from} {source} -> {sha256} by converter {converter}")
    }
}

#[cfg(test)]
mod tests {
    use crate::lockfile::sample::sample;

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
