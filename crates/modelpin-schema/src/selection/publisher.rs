//! Publishers' own formats beside the same weights in the form that a standard loader reads.

use super::choice::Reason;
use super::decision::Decision;
use super::listing::{File, Listing, upwards};
use crate::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// A library's own checkpoints, as they lie in a folder whose `config.json` and weights transformers reads.
struct Row {
    /// Names; one `*` stands for any text.
    names: &'static [&'static str],
    /// Files that are in such a folder, besides `config.json`.
    requires: &'static [&'static str],
}

const ROWS: &[Row] = &[
    // suno-ai/bark, `generation.py`, `REMOTE_MODEL_PATHS`; transformers' processor reads speaker_embeddings_path.json.
    Row {
        names: &["text.pt", "text_2.pt", "coarse.pt", "coarse_2.pt", "fine.pt", "fine_2.pt"],
        requires: &["speaker_embeddings_path.json"],
    },
    // facebookresearch/audiocraft, `models/loaders.py`, `load_lm_model` and `load_compression_model`.
    Row {
        names: &["state_dict.bin", "compression_state_dict.bin"],
        requires: &["state_dict.bin", "compression_state_dict.bin", "generation_config.json"],
    },
    // facebookresearch/sam2, `build_sam.py`, `HF_MODEL_ID_TO_FILENAMES`; facebookresearch/sam3, `model_builder.py`.
    Row { names: &["sam2_hiera_*.pt", "sam2.1_hiera_*.pt", "sam3.pt"], requires: &["processor_config.json"] },
    // facebookresearch/seamless_communication, `cards/*.yaml`.
    Row {
        names: &["seamlessM4T_*.pt", "vocoder_*.pt", "multitask_unity_*.pt"],
        requires: &["generation_config.json", "preprocessor_config.json"],
    },
    // NVIDIA/NeMo, `ASRModel.from_pretrained`: one archive with all that transformers reads beside it.
    Row { names: &["*.nemo"], requires: &["preprocessor_config.json"] },
    // nari-labs/dia, `model.py`, `Dia.from_pretrained`.
    Row { names: &["dia-v*.pth"], requires: &["generation_config.json"] },
    // haotian-liu/LLaVA, `model/builder.py`, `load_pretrained_model`: read on top of another model, where a repo has no
    // weights besides.
    Row { names: &["mm_projector.bin"], requires: &[] },
];

impl Row {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|pattern| match pattern.split_once('*') {
            None => *pattern == name,
            Some((before, after)) => {
                let middle = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                middle.is_some_and(|middle| !middle.is_empty())
            }
        })
    }
}

/// Leaves out the publishers' own formats in and below the folders that hold the weights themselves.
pub(super) fn decide<'a>(listing: &Listing<'a>, decision: &mut Decision<'a>) {
    let folders = own_folders(listing);
    for file in &listing.files {
        let below = || upwards(file.folder).find_map(|folder| folders.get(folder).copied());
        let beside = if folders.is_empty() { None } else { below() };
        if let Some(beside) = beside.or_else(|| in_the_same_folder(listing, file)) {
            decision.leave_out(file.path, Reason::PublisherFormat, beside);
        }
    }
}

/// `original/` (Meta, OpenAI) and `metal/` (OpenAI) with weights in them, in a folder with weights.
fn own_folders<'a>(listing: &Listing<'a>) -> BTreeMap<&'a str, &'a RepoPath> {
    let holding = listing.files.iter().filter(|file| file.is_weights()).map(|file| file.folder);
    let holding: BTreeSet<&str> = holding.collect();
    let mut found = BTreeMap::new();
    for folder in holding.into_iter().flat_map(upwards) {
        let (parent, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        if matches!(name, "original" | "metal")
            && let Some(main) = listing.torch_main(parent)
        {
            found.insert(folder, main.path);
        }
    }
    found
}

fn in_the_same_folder<'a>(listing: &Listing<'a>, file: &File<'a>) -> Option<&'a RepoPath> {
    if is_consolidated(file) {
        return listing.torch_main(file.folder).map(|main| main.path);
    }
    let applies = |row: &&Row| row.requires.iter().chain(&["config.json"]).all(|name| listing.has(file.folder, name));
    ROWS.iter().filter(|row| row.has(file.name)).find(applies)?;
    listing.torch_main(file.folder).map(|main| main.path)
}

/// `consolidated.00.pth` (Meta), `consolidated.safetensors`, `consolidated-00001-of-00002.safetensors` (Mistral:
/// mistral-inference, `transformer.py`, `Transformer.from_folder`), and their index.
fn is_consolidated(file: &File<'_>) -> bool {
    let rest = file.weight.and_then(|name| name.stem.strip_prefix("consolidated"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
}
