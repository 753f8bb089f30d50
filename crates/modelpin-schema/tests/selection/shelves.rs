//! Repos of alternatives.

use super::{check, decided, filter, listed, paths};
use modelpin_schema::{Filter, RepoKind, Selection};

/// The alternatives of a repo, each with its files.
fn shelf(text: &str) -> Vec<String> {
    let paths = paths(text);
    let files = listed(&paths);
    let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
    let shelf = selection.undecided().map(|shelf| shelf.alternatives.clone()).unwrap_or_default();
    shelf
        .iter()
        .map(|one| format!("{}: {}", one.name, one.files.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")))
        .collect()
}

#[test]
fn gguf() {
    let thebloke = shelf("config.json mistral-7b-instruct-v0.2.{Q2_K,Q4_K_M,Q10_K,Q4_0}.gguf");
    assert_eq!(
        thebloke,
        [
            "Q2_K: mistral-7b-instruct-v0.2.Q2_K.gguf",
            "Q4_0: mistral-7b-instruct-v0.2.Q4_0.gguf",
            "Q4_K_M: mistral-7b-instruct-v0.2.Q4_K_M.gguf",
            "Q10_K: mistral-7b-instruct-v0.2.Q10_K.gguf",
        ]
    );
    let unsloth = shelf(
        "Qwen3-8B-{Q4_K_M,UD-Q4_K_XL}.gguf BF16/Qwen3-8B-BF16-#2.gguf imatrix_unsloth.dat mmproj-{BF16,F16,F32}.gguf config.json",
    );
    assert_eq!(
        unsloth,
        [
            "BF16: BF16/Qwen3-8B-BF16-00001-of-00002.gguf BF16/Qwen3-8B-BF16-00002-of-00002.gguf",
            "Q4_K_M: Qwen3-8B-Q4_K_M.gguf",
            "UD-Q4_K_XL: Qwen3-8B-UD-Q4_K_XL.gguf",
        ]
    );
    let qwen =
        shelf("qwen2.5-7b-instruct-q4_k_m-#2.gguf qwen2.5-7b-instruct-q8_0-#3.gguf qwen2.5-7b-instruct-q2_k.gguf");
    assert_eq!(qwen.len(), 3);
    let two_models = shelf("small-Q4_0.gguf small-Q8_0.gguf large-Q4_0.gguf large-Q8_0.gguf");
    assert_eq!(two_models.len(), 4);
    assert!(two_models[0].starts_with("large-Q4_0: "), "{two_models:?}");
    let by_folder = shelf("Q4_K_M/model-#2.gguf Q8_0/model-#2.gguf");
    assert!(by_folder[0].starts_with("Q4_K_M: Q4_K_M/model-00001"), "{by_folder:?}");
    let pieces = shelf("x.Q8_0.gguf-split-{a,b} x.Q6_K.gguf.part{1,2}of2 x.Q4_0.gguf Model.Q5_0.llamafile");
    assert_eq!(pieces.len(), 4, "{pieces:?}");
    assert_eq!(shelf("llama-2-7b.ggmlv3.q{4_0,5_1}.bin").len(), 2);
}

#[test]
fn what_is_no_shelf() {
    for text in [
        "model-Q4_K_M.gguf mmproj-F16.gguf",
        "model.gguf vocoder.gguf",
        "model-Q4_0-#3.gguf",
        "onnx/model.onnx onnx/model_fp16.onnx",
        "encoder.onnx decoder.onnx joiner.onnx",
        "lora_a.safetensors lora_b.safetensors lora_c.safetensors",
        "model_q4.safetensors model_q8.safetensors model_fp16.safetensors model_q5.safetensors",
        "yolov8n.pt yolov8s.pt yolov8m.pt",
        "config.json model.safetensors model-Q4_0.gguf model-Q8_0.gguf",
        "a.mlpackage/Manifest.json b.mlpackage/Manifest.json",
        "a/one.mlpackage/Manifest.json b/two.mlpackage/Manifest.json",
        "ggml-base.bin",
        "voice.onnx voice.onnx.json",
    ] {
        assert!(shelf(text).is_empty(), "{text}: {:?}", shelf(text));
    }
}

#[test]
fn onnx() {
    let one = shelf(
        "config.json onnx/model{,_bnb4,_fp16,_q4f16,_quantized}.onnx onnx/model.onnx_data onnx/model_fp16.onnx_data",
    );
    assert_eq!(
        one,
        [
            "model: onnx/model.onnx onnx/model.onnx_data",
            "model_bnb4: onnx/model_bnb4.onnx",
            "model_fp16: onnx/model_fp16.onnx onnx/model_fp16.onnx_data",
            "model_q4f16: onnx/model_q4f16.onnx",
            "model_quantized: onnx/model_quantized.onnx",
        ]
    );
    let whisper =
        shelf("config.json onnx/{encoder_model,decoder_model,decoder_model_merged}{,_fp16,_q4}.onnx onnx/embed.onnx");
    assert_eq!(
        whisper,
        [
            "fp16: onnx/decoder_model_fp16.onnx onnx/decoder_model_merged_fp16.onnx onnx/encoder_model_fp16.onnx",
            "fp32: onnx/decoder_model.onnx onnx/decoder_model_merged.onnx onnx/encoder_model.onnx",
            "q4: onnx/decoder_model_merged_q4.onnx onnx/decoder_model_q4.onnx onnx/encoder_model_q4.onnx",
        ]
    );
}

#[test]
fn speech() {
    let whisper = shelf("ggml-{base,base.en,large-v3,large-v3-q5_0}.bin ggml-large-v3-encoder.mlmodelc.zip README.md");
    assert_eq!(
        whisper,
        [
            "base: ggml-base.bin",
            "base.en: ggml-base.en.bin",
            "large-v3: ggml-large-v3-encoder.mlmodelc.zip ggml-large-v3.bin",
            "large-v3-q5_0: ggml-large-v3-encoder.mlmodelc.zip ggml-large-v3-q5_0.bin",
        ]
    );
    let piper = shelf(
        "voices.json en/amy/low/{en_US-amy-low.onnx,en_US-amy-low.onnx.json,MODEL_CARD,samples/speaker_0.mp3} de/thorsten/high/{de_DE-thorsten-high.onnx,de_DE-thorsten-high.onnx.json}",
    );
    assert_eq!(
        piper,
        [
            "de_DE-thorsten-high: de/thorsten/high/de_DE-thorsten-high.onnx de/thorsten/high/de_DE-thorsten-high.onnx.json",
            "en_US-amy-low: en/amy/low/MODEL_CARD en/amy/low/en_US-amy-low.onnx en/amy/low/en_US-amy-low.onnx.json en/amy/low/samples/speaker_0.mp3",
        ]
    );
    let kit = shelf("config.json openai_whisper-{base,tiny}/{config.json,AudioEncoder.mlmodelc/weights/weight.bin}");
    assert_eq!(
        kit,
        [
            "openai_whisper-base: openai_whisper-base/AudioEncoder.mlmodelc/weights/weight.bin openai_whisper-base/config.json",
            "openai_whisper-tiny: openai_whisper-tiny/AudioEncoder.mlmodelc/weights/weight.bin openai_whisper-tiny/config.json",
        ]
    );
}

#[test]
fn one_alternative_is_taken_with_what_all_share() {
    check(
        "Q4_K_M",
        &filter(&[], &[], Some("q4_k_m")),
        &[
            ("taken", "config.json README.md m-Q4_K_M-#2.gguf mmproj-F16.gguf"),
            ("not-chosen", "m-Q8_0.gguf BF16/m-BF16-#2.gguf"),
        ],
    );
    check(
        "by its end",
        &filter(&[], &[], Some("q4f16")),
        &[("taken", "config.json onnx/model_q4f16.onnx"), ("not-chosen", "onnx/model{,_q4,_fp16}.onnx")],
    );
    check("all", &filter(&[], &[], Some("all")), &[("taken", "m-Q4_K_M.gguf m-Q8_0.gguf")]);
    check(
        "a file of two alternatives",
        &filter(&[], &[], Some("large-v3")),
        &[("taken", "ggml-large-v3.bin ggml-large-v3-encoder.mlmodelc.zip"), ("not-chosen", "ggml-large-v3-q5_0.bin")],
    );
    check(
        "within an include",
        &filter(&["*.gguf"], &[], Some("Q8_0")),
        &[("taken", "m-Q8_0.gguf"), ("not-chosen", "m-Q4_0.gguf"), ("not-included", "config.json")],
    );
}

#[test]
fn it_is_decided_by_a_variant_an_include_or_what_an_exclude_leaves() {
    let paths = paths("config.json m-Q4_0.gguf m-Q5_0.gguf m-Q8_0-#2.gguf");
    let files = listed(&paths);
    let undecided = |filter: &Filter| Selection::of(RepoKind::Model, &files, filter).undecided().is_some();
    assert!(undecided(&Filter::default()));
    assert!(undecided(&filter(&[], &["*Q4_0*"], None)));
    assert!(!undecided(&filter(&[], &["*Q4_0*", "*Q8_0*"], None)));
    assert!(!undecided(&filter(&["*Q4_0*"], &[], None)));
    assert!(!undecided(&filter(&[], &[], Some("all"))));
    let unknown = Selection::of(RepoKind::Model, &files, &filter(&[], &[], Some("Q9")));
    assert_eq!((unknown.variant(), unknown.variants()), (None, ["Q4_0", "Q5_0", "Q8_0"].map(String::from).as_slice()));
}

#[test]
fn the_patterns_of_an_alternative_take_it_and_what_a_loader_needs() {
    let paths = paths("config.json README.md .gitattributes tokenizer.json a[1]-Q4_0.gguf a[1]-Q8_0-#3.gguf x.png");
    let files = listed(&paths);
    let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
    let shelf = selection.shelf().unwrap();
    let include = shelf.include(shelf.named("q8_0").unwrap());
    assert_eq!(include, ["a[[]1[]]-Q8_0-*-of-00003.gguf", "config.json", "tokenizer.json"]);
    let include: Vec<&str> = include.iter().map(String::as_str).collect();
    let narrowed = Selection::of(RepoKind::Model, &files, &filter(&include, &[], None));
    let taken: Vec<String> = narrowed.taken().map(ToString::to_string).collect();
    assert_eq!(taken.len(), 5, "{:?}", decided(&narrowed, &paths));
    assert!(taken.iter().all(|path| !path.contains("Q4_0")), "{taken:?}");
}

#[test]
fn many_files_have_one_pattern_together() {
    let of = |text: &str, name: &str| {
        let paths = paths(text);
        let files = listed(&paths);
        let selection = Selection::of(RepoKind::Model, &files, &Filter::default());
        let shelf = selection.shelf().unwrap();
        shelf.include(shelf.named(name).unwrap()).join(" ")
    };
    let js = "{config,tokenizer,tokenizer_config,quantize_config}.json vocab.txt onnx/model{,_q4,_fp16}.onnx";
    assert_eq!(of(js, "q4"), "onnx/model_q4.onnx *.json vocab.txt");
    let kit = "config.json {base,tiny}/{config.json,A.mlmodelc/weights/weight.bin,A.mlmodelc/model.mil}";
    assert_eq!(of(kit, "tiny"), "tiny/ config.json");
    let piper = "{a,b,c}.json voices.json en/low/{x.onnx,x.onnx.json,MODEL_CARD} de/{y.onnx,y.onnx.json}";
    assert_eq!(of(piper, "y"), "de/y.onnx de/y.onnx.json a.json b.json c.json voices.json");
    assert!(of(piper, "x").starts_with("en/low/ "));
}

#[test]
fn the_end_of_a_name_stays_as_it_was_asked_for() {
    let paths = paths("config.json onnx/model{,_q4,_q4f16}.onnx");
    let of = |variant| {
        Selection::of(RepoKind::Model, &listed(&paths), &filter(&[], &[], Some(variant))).variant().map(String::from)
    };
    assert_eq!(of("Q4F16").as_deref(), Some("Q4F16"));
    assert_eq!(of("MODEL_q4f16").as_deref(), Some("model_q4f16"));
    assert_eq!(of("4f16"), None);
}
