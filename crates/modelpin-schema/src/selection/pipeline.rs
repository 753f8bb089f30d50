//! Pipelines of diffusers: a `model_index.json`, and a folder for each component. What else lies beside them is for
//! programs that read one file, and the pipeline does not read it (diffusers, `DiffusionPipeline.download`: of the files
//! beside `model_index.json` only configurations).

use super::choice::Reason;
use super::decision::Decision;
use super::known;
use super::listing::{File, Listing, upwards};
use crate::{FileKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// The folders with a `model_index.json`, and the largest weights among the components of each.
#[derive(Debug, Default)]
pub(super) struct Pipelines<'a> {
    weights: BTreeMap<&'a str, &'a RepoPath>,
    /// Folders of components.
    components: BTreeSet<&'a str>,
}

impl<'a> Pipelines<'a> {
    pub(super) fn of(listing: &Listing<'a>) -> Self {
        let indexes = listing.files.iter().filter(|file| file.name == "model_index.json" && file.size > 0);
        let folders: BTreeSet<&str> = indexes.map(|file| file.folder).collect();
        let mut found = Self::default();
        if folders.is_empty() {
            return found;
        }
        let configured = listing.files.iter().filter(|file| is_configuration(file));
        for file in configured {
            if let Some((_, component)) = component_of(file.folder, |folder| folders.contains(folder)) {
                found.components.insert(component);
            }
        }
        let named: Vec<&str> =
            found.components.iter().copied().filter(|folder| is_other_version(folder, &found.components)).collect();
        for folder in named {
            found.components.remove(folder);
        }
        let sizes: BTreeMap<&RepoPath, u64> = listing.files.iter().map(|file| (file.path, file.size)).collect();
        for (folder, main) in listing.folders_with_torch_main() {
            let Some((pipeline, component)) = component_of(folder, |folder| folders.contains(folder)) else { continue };
            if !found.components.contains(component) {
                continue;
            }
            let largest = found.weights.entry(pipeline).or_insert(main.path);
            if sizes.get(main.path) > sizes.get(*largest) {
                *largest = main.path;
            }
        }
        found
    }

    /// The largest weights of the pipeline in `folder`; none where it is not one, or has no weights of its own.
    pub(super) fn weights_of(&self, folder: &str) -> Option<&'a RepoPath> {
        self.weights.get(folder).copied()
    }

    /// Leaves out the weights that the pipelines do not read.
    pub(super) fn decide(&self, listing: &Listing<'a>, decision: &mut Decision<'a>) {
        if self.weights.is_empty() {
            return;
        }
        for file in listing.files.iter().filter(|file| is_checkpoint(file)) {
            let beside = match self.weights_of(file.folder) {
                // A model of its own lies beside the pipeline's index.
                Some(_) if is_main(file) && listing.has(file.folder, "config.json") => None,
                Some(weights) => Some(weights),
                None => match component_of(file.folder, |folder| self.weights.contains_key(folder)) {
                    Some((pipeline, component)) if !self.components.contains(component) => self.weights_of(pipeline),
                    _ => None,
                },
            };
            if let Some(beside) = beside {
                decision.leave_out(file.path, Reason::PublisherFormat, beside);
            }
        }
    }
}

/// The nearest pipeline above `folder`, and the folder of it that `folder` is in.
fn component_of(folder: &str, is_pipeline: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let folders: Vec<&str> = upwards(folder).collect();
    let mut below = folders.first()?;
    for above in folders.iter().skip(1) {
        if is_pipeline(above) {
            return Some((above, below));
        }
        below = above;
    }
    None
}

/// Files that make a folder one of a pipeline's components.
fn is_configuration(file: &File<'_>) -> bool {
    file.size > 0
        && (matches!(file.name, "config.json" | "tokenizer.json" | "vocab.json" | "vocab.txt" | "spiece.model")
            || file.name.ends_with("_config.json"))
}

/// `vae_1_0` beside `vae` is the component of an earlier version (SDXL); `text_encoder_2` and `transformer_2` are
/// components. `original` is the publisher's own format, with its own `config.json`.
fn is_other_version(folder: &str, components: &BTreeSet<&str>) -> bool {
    let versions = || {
        let (rest, minor) = folder.rsplit_once('_')?;
        let (base, major) = rest.rsplit_once('_')?;
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        Some(number(minor) && number(major) && components.contains(base))
    };
    versions().unwrap_or(false) || matches!(folder.rsplit('/').next(), Some("original" | "metal"))
}

fn is_main(file: &File<'_>) -> bool {
    file.weight.is_some_and(|name| known::main_rank(name.stem, name.extension, name.variant).is_some())
}

/// Weights that a program could read as one file. Adapters and embeddings have names under which diffusers looks for them
/// in any repo (`loaders/lora_base.py`, `loaders/textual_inversion.py`).
fn is_checkpoint(file: &File<'_>) -> bool {
    const ADAPTERS: &[&str] =
        &["pytorch_lora_weights", "learned_embeds", "pytorch_custom_diffusion_weights", "adapter_model"];
    let adapter = file.weight.is_some_and(|name| ADAPTERS.contains(&name.stem));
    let torch = file.weight.is_some() && matches!(file.kind, FileKind::Pickle | FileKind::Safetensors);
    (torch || file.kind == FileKind::Gguf) && !adapter
}
