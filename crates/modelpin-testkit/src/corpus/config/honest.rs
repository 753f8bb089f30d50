//! Configuration as honest repositories hold it.

use crate::corpus::Expect::Safe;
use crate::corpus::Item;

pub(super) fn items() -> Vec<Item> {
    [models(), tokenizers(), others()].into_iter().flatten().collect()
}

fn safe(name: &str, path: &str, text: &str) -> Item {
    Item::new(format!("config-{name}"), Safe, path, text)
}

fn models() -> Vec<Item> {
    vec![
        safe(
            "llama",
            "config.json",
            r#"{"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 128000,
                "eos_token_id": [128001, 128008, 128009], "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
                "max_position_embeddings": 131072, "model_type": "llama", "rms_norm_eps": 1e-05, "rope_scaling":
                {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "rope_type": "llama3"}, "torch_dtype": "bfloat16"}"#,
        )
        .quiet(&["auto-map", "config-kernel"]),
        safe(
            "bert",
            "config.json",
            r#"{"_name_or_path": "./out/checkpoint-500", "architectures": ["BertForSequenceClassification"], "id2label":
                {"0": "NEGATIVE", "1": "POSITIVE"}, "model_type": "bert", "classifier_dropout": null, "gradient_checkpointing": false}"#,
        ),
        safe(
            "t5",
            "config.json",
            r#"{"architectures": ["T5ForConditionalGeneration"], "d_ff": 2048, "is_encoder_decoder": true, "model_type": "t5",
                "task_specific_params": {"summarization": {"early_stopping": true, "prefix": "summarize: "}}, "n_positions": 512}"#,
        ),
        safe(
            "llava",
            "config.json",
            r#"{"architectures": ["LlavaLlamaForCausalLM"], "mm_vision_tower": "openai/clip-vit-large-patch14-336",
                "image_grid_pinpoints": [[336, 672], [672, 336]], "model_type": "llava", "tokenizer_model_max_length": 2048}"#,
        ),
        safe(
            "open-clip",
            "open_clip_config.json",
            r#"{"model_cfg": {"embed_dim": 512, "vision_cfg": {"image_size": 256, "timm_model_name": "vit_base_patch16_siglip_256"},
                "text_cfg": {"context_length": 64, "hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "hf_model_name": "xlm-roberta-base"}},
                "preprocess_cfg": {"mean": [0.5, 0.5, 0.5]}}"#,
        ),
        safe(
            "modular-pipeline",
            "modular_model_index.json",
            r#"{"_class_name": "StableDiffusionXLModularPipeline", "_diffusers_version": "0.35.0",
                "vae": ["diffusers", "AutoencoderKL", {"pretrained_model_name_or_path": "madebyollin/sdxl-vae-fp16-fix",
                "revision": null, "subfolder": "", "type_hint": ["diffusers", "AutoencoderKL"], "variant": null}]}"#,
        ),
    ]
}

fn tokenizers() -> Vec<Item> {
    vec![
        safe(
            "tokenizer",
            "tokenizer_config.json",
            r#"{"add_bos_token": true, "added_tokens_decoder": {"0": {"content": "<unk>", "lstrip": false, "normalized": false,
                "rstrip": false, "single_word": false, "special": true}}, "legacy": false, "model_max_length":
                1000000000000000019884624838656, "pad_token": null, "sp_model_kwargs": {}, "tokenizer_class": "LlamaTokenizer"}"#,
        )
        .quiet(&["json-malformed"]),
        safe(
            "tokenizer-fast",
            "tokenizer.json",
            r#"{"version": "1.0", "truncation": null, "added_tokens": [{"id": 0, "content": "<unk>", "special": true}], "normalizer":
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, "pre_tokenizer": {"type": "Split", "pattern":
                {"Regex": "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"}, "behavior": "Isolated", "invert": false}, "model":
                {"type": "BPE", "vocab": {"<unk>": 0, "\u0120auto_map": 1, "../": 2, "__import__": 3}, "merges": ["a b", ["c", "d"]]}}"#,
        )
        .quiet(&["auto-map", "index-escape"]),
        safe(
            "special-tokens",
            "special_tokens_map.json",
            r#"{"additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "eos_token": {"content": "<|im_end|>", "lstrip": false}}"#,
        ),
        safe(
            "generation",
            "generation_config.json",
            r#"{"bos_token_id": 1, "do_sample": true, "eos_token_id": [2, 32000], "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.42.3"}"#,
        )
        .quiet(&["auto-map-foreign-repo"]),
        safe(
            "image-processor",
            "preprocessor_config.json",
            r#"{"crop_size": {"height": 224, "width": 224}, "do_normalize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
                "image_processor_type": "CLIPImageProcessor", "processor_class": "CLIPProcessor", "resample": 3}"#,
        ),
        safe(
            "whisper",
            "generation_config.json",
            r#"{"alignment_heads": [[5, 3], [5, 9]], "forced_decoder_ids": [[1, null], [2, 50359]], "lang_to_id": {"<|en|>": 50259}}"#,
        ),
    ]
}

fn others() -> Vec<Item> {
    vec![
        safe(
            "sentence-transformer",
            "config_sentence_transformers.json",
            r#"{"__version__": {"sentence_transformers": "2.0.0", "transformers": "4.6.1", "pytorch": "1.8.1"}, "prompts":
                {"query": "Represent this sentence: "}, "default_prompt_name": null, "similarity_fn_name": "cosine"}"#,
        ),
        safe("pooling", "1_Pooling/config.json", r#"{"word_embedding_dimension": 384, "pooling_mode_mean_tokens": true}"#),
        safe(
            "scheduler",
            "scheduler/scheduler_config.json",
            r#"{"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_schedule": "scaled_linear", "clip_sample": false}"#,
        ),
        safe(
            "timm",
            "config.json",
            r#"{"architecture": "resnet50", "num_classes": 1000, "pretrained_cfg": {"tag": "a1_in1k", "custom_load": false,
                "url": "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1/resnet50.pth", "pool_size": [7, 7]}}"#,
        ),
        safe(
            "quantised",
            "config.json",
            r#"{"model_type": "qwen2", "quantization_config": {"bits": 4, "group_size": 128, "modules_to_not_convert": null,
                "quant_method": "awq", "version": "gemm", "zero_point": true}, "use_sliding_window": false}"#,
        ),
        safe(
            "notebook",
            "example.ipynb",
            r#"{"cells": [{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["!pip install x\n",
                "import os; print('id')"]}], "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}"#,
        )
        .quiet(&["config-command"]),
        safe(
            "index-sharded",
            "model.safetensors.index.json",
            r#"{"metadata": {"total_size": 16060522496}, "weight_map": {"lm_head.weight": "model-00004-of-00004.safetensors",
                "model.embed_tokens.weight": "model-00001-of-00004.safetensors"}}"#,
        )
        .quiet(&["index-unexpected-shard", "index-escape"]),
        safe("label-list", "labels.json", r#"["cat", "dog", "os.system"]"#),
        safe("quantize", "quantize_config.json", r#"{"bits": 4, "model_name_or_path": null, "model_file_base_name": "model"}"#),
        safe("eval-results", "all_results.json", r#"{"epoch": 3.0, "eval_loss": 0.31, "train_runtime": 12.5}"#),
    ]
}
