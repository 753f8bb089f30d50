//! Configuration that makes a loader import code.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::Item;

/// Code of a repository that does nothing but compute.
const MODELING: &str = "import torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n    pass\n";

pub(super) fn items() -> Vec<Item> {
    [auto_map(), reached(), foreign(), pipelines(), modules(), dotted()].into_iter().flatten().collect()
}

fn auto_map() -> Vec<Item> {
    let phi = r#"{"_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "architectures": ["Phi3ForCausalLM"],
        "auto_map": {"AutoConfig": "configuration_phi3.Phi3Config", "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM"},
        "attention_bias": false, "hidden_act": "silu", "hidden_size": 3072, "model_type": "phi3", "rope_scaling": null,
        "torch_dtype": "bfloat16", "transformers_version": "4.39.3", "vocab_size": 32064}"#;
    let nested =
        r#"{"model_type": "vision", "text_config": {"inner": {"auto_map": {"AutoModel": "modeling_x.Model"}}}}"#;
    let deep = format!("{}{}{}", "{\"a\":[".repeat(60), r#"{"auto_map":{"AutoModel":"m.C"}}"#, "]}".repeat(60));
    let too_deep = format!("{}{}{}", "{\"a\":".repeat(200), r#"{"auto_map":{"AutoModel":"m.C"}}"#, "}".repeat(200));
    vec![
        Item::new("config-auto-map-phi3", Review, "config.json", phi)
            .and("modeling_phi3.py", format!("from .configuration_phi3 import Phi3Config\n{MODELING}"))
            .and("configuration_phi3.py", MODELING)
            .fires(&["auto-map", "code-reached"])
            .quiet(&["auto-map-foreign-repo", "config-import", "file-missing"]),
        Item::new(
            "config-auto-map-tokenizer-list",
            Review,
            "tokenizer_config.json",
            r#"{"auto_map": {"AutoTokenizer": ["tokenization_chatglm.ChatGLMTokenizer", null]}, "tokenizer_class": "ChatGLMTokenizer"}"#,
        )
        .and("tokenization_chatglm.py", MODELING)
        .fires(&["auto-map", "code-reached"])
        .quiet(&["file-missing", "config-import"]),
        Item::new("config-auto-map-nested", Suspect, "config.json", nested)
            .and("modeling_x.py", MODELING)
            .fires(&["auto-map", "code-reached"]),
        Item::new("config-auto-map-deep", Suspect, "settings.json", deep).fires(&["auto-map"]),
        Item::new("config-auto-map-too-deep", Suspect, "config.json", too_deep).fires(&["json-malformed"]),
        Item::new("config-auto-map-string", Suspect, "preprocessor_config.json", r#"{"auto_map": "image_x.Processor"}"#)
            .fires(&["auto-map", "file-missing"]),
        Item::new("config-auto-map-in-lines", Suspect, "rows.json", "{\"a\": 1}\n{\"auto_map\": {\"AutoModel\": \"m.C\"}}\n")
            .fires(&["auto-map"]),
        Item::new(
            "config-auto-map-twice",
            Suspect,
            "config.json",
            r#"{"auto_map": {"AutoModel": "evil.Model"}, "auto_map": {}}"#,
        )
        .fires(&["auto-map", "json-duplicate-key"]),
        Item::new("config-auto-map-escaped-key", Suspect, "config.json", r#"{"auto\u005fmap": {"AutoModel": "m\u002eC"}}"#)
            .fires(&["auto-map"]),
        Item::new("config-auto-map-behind-nan", Suspect, "config.json", r#"{"x": NaN, "auto_map": {"AutoModel": "m.C"}}"#)
            .fires(&["auto-map"])
            .quiet(&["json-malformed"]),
        Item::new("config-auto-map-behind-mark", Suspect, "config.json", "\u{feff}{\"auto_map\": {\"AutoModel\": \"m.C\"}}")
            .fires(&["auto-map"]),
        Item::new("config-auto-map-absolute", Dangerous, "config.json", r#"{"auto_map": {"AutoModel": "/tmp/evil.Model"}}"#)
            .fires(&["config-import"]),
        Item::new("config-auto-map-climbs", Dangerous, "config.json", r#"{"auto_map": {"AutoModel": "../../other/evil.Model"}}"#)
            .fires(&["config-import"]),
        Item::new("config-auto-map-internals", Dangerous, "config.json", r#"{"auto_map": {"AutoModel": "m.__class__.__init__"}}"#)
            .fires(&["config-import"]),
        Item::new("config-auto-map-empty", Safe, "config.json", r#"{"auto_map": {}, "model_type": "llama"}"#)
            .quiet(&["auto-map"]),
        Item::new(
            "config-auto-map-token",
            Safe,
            "vocab.json",
            r#"{"auto_map": 17, "weight_map": 18, "_target_": 19, "chat_template": 20, "py/reduce": 21, "<s>": 0}"#,
        )
        .quiet(&["auto-map", "index-unexpected-shard", "hydra-target", "json-call"]),
    ]
}

fn reached() -> Vec<Item> {
    vec![
        Item::new("config-reached-chain", Review, "config.json", r#"{"auto_map": {"AutoModel": "a.Model"}}"#)
            .and("a.py", "from .b import B\n")
            .and("b.py", "from .c import C\n")
            .and("c.py", MODELING)
            .and("train.py", MODELING)
            .fires(&["code-reached"])
            .quiet(&["file-missing"]),
        Item::new("config-reached-half", Suspect, "sub/config.json", r#"{"auto_map": {"AutoModel": "a.Model"}}"#)
            .and("a.py", "from .gone import B\n")
            .fires(&["code-reached", "file-missing"]),
        Item::new(
            "config-endpoint-handler",
            Review,
            "handler.py",
            format!("{MODELING}\n\nclass EndpointHandler:\n    pass\n"),
        )
        .fires(&["code-reached"]),
        Item::new(
            "config-custom-generate",
            Review,
            "custom_generate/generate.py",
            "def generate(model):\n    return model\n",
        )
        .fires(&["code-reached"]),
    ]
}

fn foreign() -> Vec<Item> {
    let map = |reference: &str| format!(r#"{{"auto_map": {{"AutoModelForCausalLM": "{reference}"}}}}"#);
    vec![
        Item::new(
            "config-auto-map-other-repo",
            Review,
            "config.json",
            map("tiiuae/falcon-7b--modeling_falcon.FalconForCausalLM"),
        )
        .fires(&["auto-map-foreign-repo"])
        .quiet(&["config-import", "file-missing"]),
        Item::new("config-auto-map-bare-repo", Suspect, "config.json", map("falcon--modeling_falcon.Model"))
            .fires(&["auto-map-foreign-repo"]),
        Item::new("config-auto-map-repo-path", Dangerous, "config.json", map("/tmp/repo--modeling.Model"))
            .fires(&["config-import"]),
        Item::new("config-auto-map-repo-url", Dangerous, "config.json", map("https://evil.example/x--modeling.Model"))
            .fires(&["config-import"]),
        Item::new(
            "config-custom-generate-repo",
            Suspect,
            "generation_config.json",
            r#"{"custom_generate": "evil/generate"}"#,
        )
        .fires(&["auto-map-foreign-repo"]),
        Item::new(
            "config-kernel",
            Suspect,
            "config.json",
            r#"{"model_type": "llama", "attn_implementation": "evil/attention"}"#,
        )
        .fires(&["config-kernel"]),
        Item::new(
            "config-kernel-nested",
            Suspect,
            "config.json",
            r#"{"model_type": "llava", "text_config": {"_attn_implementation": {"text": "evil/attention@main:fn"}}}"#,
        )
        .fires(&["config-kernel"]),
        Item::new(
            "config-attention",
            Safe,
            "config.json",
            r#"{"model_type": "llama", "_attn_implementation": "flash_attention_2"}"#,
        )
        .quiet(&["config-kernel"]),
    ]
}

fn pipelines() -> Vec<Item> {
    let stable = r#"{"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.6.0",
        "feature_extractor": ["transformers", "CLIPImageProcessor"], "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "image_encoder": [null, null], "requires_safety_checker": true}"#;
    let index = |pair: &str| {
        format!(r#"{{"_class_name": "DiffusionPipeline", "_diffusers_version": "0.30.0", "unet": {pair}}}"#)
    };
    vec![
        Item::new("config-pipeline-stable-diffusion", Safe, "model_index.json", stable)
            .quiet(&["config-foreign-module", "config-import"]),
        Item::new("config-pipeline-system", Dangerous, "model_index.json", index(r#"["os", "system"]"#)).fires(&["config-import"]),
        Item::new("config-pipeline-builtins", Dangerous, "model_index.json", index(r#"["builtins", "exec"]"#))
            .fires(&["config-import"]),
        Item::new("config-pipeline-pip", Dangerous, "model_index.json", index(r#"["pip._internal", "main"]"#))
            .fires(&["config-import"]),
        Item::new("config-pipeline-extension", Dangerous, "model_index.json", index(r#"["torch.utils.cpp_extension", "load"]"#))
            .fires(&["config-import"]),
        Item::new("config-pipeline-function", Suspect, "model_index.json", index(r#"["transformers", "pipeline"]"#))
            .fires(&["config-foreign-module"]),
        Item::new("config-pipeline-own-part", Review, "model_index.json", index(r#"["my_unet", "MyUNet"]"#))
            .and("unet/my_unet.py", MODELING)
            .fires(&["config-foreign-module", "code-reached"])
            .quiet(&["config-import", "file-missing"]),
        Item::new("config-pipeline-lookalike", Suspect, "model_index.json", index(r#"["diffusers_evil", "UNet"]"#))
            .fires(&["config-foreign-module"]),
        Item::new(
            "config-pipeline-own-class",
            Review,
            "model_index.json",
            r#"{"_class_name": ["pipeline", "MyPipeline"], "_diffusers_version": "0.30.0", "vae": ["diffusers", "AutoencoderKL"]}"#,
        )
        .and("pipeline.py", MODELING)
        .fires(&["auto-map", "code-reached"]),
        Item::new(
            "config-custom-pipelines",
            Review,
            "config.json",
            r#"{"model_type": "x", "custom_pipelines": {"pair": {"impl": "pair_pipeline.Pair", "pt": ["AutoModel"], "tf": []}}}"#,
        )
        .and("pair_pipeline.py", MODELING)
        .fires(&["auto-map", "code-reached"]),
        Item::new(
            "config-unet-blocks",
            Safe,
            "unet/config.json",
            r#"{"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.6.0", "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"]}"#,
        )
        .quiet(&["config-foreign-module"]),
    ]
}

fn modules() -> Vec<Item> {
    let list = |class: &str, path: &str| {
        format!(
            r#"[{{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}},
                {{"idx": 1, "name": "1", "path": "{path}", "type": "{class}"}}]"#
        )
    };
    let pooling = "sentence_transformers.models.Pooling";
    vec![
        Item::new("config-modules", Safe, "modules.json", list(pooling, "1_Pooling"))
            .quiet(&["config-foreign-module", "config-path-escape"]),
        Item::new("config-modules-own", Review, "modules.json", list("custom_st.Transformer", ""))
            .and("custom_st.py", MODELING)
            .fires(&["auto-map", "code-reached"])
            .quiet(&["config-import", "config-foreign-module", "file-missing"]),
        Item::new("config-modules-own-missing", Suspect, "modules.json", list("custom_st.Transformer", ""))
            .fires(&["auto-map", "file-missing"]),
        Item::new("config-modules-own-function", Suspect, "modules.json", list("custom_st.load", ""))
            .fires(&["config-foreign-module"]),
        Item::new("config-modules-library", Review, "modules.json", list("pylate.models.Dense.Dense", "1_Dense"))
            .fires(&["config-foreign-module"])
            .quiet(&["config-import"]),
        Item::new("config-modules-repo", Suspect, "modules.json", list("evil/repo--custom_st.Transformer", ""))
            .fires(&["auto-map-foreign-repo"]),
        Item::new(
            "config-modules-lookalike",
            Suspect,
            "modules.json",
            list("sentence_transformers_evil.models.Pooling", ""),
        )
        .fires(&["config-foreign-module"]),
        Item::new("config-modules-system", Dangerous, "modules.json", list("os.system", "")).fires(&["config-import"]),
        Item::new("config-modules-posix", Dangerous, "modules.json", list("_posixsubprocess.fork_exec", ""))
            .fires(&["config-import"]),
        Item::new("config-modules-climb", Suspect, "modules.json", list(pooling, "../../.ssh"))
            .fires(&["config-path-escape"]),
    ]
}

fn dotted() -> Vec<Item> {
    let dense = |function: &str| {
        format!(r#"{{"in_features": 768, "out_features": 512, "bias": true, "activation_function": "{function}"}}"#)
    };
    vec![
        Item::new("config-dense-tanh", Safe, "2_Dense/config.json", dense("torch.nn.modules.activation.Tanh"))
            .quiet(&["config-import", "config-foreign-module"]),
        Item::new(
            "config-dense-gelu",
            Safe,
            "config.json",
            r#"{"activation_function": "gelu_new", "model_type": "gpt2"}"#,
        )
        .quiet(&["config-foreign-module"]),
        Item::new("config-dense-system", Dangerous, "2_Dense/config.json", dense("os.system"))
            .fires(&["config-import"]),
        Item::new("config-dense-torch-load", Dangerous, "2_Dense/config.json", dense("torch.load"))
            .fires(&["config-import"]),
        Item::new("config-dense-torch-internal", Dangerous, "2_Dense/config.json", dense("torch.nn.__builtins__.exec"))
            .fires(&["config-import"]),
        Item::new("config-dense-foreign", Review, "2_Dense/config.json", dense("my_layers.Swish"))
            .fires(&["config-foreign-module"])
            .quiet(&["config-import"]),
        Item::new(
            "config-cross-encoder-activation",
            Dangerous,
            "config.json",
            r#"{"model_type": "bert", "sentence_transformers": {"activation_fn": "subprocess.getoutput"}}"#,
        )
        .fires(&["config-import"]),
        Item::new(
            "config-cross-encoder",
            Safe,
            "config.json",
            r#"{"model_type": "bert", "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"}"#,
        )
        .quiet(&["config-import", "config-foreign-module"]),
    ]
}
