//! What `include`, `exclude` and `variant` make of the default set.

use super::{check, filter, listed, paths};
use modelpin_schema::{Pattern, RepoKind, RepoPath, Selection};

#[test]
fn an_include_is_the_whole_set() {
    check(
        "*.bin",
        &filter(&["*.bin"], &[], None),
        &[("taken", "pytorch_model.bin training_args.bin"), ("not-included", "model.safetensors config.json")],
    );
    check(
        "everything",
        &filter(&["*"], &[], None),
        &[("taken", "pytorch_model.bin model.safetensors checkpoint-5/model.safetensors")],
    );
    check(
        "a folder",
        &filter(&["onnx/"], &[], None),
        &[("taken", "onnx/a/model.onnx"), ("not-included", "model.safetensors")],
    );
    check(
        "both",
        &filter(&["*.json", "*.bin"], &["pytorch*"], None),
        &[("taken", "config.json"), ("excluded", "pytorch_model.bin"), ("not-included", "model.safetensors")],
    );
}

#[test]
fn an_exclude_only_removes() {
    check(
        "safetensors",
        &filter(&[], &["*.safetensors"], None),
        &[("excluded", "model.safetensors"), ("copy", "pytorch_model.bin onnx/model.onnx"), ("taken", "config.json")],
    );
    check(
        "what is left out already",
        &filter(&[], &["sd_xl_*"], None),
        &[
            (
                "taken",
                "model_index.json unet/{config.json,diffusion_pytorch_model.safetensors} vae/{config.json,diffusion_pytorch_model.safetensors}",
            ),
            ("publisher-format", "sd_xl_base_1.0.safetensors"),
            ("copy", "vae_decoder/model.onnx unet/openvino_model.bin"),
        ],
    );
}

#[test]
fn a_variant_takes_the_place_of_the_plain_weights_folder_by_folder() {
    check(
        "fp16 where it exists",
        &filter(&[], &[], Some("FP16")),
        &[
            (
                "taken",
                "model_index.json unet/{config.json,diffusion_pytorch_model.fp16.safetensors} vae/{config.json,diffusion_pytorch_model.safetensors}",
            ),
            ("variant", "unet/diffusion_pytorch_model{,.non_ema}.safetensors"),
            ("copy", "unet/diffusion_pytorch_model{,.fp16}.bin"),
        ],
    );
    check(
        "shards",
        &filter(&[], &[], Some("fp32")),
        &[
            ("taken", "config.json model.fp32-#2.safetensors model.safetensors.index.fp32.json"),
            ("variant", "model.safetensors"),
            ("copy", "pytorch_model.bin"),
        ],
    );
    check(
        "a pickle does not take the place of safetensors",
        &filter(&[], &[], Some("fp16")),
        &[("taken", "config.json model.safetensors"), ("variant", "pytorch_model.fp16.bin")],
    );
    check(
        "pickles only",
        &filter(&[], &[], Some("fp16")),
        &[("taken", "config.json pytorch_model.fp16.bin"), ("variant", "pytorch_model.bin")],
    );
}

#[test]
fn a_variant_is_spelled_as_the_repo_spells_it() {
    let paths = paths("model.safetensors model.fp16.safetensors");
    let of = |variant| Selection::of(RepoKind::Model, &listed(&paths), &filter(&[], &[], Some(variant)));
    assert_eq!(of("Fp16").variant(), Some("fp16"));
    assert_eq!(of("q8").variant(), None);
    assert_eq!(of("q8").variants(), ["fp16"]);
    assert_eq!(of("ALL").variant(), Some("all"));
}

#[test]
fn an_escaped_pattern_matches_its_path_alone() {
    for text in ["a.gguf", "a[1].gguf", "a*b?.x", "{a,b}/c", "!a", "a]b", "a!b-c"] {
        let path: RepoPath = text.parse().unwrap();
        let pattern: Pattern = Pattern::escape(text).parse().unwrap();
        let paths = [path, "b.gguf".parse().unwrap(), "a/c".parse().unwrap(), "axb".parse().unwrap()];
        let filter = modelpin_schema::Filter { include: vec![pattern], ..Default::default() };
        let selection = Selection::of(RepoKind::Model, &listed(&paths), &filter);
        assert_eq!(selection.taken().map(ToString::to_string).collect::<Vec<_>>(), [text]);
    }
}
