//! What configuration makes a loader take from other repos, and what an adapter says of its base.

use modelpin_scan::{Limits, Report, Verdict, scan};
use modelpin_schema::lockfile::DeclaredBase;

fn judge(path: &str, text: &str) -> Report {
    scan(text.as_bytes(), path, &Limits::default())
}

/// The references of a document, as they are in a lock.
fn references(path: &str, text: &str) -> Vec<String> {
    judge(path, text).facts.references.iter().map(ToString::to_string).collect()
}

/// Holds documents against their references. Those that have none are the quiet twins of those that have some.
fn hold(cases: &[(&str, &str, &[&str])]) {
    for (path, text, expected) in cases {
        assert_eq!(references(path, text), *expected, "{path}: {text}");
    }
}

#[test]
fn code() {
    hold(&[
        ("config.json", r#"{"auto_map": {"AutoModel": "acme/code--modeling.Acme"}}"#, &["auto_map acme/code"]),
        ("config.json", r#"{"auto_map": {"AutoModel": "modeling.Acme"}}"#, &[]),
        // Nested, several, and in a list: the slow and the fast tokenizer.
        (
            "config.json",
            r#"{"text_config": {"auto_map": {"AutoModel": "b/code--m.A", "AutoConfig": "a/code--c.A"}}}"#,
            &["auto_map a/code", "auto_map b/code"],
        ),
        ("tokenizer_config.json", r#"{"auto_map": {"AutoTokenizer": ["a/code--t.T", null]}}"#, &["auto_map a/code"]),
        ("tokenizer_config.json", r#"{"auto_map": {"AutoTokenizer": ["t.T", null]}}"#, &[]),
        ("processor_config.json", r#"{"auto_map": "acme/code--p.P"}"#, &["auto_map acme/code"]),
        ("sub/config.json", r#"{"custom_pipelines": {"x": {"impl": "a/code--p.P"}}}"#, &["auto_map a/code"]),
        ("config.json", r#"{"custom_pipelines": {"x": {"impl": "p.P"}}}"#, &[]),
        ("tool_config.json", r#"{"tool_class": "acme/code--tool.T"}"#, &["auto_map acme/code"]),
        ("modules.json", r#"[{"idx": 0, "path": "", "type": "acme/code--m.M"}]"#, &["auto_map acme/code"]),
        ("modules.json", r#"[{"idx": 0, "path": "", "type": "m.M"}]"#, &[]),
        ("generation_config.json", r#"{"custom_generate": "acme/generate"}"#, &["auto_map acme/generate"]),
        ("generation_config.json", r#"{"custom_generate": "./generate"}"#, &[]),
        // A name of old, without an owner.
        ("config.json", r#"{"auto_map": {"AutoModel": "falcon--modeling.Acme"}}"#, &["auto_map falcon"]),
        // No repo: a path, an address.
        ("config.json", r#"{"auto_map": {"AutoModel": "/tmp/code--modeling.Acme"}}"#, &[]),
        ("config.json", r#"{"auto_map": {"AutoModel": "https://x.example/a--modeling.Acme"}}"#, &[]),
        // A repo of kernels is what the finding says, and nothing that is pinned here.
        ("config.json", r#"{"attn_implementation": "kernels-community/flash-attn"}"#, &[]),
    ]);
}

#[test]
fn tokenizers() {
    let named = r#"{"max_seq_length": 512, "tokenizer_name_or_path": "acme/words"}"#;
    hold(&[
        ("sentence_bert_config.json", named, &["tokenizer acme/words"]),
        ("0_Transformer/sentence_roberta_config.json", named, &["tokenizer acme/words"]),
        ("0_CLIPModel/sentence_bert_config.json", r#"{"processor_name": "acme/clip"}"#, &["processor acme/clip"]),
        ("sentence_bert_config.json", r#"{"tokenizer_name_or_path": null}"#, &[]),
        ("sentence_bert_config.json", r#"{"tokenizer_name_or_path": "../words"}"#, &[]),
        ("sentence_bert_config.json", r#"{"tokenizer_name_or_path": "bert-base"}"#, &["tokenizer bert-base"]),
        // What somebody trained with; and what prompt tuning begins with.
        ("train_args.json", named, &[]),
        ("adapter_config.json", r#"{"peft_type": "PROMPT_TUNING", "tokenizer_name_or_path": "acme/words"}"#, &[]),
        (
            "open_clip_config.json",
            r#"{"model_cfg": {"text_cfg": {"hf_model_name": "acme/text", "hf_tokenizer_name": "acme/words"}}}"#,
            &["config acme/text", "tokenizer acme/words"],
        ),
        (
            "open_clip_config.json",
            r#"{"model_cfg": {"text_cfg": {"hf_model_name": "xlm-roberta-base"}}}"#,
            &["config xlm-roberta-base"],
        ),
        ("open_clip_config.json", r#"{"model_cfg": {"text_cfg": {"context_length": 77}}}"#, &[]),
    ]);
}

#[test]
fn processors_refer_to_their_own_repo() {
    hold(&[
        // Bark puts the repo that is loaded in its place.
        ("speaker_embeddings_path.json", r#"{"repo_or_path": "evil/voices", "v2/en": "en.npy"}"#, &[]),
        ("preprocessor_config.json", r#"{"_name_or_path": "acme/base", "name_or_path": "acme/base"}"#, &[]),
    ]);
}

#[test]
fn components_of_a_modular_pipeline() {
    let name = "modular_model_index.json";
    hold(&[
        (
            name,
            r#"{"_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel", {"repo": "acme/unet", "revision": "v1"}]}"#,
            &["component acme/unet@v1"],
        ),
        (
            name,
            r#"{"vae": [null, null, {"pretrained_model_name_or_path": "acme/vae", "repo": "acme/old", "revision": null}]}"#,
            &["component acme/vae"],
        ),
        (name, r#"{"vae": [null, null, {"pretrained_model_name_or_path": null, "subfolder": "vae"}]}"#, &[]),
        (name, r#"{"vae": [null, null, {"pretrained_model_name_or_path": "/data/vae"}]}"#, &[]),
        (name, r#"{"vae": [null, null, {"repo": "acme/vae", "revision": "../main"}]}"#, &[]),
        // The loader takes lists of three only, and from this file only.
        (name, r#"{"vae": [null, null, {"repo": "acme/vae"}, 1]}"#, &[]),
        ("model_index.json", r#"{"vae": ["diffusers", "AutoencoderKL", {"repo": "acme/vae"}]}"#, &[]),
    ]);
}

#[test]
fn backbones() {
    hold(&[
        ("config.json", r#"{"backbone": "acme/net", "use_pretrained_backbone": true}"#, &["component acme/net"]),
        // Its configuration is fetched all the same.
        ("config.json", r#"{"backbone": "acme/net", "use_pretrained_backbone": false}"#, &["config acme/net"]),
        (
            "config.json",
            r#"{"backbone": "acme/net", "backbone_config": null, "model_type": "dpt"}"#,
            &["config acme/net"],
        ),
        ("config.json", r#"{"backbone": "acme/net", "backbone_config": {"depth": 4}, "model_type": "dpt"}"#, &[]),
        ("config.json", r#"{"backbone": "resnet50", "use_pretrained_backbone": true, "use_timm_backbone": true}"#, &[]),
        ("notes.json", r#"{"backbone": "acme/net"}"#, &[]),
        (
            "config.json",
            r#"{"backbone": "hf-hub:acme/net@v2", "model_type": "timm_backbone", "use_pretrained_backbone": true}"#,
            &["component acme/net@v2"],
        ),
        ("config.json", r#"{"architecture": "hf_hub:acme/net", "model_type": "timm_wrapper"}"#, &["config acme/net"]),
        ("config.json", r#"{"architecture": "local-dir:acme/net", "model_type": "timm_wrapper"}"#, &[]),
        (
            "open_clip_config.json",
            r#"{"model_cfg": {"vision_cfg": {"timm_model_name": "hf-hub:acme/net"}}}"#,
            &["config acme/net"],
        ),
        ("config.json", r#"{"architecture": "acme/net", "_name_or_path": "acme/base"}"#, &[]),
    ]);
}

#[test]
fn towers() {
    hold(&[
        ("config.json", r#"{"mm_vision_tower": "acme/clip", "vision_tower": "acme/other"}"#, &["component acme/clip"]),
        ("config.json", r#"{"vision_tower": "acme/clip"}"#, &["component acme/clip"]),
        (
            "config.json",
            r#"{"mm_image_tower": "acme/image", "mm_video_tower": "acme/video"}"#,
            &["component acme/image", "component acme/video"],
        ),
        ("config.json", r#"{"vision_tower": "./clip"}"#, &[]),
        ("config.json", r#"{"vision_tower": "eva_clip"}"#, &[]),
        ("config.json", r#"{"vision_tower": {"hidden_size": 8}}"#, &[]),
        ("trainer_args.json", r#"{"vision_tower": "acme/clip"}"#, &[]),
    ]);
}

#[test]
fn adapters_of_adapters() {
    let adapters = |kind: &str| {
        format!(r#"{{"peft_type": "{kind}", "adapters": {{"0": "acme/a", "1": "acme/b", "2": "./c", "3": null}}}}"#)
    };
    hold(&[
        ("adapter_config.json", &adapters("XLORA"), &["component acme/a", "component acme/b"]),
        ("adapter_config.json", &adapters("LORA"), &[]),
    ]);
}

#[test]
fn bases() {
    let base = |path: &str, text: &str| judge(path, text).facts.base.as_ref().map(ToString::to_string);
    let some = |text: &str| Some(text.to_owned());
    let name = "adapter_config.json";
    let on = |base: &str| format!(r#"{{"peft_type": "LORA", "base_model_name_or_path": {base}}}"#);
    assert_eq!(base(name, &on("\"acme/base\"")), some("acme/base"));
    assert_eq!(base("deep/lora.json", &on("\"acme/base\", \"revision\": \"v1\"")), some("acme/base@v1"));
    assert_eq!(base(name, r#"{"base_model_name_or_path": "gpt2", "revision": null}"#), some("gpt2"));
    assert_eq!(base(name, &on("\"/data/base\"")), some("/data/base"));
    assert_eq!(base(name, &on("\"acme/base\", \"revision\": \"..\"")), some("acme/base@.."));
    for nothing in ["null", "\"\"", "7", "[\"acme/base\"]"] {
        assert_eq!(judge(name, &on(nothing)).facts.base, Some(DeclaredBase::Nothing), "{nothing}");
    }
    assert_eq!(base(name, r#"{"r": 8}"#), some("(none)"));
    // The base is what an adapter sits on, and no reference beside.
    assert_eq!(references(name, &on("\"acme/base\"")), [""; 0]);
    // Nothing that is not an adapter has one.
    assert_eq!(base("config.json", r#"{"base_model_name_or_path": "acme/base"}"#), None);
    assert_eq!(base("config.json", &format!("{{\"nested\": {}}}", on("\"acme/base\""))), None);
}

#[test]
fn too_many_references_are_reported() {
    let map = |count: usize| {
        let classes: Vec<String> = (0..count).map(|n| format!(r#""A{n}": "acme/code{n}--m.M""#)).collect();
        format!(r#"{{"auto_map": {{{}, "Again": "acme/code0--m.M"}}}}"#, classes.join(", "))
    };
    let over = |report: &Report| report.findings.iter().any(|finding| finding.rule.id == "over-budget");
    let most = judge("config.json", &map(1000));
    assert_eq!((most.facts.references.len(), over(&most)), (1000, false));
    let more = judge("config.json", &map(1001));
    assert_eq!((more.facts.references.len(), over(&more)), (1000, true));
    assert!(more.verdict() > Verdict::Safe);
}

#[test]
fn members_of_archives_add_no_references() {
    use std::io::Write as _;
    let text = r#"{"auto_map": {"AutoModel": "acme/code--m.M"}}"#;
    assert_eq!(references("config.json", text), ["auto_map acme/code"]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let report = scan(packed.finish().unwrap().as_slice(), "config.json.gz", &Limits::default());
    assert!(report.facts.references.is_empty(), "{report:?}");
    assert!(report.findings.iter().any(|finding| finding.rule.id == "auto-map-foreign-repo"), "{report:?}");
}
