//! Which files of a dataset are what, where `datasets` does not find it out by itself.

use crate::resolve::commit::PARQUET;
use modelpin_schema::{Pin, RepoKind, RepoPath, Requested};
use std::collections::BTreeMap;

/// By configuration and split: a pattern of files below the dataset's folder.
pub type PartFiles = BTreeMap<String, BTreeMap<String, String>>;

/// What the Hub puts before the name of a split of which it converted the first gigabytes only.
const PARTIAL: &str = "partial-";

/// The script that makes the rows: `datasets` before 4.0 looks for the repo's own name (`dataset_module_factory` in
/// its load.py), which the folder of a snapshot does not have.
pub(super) fn script(pin: &Pin) -> Option<RepoPath> {
    let name = format!("{}.py", pin.source.repo.name());
    let mut files = pin.files().keys().filter(|_| pin.source.kind == RepoKind::Dataset);
    files.find(|path| path.as_str() == name).cloned()
}

/// The configurations and splits of what the Hub converted, at `CONFIGURATION/SPLIT/0000.parquet`: `datasets` takes
/// the rows of all configurations as one table, and knows the splits `train`, `validation` and `test` only
/// (`infer_module_for_data_files` and `KEYWORDS_IN_DIR_NAME_BASE_PATTERNS` in its data_files.py). Empty where it is
/// something else, or where a name would mean something else in a pattern.
pub(super) fn parts(pin: &Pin) -> PartFiles {
    let is_converted = matches!(&pin.requested, Requested::Revision(revision) if revision.as_str() == PARQUET);
    let mut parts = PartFiles::new();
    if !is_converted || pin.source.kind != RepoKind::Dataset {
        return parts;
    }
    for path in pin.files().keys().filter(|path| path.as_str().ends_with(".parquet")) {
        let folders: Vec<&str> = path.parts().collect();
        let [part, split, _] = folders.as_slice() else { return PartFiles::new() };
        let name = split.strip_prefix(PARTIAL).unwrap_or(split);
        if !is_plain(part) || !is_plain(name) || name.contains('-') {
            return PartFiles::new();
        }
        parts.entry((*part).to_owned()).or_default().insert(name.to_owned(), format!("{part}/{split}/*.parquet"));
    }
    parts
}

/// Whether a name is itself in a pattern of files, and no hidden folder.
fn is_plain(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.bytes().all(is_part) && !name.starts_with(['.', '_', '-'])
}

#[cfg(test)]
mod tests {
    use super::{parts, script};
    use modelpin_schema::{Artifact, Digest, FileKind, Filter, Pin};
    use std::collections::BTreeMap;

    fn pin(requested: &str, files: &[&str]) -> Pin {
        let file =
            Artifact { kind: FileKind::of(&"a.parquet".parse().unwrap()), size: 1, sha256: Digest::new([0; 32]) };
        let files: BTreeMap<_, _> = files.iter().map(|path| (path.parse().unwrap(), file)).collect();
        let source = "hf:dataset/acme/glue".parse().unwrap();
        let commit = "ab".repeat(20).parse().unwrap();
        Pin::new(source, requested.parse().unwrap(), Filter::default(), commit, files)
    }

    #[test]
    fn what_the_hub_converted_has_its_configurations_and_splits() {
        let all = ["cola/train/0000.parquet", "cola/train/0001.parquet", "mnli/test_matched/0000.parquet"];
        let found = parts(&pin("refs/convert/parquet", &all));
        assert_eq!(found["cola"]["train"], "cola/train/*.parquet");
        assert_eq!(found["mnli"]["test_matched"], "mnli/test_matched/*.parquet");
        assert_eq!(
            parts(&pin("refs/convert/parquet", &["c/partial-train/0.parquet"]))["c"]["train"],
            "c/partial-train/*.parquet"
        );
        for (requested, files) in [
            ("main", all.as_slice()),
            ("refs/convert/parquet", &["cola/0000.parquet"]),
            ("refs/convert/parquet", &["c*/train/0000.parquet"]),
            ("refs/convert/parquet", &["cola/tr[ai]n/0000.parquet"]),
        ] {
            assert!(parts(&pin(requested, files)).is_empty(), "{files:?}");
        }
    }

    #[test]
    fn the_script_has_the_repo_s_own_name() {
        assert_eq!(script(&pin("main", &["glue.py", "other.py"])).unwrap().as_str(), "glue.py");
        assert!(script(&pin("main", &["other.py", "below/glue.py"])).is_none());
    }
}
