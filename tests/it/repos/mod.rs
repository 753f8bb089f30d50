//! Repos as they are published: which files `add` locks, which it leaves out and why, and what a loader then finds. The
//! names are those of much-used repos, the files small and honest.

mod diffusers;
mod embeddings;
mod gguf_onnx;
mod llm;
mod other;
mod speech;

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::corpus::build::{state_dict, torch_zip};
use modelpin_testkit::{Content, corpus, make};
use std::collections::BTreeMap;
use std::sync::OnceLock;

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
        end @ ("onnx" | "gguf") => Content::lfs(of_corpus(end)),
        _ => Content::lfs(path),
    }
}

/// The smallest honest file of the corpus whose name ends so.
fn of_corpus(end: &str) -> &'static [u8] {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let mut smallest: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for item in corpus::all() {
            let [(path, bytes)] = item.files.as_slice() else { continue };
            let end = path.rsplit('.').next().unwrap();
            let is_smaller = smallest.get(end).is_none_or(|known| bytes.len() < known.len());
            if item.expect == corpus::Expect::Safe && is_smaller {
                smallest.insert(end.to_owned(), bytes.clone());
            }
        }
        smallest
    });
    &files[end]
}

/// Paths of the shards of `stem`, numbered as transformers does it.
pub(crate) fn shards(stem: &str, end: &str, count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|at| format!("{stem}-{at:05}-of-{count:05}.{end}")).collect();
    names.join(" ")
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

    /// `add` locks exactly the files `taken`, and leaves out the others for these reasons; then they are installed.
    pub(crate) fn takes(&self, taken: &str, left_out: &[(&str, u64)]) -> Output {
        let added = self.add("");
        added.ok();
        self.locks(taken, left_out);
        self.sandbox.run("sync --locked").ok();
        assert_eq!(self.installed(), sorted(taken));
        added
    }

    /// Exactly the files `taken` are locked, and the others are left out for these reasons.
    pub(crate) fn locks(&self, taken: &str, left_out: &[(&str, u64)]) {
        assert_eq!(self.locked(), sorted(taken));
        let left_out = left_out.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
        assert_eq!(self.left_out(), left_out);
    }

    /// As `takes`, of a repo of which `file` is refused: it is locked for review, and named.
    pub(crate) fn refuses(&self, file: &str, taken: &str, left_out: &[(&str, u64)]) -> Output {
        let added = self.add("");
        added.refused(5).says(file);
        self.locks(taken, left_out);
        self.sandbox.run("sync --locked").refused(5).says(file);
        assert!(self.installed().is_empty(), "{:?}", self.installed());
        added
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
