//! Adapters: what they sit on, their patterns and sizes, and their tensors.

use super::Expect::{Dangerous, Review, Safe, Suspect};
use super::Item;

const NAME: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

/// The items of the family.
#[must_use]
pub(crate) fn items() -> Vec<Item> {
    [bases(), imports(), patterns(), sizes(), kinds(), tensors(), honest()].into_iter().flatten().collect()
}

/// A LoRA configuration on a well-known base, with `more` behind it.
fn lora(more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!(
        r#"{{"alpha_pattern": {{}}, "auto_mapping": null, "base_model_name_or_path": "meta-llama/Llama-3.1-8B", "bias": "none",
            "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true, "layers_pattern": null,
            "layers_to_transform": null, "loftq_config": {{}}, "lora_alpha": 16, "lora_dropout": 0.05, "megatron_config": null,
            "megatron_core": "megatron.core", "modules_to_save": null, "peft_type": "LORA", "r": 8, "rank_pattern": {{}},
            "revision": null, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM", "use_dora": false,
            "use_rslora": false{comma}{more}}}"#
    )
}

/// The same with one field set to something else.
fn with(field: &str, value: &str) -> String {
    let text = lora("");
    let start = text.find(&format!("\"{field}\":")).unwrap_or(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let after = rest.find(", ").or_else(|| rest.find(",\n")).unwrap_or(rest.len());
    // Lists have commas of their own.
    let after = if rest.contains(": [") && rest.find('[') < Some(after) {
        rest.find(']').map_or(after, |end| end + 1)
    } else {
        after
    };
    format!("{}\"{field}\": {value}{}", text.get(..start).unwrap_or_default(), rest.get(after..).unwrap_or_default())
}

fn bases() -> Vec<Item> {
    let on = |name: &str, base: &str| {
        Item::new(format!("adapter-base-{name}"), Suspect, NAME, with("base_model_name_or_path", base))
            .fires(&["adapter-base"])
    };
    vec![
        on("absolute", "\"/data/models/llama\""),
        on("relative", "\"../base\""),
        on("dot", "\"./base\""),
        on("url", "\"https://evil.example/base\""),
        on("drive", "\"C:\\\\models\\\\llama\""),
        on("checkpoint", "\"out/run/checkpoint-100\""),
        on("null", "null"),
        on("empty", "\"\""),
        on("home", "\"~/models/base\""),
        Item::new("adapter-base-missing", Suspect, NAME, r#"{"peft_type": "LORA", "r": 8, "target_modules": ["q"]}"#)
            .fires(&["adapter-base"]),
        Item::new("adapter-base-renamed", Suspect, "lora.json", with("base_model_name_or_path", "\"/x\""))
            .fires(&["adapter-base"]),
        Item::new("adapter-of-adapters", Suspect, NAME, lora(r#""adapters": {"0": "evil/a", "1": "/tmp/b"}"#))
            .fires(&["adapter-base"]),
        Item::new("adapter-base-legacy", Safe, NAME, with("base_model_name_or_path", "\"gpt2\""))
            .quiet(&["adapter-base"]),
    ]
}

fn imports() -> Vec<Item> {
    let mapped = |library: &str| {
        with("auto_mapping", &format!(r#"{{"base_model_class": "Model", "parent_library": "{library}"}}"#))
    };
    let bad = |name: &str, library: &str| {
        Item::new(format!("adapter-library-{name}"), Dangerous, NAME, mapped(library)).fires(&["config-import"])
    };
    let megatron = |name: &str, value: &str| {
        Item::new(format!("adapter-megatron-{name}"), Dangerous, NAME, with("megatron_core", value))
            .fires(&["config-import"])
    };
    vec![
        bad("os", "os"),
        bad("antigravity", "antigravity"),
        bad("unknown", "evil_package"),
        bad("prefix", "transformers_evil"),
        bad("internals", "transformers.models.__builtins__"),
        bad("dynamic", "transformers.dynamic_module_utils"),
        bad("path", "../evil"),
        bad("private", "_posixsubprocess"),
        megatron("os", "\"os\""),
        megatron("prefix", "\"megatron.core.evil\""),
        megatron("lookalike", "\"megatron_core\""),
        Item::new("adapter-library-transformers", Safe, NAME, mapped("transformers.models.llama.modeling_llama"))
            .quiet(&["config-import", "config-foreign-module"]),
        Item::new("adapter-library-diffusers", Safe, NAME, mapped("diffusers.models.unets.unet_2d_condition"))
            .quiet(&["config-import"]),
        Item::new(
            "adapter-library-remote",
            Review,
            NAME,
            mapped("transformers_modules.microsoft.phi-2.ef3.modeling_phi".replace("phi-2", "phi_2").as_str()),
        )
        .fires(&["config-foreign-module"])
        .quiet(&["config-import"]),
        Item::new(
            "adapter-library-twice",
            Dangerous,
            NAME,
            lora(r#""megatron_core": "megatron.core""#).replacen("megatron.core", "os", 1),
        )
        .fires(&["config-import", "json-duplicate-key"]),
        Item::new("adapter-library-no-kind", Dangerous, NAME, r#"{"auto_mapping": {"parent_library": "os"}, "r": 8}"#)
            .fires(&["config-import"]),
        Item::new(
            "adapter-versions",
            Safe,
            "environment.json",
            r#"{"megatron_core": "0.9.0", "parent_library": "micrometer-core", "adapters": ["a"]}"#,
        )
        .quiet(&["config-import"]),
        Item::new("adapter-library-main", Review, NAME, mapped("__main__"))
            .fires(&["config-foreign-module"])
            .quiet(&["config-import"]),
    ]
}

fn patterns() -> Vec<Item> {
    let bad = |name: &str, field: &str, value: &str| {
        Item::new(format!("adapter-pattern-{name}"), Suspect, NAME, with(field, value)).fires(&["adapter-pattern"])
    };
    let good = |name: &str, pattern: &str| {
        Item::new(format!("adapter-pattern-{name}"), Safe, NAME, with("target_modules", &format!("\"{pattern}\"")))
            .quiet(&["adapter-pattern"])
    };
    vec![
        bad("nested-plus", "target_modules", "\"(a+)+$\""),
        bad("nested-star", "target_modules", "\"(?:(?:[a-z_]*)*)*!\""),
        bad("alternatives", "target_modules", "\"^(a|a)*$\""),
        bad("alternatives-class", "target_modules", "\"(?:[a-z]|_|q)+!\""),
        bad("counted", "target_modules", "\"(\\\\w{1,50}){1,50}x\""),
        bad("named", "target_modules", "\"(?P<x>\\\\w+\\\\w?)+x\""),
        bad("reference", "target_modules", "\"(.*)\\\\1+x\""),
        bad("runs", "target_modules", &format!("\"{}x\"", ".*".repeat(24))),
        bad("layers", "layers_pattern", "[\"(h+)+\"]"),
        bad("rank", "rank_pattern", r#"{"(q+)+": 8}"#),
        bad("broken", "target_modules", "\"(q_proj\""),
        good("ends", r".*\\.(q_proj|v_proj)$"),
        good("lookahead", r"^(?!.*(visual|audio)).*(?:q_proj|k_proj|v_proj).*"),
        good("all", "all-linear"),
        good("layer-numbers", r"model\\.layers\\.(0|1|2|[3-9]|1[0-9])\\.self_attn\\.(q|k)_proj"),
        good(
            "unsloth",
            r"(?:.*?(?:language|text).*?(?:self_attn|attention|attn|mlp|ffn|dense).*?(?:k_proj|v_proj|q_proj|out_proj).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:self_attn|mlp)\\.(?:(?:k_proj|v_proj)))",
        ),
    ]
}

fn sizes() -> Vec<Item> {
    let bad = |name: &str, field: &str, value: &str| {
        Item::new(format!("adapter-size-{name}"), Suspect, NAME, with(field, value)).fires(&["adapter-bounds"])
    };
    vec![
        bad("rank-huge", "r", "1000000"),
        bad("rank-zero", "r", "0"),
        bad("rank-negative", "r", "-8"),
        bad("rank-text", "r", "\"8\""),
        bad("alpha", "lora_alpha", "1e30"),
        bad("dropout", "lora_dropout", "7"),
        bad("rank-pattern", "rank_pattern", r#"{"q_proj": 99999999}"#),
        bad("layers", "layers_to_transform", "99999999"),
        Item::new("adapter-size-replication", Suspect, NAME, lora(r#""layer_replication": [[0, 1000000]]"#))
            .fires(&["adapter-bounds"]),
        Item::new("adapter-size-replication-backwards", Suspect, NAME, lora(r#""layer_replication": [[8, 0]]"#))
            .fires(&["adapter-bounds"]),
        Item::new(
            "adapter-size-many-replications",
            Suspect,
            NAME,
            lora(&format!(r#""layer_replication": [{}]"#, vec!["[0, 32]"; 500].join(", "))),
        )
        .fires(&["adapter-bounds"]),
        Item::new("adapter-replication", Safe, NAME, lora(r#""layer_replication": [[0, 16], [8, 24], [16, 32]]"#))
            .quiet(&["adapter-bounds"]),
        Item::new("adapter-rank-high", Safe, NAME, with("r", "512")).quiet(&["adapter-bounds"]),
        Item::new("adapter-alpha-fraction", Safe, NAME, with("lora_alpha", "0.5")).quiet(&["adapter-bounds"]),
    ]
}

fn kinds() -> Vec<Item> {
    vec![
        Item::new("adapter-kind-unknown", Suspect, NAME, with("peft_type", "\"EVIL\"")).fires(&["adapter-unsupported"]),
        Item::new("adapter-kind-missing", Suspect, NAME, r#"{"base_model_name_or_path": "gpt2", "r": 8}"#).fires(&["adapter-unsupported"]),
        Item::new("adapter-beginning-unknown", Suspect, NAME, with("init_lora_weights", "\"evil\"")).fires(&["adapter-unsupported"]),
        Item::new("adapter-covariance", Suspect, NAME, lora(r#""corda_config": {"covariance_file": "/tmp/evil.pt"}"#))
            .fires(&["adapter-unsupported"]),
        Item::new(
            "adapter-prompt",
            Safe,
            NAME,
            r#"{"base_model_name_or_path": "bigscience/bloomz-560m", "num_attention_heads": 16, "num_layers": 24, "num_transformer_submodules": 1,
                "num_virtual_tokens": 8, "peft_type": "PROMPT_TUNING", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "Classify",
                "task_type": "CAUSAL_LM", "token_dim": 1024, "tokenizer_name_or_path": "bigscience/bloomz-560m"}"#,
        )
        .quiet(&["adapter-unsupported", "adapter-bounds"]),
        Item::new(
            "adapter-other-library",
            Safe,
            NAME,
            r#"{"config": {"adapter_residual_before_ln": false, "reduction_factor": 16}, "model_class": "BertModelWithHeads",
                "model_name": "bert-base-uncased", "model_type": "bert", "name": "sst-2", "version": "3.0.0"}"#,
        )
        .quiet(&["adapter-unsupported", "adapter-base"]),
    ]
}

/// A safetensors file of those names and shapes, all zero.
fn safetensors(tensors: &[(&str, &[u64])]) -> Vec<u8> {
    let (mut entries, mut end) = (Vec::new(), 0_u64);
    for (name, shape) in tensors {
        let start = end;
        end += shape.iter().product::<u64>() * 2;
        entries.push(format!(r#""{name}":{{"dtype":"F16","shape":{shape:?},"data_offsets":[{start},{end}]}}"#));
    }
    let header = format!("{{{}}}", entries.join(","));
    let padding = header.len().next_multiple_of(8) - header.len();
    let header = format!("{header}{}", " ".repeat(padding));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + end as usize, 0);
    bytes
}

const A: &str = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
const B: &str = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";

fn tensors() -> Vec<Item> {
    let item = |name: &str, expect, config: String, tensors: &[(&str, &[u64])]| {
        Item::new(format!("adapter-tensors-{name}"), expect, NAME, config).and(WEIGHTS, safetensors(tensors))
    };
    let pair: [(&str, &[u64]); 2] = [(A, &[8, 32]), (B, &[16, 8])];
    let and = |name: &'static str, shape: &'static [u64]| [&pair[..], &[(name, shape)]].concat();
    let bad = |name: &str, config: String, tensors: &[(&str, &[u64])]| {
        item(name, Suspect, config, tensors).fires(&["adapter-shape"])
    };
    let good = |name: &str, config: String, tensors: &[(&str, &[u64])]| {
        item(name, Safe, config, tensors).quiet(&["adapter-shape"])
    };
    let head = "base_model.model.lm_head.weight";
    let magnitude = "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector";
    vec![
        bad("rank", lora(""), &[(A, &[64, 32]), (B, &[16, 64])]),
        bad("half", lora(""), &[(A, &[8, 32])]),
        bad("vector", lora(""), &[(A, &[8]), (B, &[16, 8])]),
        bad("whole-layer", lora(""), &and("base_model.model.model.layers.3.mlp.down_proj.weight", &[16, 16])),
        bad("head", lora(""), &and(head, &[16, 16])),
        bad("magnitude", lora(""), &and(magnitude, &[16])),
        bad("other-kind", lora(""), &and("base_model.model.x.prompt_evil.weight", &[16, 16])),
        bad("head-marked", lora(""), &and("base_model.model.lm_head.modules_to_save.default.weight", &[16, 16])),
        bad("target-replaced", lora(""), &and("base_model.model.model.layers.0.self_attn.v_proj.weight", &[16, 16])),
        good(
            "head-marked-declared",
            with("modules_to_save", r#"["lm_head"]"#),
            &and("base_model.model.lm_head.modules_to_save.default.weight", &[16, 16]),
        ),
        bad("bias", lora(""), &and("base_model.model.model.layers.0.self_attn.q_proj.bias", &[16])),
        bad("unknown", lora(""), &and("base_model.model.x.lora_evil.weight", &[8, 16])),
        good("plain", lora(""), &pair),
        good("pattern", with("rank_pattern", r#"{"q_proj": 4}"#), &[(A, &[4, 32]), (B, &[16, 4])]),
        good("head-declared", with("modules_to_save", r#"["lm_head"]"#), &and(head, &[16, 16])),
        good("magnitude-declared", with("use_dora", "true"), &and(magnitude, &[16])),
        good(
            "bias-declared",
            with("bias", "\"all\""),
            &and("base_model.model.model.layers.0.self_attn.q_proj.bias", &[16]),
        ),
        good("classifier", with("task_type", "\"SEQ_CLS\""), &and("base_model.model.classifier.weight", &[2, 16])),
        good(
            "embedding",
            with("target_modules", r#"["embed_tokens"]"#),
            &[
                ("base_model.model.model.embed_tokens.lora_embedding_A", &[8, 64]),
                ("base_model.model.model.embed_tokens.lora_embedding_B", &[16, 8]),
            ],
        ),
        good("convolution", lora(""), &[(A, &[8, 4, 3, 3]), (B, &[16, 8, 1, 1])]),
        good("weights-elsewhere", lora(""), &[]),
    ]
}

fn honest() -> Vec<Item> {
    vec![
        Item::new("adapter-llama", Safe, NAME, lora("")).quiet(&["adapter-base", "adapter-unsupported", "config-import"]),
        Item::new("adapter-dora", Safe, NAME, with("use_dora", "true")).quiet(&["adapter-bounds"]),
        Item::new("adapter-pissa", Safe, NAME, with("init_lora_weights", "\"pissa_niter_16\"")).quiet(&["adapter-unsupported"]),
        Item::new(
            "adapter-ia3",
            Safe,
            NAME,
            r#"{"base_model_name_or_path": "google/flan-t5-small", "feedforward_modules": ["wo"], "peft_type": "IA3",
                "target_modules": ["k", "v", "wo"], "task_type": "SEQ_2_SEQ_LM"}"#,
        )
        .and(WEIGHTS, safetensors(&[("base_model.model.encoder.block.0.layer.0.SelfAttention.k.ia3_l", &[16, 1])]))
        .quiet(&["adapter-shape"]),
        Item::new(
            "adapter-adalora",
            Safe,
            NAME,
            r#"{"base_model_name_or_path": "t5-base", "beta1": 0.85, "deltaT": 1, "init_r": 12, "lora_alpha": 32, "peft_type": "ADALORA",
                "r": 8, "rank_pattern": {"encoder.q.lora_E": [true, false, true]}, "target_r": 8, "tfinal": 0, "total_step": null}"#,
        )
        .quiet(&["adapter-bounds"]),
        Item::new("adapter-local-base", Review, NAME, with("base_model_name_or_path", "\"/workspace/models/mistral\""))
            .fires(&["adapter-base"])
            .quiet(&["config-import"]),
    ]
}
