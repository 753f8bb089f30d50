//! Counter-examples: names that look like a rule's, where nothing else holds what the file holds.

use super::{check_all, listed, paths};
use modelpin_schema::{Filter, ListedFile, RepoKind, Selection};

#[test]
fn a_pickle_is_a_copy_only_of_a_twin_that_a_loader_finds() {
    check_all(&[
        ("no twin of that stem", &[("taken", "model.safetensors head.bin head.pt vae.pth best.ckpt")]),
        ("no twin in that folder", &[("taken", "model.safetensors 2_Dense/pytorch_model.bin")]),
        ("another case", &[("taken", "Model.safetensors pytorch_model.bin")]),
        ("an ending that no loader looks for", &[("taken", "model.SAFETENSORS pytorch_model.bin")]),
        (
            "a twin under a name that its loader does not look for",
            &[("taken", "pytorch_model.safetensors pytorch_model.bin")],
        ),
        ("a variant is no twin of what is plain", &[("taken", "model.fp16.safetensors pytorch_model.bin")]),
        (
            "a shard is missing",
            &[("taken", "model-{00001,00003}-of-00003.safetensors model.safetensors.index.json pytorch_model.bin")],
        ),
        ("the index is missing", &[("taken", "model-#2.safetensors pytorch_model.bin")]),
        (
            "shards of two totals",
            &[(
                "taken",
                "model-00001-of-00002.safetensors model-00002-of-00003.safetensors model.safetensors.index.json pytorch_model.bin",
            )],
        ),
        (
            "no pickle of tensors",
            &[("taken", "model.safetensors model.pkl model.joblib model.nemo model.pt2 model.py")],
        ),
        ("an adapter does not replace a model", &[("taken", "adapter_model.safetensors pytorch_model.bin")]),
        (
            "an adapter beside the merged model",
            &[("taken", "adapter_model.safetensors model.gguf onnx/model.onnx tf_model.h5")],
        ),
    ]);
}

#[test]
fn an_empty_file_replaces_nothing() {
    let paths = paths("model.safetensors pytorch_model.bin");
    let mut files = listed(&paths);
    files[0].size = 0;
    assert_eq!(Selection::of(RepoKind::Model, &files, &Filter::default()).taken().count(), 2);
    files[0].size = 1;
    assert_eq!(Selection::of(RepoKind::Model, &files, &Filter::default()).taken().count(), 1);
}

#[test]
fn a_publishers_format_is_needed_where_it_is_the_only_one() {
    check_all(&[
        ("nothing in the root", &[("taken", "config.json original/model.safetensors original/config.json")]),
        ("an adapter in the root", &[("taken", "adapter_model.safetensors original/consolidated.00.pth")]),
        (
            "a folder of that name without weights",
            &[("taken", "config.json model.safetensors original/paper.pdf original/tokenizer.model")],
        ),
        (
            "the weights of another folder",
            &[("taken", "text/model.safetensors text/config.json original/consolidated.00.pth")],
        ),
        ("consolidated in another folder", &[("taken", "config.json model.safetensors moe/consolidated.safetensors")]),
        (
            "names of a library without what it comes with",
            &[("taken", "config.json model.safetensors text.pt coarse.pt fine.pt state_dict.bin sam2_hiera_large.pt")],
        ),
        (
            "no main weights beside them",
            &[("taken", "config.json preprocessor_config.json processor_config.json sam2_hiera_large.pt x.nemo")],
        ),
    ]);
}

#[test]
fn a_pipeline_needs_components_with_weights() {
    check_all(&[
        (
            "no component has weights",
            &[("taken", "model_index.json scheduler/scheduler_config.json model.ckpt unet.safetensors")],
        ),
        (
            "a folder with a configuration is a component",
            &[(
                "taken",
                "model_index.json unet/{config.json,diffusion_pytorch_model.safetensors} prior/config.json prior/weights.pth",
            )],
        ),
        (
            "a folder of numbers without its base",
            &[(
                "taken",
                "model_index.json unet/{config.json,diffusion_pytorch_model.safetensors} vae_1_0/{config.json,diffusion_pytorch_model.safetensors}",
            )],
        ),
        (
            "a model of its own in the root",
            &[(
                "taken",
                "model_index.json config.json diffusion_pytorch_model.safetensors unet/{config.json,diffusion_pytorch_model.safetensors}",
            )],
        ),
        (
            "components that PyTorch does not read",
            &[(
                "taken",
                "model_index.json v1-5.ckpt unet/{config.json,diffusion_flax_model.msgpack} vae/{config.json,model.onnx}",
            )],
        ),
        (
            "no model_index.json",
            &[("taken", "unet/{config.json,diffusion_pytorch_model.safetensors} v1-5.ckpt vae_1_0/x.pt")],
        ),
        (
            "no pickle of tensors",
            &[("taken", "model_index.json unet/{config.json,diffusion_pytorch_model.safetensors} head.pkl")],
        ),
    ]);
}

#[test]
fn a_checkpoint_is_needed_where_the_run_came_to_nothing_else() {
    check_all(&[
        (
            "the only weights",
            &[
                ("taken", "README.md checkpoint-{500,1000}/{config.json,model.safetensors}"),
                ("training", "checkpoint-500/optimizer.pt checkpoint-1000/training_args.bin"),
            ],
        ),
        (
            "weights of something else beside it",
            &[("taken", "embeddings.safetensors checkpoint-500/model.safetensors")],
        ),
        (
            "no number",
            &[("taken", "model.safetensors checkpoint-best/model.safetensors checkpoint-/model.safetensors")],
        ),
        ("nothing but the state", &[("taken", "README.md training_args.bin optimizer.pt")]),
        ("weights in runs/", &[("taken", "config.yaml runs/train/weights/best.pt")]),
        (
            "a scheduler of a pipeline",
            &[(
                "taken",
                "model_index.json scheduler/scheduler_config.json unet/{config.json,diffusion_pytorch_model.safetensors}",
            )],
        ),
        (
            "names that begin alike",
            &[("taken", "model.safetensors optimizer_head.pt rng_statement.pth my_training_args.bin")],
        ),
    ]);
}

#[test]
fn another_format_is_needed_where_its_name_is_of_something_else() {
    check_all(&[
        ("parts in ONNX", &[("taken", "model.safetensors campplus.onnx speech_tokenizer_v2.onnx vision/encoder.onnx")]),
        (
            "quants of a part, beside another part",
            &[("taken", "ae.safetensors clip_l.safetensors flux1-dev-Q4_0.gguf")],
        ),
        (
            "a head of Keras, an index of vectors",
            &[("taken", "model.safetensors head.h5 classifier.keras wiki.index vectors.msgpack")],
        ),
        (
            "another part's weights",
            &[("taken", "model.safetensors 2_Dense/rust_model.ot 3_Dense/tf_model.h5 4_Dense/flax_model.msgpack")],
        ),
        (
            "pickles of every other name",
            &[
                ("taken", "pytorch_model.bin mm_projector.bin colbert_linear.pt"),
                ("other-format", "tf_model.h5 rust_model.ot"),
            ],
        ),
        (
            "a folder of exports with a part of its own",
            &[("taken", "model.safetensors onnx/tokenizer.json onnx/head.pkl"), ("copy", "onnx/model.onnx")],
        ),
    ]);
}

#[test]
fn two_rules_that_point_at_each_other_leave_nothing_out() {
    // By one rule the checkpoint is needless beside the root's weights, by the other those beside a component.
    check_all(&[(
        "a circle",
        &[("taken", "model_index.json model.safetensors checkpoint-5/{config.json,model.safetensors}")],
    )]);
}

#[test]
fn a_dataset_has_no_default_set() {
    let paths = paths("model.safetensors pytorch_model.bin checkpoint-5/x.bin onnx/model.onnx a-Q4_0.gguf a-Q5_0.gguf");
    let selection = Selection::of(RepoKind::Dataset, &listed(&paths), &Filter::default());
    assert_eq!(selection.taken().count(), paths.len());
    assert_eq!(selection.shelf(), None);
}

#[test]
fn a_huge_listing_takes_about_linear_time() {
    let many = 6_000;
    let deep = "d/".repeat(400);
    let names: [&dyn Fn(usize) -> String; 8] = [
        &|n| format!("model-{n:06}-of-{many:06}.safetensors"),
        &|n| format!("pytorch_model-{n:06}-of-{many:06}.bin"),
        &|n| format!("d{n}/x-Q4_0.gguf"),
        &|n| format!("checkpoint-{n}/model.safetensors"),
        &|n| format!("d{n}/model_index.json"),
        &|n| format!("{deep}{n}/model.onnx"),
        &|n| format!("v/{n}.onnx"),
        &|n| format!("v/{n}.onnx.json"),
    ];
    let mut text: Vec<String> = names.iter().flat_map(|name| (1..=many).map(name)).collect();
    text.extend(["model.safetensors.index.json".to_owned(), "pytorch_model.bin.index.json".to_owned()]);
    let paths: Vec<_> = text.iter().map(|path| path.parse().unwrap()).collect();
    let files: Vec<ListedFile<'_>> = listed(&paths);
    let started = std::time::Instant::now();
    let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
    // 48,000 files; what is quadratic takes longer by far.
    assert!(started.elapsed().as_secs() < 100, "{:?}", started.elapsed());
    assert!(selection.left_out().count() > many);
}
