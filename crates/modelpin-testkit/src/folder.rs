//! A folder of repos on disk: `models/ORG/NAME/…` and `datasets/ORG/NAME/…`.
//!
//! Names without an owner are below `_`, as in `models/_/gpt2/…`. A file `.also-called` in a repo's folder has other names
//! for it, one a line, which redirect.
//!
//! The files of a repo become one commit on `main`. A repo with folders `@1`, `@2`, … has a commit for each;
//! one called `@2=v1.0.0` is tagged so as well.

use crate::{Content, Hub, Repo};
use std::io::Result;
use std::path::{Path, PathBuf};

/// Files with these suffixes are kept as LFS, however small.
const WEIGHTS: [&str; 12] =
    [".safetensors", ".bin", ".gguf", ".onnx", ".pt", ".pth", ".h5", ".msgpack", ".parquet", ".ckpt", ".pkl", ".zip"];

/// Holds the other names of a repo.
const ALSO_CALLED: &str = ".also-called";

/// Puts all repos below `dir` on the Hub; files larger than `lfs_above` bytes are kept as LFS. Returns each
/// repo's id with its commit.
///
/// # Errors
/// I/O errors.
pub fn load(hub: &Hub, dir: &Path, lfs_above: u64) -> Result<Vec<(String, String)>> {
    let mut loaded = Vec::new();
    for (kind, make) in [("models", Hub::model as fn(&Hub, &str) -> Repo), ("datasets", Hub::dataset)] {
        for owner in folders(&dir.join(kind))? {
            for repo in folders(&owner)? {
                let id = match name(&owner).as_str() {
                    "_" => name(&repo),
                    owner => format!("{owner}/{}", name(&repo)),
                };
                let made = make(hub, &id);
                let commits: Vec<PathBuf> =
                    folders(&repo)?.into_iter().filter(|folder| name(folder).starts_with('@')).collect();
                for folder in if commits.is_empty() { vec![repo.clone()] } else { commits } {
                    let commit = made.commit(
                        &files(dir, &folder, lfs_above)?
                            .iter()
                            .map(|(path, content)| (path.as_str(), content.clone()))
                            .collect::<Vec<_>>(),
                    );
                    if let Some((_, tag)) = name(&folder).split_once('=') {
                        made.tag(tag, &commit);
                    }
                }
                for old in std::fs::read_to_string(repo.join(ALSO_CALLED)).unwrap_or_default().lines() {
                    made.also_called(old);
                }
                if let Some(license) = license(&repo) {
                    made.card(serde_json::json!({ "license": license }));
                }
                loaded.push((format!("{kind}/{id}"), made.head()));
            }
        }
    }
    Ok(loaded)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

fn files(served: &Path, repo: &Path, lfs_above: u64) -> Result<Vec<(String, Content)>> {
    let (mut found, mut open) = (Vec::new(), vec![repo.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.file_name().is_some_and(|name| name == ALSO_CALLED) {
                continue;
            }
            let inner = |root: &Path| path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let large =
                path.metadata()?.len() > lfs_above || WEIGHTS.iter().any(|suffix| inner(repo).ends_with(suffix));
            let content = if large {
                Content::LfsFile { file: path.clone(), served: inner(served) }
            } else {
                Content::Git(std::fs::read(&path)?)
            };
            found.push((inner(repo), content));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The `license:` of a README's front matter.
fn license(repo: &Path) -> Option<String> {
    let text = std::fs::read_to_string(repo.join("README.md")).ok()?;
    let card = text.strip_prefix("---\n")?.split("\n---").next()?;
    card.lines().find_map(|line| line.strip_prefix("license:")).map(|license| license.trim().to_owned())
}
