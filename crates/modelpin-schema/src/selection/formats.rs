//! Weights in one more format: exports for other programs, beside the weights that a loader finds by their names.

use super::choice::Reason;
use super::decision::Decision;
use super::known::{self, Format};
use super::listing::{File, Listing, Main, upwards};
use crate::{FileKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Leaves out exports of weights that are there already.
pub(super) fn decide<'a>(listing: &Listing<'a>, decision: &mut Decision<'a>) {
    let saved_models = SavedModels::of(listing);
    for file in &listing.files {
        let main = main_beside(listing, file, &saved_models);
        let reason = |main: Main<'a>| match known::format(main.rank) {
            Format::Safetensors => Reason::Copy,
            _ => Reason::OtherFormat,
        };
        let found =
            main.map(|main| (reason(main), main.path)).or_else(|| Some((Reason::Copy, same_stem(listing, file)?)));
        if let Some((reason, beside)) = found {
            decision.leave_out(file.path, reason, beside);
        }
    }
    small_files(listing, decision);
}

/// The weights of which a file is an export by its format and place.
fn main_beside<'a>(listing: &Listing<'a>, file: &File<'a>, saved_models: &SavedModels<'a>) -> Option<Main<'a>> {
    let torch = |main: &Main<'a>| known::format(main.rank) <= Format::Torch;
    let nearest = |folder: &'a str| upwards(folder).find_map(|above| listing.main(above));
    if let Some(saved_model) = saved_models.of_file(file) {
        return nearest(saved_model).filter(torch);
    }
    if is_onnx(file) {
        return onnx_of(listing, file).filter(torch);
    }
    match file.kind {
        FileKind::Coreml | FileKind::Openvino | FileKind::Gguf => nearest(file.folder).filter(torch),
        FileKind::Tensorflow if file.name.ends_with(".tflite") => nearest(file.folder).filter(torch),
        FileKind::Pickle if file.name == "rust_model.ot" => listing.main(file.folder),
        _ if is_tensorflow_checkpoint(file.name) => listing.main(file.folder).filter(torch),
        _ => {
            let name = file.weight?;
            let rank = known::main_rank(name.stem, name.extension, name.variant)?;
            let main = listing.main(file.folder)?;
            let format = known::format(rank);
            let exported = known::is_whole_model(rank) && format > Format::Torch;
            (exported && known::format(main.rank) < format).then_some(main)
        }
    }
}

fn is_onnx(file: &File<'_>) -> bool {
    file.kind == FileKind::Onnx || file.name.contains(".onnx_data") || file.name.ends_with(".onnx.data")
}

/// The weights of which an ONNX file is an export: those of its folder, where it has a name that exporters give (optimum,
/// `exporters/utils.py`), or those above a folder of exports. Any other could be a part that nothing else holds, such as
/// a tokenizer of speech.
fn onnx_of<'a>(listing: &Listing<'a>, file: &File<'a>) -> Option<Main<'a>> {
    const NAMES: &[&str] =
        &["model", "encoder_model", "decoder_model", "decoder_with_past_model", "text_model", "vision_model"];
    let stem = file.name.split('.').next().unwrap_or_default();
    let named = NAMES
        .iter()
        .any(|name| stem.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-'])));
    let mut exported = false;
    for folder in upwards(file.folder) {
        let counts = exported || (named && folder == file.folder);
        if counts && let Some(main) = listing.main(folder) {
            return Some(main);
        }
        exported |= is_export_folder(folder);
    }
    let (component, _) = split_half(file.folder)?;
    listing.main(component).filter(|_| named)
}

/// `vae_decoder` and `vae_encoder` are the halves of `vae` as optimum exports them.
fn split_half(folder: &str) -> Option<(&str, &str)> {
    folder.rsplit_once('_').filter(|(_, half)| matches!(*half, "decoder" | "encoder"))
}

/// Whether a folder is named after a format of exports.
fn is_export_folder(folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["onnx", "openvino", "coreml", "tflite"].iter().any(|format| name.contains(format))
}

/// A file in another format with the stem of safetensors beside it.
fn same_stem<'a>(listing: &Listing<'a>, file: &File<'a>) -> Option<&'a RepoPath> {
    let export = matches!(file.kind, FileKind::Onnx | FileKind::Keras | FileKind::Flax | FileKind::Gguf)
        || file.name.ends_with(".tflite");
    let (stem, _) = file.name.rsplit_once('.').filter(|_| export)?;
    listing.complete((file.folder, stem, "safetensors", ""))
}

/// The folders with a `saved_model.pb`.
struct SavedModels<'a>(BTreeSet<&'a str>);

impl<'a> SavedModels<'a> {
    fn of(listing: &Listing<'a>) -> Self {
        let saved = listing.files.iter().filter(|file| file.name == "saved_model.pb");
        Self(saved.map(|file| file.folder).collect())
    }

    /// The one that a file is part of, by its place and name.
    fn of_file(&self, file: &File<'a>) -> Option<&'a str> {
        if self.0.contains(file.folder) && !file.folder.is_empty() {
            return file.name.ends_with(".pb").then_some(file.folder);
        }
        let (parent, name) = file.folder.rsplit_once('/')?;
        let part = name == "variables" && file.name.starts_with("variables.");
        (part && self.0.contains(parent)).then_some(parent)
    }
}

/// `X.ckpt.index`, `X.ckpt.meta`, `X.ckpt.data-00000-of-00001`: checkpoints of TensorFlow 1.
fn is_tensorflow_checkpoint(name: &str) -> bool {
    let form = |(_, rest): (&str, &str)| rest == "index" || rest == "meta" || rest.starts_with("data-");
    name.rsplit_once(".ckpt.").is_some_and(form)
}

/// Configurations and tokenizers in a folder of exports go with the exports, where none of them is taken.
fn small_files<'a>(listing: &Listing<'a>, decision: &mut Decision<'a>) {
    let export = |file: &File<'a>| upwards(file.folder).filter(|folder| is_export_folder(folder)).last();
    let mut gone: BTreeMap<&str, (Reason, &'a RepoPath)> = BTreeMap::new();
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    for file in listing.files.iter().filter(|file| file.is_weights() || is_onnx(file)) {
        let Some(folder) = export(file) else { continue };
        match decision.of(file.path) {
            Some(why) => _ = gone.entry(folder).or_insert(why),
            None => _ = needed.insert(folder),
        }
    }
    for file in &listing.files {
        let small = matches!(file.kind, FileKind::Config | FileKind::Tokenizer | FileKind::Other);
        let Some(folder) = export(file).filter(|folder| small && !needed.contains(folder)) else { continue };
        if let Some((reason, beside)) = gone.get(folder) {
            decision.leave_out(file.path, *reason, beside);
        }
    }
}
