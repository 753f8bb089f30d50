//! Which locked files can be converted, and which conversions belong together.

use super::conversion_target::{ConversionTarget, conversion_target, family, is_index, shard};
use super::{Artifact, Identifier, Pin, PrintableText};
use crate::path::collision;
use crate::{FileKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why a file cannot be converted, as far as the lock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The file is not a pickle.
    NotAPickle(FileKind),
    /// No safetensors could take its place, by its name.
    NoTarget,
    /// Another file is, or would be, where the result goes.
    Taken {
        /// The path of the result.
        result: RepoPath,
        /// What is there.
        by: RepoPath,
    },
    /// It is a shard, and the index of its family is not locked.
    NoIndex(RepoPath),
    /// It is a shard, and not all shards of its family are locked.
    ShardsMissing {
        /// The index of the family.
        index: RepoPath,
        /// How many shards there should be.
        expected: u64,
        /// How many of them are locked.
        locked: u64,
    },
    /// A finding of the scan: the file can run something else than what makes tensors.
    Finding {
        /// The file.
        file: RepoPath,
        /// The rule.
        rule: Identifier,
    },
    /// The file imports something that makes no tensors. It may be converted nonetheless, where that can be left out.
    Import {
        /// The file.
        file: RepoPath,
        /// What it imports.
        global: PrintableText,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPickle(kind) => write!(f, "it is {kind}, not a pickle"),
            Self::NoTarget => f.write_str("no loader looks for safetensors in its place"),
            Self::Taken { by, .. } => write!(f, "`{by}` is in the place of its result"),
            Self::NoIndex(index) => write!(f, "its index `{index}` is not locked"),
            Self::ShardsMissing { expected, locked, .. } => write!(f, "{locked} of {expected} shards are locked"),
            Self::Finding { file, rule } => write!(f, "the scan found `{rule}` in `{file}`"),
            Self::Import { file, global } => write!(f, "`{file}` imports `{global}`, which makes no tensors"),
        }
    }
}

impl Pin {
    /// Where the result of converting the file at `from` goes, and who finds it there, where neither its name, nor the
    /// other locked files, nor what a scan recorded speaks against that. A file that no scan was recorded of is one
    /// that nothing speaks against; see [`Pin::holds_only_tensors`].
    ///
    /// # Errors
    /// The first obstacle; of a shard, also one of its family. An [`Obstacle::Import`] comes last: nothing else speaks
    /// against it.
    pub fn conversion(&self, from: &RepoPath) -> Result<ConversionTarget, Obstacle> {
        let target = conversion_target(from).ok_or(Obstacle::NoTarget)?;
        let together = self.converted_with(from)?;
        for path in &together {
            self.own_obstacle(path).map_or(Ok(()), Err)?;
        }
        self.free_places(&together)?;
        let mut imports = together.iter().filter_map(|path| self.foreign_import(path));
        imports.next().map_or(Ok(()), Err)?;
        Ok(target)
    }

    /// Whether a scan recorded that the file at `path` holds tensors and nothing else; none where no scan of it is
    /// recorded.
    #[must_use]
    pub fn holds_only_tensors(&self, path: &RepoPath) -> Option<bool> {
        if self.facts.findings.contains_key(path) {
            return Some(false);
        }
        self.facts.globals.get(path).map(|globals| globals.iter().all(|global| makes_tensors(global.as_str())))
    }

    /// What is converted together with the file at `from`, and it: the shards of a family in the order of their
    /// numbers, then their index; else the file alone.
    ///
    /// # Errors
    /// A family of which the index or a shard is not locked, or of which more than one set is.
    pub fn converted_with<'a>(&'a self, from: &'a RepoPath) -> Result<Vec<&'a RepoPath>, Obstacle> {
        let Some(index) = family(from) else { return Ok(vec![from]) };
        let Some((index, _)) = self.files().get_key_value(&index) else { return Err(Obstacle::NoIndex(index)) };
        let mut shards = BTreeMap::new();
        let (mut locked, mut counts) = (0_u64, BTreeSet::new());
        for (path, shard) in self.shards(index) {
            locked = locked.saturating_add(1);
            counts.insert(shard.count);
            shards.insert(shard.number, path);
        }
        let expected = counts.last().copied().map_or(1, u64::from);
        if counts.len() != 1 || locked != expected || shards.len() as u64 != expected {
            return Err(Obstacle::ShardsMissing { index: index.clone(), expected, locked });
        }
        Ok(shards.into_values().chain([index]).collect())
    }

    /// The locked shards of the family with this index.
    pub fn shards<'a>(&'a self, index: &RepoPath) -> impl Iterator<Item = (&'a RepoPath, super::Shard)> {
        let of = move |path: &'a RepoPath| shard(path).filter(|shard| shard.index == *index).map(|shard| (path, shard));
        self.files().keys().filter_map(of)
    }

    /// Drops conversions whose source is no longer locked with the same bytes, those at whose path something else is
    /// locked, and those of a family that is not whole any more.
    pub fn drop_orphans(&mut self) {
        let Self { converted, files, .. } = self;
        converted.retain(|path, converted| {
            let same = files.get(&converted.from).is_some_and(|file| file.sha256 == converted.source);
            same && collision(files.keys().chain([path])).is_none()
        });
        let broken: BTreeSet<RepoPath> = self.broken_families().into_iter().collect();
        self.converted.retain(|_, converted| family(&converted.from).is_none_or(|index| !broken.contains(&index)));
    }

    /// The families that are converted, and not as a whole, by the paths of their indexes.
    #[must_use]
    pub fn broken_families(&self) -> Vec<RepoPath> {
        let sources: BTreeSet<&RepoPath> = self.converted.values().map(|converted| &converted.from).collect();
        let families: BTreeSet<RepoPath> = sources.iter().filter_map(|from| family(from)).collect();
        let is_broken = |index: &RepoPath| match self.converted_with(index) {
            Ok(all) => !all.iter().all(|path| sources.contains(path)),
            Err(_) => true,
        };
        families.into_iter().filter(is_broken).collect()
    }

    /// Nothing that is locked, and no other result, may be where the results of `sources` go.
    fn free_places(&self, sources: &[&RepoPath]) -> Result<(), Obstacle> {
        let results: Vec<RepoPath> =
            sources.iter().filter_map(|path| conversion_target(path)).map(|target| target.path).collect();
        let own: BTreeSet<&RepoPath> = sources.iter().copied().collect();
        let others = self.converted.iter().filter(|(_, converted)| !own.contains(&converted.from));
        match collision(self.files().keys().chain(others.map(|(path, _)| path)).chain(&results)) {
            Some((by, result)) => Err(Obstacle::Taken { result: result.clone(), by: by.clone() }),
            None => Ok(()),
        }
    }

    /// What speaks against converting the file at `path` by itself.
    fn own_obstacle(&self, path: &RepoPath) -> Option<Obstacle> {
        let file = self.files().get(path);
        if let Some(kind) = file.map(|file: &Artifact| file.kind)
            && kind != FileKind::Pickle
            && !is_index(path)
        {
            return Some(Obstacle::NotAPickle(kind));
        }
        if is_index(path) {
            return None;
        }
        let rule = self.facts.findings.get(path).and_then(BTreeSet::first)?;
        Some(Obstacle::Finding { file: path.clone(), rule: rule.clone() })
    }

    /// An import of the pickle at `path` that makes no tensors.
    fn foreign_import(&self, path: &RepoPath) -> Option<Obstacle> {
        let mut globals = self.facts.globals.get(path).into_iter().flatten();
        let foreign = globals.find(|global| !makes_tensors(global.as_str()))?;
        Some(Obstacle::Import { file: path.clone(), global: foreign.clone() })
    }
}

/// Whether a pickle needs this import for tensors in plain containers: what `torch.save` writes of a state dict
/// (torch, `_utils.py`, `_tensor.py` `_reduce_ex_internal`).
fn makes_tensors(global: &str) -> bool {
    let (module, name) = global.rsplit_once('.').unwrap_or(("", global));
    match module {
        "collections" => name == "OrderedDict",
        "torch._utils" => {
            matches!(name, "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3" | "_rebuild_parameter")
        }
        "torch" | "torch.cuda" | "torch.storage" => {
            name.ends_with("Storage")
                || module == "torch"
                    && ["float", "bfloat", "int", "uint", "bool", "complex"].iter().any(|dtype| {
                        let bits = name.strip_prefix(dtype);
                        bits.is_some_and(|bits| bits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
                    })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Obstacle, makes_tensors};
    use crate::lockfile::{Artifact, Converted, Finder, Pin, result_path};
    use crate::{Digest, FileKind, Filter, RepoPath};

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    fn pin(files: &[&str]) -> Pin {
        let file = |text: &&str| {
            let path = path(text);
            let kind = FileKind::of(&path);
            (path, Artifact { kind, size: 1, sha256: Digest::new([7; 32]) })
        };
        let files = files.iter().map(file).collect();
        let source = "hf:model/acme/chat".parse().unwrap();
        Pin::new(source, "main".parse().unwrap(), Filter::default(), "13".repeat(20).parse().unwrap(), files)
    }

    const SHARDS: [&str; 3] =
        ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin", "pytorch_model.bin.index.json"];

    /// `pin` with conversions of `from`, as far as that is locked.
    fn convert(pin: &mut Pin, from: &[&str]) {
        for from in from.iter().map(|from| path(from)) {
            let Some(file) = pin.files().get(&from) else { continue };
            let (source, to) = (file.sha256, result_path(&from).unwrap());
            let sha256 = Digest::new([8; 32]);
            pin.converted.insert(to, Converted { from, source, converter: 1, size: 1, sha256 });
        }
    }

    #[test]
    fn a_family_is_whole_or_cannot_be_converted() {
        let whole = pin(&SHARDS);
        for from in SHARDS {
            let from = path(from);
            let together: Vec<&str> = whole.converted_with(&from).unwrap().into_iter().map(RepoPath::as_str).collect();
            assert_eq!(together, SHARDS, "{from}");
            assert_eq!(whole.conversion(&from).unwrap().finder, Finder::Loader, "{from}");
        }
        let no_index = pin(&SHARDS[..2]);
        assert_eq!(no_index.conversion(&path(SHARDS[0])), Err(Obstacle::NoIndex(path(SHARDS[2]))));
        for (files, expected, locked) in [
            (vec![SHARDS[0], SHARDS[2]], 2, 1),
            (vec![SHARDS[2]], 1, 0),
            ([&SHARDS[..], &["pytorch_model-00001-of-00003.bin"]].concat(), 3, 3),
            ([&SHARDS[..], &["pytorch_model_00001-of-00002.bin"]].concat(), 2, 3),
            (vec![SHARDS[0], "pytorch_model_00001-of-00002.bin", SHARDS[2]], 2, 2),
        ] {
            let missing = Obstacle::ShardsMissing { index: path(SHARDS[2]), expected, locked };
            assert_eq!(pin(&files).conversion(&path(SHARDS[2])), Err(missing), "{files:?}");
        }
    }

    #[test]
    fn what_the_lock_says_of_a_file_speaks_against_it() {
        let mut pin = pin(&["pytorch_model.bin", "x.pkl", "config.json", "a/pytorch_model.bin", "a/Model.safetensors"]);
        assert!(pin.conversion(&path("pytorch_model.bin")).is_ok());
        assert_eq!(pin.holds_only_tensors(&path("pytorch_model.bin")), None);
        assert_eq!(pin.conversion(&path("x.pkl")), Err(Obstacle::NoTarget));
        assert_eq!(pin.conversion(&path("config.json")), Err(Obstacle::NoTarget));
        let taken = Obstacle::Taken { result: path("a/model.safetensors"), by: path("a/Model.safetensors") };
        assert_eq!(pin.conversion(&path("a/pytorch_model.bin")), Err(taken));
        let globals =
            |words: &[&str]| [(path("pytorch_model.bin"), words.iter().map(|w| w.parse().unwrap()).collect())];
        pin.facts.globals = globals(&["collections.OrderedDict", "torch.FloatStorage"]).into();
        assert!(pin.conversion(&path("pytorch_model.bin")).is_ok());
        assert_eq!(pin.holds_only_tensors(&path("pytorch_model.bin")), Some(true));
        pin.facts.globals = globals(&["collections.OrderedDict", "numpy.dtype"]).into();
        let import = Obstacle::Import { file: path("pytorch_model.bin"), global: "numpy.dtype".parse().unwrap() };
        assert_eq!(pin.conversion(&path("pytorch_model.bin")), Err(import));
        assert_eq!(pin.holds_only_tensors(&path("pytorch_model.bin")), Some(false));
        pin.facts.findings = [(path("pytorch_model.bin"), ["pickle-import".parse().unwrap()].into())].into();
        assert!(matches!(pin.conversion(&path("pytorch_model.bin")), Err(Obstacle::Finding { .. })));
    }

    #[test]
    fn a_finding_in_one_shard_speaks_against_all() {
        let mut pin = pin(&SHARDS);
        pin.facts.findings = [(path(SHARDS[1]), ["pickle-import".parse().unwrap()].into())].into();
        let found = Obstacle::Finding { file: path(SHARDS[1]), rule: "pickle-import".parse().unwrap() };
        assert_eq!(pin.conversion(&path(SHARDS[0])), Err(found));
    }

    #[test]
    fn a_family_that_is_not_whole_is_dropped_and_nothing_else_is() {
        let mut whole = pin(&[&SHARDS[..], &["a/pytorch_model.bin"]].concat());
        convert(&mut whole, &[&SHARDS[..], &["a/pytorch_model.bin"]].concat());
        let same = whole.clone();
        whole.drop_orphans();
        assert_eq!(whole, same);
        for gone in SHARDS {
            let left: Vec<&str> =
                SHARDS.iter().copied().filter(|name| *name != gone).chain(["a/pytorch_model.bin"]).collect();
            let mut broken = pin(&left);
            convert(&mut broken, &left);
            assert_eq!(broken.broken_families(), [path(SHARDS[2])], "{gone}");
            broken.drop_orphans();
            assert_eq!(broken.converted.keys().map(RepoPath::as_str).collect::<Vec<_>>(), ["a/model.safetensors"]);
            assert!(broken.broken_families().is_empty());
        }
    }

    #[test]
    fn what_makes_tensors_is_known_by_its_whole_name() {
        for (global, yes) in [
            ("collections.OrderedDict", true),
            ("torch._utils._rebuild_tensor_v2", true),
            ("torch._utils._rebuild_parameter", true),
            ("torch.BFloat16Storage", true),
            ("torch.cuda.HalfStorage", true),
            ("torch.float8_e4m3fn", true),
            ("torch.uint16", true),
            ("torch.load", false),
            ("torch.hub.load", false),
            ("torch.storage._load_from_bytes", false),
            ("collections.Counter", false),
            ("posix.system", false),
            ("OrderedDict", false),
            ("evil.torch.FloatStorage", false),
        ] {
            assert_eq!(makes_tensors(global), yes, "{global}");
        }
    }
}
