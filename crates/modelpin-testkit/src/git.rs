//! Real git object ids, without git.

use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;

/// The id of an object: SHA-1 of `KIND LENGTH NUL CONTENT`.
#[must_use]
pub fn object_id(kind: &str, content: &[u8]) -> [u8; 20] {
    let mut hasher = Sha1::new();
    hasher.update(format!("{kind} {}\0", content.len()));
    hasher.update(content);
    hasher.finalize().into()
}

/// The text of an LFS pointer.
#[must_use]
pub fn pointer(sha256: &str, size: u64) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n")
}

/// The id of the tree with these blobs, by path; and the ids of all trees below it, by path.
#[must_use]
pub fn tree(blobs: &BTreeMap<String, [u8; 20]>) -> ([u8; 20], BTreeMap<String, [u8; 20]>) {
    let mut below = BTreeMap::new();
    let id = level("", blobs, &mut below);
    (id, below)
}

fn level(prefix: &str, blobs: &BTreeMap<String, [u8; 20]>, below: &mut BTreeMap<String, [u8; 20]>) -> [u8; 20] {
    // Git sorts a folder as if its name ended in a slash.
    let mut entries: BTreeMap<String, (&str, String, [u8; 20])> = BTreeMap::new();
    for (path, id) in blobs {
        let Some(rest) = path.strip_prefix(prefix) else { continue };
        match rest.split_once('/') {
            None => drop(entries.insert(rest.to_owned(), ("100644", rest.to_owned(), *id))),
            Some((folder, _)) => {
                let key = format!("{folder}/");
                entries.entry(key).or_insert_with(|| {
                    let inner = format!("{prefix}{folder}/");
                    let id = level(&inner, blobs, below);
                    below.insert(inner.trim_end_matches('/').to_owned(), id);
                    ("40000", folder.to_owned(), id)
                });
            }
        }
    }
    let mut content = Vec::new();
    for (mode, name, id) in entries.values() {
        content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        content.extend_from_slice(id);
    }
    object_id("tree", &content)
}

/// The id of a commit, made by nobody in particular at `seconds` since 1970.
#[must_use]
pub fn commit(tree: &[u8; 20], parent: Option<&str>, seconds: u64, message: &str) -> String {
    let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    let who = format!("modelpin testkit <testkit@localhost> {seconds} +0000");
    let text = format!("tree {}\n{parent}author {who}\ncommitter {who}\n\n{message}\n", hex::encode(tree));
    hex::encode(object_id("commit", text.as_bytes()))
}
