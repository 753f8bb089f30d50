//! Repos as they are published: which files `add` locks, which it leaves out and why, and what a loader then finds. The
//! names are those of much-used repos, the files small and honest.

mod llm;

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::corpus::build::{state_dict, torch_zip};
use modelpin_testkit::{Content, make};
use std::collections::BTreeMap;

/// A repo on the test Hub, and the project that asks for it.
pub(crate) struct Published {
    pub(crate) sandbox: Sandbox,
    id: &'static str,
}

/// A small honest file of the format that the end of `path` says.
pub(crate) fn content(path: &str) -> Content {
    let name = path.rsplit('/').next().unwrap();
    let text = |text: &str| Content::git(text);
    match path.rsplit('.').next().unwrap() {
        "safetensors" => Content::lfs(make::safetensors(&[(path, "U8", &[path.len()], path.as_bytes())])),
        "bin" | "pt" | "pth" | "ckpt" | "pkl" => {
            Content::lfs(torch_zip(&state_dict(&[("weight", "0", &[2])]), &[("0", &[7; 8])]).bytes())
        }
        "json" if name.ends_with(".index.json") => text("{\"metadata\": {}, \"weight_map\": {}}"),
        "json" => text("{}"),
        "py" => text("import torch\n"),
        "txt" | "md" | "model" | "gitattributes" => text("words\n"),
        _ => Content::lfs(path),
    }
}

/// The model `id` with these files, separated by spaces or line ends.
pub(crate) fn publish(id: &'static str, files: &str) -> Published {
    publish_with(id, files, &[])
}

/// The same; some files have a content of their own.
pub(crate) fn publish_with(id: &'static str, files: &str, own: &[(&str, Content)]) -> Published {
    let sandbox = Sandbox::new();
    let named = files.split_whitespace().filter(|path| own.iter().all(|(own, _)| own != path));
    let all: Vec<(&str, Content)> = named.map(|path| (path, content(path))).chain(own.iter().cloned()).collect();
    sandbox.hub.model(id).commit(&all);
    Published { sandbox, id }
}

impl Published {
    /// `modelpin add` of the repo, with more words.
    pub(crate) fn add(&self, words: &str) -> Output {
        self.sandbox.run(&format!("add {} {words}", self.id))
    }

    /// The paths that are locked of the repo.
    pub(crate) fn locked(&self) -> Vec<String> {
        self.pin().files().keys().map(ToString::to_string).collect()
    }

    /// How many files are left out, by reason.
    pub(crate) fn left_out(&self) -> BTreeMap<String, u64> {
        self.pin().hub.left_out.iter().map(|(reason, count)| (reason.to_string(), *count)).collect()
    }

    /// The files that could run code and are left out, as `path: reason`.
    pub(crate) fn left_out_code(&self) -> Vec<String> {
        self.pin().hub.left_out_code.iter().map(|(path, reason)| format!("{path}: {reason}")).collect()
    }

    /// The paths that a loader finds.
    pub(crate) fn installed(&self) -> Vec<String> {
        let snapshots = format!("models--{}/snapshots/", self.id.replace('/', "--"));
        let target = self.sandbox.target();
        let below = target.iter().filter_map(|path| path.strip_prefix(&snapshots)?.split_once('/'));
        below.map(|(_, path)| path.to_owned()).collect()
    }

    fn pin(&self) -> modelpin_schema::Pin {
        let lock = self.sandbox.lock();
        let end = format!("/{}", self.id);
        lock.pins.into_values().find(|pin| pin.source.to_string().ends_with(&end)).unwrap()
    }
}

/// `words`, each a file, sorted.
pub(crate) fn sorted(words: &str) -> Vec<String> {
    let mut words: Vec<String> = words.split_whitespace().map(ToOwned::to_owned).collect();
    words.sort();
    words
}
