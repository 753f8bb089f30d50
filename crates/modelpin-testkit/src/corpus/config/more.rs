//! Second thoughts: variants of the attacks, and honest files that look like them.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::Item;

pub(super) fn items() -> Vec<Item> {
    [maps(), pipelines(), others(), lookalikes()].into_iter().flatten().collect()
}

fn item(name: &str, expect: crate::corpus::Expect, path: &str, text: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("config-{name}"), expect, path, text)
}

fn maps() -> Vec<Item> {
    let map = |reference: &str| format!(r#"{{"model_type": "x", "auto_map": {{"AutoModel": {reference}}}}}"#);
    vec![
        item("auto-map-package", Suspect, "config.json", map(r#""package.module.Model""#))
            .and("package/module.py", "class Model:\n    pass\n")
            .fires(&["auto-map", "code-reached"]),
        item("auto-map-folder", Suspect, "config.json", map(r#""package/module.Model""#))
            .and("package/module/__init__.py", "class Model:\n    pass\n")
            .fires(&["auto-map", "code-reached"]),
        item("auto-map-two-repos", Suspect, "config.json", map(r#""a/b--c/d--m.Model""#)),
        item("auto-map-no-dot", Suspect, "config.json", map(r#""Model""#)).fires(&["auto-map"]),
        item("auto-map-objects", Suspect, "config.json", map(r#"{"x": ["m.Model", {"y": "n.Model"}]}"#))
            .fires(&["auto-map"]),
        item("auto-map-nul", Dangerous, "config.json", map(r#""modeling\u0000.Model""#)).fires(&["config-import"]),
        item("auto-map-share", Dangerous, "config.json", map(r#""\\\\evil.example\\share\\m.Model""#))
            .fires(&["config-import"]),
        item("auto-map-home", Dangerous, "config.json", map(r#""~/m.Model""#)).fires(&["config-import"]),
        item("auto-map-drive", Dangerous, "config.json", map(r#""C:\\m.Model""#)).fires(&["config-import"]),
        item("auto-map-repo-class-climbs", Dangerous, "config.json", map(r#""org/repo--../m.Model""#))
            .fires(&["config-import"]),
        item("auto-map-named-template", Suspect, "tokenizer.json", map(r#""m.Model""#)).fires(&["auto-map"]),
        item("auto-map-no-suffix", Suspect, "config", map(r#""m.Model""#)).fires(&["auto-map"]),
        item("auto-map-capitals", Suspect, "CONFIG.JSON", map(r#""m.Model""#)).fires(&["auto-map"]),
    ]
}

fn pipelines() -> Vec<Item> {
    let pair = |pair: &str| {
        format!(r#"{{"_class_name": "DiffusionPipeline", "_diffusers_version": "0.30.0", "unet": {pair}}}"#)
    };
    vec![
        item("pipeline-dotted-system", Dangerous, "model_index.json", pair(r#"["os.path", "os"]"#))
            .fires(&["config-import"]),
        item("pipeline-private", Dangerous, "model_index.json", pair(r#"["_io", "FileIO"]"#)).fires(&["config-import"]),
        item("pipeline-internal-class", Dangerous, "model_index.json", pair(r#"["transformers", "__builtins__"]"#))
            .fires(&["config-import"]),
        item("pipeline-climbs", Dangerous, "model_index.json", pair(r#"["../evil", "UNet"]"#))
            .fires(&["config-import"]),
        item(
            "pipeline-triple",
            Suspect,
            "modular_model_index.json",
            pair(r#"["evil", "UNet", {"repo": "evil/unet"}]"#),
        )
        .fires(&["config-foreign-module"]),
        item("pipeline-objects", Suspect, "model_index.json", pair(r#"[{"a": 1}, "UNet"]"#))
            .fires(&["config-foreign-module"]),
        item("pipeline-class-triple", Suspect, "model_index.json", r#"{"_class_name": ["a", "b", "c"]}"#.to_owned())
            .fires(&["config-foreign-module"]),
        item(
            "custom-pipelines-repo",
            Suspect,
            "config.json",
            r#"{"custom_pipelines": {"x": {"impl": "evil/repo--pipe.Pipe", "pt": []}}}"#.to_owned(),
        )
        .fires(&["auto-map-foreign-repo"]),
    ]
}

fn others() -> Vec<Item> {
    vec![
        item("modules-without-index", Dangerous, "modules.json", r#"[{"name": "0", "type": "os.system"}]"#)
            .fires(&["config-import"]),
        item(
            "router-system",
            Dangerous,
            "router_config.json",
            r#"{"types": {"query_0": "subprocess.Popen"}, "structure": {"query": ["query_0"]}, "parameters": {}}"#,
        )
        .fires(&["config-import"]),
        item(
            "word-tokenizer-system",
            Dangerous,
            "0_WordEmbeddings/wordembedding_config.json",
            r#"{"tokenizer_class": "os.system"}"#,
        )
        .fires(&["config-import"]),
        item("tool-class", Suspect, "tool_config.json", r#"{"name": "x", "tool_class": "tool.MyTool"}"#.to_owned())
            .fires(&["auto-map"]),
        item("dense-colon", Suspect, "2_Dense/config.json", r#"{"activation_function": "os:system"}"#.to_owned()),
        item(
            "dense-lookalike",
            Suspect,
            "2_Dense/config.json",
            r#"{"activation_function": "torch.nn_evil.Tanh"}"#.to_owned(),
        ),
        item(
            "dense-submodule",
            Suspect,
            "2_Dense/config.json",
            r#"{"activation_function": "torch.nn.modules.activation.torch.hub.load"}"#.to_owned(),
        ),
        item(
            "modules-nested",
            Dangerous,
            "x.json",
            r#"{"m": [{"idx": 0, "path": "", "type": "subprocess.Popen"}]}"#.to_owned(),
        )
        .fires(&["config-import"]),
        item("jsonpickle-function", Dangerous, "x.json", r#"{"a": {"py/function": "builtins.eval"}}"#.to_owned())
            .fires(&["json-call"]),
        item("jsonpickle-unnamed", Dangerous, "x.json", r#"{"a": {"py/reduce": [{"py/id": 1}, {}]}}"#.to_owned())
            .fires(&["json-call"]),
        item(
            "assistant-hook",
            Suspect,
            ".claude/settings.json",
            r#"{"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "id"}]}]}}"#.to_owned(),
        )
        .fires(&["config-command"]),
        item(
            "editor-task",
            Suspect,
            ".vscode/tasks.json",
            r#"{"tasks": [{"label": "x", "type": "shell", "command": "id", "runOptions": {"runOn": "folderOpen"}}]}"#
                .to_owned(),
        )
        .fires(&["config-command"]),
        item("native-lib", Suspect, "mlc-chat-config.json", r#"{"model_lib": "../lib/evil.so"}"#.to_owned())
            .fires(&["config-native-library"]),
        item("numbers-of-python-in-key", Suspect, "x.json", r#"{NaN: 1}"#.to_owned()).fires(&["json-malformed"]),
        item("number-glued", Suspect, "x.json", r#"{"a": 1NaN}"#.to_owned()).fires(&["json-malformed"]),
        item("single-quotes", Suspect, "config.json", "{'auto_map': {'AutoModel': 'm.C'}}".to_owned())
            .fires(&["json-malformed"]),
    ]
}

fn lookalikes() -> Vec<Item> {
    vec![
        item(
            "router",
            Safe,
            "router_config.json",
            r#"{"types": {"query_0_Dense": "sentence_transformers.models.Dense"}, "structure": {"query": ["query_0_Dense"]}, "parameters": {}}"#,
        )
        .quiet(&["config-import", "config-foreign-module"]),
        item(
            "word-tokenizer",
            Safe,
            "0_WordEmbeddings/wordembedding_config.json",
            r#"{"tokenizer_class": "sentence_transformers.models.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer", "max_seq_length": 1000}"#,
        )
        .quiet(&["config-import", "config-foreign-module"]),
        item("added-tokens", Safe, "added_tokens.json", r#"{"<|auto_map|>": 50257, "_target_": 50258, "hooks": 3, "scripts": 4}"#)
            .quiet(&["config-command", "hydra-target"]),
        item("workflow", Safe, "workflow.json", r#"{"last_node_id": 9, "nodes": [{"id": 7, "type": "CLIPTextEncode", "path": "x", "widgets_values": ["os.system"]}]}"#)
            .quiet(&["config-foreign-module"]),
        item("label-path", Safe, "dataset_info.json", r#"{"dataset_path": "./data", "output_dir": "/tmp/out", "homepage": "https://x.example"}"#)
            .quiet(&["config-network-path"]),
        item("question", Safe, "config.json", r#"{"type": "Unigram", "path": "os.system", "activation_function": "quick_gelu"}"#)
            .quiet(&["config-import"]),
        item("tree-model", Safe, "model.json", r#"{"learner": {"attributes": {}, "objective": {"name": "reg:squarederror"}}, "version": [2, 0, 0]}"#),
        item("rows-in-json", Safe, "train.json", "{\"instruction\": \"a\", \"output\": \"b\"}\n{\"instruction\": \"c\", \"output\": \"d\"}\n")
            .quiet(&["json-malformed"]),
        item("null-map", Safe, "config.json", r#"{"auto_map": null, "custom_pipelines": {}, "weight_map": null}"#)
            .quiet(&["auto-map", "index-unexpected-shard"]),
        item("diffusers-index", Safe, "unet/diffusion_pytorch_model.safetensors.index.fp16.json", r#"{"metadata": {"total_size": 1}, "weight_map": {"a": "diffusion_pytorch_model.fp16-00001-of-00002.safetensors"}}"#)
            .quiet(&["index-unexpected-shard"]),
        item("flax-index", Safe, "flax_model.msgpack.index.json", r#"{"weight_map": {"a": "flax_model-00001-of-00002.msgpack"}}"#)
            .quiet(&["index-unexpected-shard"]),
        item("tfjs", Safe, "model.json", r#"{"format": "graph-model", "weightsManifest": [{"paths": ["group1-shard1of1"], "weights": [{"name": "a"}]}]}"#)
            .quiet(&["index-unexpected-shard", "index-escape"]),
        item("chat-template-json", Safe, "chat_template.json", r#"{"chat_template": "{% for message in messages %}{{ message.content }}{% endfor %}"}"#)
            .quiet(&["config-path-escape"]),
        item("torchserve-builtin", Safe, "MAR-INF/MANIFEST.json", r#"{"model": {"modelName": "x", "serializedFile": "m.pt", "handler": "image_classifier"}}"#)
            .quiet(&["auto-map"]),
        item("video-pipeline", Review, "model_index.json", r#"{"_class_name": "CosmosPipeline", "_diffusers_version": "0.33.0", "safety_checker": ["cosmos_guardrail", "CosmosSafetyChecker"]}"#)
            .fires(&["config-foreign-module"])
            .quiet(&["config-import", "file-missing"]),
        item("cross-encoder-new", Safe, "config.json", r#"{"model_type": "bert", "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid", "version": "4.1.0"}}"#)
            .quiet(&["config-import", "config-foreign-module"]),
        item("launch", Review, ".vscode/settings.json", r#"{"python.formatting.provider": "black", "files.exclude": {"**/*.pyc": true}}"#)
            .quiet(&["config-command"]),
    ]
}
