//! Which files of a repo are wanted.

use crate::text::{hides, text};
use crate::{FileKind, RepoPath};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeSet;

text! {
    /// A glob over paths in a repo, as `huggingface_hub` reads it: `*` also matches `/`, and a pattern that
    /// ends in `/` means everything below that folder.
    Pattern, "pattern", "^.{1,256}$", |text| {
        if text.is_empty() || text.len() > 256 {
            return Err("a pattern has 1 to 256 bytes".to_owned());
        }
        if text.starts_with('!') {
            return Err("there is no negation; use `exclude`".to_owned());
        }
        if text.starts_with('/') || text.contains('\\') || text.chars().any(hides) {
            return Err("a pattern is relative to the repo, with `/` between folders and nothing invisible".to_owned());
        }
        Glob::new(text).map(|_| ()).map_err(|error| error.kind().to_string())
    }
}

impl Pattern {
    fn matcher(&self) -> Option<GlobMatcher> {
        let whole = if self.as_str().ends_with('/') { format!("{self}*") } else { self.to_string() };
        Glob::new(&whole).ok().map(|glob| glob.compile_matcher())
    }
}

/// The `include` and `exclude` of an entry. Without `include`, the default set: everything but what repeats
/// the weights in another format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only files that match one of these; empty means the default set.
    pub include: Vec<Pattern>,
    /// None of the files that match one of these.
    pub exclude: Vec<Pattern>,
}

impl Filter {
    /// The paths of `all` that are wanted, in order.
    #[must_use]
    pub fn select<'a>(&self, all: &[&'a RepoPath]) -> Vec<&'a RepoPath> {
        let include: Vec<GlobMatcher> = self.include.iter().filter_map(Pattern::matcher).collect();
        let exclude: Vec<GlobMatcher> = self.exclude.iter().filter_map(Pattern::matcher).collect();
        let matches = |globs: &[GlobMatcher], path: &RepoPath| globs.iter().any(|glob| glob.is_match(path.as_str()));
        let kept = all.iter().copied().filter(|path| !matches(&exclude, path));
        if self.include.is_empty() {
            let kept: Vec<&RepoPath> = kept.collect();
            let safetensors = folders_with_safetensors(&kept);
            kept.into_iter().filter(|path| !repeats_weights(path, &safetensors)).collect()
        } else {
            kept.filter(|path| matches(&include, path)).collect()
        }
    }

    /// The patterns that match none of `all`, which is most often a typing error.
    #[must_use]
    pub fn idle<'a>(&'a self, all: &[&RepoPath]) -> Vec<&'a Pattern> {
        let idle = |pattern: &&Pattern| {
            let glob = pattern.matcher();
            !all.iter().any(|path| glob.as_ref().is_some_and(|glob| glob.is_match(path.as_str())))
        };
        self.include.iter().chain(&self.exclude).filter(idle).collect()
    }
}

fn folder(path: &RepoPath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn folders_with_safetensors<'a>(paths: &[&'a RepoPath]) -> BTreeSet<&'a str> {
    let weights = paths.iter().filter(|path| FileKind::of(path) == FileKind::Safetensors);
    weights.map(|path| folder(path)).collect()
}

/// A pickle repeats the safetensors beside it and no others: in a repo of several parts (`unet/`, `2_Dense/`)
/// another folder's pickle is another part's weights. The other formats live in folders of their own
/// (`onnx/`, `openvino/`), so for them the safetensors of any folder above count as well.
fn repeats_weights(path: &RepoPath, safetensors: &BTreeSet<&str>) -> bool {
    let kind = FileKind::of(path);
    if !kind.is_copy_of_weights() {
        return false;
    }
    let mut above = folder(path);
    loop {
        if safetensors.contains(above) {
            return true;
        }
        if kind == FileKind::Pickle || above.is_empty() {
            return false;
        }
        above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::RepoPath;

    fn select(include: &[&str], exclude: &[&str], paths: &[&str]) -> Vec<String> {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let filter = Filter { include: patterns(include), exclude: patterns(exclude) };
        let paths: Vec<RepoPath> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let all: Vec<&RepoPath> = paths.iter().collect();
        filter.select(&all).into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_default_set_leaves_out_what_repeats_the_weights() {
        let paths = [
            "config.json",
            "model.safetensors",
            "pytorch_model.bin",
            "onnx/model.onnx",
            "tf_model.h5",
            "2_Dense/pytorch_model.bin",
        ];
        assert_eq!(select(&[], &[], &paths), ["config.json", "model.safetensors", "2_Dense/pytorch_model.bin"]);
        assert_eq!(select(&[], &[], &["pytorch_model.bin", "config.json"]), ["pytorch_model.bin", "config.json"]);
    }

    #[test]
    fn an_include_is_the_whole_set() {
        let paths = ["config.json", "model.safetensors", "pytorch_model.bin", "onnx/a/model.onnx"];
        assert_eq!(select(&["*.bin"], &[], &paths), ["pytorch_model.bin"]);
        assert_eq!(
            select(&["*.onnx"], &[], &paths),
            ["onnx/a/model.onnx"],
            "`*` crosses folders, as in huggingface_hub"
        );
        assert_eq!(select(&["onnx/"], &[], &paths), ["onnx/a/model.onnx"]);
        assert_eq!(select(&["*.json", "*.bin"], &["pytorch*"], &paths), ["config.json"]);
    }

    #[test]
    fn safetensors_that_are_excluded_hide_no_other_weights() {
        assert_eq!(select(&[], &["*.safetensors"], &["model.safetensors", "model.bin"]), ["model.bin"]);
    }
}
