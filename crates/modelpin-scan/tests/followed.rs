//! What is followed, row by row: each with what leads to it, and with its quiet twins.

use modelpin_scan::followed::{Condition, FOLLOWED, Followed, Form, NOT_FOLLOWED, Place};
use modelpin_scan::{Limits, scan};
use modelpin_schema::lockfile::DependencyKind;
use serde_json::{Value, json};

/// The references of a document, as they are in a lock.
fn references(path: &str, text: &str) -> Vec<String> {
    scan(text.as_bytes(), path, &Limits::default()).facts.references.iter().map(ToString::to_string).collect()
}

/// Holds documents against their references. Those that have none are the quiet twins of those that have some.
fn hold(cases: &[(&str, &str, &[&str])]) {
    for (path, text, expected) in cases {
        assert_eq!(references(path, text), *expected, "{path}: {text}");
    }
}

/// A name of the form that a row reads.
fn named(form: Form) -> &'static str {
    match form {
        Form::Timm => "hf-hub:acme/other",
        Form::File => "acme/other/part.ckpt",
        _ => "acme/other",
    }
}

/// A document with the key of a row, and what else the row asks for.
fn document(row: &Followed, key: &str, value: &str) -> Value {
    let (above, last) = key.rsplit_once('.').unwrap_or(("", key));
    let mut object = json!({ if last == "*" { "any" } else { last }: value });
    for when in row.when {
        match when {
            // Nothing that a revision could be.
            Condition::Has(keys) => object[keys[0]] = json!({}),
            Condition::On(key) => object[*key] = json!(true),
            Condition::Is(key, values) => object[*key] = json!(values[0]),
            Condition::Lacks(_) | Condition::Off(_) | Condition::IsNot(..) | Condition::New(_) => {}
        }
    }
    for part in above.rsplit('.').filter(|part| !part.is_empty()) {
        object = match part.parse::<usize>() {
            Ok(before) => json!([vec![Value::Null; before], vec![object]].concat()),
            Err(_) => json!({ if part == "*" { "any" } else { part }: object }),
        };
    }
    object
}

#[test]
fn every_row_is_read_in_its_file_and_in_no_other() {
    let built = |row: &Followed| row.when.iter().any(|when| matches!(when, Condition::New(_)));
    for row in FOLLOWED.iter().filter(|row| row.place != Place::Scanner && !built(row)) {
        let DependencyKind::Reference(role) = row.kind else { panic!("a base is for the scanner of adapters") };
        for (key, file) in row.keys.iter().flat_map(|key| row.files.iter().map(move |file| (key, file))) {
            let text = document(row, key, named(row.form)).to_string();
            let file = file.replace('*', "x");
            let file = if file == "mlmodel" { "MLmodel".to_owned() } else { file };
            assert_eq!(references(&file, &text), [format!("{role} acme/other")], "{file}: {text}");
            assert_eq!(references(&format!("below/{file}"), &text), [format!("{role} acme/other")], "{file}: {text}");
            assert_eq!(references("notes.json", &text), [""; 0], "{text}");
            for no_repo in ["./acme/other", "/acme/other", "acme/other/more/", "https://h.example/a/b", "", "a/b.ckpt"]
            {
                let text = document(row, key, no_repo).to_string();
                assert_eq!(references(&file, &text), [""; 0], "{file}: {text}");
            }
        }
    }
}

#[test]
fn every_row_says_who_reads_it_and_where() {
    for row in FOLLOWED {
        assert!(!row.files.is_empty() && !row.keys.is_empty(), "{}", row.source);
        assert!(!row.loader.is_empty() && row.source.len() > 20, "{:?}", row.keys);
        assert!(row.files.iter().all(|file| file.matches('*').count() <= 1 && *file == file.to_lowercase()));
    }
    assert!(NOT_FOLLOWED.iter().all(|(what, why)| !what.is_empty() && !why.ends_with('.')));
}

#[test]
fn pipelines_of_pyannote() {
    let name = "config.yaml";
    let pipeline = |params: &str| {
        format!(
            "version: 3.1.0\n\npipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n  params:\n{params}\nparams:\n  clustering:\n    method: centroid\n"
        )
    };
    let diarization = pipeline(
        "    clustering: AgglomerativeClustering\n    embedding: pyannote/wespeaker-voxceleb-resnet34-LM\n    embedding_batch_size: 32\n    segmentation: pyannote/segmentation-3.0",
    );
    hold(&[
        (
            name,
            &diarization,
            &["component pyannote/segmentation-3.0", "component pyannote/wespeaker-voxceleb-resnet34-LM"],
        ),
        (
            name,
            &pipeline("    segmentation: pyannote/segmentation@2022.07"),
            &["component pyannote/segmentation@2022.07"],
        ),
        (
            name,
            &pipeline("    segmentation:\n      checkpoint: acme/seg\n      revision: v2\n      map_location: cpu"),
            &["component acme/seg@v2"],
        ),
        (name, &pipeline("    segmentation: {checkpoint: acme/seg, subfolder: x}"), &["component acme/seg"]),
        (
            name,
            "preprocessors:\n  osd:\n    name: pyannote.audio.pipelines.Overlap\n    params: {segmentation: acme/seg}\npipeline: {name: x}\n",
            &["component acme/seg"],
        ),
        // A part of the repo itself, a file, a name of the library; a revision that git cannot have.
        (name, &pipeline("    segmentation: $model/segmentation\n    plda: $model/plda"), &[]),
        (name, &pipeline("    segmentation: models/segmentation.bin"), &[]),
        (name, &pipeline("    clustering: acme/clustering"), &[]),
        (name, &pipeline("    segmentation: acme/seg@../main"), &[]),
        // The configuration of a model of pyannote, and other files.
        (name, "task:\n  _target_: pyannote.audio.tasks.SpeakerDiarization\nmodel: {segmentation: acme/seg}\n", &[]),
        ("train.yaml", &diarization, &[]),
    ]);
}

#[test]
fn recipes_of_speechbrain() {
    let name = "hyperparams.yaml";
    let ecapa = "pretrained_path: speechbrain/spkrec-ecapa-voxceleb\n\nembedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN\n    input_size: 80\n\npretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer\n    loadables:\n        embedding_model: !ref <embedding_model>\n    paths:\n        embedding_model: !ref <pretrained_path>/embedding_model.ckpt\n        label_encoder: !ref <pretrained_path>/label_encoder.txt\n";
    let whisper = "whisper_hub: openai/whisper-tiny\nwhisper: !new:speechbrain.lobes.models.huggingface_transformers.whisper.Whisper\n    source: !ref <whisper_hub>\n    freeze: True\n";
    hold(&[
        (name, ecapa, &["component speechbrain/spkrec-ecapa-voxceleb"]),
        (
            name,
            "hub: {lm: acme/lm}\npretrainer:\n  paths:\n    lm: !ref <hub[lm]>/lm.ckpt\n    asr: acme/asr/asr.ckpt\n",
            &["component acme/asr", "component acme/lm"],
        ),
        (name, whisper, &["component openai/whisper-tiny"]),
        (
            name,
            "vad: !apply:speechbrain.inference.VAD.VAD.from_hparams\n    source: speechbrain/vad-crdnn\n",
            &["component speechbrain/vad-crdnn"],
        ),
        // Files of the repo, a file deeper in another one, a reference that leads nowhere or in a circle.
        (name, "pretrainer:\n  paths:\n    a: a.ckpt\n    b: ./b.ckpt\n    c: acme/asr/deep/c.ckpt\n", &[]),
        (name, "pretrained_path: !ref <gone>\npretrainer:\n  paths:\n    a: !ref <gone>/a.ckpt\n", &[]),
        (name, "a: <b>\nb: <a>\npretrained_path: !ref <a>\n", &[]),
        (name, "pretrained_path: results/ecapa/save/CKPT\n", &[]),
        // Of no class of speechbrain.
        (name, "data: !new:my.Data\n    source: acme/data\n", &[]),
        (name, "source: acme/data\n", &[]),
        ("train.yaml", ecapa, &[]),
    ]);
}

#[test]
fn models_of_mlflow() {
    let model = |lines: &str| {
        let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
        format!(
            "flavors:\n  python_function:\n    loader_module: mlflow.transformers\n  transformers:\n    code: null\n    components:\n    - tokenizer\n{lines}mlflow_version: 2.11.0\n"
        )
    };
    let commit = "0123456789abcdef0123456789abcdef01234567";
    hold(&[
        (
            "MLmodel",
            &model(&format!(
                "source_model_name: acme/chat\nsource_model_revision: {commit}\ntokenizer_name: acme/words\ntokenizer_revision: {commit}"
            )),
            &[&format!("component acme/chat@{commit}"), &format!("tokenizer acme/words@{commit}")],
        ),
        // Saved beside; of a folder of the machine that wrote it; from a base on the machine that loads it.
        ("MLmodel", &model("model_binary: model\nsource_model_name: acme/chat"), &[]),
        ("MLmodel", &model(&format!("source_model_name: /dbfs/chat\nsource_model_revision: {commit}")), &[]),
        (
            "MLmodel",
            &model(&format!(
                "has_local_base_model_path: true\nsource_model_name: acme/chat\nsource_model_revision: {commit}"
            )),
            &[],
        ),
        ("model.yaml", &model(&format!("source_model_name: acme/chat\nsource_model_revision: {commit}")), &[]),
    ]);
}

#[test]
fn tokenizers_and_configurations_of_parts() {
    hold(&[
        (
            "gliner_config.json",
            r#"{"model_name": "microsoft/deberta-v3-base", "labels_encoder": "BAAI/bge-small-en-v1.5", "labels_decoder": null, "name": "span level gliner"}"#,
            &["tokenizer BAAI/bge-small-en-v1.5", "tokenizer microsoft/deberta-v3-base"],
        ),
        ("gliner_config.json", r#"{"model_name": "bert-base-cased"}"#, &["tokenizer bert-base-cased"]),
        ("gliner_config.json", r#"{"model_name": "../deberta"}"#, &[]),
        ("config.json", r#"{"model_name": "microsoft/deberta-v3-base"}"#, &[]),
        (
            "open_clip_config.json",
            r#"{"model_cfg": {"text_cfg": {"hf_model_name": "microsoft/BiomedNLP", "hf_tokenizer_name": "microsoft/BiomedNLP"}}}"#,
            &["config microsoft/BiomedNLP", "tokenizer microsoft/BiomedNLP"],
        ),
        (
            "processor_config.json",
            r#"{"audio_tokenizer": {"audio_tokenizer_class": "DacModel", "audio_tokenizer_name_or_path": "descript/dac_44khz"}}"#,
            &["component descript/dac_44khz"],
        ),
    ]);
}

#[test]
fn verifiers_and_drafts() {
    hold(&[
        (
            "config.json",
            r#"{"speculators_model_type": "eagle3", "speculators_config": {"algorithm": "eagle3", "verifier": {"name_or_path": "Qwen/Qwen3-8B", "architectures": ["Qwen3ForCausalLM"]}}}"#,
            &["component Qwen/Qwen3-8B"],
        ),
        (
            "config.json",
            r#"{"speculative_config": {"model": "acme/draft", "revision": "v1", "num_speculative_tokens": 3}}"#,
            &["component acme/draft@v1"],
        ),
        ("config.json", r#"{"speculative_config": {"model": "ngram", "method": "ngram"}}"#, &[]),
        ("config.yaml", "model: acme/chat\nspeculative-config:\n  model: acme/draft\n", &["component acme/draft"]),
        (
            "config.json",
            r#"{"medusa_num_heads": 3, "base_model_name_or_path": "lmsys/vicuna-7b-v1.3"}"#,
            &["component lmsys/vicuna-7b-v1.3"],
        ),
        ("config.json", r#"{"base_model_name_or_path": "lmsys/vicuna-7b-v1.3"}"#, &[]),
    ]);
}

#[test]
fn where_a_part_came_from_is_not_where_it_is_loaded_from() {
    hold(&[
        (
            "config.json",
            r#"{"model_type": "musicgen", "_name_or_path": "acme/m", "text_encoder": {"model_type": "t5", "_name_or_path": "t5-base"}, "audio_encoder": {"_name_or_path": "facebook/encodec_32khz"}, "decoder": {"_name_or_path": "acme/d"}}"#,
            &[],
        ),
        (
            "config.json",
            r#"{"architecture": "resnet50", "pretrained_cfg": {"hf_hub_id": "timm/resnet50.a1_in1k@v1"}}"#,
            &["component timm/resnet50.a1_in1k@v1"],
        ),
        (
            "config.json",
            r#"{"architecture": "resnet50", "pretrained_cfg": {"tag": "a1_in1k", "url": "https://h.example/x"}}"#,
            &[],
        ),
        (
            "config.json",
            r#"{"backbone": "timm/resnet50", "use_timm_backbone": true, "use_pretrained_backbone": true}"#,
            &["component timm/resnet50"],
        ),
        (
            "config.json",
            r#"{"use_timm_backbone": true, "backbone_config": {"model_type": "timm_backbone", "backbone": "resnet50"}}"#,
            &[],
        ),
        ("tokenizer_config.json", r#"{"name_or_path": "acme/words", "tokenizer_file": "/tmp/t.json"}"#, &[]),
    ]);
}

#[test]
fn hostile_documents_are_bounded() {
    let many: String = (0..5000).map(|n| format!("    p{n}: acme/r{n}/a.ckpt\n")).collect();
    let text = format!("pretrainer:\n  paths:\n{many}");
    let report = scan(text.as_bytes(), "hyperparams.yaml", &Limits::default());
    assert_eq!(report.facts.references.len(), 1000);
    assert!(report.findings.iter().any(|finding| finding.rule.id == "over-budget"), "{:?}", report.findings);
    let deep: String = (0..3000).map(|n| format!("{}k{n}:\n", " ".repeat(n))).collect();
    assert_eq!(references("config.yaml", &deep), [""; 0]);
    let nested = format!("pipeline: {}", "{a: ".repeat(900));
    assert_eq!(references("config.yaml", &nested), [""; 0]);
    let long = format!("a: {}\npretrained_path: <a>/<a>/<a>\n", "x".repeat(100_000));
    assert_eq!(references("hyperparams.yaml", &long), [""; 0]);
}
