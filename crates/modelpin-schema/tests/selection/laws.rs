//! Laws that hold for every listing.

use super::{filter, listed};
use modelpin_schema::selection::Choice;
use modelpin_schema::{FileKind, Filter, ListedFile, RepoKind, RepoPath, Selection};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const FOLDERS: &[&str] = &[
    "",
    "",
    "",
    "unet/",
    "vae/",
    "vae_1_0/",
    "vae_decoder/",
    "text_encoder/",
    "original/",
    "metal/",
    "checkpoint-5/",
    "onnx/",
    "openvino/",
    "runs/x/",
    "2_Dense/",
    "original/unet/",
    "checkpoint-5/onnx/",
    "saved_model/1/",
    "BF16/",
    "onnx/original/",
];
const NAMES: &[&str] = &[
    "config.json",
    "model_index.json",
    "tokenizer.json",
    "model.safetensors",
    "model.fp16.safetensors",
    "pytorch_model.bin",
    "pytorch_model.fp16.bin",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.fp16.safetensors",
    "adapter_model.safetensors",
    "adapter_model.bin",
    "tf_model.h5",
    "flax_model.msgpack",
    "rust_model.ot",
    "model.onnx",
    "model_fp16.onnx",
    "model_q4.onnx",
    "openvino_model.bin",
    "consolidated.00.pth",
    "consolidated.safetensors",
    "head.pkl",
    "x.pt",
    "x.safetensors",
    "a-Q4_0.gguf",
    "a-Q8_0.gguf",
    "optimizer.pt",
    "training_args.bin",
    "saved_model.pb",
    "ggml-base.bin",
    "ggml-tiny.bin",
    "v.onnx",
    "v.onnx.json",
    "state_dict.bin",
    "compression_state_dict.bin",
    "generation_config.json",
    "text.pt",
    "speaker_embeddings_path.json",
];

fn listing() -> impl Strategy<Value = Vec<(RepoPath, u64)>> {
    let file = (select(FOLDERS), select(NAMES), prop_oneof![1 => Just(0), 9 => 1..9_u64]);
    prop::collection::btree_map(file.clone().prop_map(|(folder, name, _)| format!("{folder}{name}")), 0..9_u64, 0..40)
        .prop_map(|files| files.into_iter().map(|(path, size)| (path.parse().unwrap(), size)).collect())
}

fn files(listing: &[(RepoPath, u64)]) -> Vec<ListedFile<'_>> {
    listing.iter().map(|(path, size)| ListedFile { path, size: *size }).collect()
}

fn taken(selection: &Selection<'_>) -> BTreeSet<String> {
    selection.taken().map(ToString::to_string).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn every_file_is_taken_or_left_out_beside_one_that_is_taken(listing in listing()) {
        let files = files(&listing);
        let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
        prop_assert_eq!(selection.taken().count() + selection.left_out().count(), files.len());
        for (path, why) in selection.left_out() {
            let beside = why.beside.expect("a default decision names the other file");
            prop_assert_eq!(selection.choice(beside), Some(Choice::Taken), "{} beside {}", path, beside);
            let size = files.iter().find(|file| file.path == beside).unwrap().size;
            prop_assert!(size > 0, "{} beside {}, which is empty", path, beside);
        }
        prop_assert!(files.is_empty() || selection.taken().next().is_some());
    }

    #[test]
    fn the_order_of_a_listing_does_not_matter(listing in listing(), variant in select(vec![None, Some("fp16"), Some("Q4_0")])) {
        let filter = filter(&[], &[], variant);
        let mut files = files(&listing);
        let one = Selection::of(RepoKind::Model, &files, &filter);
        files.reverse();
        prop_assert_eq!(&one, &Selection::of(RepoKind::Model, &files, &filter));
    }

    #[test]
    fn an_exclude_never_takes_more(listing in listing(), pattern in select(vec!["*.safetensors", "model*", "*/*", "*.json"])) {
        let files = files(&listing);
        let all = Selection::of(RepoKind::Model, &files, &Filter::default());
        let fewer = Selection::of(RepoKind::Model, &files, &filter(&[], &[pattern], None));
        prop_assert!(taken(&fewer).is_subset(&taken(&all)));
    }

    #[test]
    fn one_file_alone_is_always_taken(folder in select(FOLDERS), name in select(NAMES)) {
        let paths = [format!("{folder}{name}").parse().unwrap()];
        prop_assert_eq!(Selection::of(RepoKind::Model, &listed(&paths), &Filter::default()).taken().count(), 1);
    }

    #[test]
    fn weights_without_any_other_of_their_folder_stay(listing in listing()) {
        let files = files(&listing);
        let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
        // A pickle that no rule knows by name is only ever left out with its whole folder, or beside its twin.
        for (path, why) in selection.left_out().filter(|(path, _)| path.file_name() == "head.pkl") {
            let whole = ["original/", "metal/", "checkpoint-5/"].iter().any(|folder| path.as_str().contains(folder));
            prop_assert!(whole, "{} is left out: {:?}", path, why);
            prop_assert_eq!(FileKind::of(path), FileKind::Pickle);
        }
    }
}
