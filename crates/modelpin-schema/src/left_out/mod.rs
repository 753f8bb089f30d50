//! What is left out of a lock, for people: the files of a commit that are not locked, by reason, those that belong
//! together as one, and a bounded number of lines whatever a repo has.

mod fold;
mod glob;
mod group;

use crate::filter::Patterns;
use crate::selection::Reason;
use crate::{Pattern, RepoPath};
use std::collections::BTreeMap;

pub use glob::pattern_of;
pub use group::{LeftOutFile, LeftOutGroup, Take};

/// The most lines for one reason.
const LINES: usize = 4;

/// Everything that is left out of an entry, by reason; the largest groups of each first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOutSummary {
    /// The groups. There are at most five for a reason.
    pub groups: Vec<LeftOutGroup>,
}

impl LeftOutSummary {
    /// What there is to say of `files`; `taken` are the files of the same commit that are locked.
    #[must_use]
    pub fn of<'a>(files: &[LeftOutFile<'a>], taken: impl IntoIterator<Item = &'a RepoPath>) -> Self {
        let taken: Vec<&RepoPath> = taken.into_iter().collect();
        let mut by_reason: BTreeMap<Reason, Vec<LeftOutFile<'a>>> = BTreeMap::new();
        for file in files {
            by_reason.entry(file.reason).or_default().push(*file);
        }
        let folders = fold::Folders::of(files, &taken);
        let mut groups: Vec<LeftOutGroup> =
            by_reason.into_iter().flat_map(|(reason, files)| lines(reason, &files, &folders)).collect();
        for group in &mut groups {
            group.take = group.take.take().filter(|take| !also_takes(take, &taken));
        }
        Self { groups }
    }

    /// How many files are left out.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.files))
    }

    /// Their size in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.bytes))
    }
}

/// Whether the glob of a group matches files that are locked anyway, so that it does not say which ones are meant.
fn also_takes(take: &Take, taken: &[&RepoPath]) -> bool {
    let Take::Include(glob) = take else { return false };
    let patterns: Vec<Pattern> = glob.parse().into_iter().collect();
    let patterns = Patterns::new(&patterns);
    taken.iter().any(|path| patterns.matches(path))
}

/// The lines of one reason.
fn lines(reason: Reason, files: &[LeftOutFile<'_>], folders: &fold::Folders<'_>) -> Vec<LeftOutGroup> {
    // Who wrote the patterns knows what they leave out.
    if matches!(reason, Reason::NotIncluded | Reason::Excluded) {
        return rest(reason, files.iter().map(|file| (1, file.size))).into_iter().collect();
    }
    let mut groups = fold::groups(reason, files, folders);
    groups.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.label.cmp(&b.label)));
    // One more line says more than that there is one more.
    if groups.len() > LINES + 1 {
        let others = groups.split_off(LINES);
        groups.extend(rest(reason, others.iter().map(|group| (group.files, group.bytes))));
    }
    groups
}

/// A line without a name: how many files there are, and their size.
fn rest(reason: Reason, sizes: impl Iterator<Item = (u64, u64)>) -> Option<LeftOutGroup> {
    let mut group = LeftOutGroup { reason, label: None, files: 0, bytes: 0, beside: None, take: None };
    for (files, bytes) in sizes {
        group.files = group.files.saturating_add(files);
        group.bytes = group.bytes.saturating_add(bytes);
    }
    (group.files > 0).then_some(group)
}

#[cfg(test)]
mod tests {
    use super::{LeftOutFile, LeftOutSummary, Take};
    use crate::RepoPath;
    use crate::selection::Reason;

    /// Each group in a few words.
    fn summary(left_out: &[(&str, u64, Reason, &str)], taken: &[&str]) -> Vec<String> {
        let path = |text: &str| text.parse::<RepoPath>().unwrap();
        let owned: Vec<_> = left_out
            .iter()
            .map(|(file, size, reason, beside)| (path(file), size, reason, beside.parse().ok()))
            .collect();
        let files: Vec<LeftOutFile<'_>> = owned
            .iter()
            .map(|(path, size, reason, beside)| LeftOutFile {
                path,
                size: **size,
                reason: **reason,
                beside: beside.as_ref(),
            })
            .collect();
        let taken: Vec<RepoPath> = taken.iter().map(|text| path(text)).collect();
        let summary = LeftOutSummary::of(&files, &taken);
        assert_eq!(summary.files(), left_out.len() as u64);
        let take = |take: Option<Take>| match take {
            None => String::new(),
            Some(Take::Include(glob)) => format!(" include {glob}"),
            Some(Take::Variant(name)) => format!(" variant {name}"),
        };
        let line = |group: super::LeftOutGroup| {
            let label = group.label.unwrap_or_else(|| "rest".to_owned());
            let beside = group.beside.map(|beside| format!(" beside {beside}")).unwrap_or_default();
            format!("{} {label} {} {}{beside}{}", group.reason, group.files, group.bytes, take(group.take))
        };
        summary.groups.into_iter().map(line).collect()
    }

    #[test]
    fn a_pattern_that_takes_locked_files_as_well_is_not_offered() {
        let single = |name| (name, 4, Reason::PublisherFormat, "unet/model.safetensors");
        let names =
            ["a.safetensors", "b/c.safetensors", "d.safetensors", "e.safetensors", "f.safetensors", "g.safetensors"];
        let lines = summary(&names.map(single), &["unet/model.safetensors"]);
        assert_eq!(lines, ["publisher-format *.safetensors 6 24 beside unet/model.safetensors"]);
        assert_eq!(
            summary(&[single("sd_xl.safetensors")], &["unet/model.safetensors"]),
            ["publisher-format sd_xl.safetensors 1 4 beside unet/model.safetensors include sd_xl.safetensors"]
        );
    }

    #[test]
    fn a_folder_that_is_left_out_whole_is_one_line_and_shards_are_another() {
        let copy = |path, size| (path, size, Reason::Copy, "model.safetensors");
        let left = [
            copy("onnx/model.onnx", 5),
            copy("onnx/q4/model.onnx", 3),
            copy("pytorch_model-00001-of-00002.bin", 10),
            copy("pytorch_model-00002-of-00002.bin", 11),
            copy("tf_model.h5", 1),
        ];
        assert_eq!(
            summary(&left, &["model.safetensors"]),
            [
                "copy pytorch_model-*-of-00002.bin 2 21 beside model.safetensors",
                "copy onnx/ 2 8 beside model.safetensors include onnx/",
                "copy tf_model.h5 1 1 beside model.safetensors include tf_model.h5",
            ]
        );
        // A folder with a file that is locked is not left out.
        assert_eq!(
            summary(&left[..2], &["onnx/config.json"]),
            [
                "copy onnx/model.onnx 1 5 beside model.safetensors include onnx/model.onnx",
                "copy onnx/q4/model.onnx 1 3 beside model.safetensors include onnx/q4/model.onnx"
            ]
        );
    }

    #[test]
    fn a_variant_is_named_and_its_files_are_one_line() {
        let left: Vec<(String, String)> = ["unet", "vae", "text_encoder", "text_encoder_2", "safety", "prior"]
            .iter()
            .map(|folder| (format!("{folder}/model.fp16.safetensors"), format!("{folder}/model.safetensors")))
            .collect();
        let files: Vec<_> =
            left.iter().map(|(path, beside)| (path.as_str(), 2, Reason::Variant, beside.as_str())).collect();
        let taken: Vec<&str> = left.iter().map(|(_, beside)| beside.as_str()).collect();
        assert_eq!(summary(&files, &taken), ["variant *.fp16.safetensors 6 12 variant fp16"]);
        let shards = [
            ("model.fp32-00001-of-00002.safetensors", 1, Reason::Variant, "model.safetensors"),
            ("model.fp32-00002-of-00002.safetensors", 1, Reason::Variant, "model.safetensors"),
        ];
        assert_eq!(
            summary(&shards, &["model.safetensors"]),
            ["variant model.fp32-*-of-00002.safetensors 2 2 beside model.safetensors variant fp32"]
        );
    }

    #[test]
    fn there_are_a_few_lines_for_a_thousand_files() {
        let names: Vec<String> = (0..1000).map(|at| format!("{}x{at}/y.{at}z", "ab".repeat(at % 7))).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), 1, Reason::Training, "")).collect();
        let lines = summary(&files, &[]);
        assert!(lines.len() <= 7, "{lines:?}");
        let checkpoints: Vec<String> = (0..100).map(|at| format!("checkpoint-{at}00/optimizer.pt")).collect();
        let files: Vec<_> = checkpoints.iter().map(|name| (name.as_str(), 1, Reason::Training, "")).collect();
        assert_eq!(summary(&files, &[]), ["training checkpoint-*/optimizer.pt 100 100"]);
        let asked: Vec<_> = checkpoints.iter().map(|name| (name.as_str(), 1, Reason::Excluded, "")).collect();
        assert_eq!(summary(&asked, &[]), ["excluded rest 100 100"]);
        let mine = [("a[1].onnx", 1, Reason::Copy, "model.safetensors"), ("b{}.bin", 1, Reason::Copy, "")];
        assert_eq!(
            summary(&mine, &[]),
            ["copy a[1].onnx 1 1 beside model.safetensors include a[[]1[]].onnx", "copy b{}.bin 1 1"]
        );
    }
}
