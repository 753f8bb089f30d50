//! Repos as they lie on the Hub.

use super::{Row, check_all};

const EMBEDDINGS: &[(&str, Row<'static>)] = &[
    (
        "all-mpnet-base-v2",
        &[
            (
                "taken",
                "config.json modules.json 1_Pooling/config.json tokenizer.json vocab.txt model.safetensors train_script.py",
            ),
            (
                "copy",
                "pytorch_model.bin onnx/model{,_O1,_O4,_qint8_arm64,_quint8_avx2}.onnx openvino/openvino_model{,_qint8_quantized}.{bin,xml}",
            ),
        ],
    ),
    (
        "LaBSE",
        &[
            ("taken", "config.json model.safetensors 2_Dense/{config.json,model.safetensors}"),
            (
                "copy",
                "pytorch_model.bin tf_model.h5 flax_model.msgpack 2_Dense/{pytorch_model.bin,rust_model.ot} onnx/model.onnx",
            ),
        ],
    ),
    (
        "multilingual-e5-large",
        &[
            ("taken", "config.json model.safetensors sentencepiece.bpe.model"),
            (
                "copy",
                "pytorch_model.bin onnx/{model.onnx,model.onnx_data,config.json,sentencepiece.bpe.model,tokenizer.json,Constant_7_attr__value}",
            ),
        ],
    ),
    (
        "bge-m3",
        &[
            ("taken", "config.json pytorch_model.bin colbert_linear.pt sparse_linear.pt"),
            ("other-format", "onnx/{model.onnx,model.onnx_data,config.json,tokenizer.json}"),
        ],
    ),
    (
        "bge-m3 with safetensors",
        &[
            ("taken", "config.json model.safetensors colbert_linear.pt sparse_linear.pt"),
            ("copy", "pytorch_model.bin onnx/{model.onnx,model.onnx_data}"),
        ],
    ),
    ("a SetFit classifier", &[("taken", "config.json model.safetensors model_head.pkl config_setfit.json")]),
    (
        "laion CLIP",
        &[
            ("taken", "config.json model.safetensors open_clip_config.json open_clip_model.safetensors"),
            ("copy", "pytorch_model.bin open_clip_pytorch_model.bin"),
        ],
    ),
];

#[test]
fn embeddings() {
    check_all(EMBEDDINGS);
}

const TEXT: &[(&str, Row<'static>)] = &[
    (
        "bert-base-uncased",
        &[
            ("taken", "config.json model.safetensors vocab.txt LICENSE"),
            (
                "copy",
                "pytorch_model.bin flax_model.msgpack model.onnx rust_model.ot tf_model.h5 coreml/fill-mask/f.mlpackage/{Manifest.json,Data/com.apple.CoreML/model.mlmodel,Data/com.apple.CoreML/weights/weight.bin}",
            ),
        ],
    ),
    (
        "gpt2",
        &[
            ("taken", "config.json model.safetensors merges.txt vocab.json"),
            (
                "copy",
                "64.tflite 64-8bits.tflite onnx/{decoder_model.onnx,decoder_model_merged.onnx,merges.txt,config.json} pytorch_model.bin rust_model.ot tf_model.h5",
            ),
        ],
    ),
    (
        "opus-mt-en-de",
        &[
            ("taken", "config.json pytorch_model.bin source.spm target.spm"),
            ("other-format", "flax_model.msgpack rust_model.ot tf_model.h5"),
        ],
    ),
    (
        "deberta-v3-base",
        &[
            ("taken", "config.json pytorch_model.bin spm.model generator_config.json"),
            ("training", "pytorch_model.generator.bin"),
            ("other-format", "rust_model.ot tf_model.h5"),
        ],
    ),
    (
        "Llama-3.1-8B-Instruct",
        &[
            ("taken", "config.json model-#4.safetensors model.safetensors.index.json tokenizer.json USE_POLICY.md"),
            ("publisher-format", "original/{consolidated.00.pth,params.json,tokenizer.model}"),
        ],
    ),
    ("Llama-2-7b in Meta's format only", &[("taken", "consolidated.00.pth params.json tokenizer.model checklist.chk")]),
    (
        "gpt-oss-20b",
        &[
            ("taken", "config.json model-{00000,00001,00002}-of-00002.safetensors model.safetensors.index.json"),
            ("publisher-format", "metal/model.bin original/{config.json,dtypes.json,model.safetensors}"),
        ],
    ),
    (
        "Mistral-7B-Instruct-v0.3",
        &[
            ("taken", "config.json model-#3.safetensors model.safetensors.index.json params.json tokenizer.model.v3"),
            ("publisher-format", "consolidated.safetensors"),
        ],
    ),
    ("a repo of Mistral's with their format only", &[("taken", "consolidated.safetensors params.json tekken.json")]),
    (
        "Mixtral-8x7B",
        &[
            ("taken", "config.json model-#19.safetensors model.safetensors.index.json"),
            ("publisher-format", "consolidated.{00,01,02,03,04,05,06,07}.pt"),
        ],
    ),
    (
        "bloom",
        &[
            ("taken", "config.json model_#72.safetensors model.safetensors.index.json"),
            ("copy", "pytorch_model_#72.bin pytorch_model.bin.index.json"),
        ],
    ),
    ("vicuna-7b-v1.5", &[("taken", "config.json pytorch_model-#2.bin pytorch_model.bin.index.json tokenizer.model")]),
    (
        "llava-v1.5-7b",
        &[
            ("taken", "config.json pytorch_model-#2.bin pytorch_model.bin.index.json"),
            ("publisher-format", "mm_projector.bin"),
        ],
    ),
    ("a projector of LLaVA alone", &[("taken", "config.json mm_projector.bin")]),
    (
        "gemma-7b",
        &[("taken", "config.json model-#4.safetensors model.safetensors.index.json"), ("copy", "gemma-7b.gguf")],
    ),
    ("MLX, one file with an index", &[("taken", "config.json model.safetensors model.safetensors.index.json")]),
    (
        "a LoRA with checkpoints",
        &[
            ("taken", "adapter_config.json adapter_model.safetensors"),
            ("copy", "adapter_model.bin"),
            (
                "training",
                "checkpoint-500/{adapter_config.json,adapter_model.safetensors,optimizer.pt,rng_state_0.pth} training_args.bin",
            ),
        ],
    ),
    (
        "a Trainer repo",
        &[
            ("taken", "config.json model.safetensors"),
            (
                "training",
                "training_args.bin checkpoint-500/{config.json,model.safetensors,optimizer.pt,rng_state.pth,scheduler.pt,trainer_state.json} runs/Jan01_host/events.out.tfevents.170.host.1.0",
            ),
        ],
    ),
    (
        "a Trainer repo of before safetensors",
        &[
            ("taken", "config.json pytorch_model.bin"),
            ("training", "training_args.bin optimizer.pt scheduler.pt rng_state.pth trainer_state.json"),
        ],
    ),
];

#[test]
fn text() {
    check_all(TEXT);
}

const PICTURES: &[(&str, Row<'static>)] = &[
    (
        "SDXL",
        &[
            (
                "taken",
                "model_index.json scheduler/scheduler_config.json {text_encoder,text_encoder_2}/{config.json,model.safetensors} {tokenizer,tokenizer_2}/vocab.json {unet,vae}/{config.json,diffusion_pytorch_model.safetensors} {vae_1_0,vae_decoder,vae_encoder}/config.json",
            ),
            (
                "publisher-format",
                "sd_xl_base_1.0.safetensors sd_xl_base_1.0_0.9vae.safetensors sd_xl_offset_example-lora_1.0.safetensors vae_1_0/diffusion_pytorch_model{,.fp16}.safetensors",
            ),
            (
                "variant",
                "{text_encoder,text_encoder_2}/model.fp16.safetensors {unet,vae}/diffusion_pytorch_model.fp16.safetensors",
            ),
            (
                "copy",
                "text_encoder/{flax_model.msgpack,model.onnx,openvino_model.bin,openvino_model.xml} text_encoder_2/model.onnx text_encoder_2/model.onnx_data unet/diffusion_flax_model.msgpack unet/model.onnx unet/model.onnx_data {vae_decoder,vae_encoder}/model.onnx",
            ),
        ],
    ),
    (
        "SD 1.5",
        &[
            (
                "taken",
                "model_index.json v1-inference.yaml {safety_checker,text_encoder}/{config.json,model.safetensors} {unet,vae}/{config.json,diffusion_pytorch_model.safetensors} scheduler/scheduler_config.json tokenizer/vocab.json",
            ),
            ("publisher-format", "v1-5-pruned{,-emaonly}.{ckpt,safetensors}"),
            (
                "copy",
                "{safety_checker,text_encoder}/pytorch_model{,.fp16}.bin {unet,vae}/diffusion_pytorch_model{,.fp16}.bin unet/diffusion_pytorch_model.non_ema.bin",
            ),
            (
                "variant",
                "{safety_checker,text_encoder}/model.fp16.safetensors {unet,vae}/diffusion_pytorch_model.fp16.safetensors unet/diffusion_pytorch_model.non_ema.safetensors",
            ),
        ],
    ),
    (
        "SD 3.5",
        &[
            (
                "taken",
                "model_index.json text_encoder_3/{config.json,model-#2.safetensors,model.safetensors.index.json} transformer/{config.json,diffusion_pytorch_model.safetensors}",
            ),
            (
                "publisher-format",
                "sd3.5_large.safetensors text_encoders/{clip_g,clip_l,t5xxl_fp16,t5xxl_fp8_e4m3fn}.safetensors",
            ),
            ("variant", "text_encoder_3/{model.fp16-#2.safetensors,model.safetensors.index.fp16.json}"),
        ],
    ),
    (
        "FLUX.1-dev",
        &[
            (
                "taken",
                "model_index.json text_encoder/{config.json,model.safetensors} transformer/{config.json,diffusion_pytorch_model-#3.safetensors,diffusion_pytorch_model.safetensors.index.json} vae/{config.json,diffusion_pytorch_model.safetensors}",
            ),
            ("publisher-format", "flux1-dev.safetensors ae.safetensors"),
        ],
    ),
    (
        "a pipeline with a LoRA beside it",
        &[(
            "taken",
            "model_index.json pytorch_lora_weights.safetensors unet/{config.json,diffusion_pytorch_model.safetensors}",
        )],
    ),
    ("textual inversion", &[("taken", "learned_embeds.bin token_identifier.txt concept_images/0.jpeg")]),
    (
        "Wan2.1-T2V-1.3B",
        &[(
            "taken",
            "config.json diffusion_pytorch_model.safetensors Wan2.1_VAE.pth models_t5_umt5-xxl-enc-bf16.pth google/umt5-xxl/tokenizer.json",
        )],
    ),
    (
        "IP-Adapter",
        &[
            (
                "taken",
                "{models,sdxl_models}/image_encoder/{config.json,model.safetensors} models/ip-adapter_sd15.safetensors sdxl_models/ip-adapter_sdxl.safetensors",
            ),
            (
                "copy",
                "{models,sdxl_models}/image_encoder/pytorch_model.bin models/ip-adapter_sd15.bin sdxl_models/ip-adapter_sdxl.bin",
            ),
        ],
    ),
    (
        "IP-Adapter-FaceID",
        &[("taken", "ip-adapter-faceid{,-plus}_sd15.bin ip-adapter-faceid{,-plus}_sd15_lora.safetensors")],
    ),
    ("ControlNet-v1-1", &[("taken", "control_v11p_sd15_{canny,depth}.{pth,yaml}")]),
    (
        "a shelf of ComfyUI",
        &[(
            "taken",
            "split_files/{vae/ae,text_encoders/t5xxl_fp16,text_encoders/t5xxl_fp8_e4m3fn,diffusion_models/flux1-dev}.safetensors",
        )],
    ),
    (
        "sam2-hiera-large",
        &[
            ("taken", "config.json model.safetensors processor_config.json sam2_hiera_l.yaml"),
            ("publisher-format", "sam2_hiera_large.pt"),
        ],
    ),
    ("sam2-hiera-large before transformers had it", &[("taken", "sam2_hiera_l.yaml sam2_hiera_large.pt")]),
    (
        "fp16 only",
        &[(
            "taken",
            "model_index.json unet/{config.json,diffusion_pytorch_model.fp16.safetensors} text_encoder/{config.json,model.fp16.safetensors}",
        )],
    ),
];

#[test]
fn pictures() {
    check_all(PICTURES);
}

const SOUND: &[(&str, Row<'static>)] = &[
    (
        "whisper-large-v3",
        &[
            ("taken", "config.json model.safetensors normalizer.json"),
            ("variant", "model.fp32-#2.safetensors model.safetensors.index.fp32.json"),
            (
                "copy",
                "flax_model.msgpack pytorch_model.bin pytorch_model.fp32-#2.bin pytorch_model.bin.index.fp32.json",
            ),
        ],
    ),
    (
        "bark",
        &[
            (
                "taken",
                "config.json pytorch_model.bin speaker_embeddings_path.json speaker_embeddings/v2/en_speaker_0_fine_prompt.npy",
            ),
            ("publisher-format", "{text,coarse,fine}{,_2}.pt"),
        ],
    ),
    (
        "musicgen-small",
        &[
            ("taken", "config.json generation_config.json model.safetensors"),
            ("publisher-format", "state_dict.bin compression_state_dict.bin"),
            ("copy", "pytorch_model.bin"),
        ],
    ),
    ("audiogen, without transformers' weights", &[("taken", "state_dict.bin compression_state_dict.bin")]),
    (
        "chatterbox",
        &[
            ("taken", "s3gen.safetensors ve.safetensors t3_cfg.safetensors conds.pt tokenizer.json"),
            ("copy", "s3gen.pt ve.pt t3_cfg.pt"),
        ],
    ),
    ("Kokoro-82M", &[("taken", "config.json kokoro-v1_0.pth voices/{af_heart,am_adam,bf_emma}.pt")]),
    ("XTTS-v2", &[("taken", "config.json model.pth dvae.pth mel_stats.pth speakers_xtts.pth vocab.json")]),
    ("spkrec-ecapa", &[("taken", "hyperparams.yaml embedding_model.ckpt classifier.ckpt label_encoder.txt")]),
    ("pyannote and wespeaker", &[("taken", "config.yaml pytorch_model.bin speaker-embedding.onnx")]),
    ("parakeet", &[("taken", "parakeet-tdt-0.6b-v2.nemo plots/asr.png")]),
    (
        "parakeet for transformers as well",
        &[
            ("taken", "config.json model.safetensors preprocessor_config.json"),
            ("publisher-format", "parakeet-tdt-0.6b-v3.nemo"),
        ],
    ),
    (
        "mms, an adapter a language",
        &[
            ("taken", "config.json model.safetensors adapter.{fra,deu}.safetensors"),
            ("copy", "pytorch_model.bin adapter.{fra,deu}.bin"),
        ],
    ),
    (
        "CosyVoice2",
        &[(
            "taken",
            "llm.pt flow.pt hift.pt campplus.onnx speech_tokenizer_v2.onnx CosyVoice-BlankEN/{config.json,model.safetensors}",
        )],
    ),
    ("silero-vad", &[("taken", "config.json onnx/model.onnx onnx/model_fp16.onnx silero_vad.jit")]),
];

#[test]
fn sound() {
    check_all(SOUND);
}

const FORMATS_OF_THEIR_OWN: &[(&str, Row<'static>)] = &[
    (
        "spaCy",
        &[(
            "taken",
            "meta.json config.cfg ner/model ner/moves vocab/{strings.json,vectors} en_core_web_sm-any-py3-none-any.whl",
        )],
    ),
    ("keras", &[("taken", "config.json model.weights.h5 tokenizer.json assets/tokenizer/vocabulary.txt")]),
    (
        "a SavedModel",
        &[("taken", "saved_model.pb variables/{variables.index,variables.data-00000-of-00001} nmp.onnx nmp.tflite")],
    ),
    (
        "a SavedModel beside the weights",
        &[
            ("taken", "config.json model.safetensors"),
            (
                "copy",
                "saved_model/1/{saved_model.pb,keras_metadata.pb} saved_model/1/variables/{variables.index,variables.data-00000-of-00001}",
            ),
        ],
    ),
    ("OpenVINO only", &[("taken", "config.json openvino_{model,tokenizer,detokenizer}.{bin,xml}")]),
    ("CTranslate2", &[("taken", "config.json model.bin vocabulary.json tokenizer.json")]),
    ("fastText", &[("taken", "lid.176.bin lid.176.ftz")]),
    ("TensorFlow only", &[("taken", "config.json tf_model.h5"), ("other-format", "flax_model.msgpack rust_model.ot")]),
    ("ultralytics", &[("taken", "yolov8{n,s,m}.pt")]),
];

#[test]
fn formats_of_their_own() {
    check_all(FORMATS_OF_THEIR_OWN);
}
