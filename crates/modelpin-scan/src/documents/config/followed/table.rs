//! What is followed, one row a key, and what is not. The page `docs/reference/dependencies.md` is made from it.

use super::row::{Condition, Followed, Form, Place};
use modelpin_schema::lockfile::{DependencyKind, Role};

use Condition::{Has, Lacks, New, Off, On};

const COMPONENT: DependencyKind = DependencyKind::Reference(Role::Component);
const CONFIG: DependencyKind = DependencyKind::Reference(Role::Config);
const CODE: DependencyKind = DependencyKind::Reference(Role::Code);
const TOKENIZER: DependencyKind = DependencyKind::Reference(Role::Tokenizer);
const PROCESSOR: DependencyKind = DependencyKind::Reference(Role::Processor);

/// The keys that rows differ from, each in what it says.
const ROW: Followed = Followed {
    files: &["config.json"],
    keys: &[],
    place: Place::Top,
    when: &[],
    form: Form::Owned,
    revision: None,
    kind: COMPONENT,
    loader: "transformers",
    source: "",
};

/// Where a model is built around a backbone, and no configuration of it is there.
const BACKBONE: Followed =
    Followed { files: &["*config.json"], keys: &["backbone"], place: Place::Any, form: Form::TimmOrOwned, ..ROW };

/// A configuration of MLflow that says where a model came from, and that it is not saved beside.
const MLFLOW: Followed = Followed {
    files: &["mlmodel"],
    loader: "MLflow",
    form: Form::Name,
    source: "`load_model_and_components_from_huggingface_hub` of mlflow/transformers/model_io.py",
    ..ROW
};

const SPEECHBRAIN: Followed = Followed { files: &["hyperparams.yaml"], loader: "speechbrain", ..ROW };

const SPECULATIVE: Followed = Followed {
    files: &["config.json", "config.yaml", "vllm*.json", "vllm*.yaml", "vllm*.yml"],
    loader: "vLLM",
    source: "`SpeculativeConfig.__post_init__` of vllm/config/speculative.py",
    ..ROW
};

/// What is followed.
pub const FOLLOWED: &[Followed] = &[
    // Code and bases, which the scanners of code and of adapters follow.
    Followed {
        files: &["*.json"],
        keys: &["auto_map", "custom_pipelines.*.impl", "tool_class"],
        place: Place::Scanner,
        form: Form::Class,
        kind: CODE,
        source: "`get_class_from_dynamic_module` of transformers/dynamic_module_utils.py",
        ..ROW
    },
    Followed {
        files: &["*.json"],
        keys: &["custom_generate", "custom_pipeline"],
        place: Place::Scanner,
        kind: CODE,
        source: "`load_custom_generate` of transformers/generation/utils.py; `DiffusionPipeline.from_pretrained` of diffusers",
        ..ROW
    },
    Followed {
        files: &["modules.json"],
        keys: &["*.type"],
        place: Place::Scanner,
        form: Form::Class,
        kind: CODE,
        loader: "sentence-transformers",
        source: "`_load_module_class_from_ref` of sentence_transformers/base/model.py",
        ..ROW
    },
    Followed {
        files: &["adapter_config.json"],
        keys: &["base_model_name_or_path"],
        place: Place::Scanner,
        form: Form::Name,
        revision: Some("revision"),
        kind: DependencyKind::Base,
        loader: "PEFT",
        source: "`PeftConfigMixin` of peft/config.py; `AutoModelFor….from_pretrained` of transformers loads it",
        ..ROW
    },
    Followed {
        files: &["adapter_config.json"],
        keys: &["adapters.*"],
        place: Place::Scanner,
        when: &[Has(&["peft_type"])],
        loader: "PEFT",
        source: "`XLoraModel.__init__` of peft/tuners/xlora/model.py, for `XLORA`",
        ..ROW
    },
    // Backbones, towers, verifiers of models.
    Followed {
        when: &[
            Has(&["model_type", "use_timm_backbone", "use_pretrained_backbone"]),
            Lacks(&["backbone_config"]),
            On("use_pretrained_backbone"),
        ],
        source: "`load_backbone` of transformers 4 (transformers/utils/backbone_utils.py)",
        ..BACKBONE
    },
    Followed {
        when: &[
            Has(&["model_type", "use_timm_backbone", "use_pretrained_backbone"]),
            Lacks(&["backbone_config"]),
            Off("use_pretrained_backbone"),
        ],
        kind: CONFIG,
        source: "`consolidate_backbone_kwargs_to_config` of transformers 5 (transformers/backbone_utils.py)",
        ..BACKBONE
    },
    Followed {
        keys: &["mm_vision_tower", "mm_image_tower", "mm_video_tower"],
        place: Place::Any,
        loader: "LLaVA",
        source: "`build_vision_tower` of llava/model/multimodal_encoder/builder.py, and its kin",
        ..ROW
    },
    Followed {
        keys: &["vision_tower"],
        place: Place::Any,
        when: &[Lacks(&["mm_vision_tower"])],
        loader: "LLaVA",
        source: "`build_vision_tower` of llava/model/multimodal_encoder/builder.py",
        ..ROW
    },
    Followed {
        keys: &["image_tower"],
        place: Place::Any,
        when: &[Lacks(&["mm_image_tower"])],
        loader: "LLaVA",
        source: "`build_image_tower` of Video-LLaVA (llava/model/multimodal_encoder/builder.py)",
        ..ROW
    },
    Followed {
        keys: &["video_tower"],
        place: Place::Any,
        when: &[Lacks(&["mm_video_tower"])],
        loader: "LLaVA",
        source: "`build_video_tower` of Video-LLaVA (llava/model/multimodal_encoder/builder.py)",
        ..ROW
    },
    Followed {
        keys: &["speculators_config.verifier.name_or_path"],
        form: Form::Name,
        loader: "vLLM",
        source: "`maybe_override_with_speculators` of vllm/transformers_utils/config.py",
        ..ROW
    },
    Followed {
        keys: &["speculative_config.model", "speculative-config.model"],
        revision: Some("revision"),
        ..SPECULATIVE
    },
    Followed { files: &["speculative_config.json"], keys: &["model"], revision: Some("revision"), ..SPECULATIVE },
    Followed {
        keys: &["base_model_name_or_path"],
        when: &[Has(&["medusa_num_heads"])],
        form: Form::Name,
        loader: "Medusa",
        source: "`MedusaModelABC.from_pretrained` of medusa/model/medusa_model.py",
        ..ROW
    },
    // timm.
    Followed {
        files: &["*config.json"],
        keys: &["architecture", "timm_model_name"],
        place: Place::Any,
        form: Form::Timm,
        kind: CONFIG,
        loader: "timm",
        source: "`parse_model_name` and `create_model` of timm/models/_factory.py, which `TimmWrapperModel` of transformers \
                 and `_build_vision_tower` of open_clip ask for no weights",
        ..ROW
    },
    Followed {
        keys: &["pretrained_cfg.hf_hub_id"],
        form: Form::OwnedAt,
        loader: "timm",
        source: "`_resolve_pretrained_source` of timm/models/_builder.py",
        ..ROW
    },
    // Tokenizers and processors.
    Followed {
        files: &["sentence_*_config.json"],
        keys: &["tokenizer_name_or_path"],
        form: Form::Name,
        kind: TOKENIZER,
        loader: "sentence-transformers",
        source: "`Transformer.__init__` of sentence_transformers/base/modules/transformer.py",
        ..ROW
    },
    Followed {
        files: &["sentence_*_config.json"],
        keys: &["processor_name"],
        form: Form::Name,
        kind: PROCESSOR,
        loader: "sentence-transformers",
        source: "`CLIPModel` of sentence_transformers/sentence_transformer/modules/clip_model.py",
        ..ROW
    },
    Followed {
        files: &["processor_config.json"],
        keys: &["audio_tokenizer.audio_tokenizer_name_or_path"],
        form: Form::Name,
        source: "`ProcessorMixin.get_processor_dict` of transformers/processing_utils.py",
        ..ROW
    },
    Followed {
        files: &["audio_tokenizer_config.json"],
        keys: &["audio_tokenizer_name_or_path"],
        form: Form::Name,
        source: "`ProcessorMixin.get_processor_dict` of transformers/processing_utils.py",
        ..ROW
    },
    Followed {
        files: &["gliner_config.json"],
        keys: &["model_name", "labels_encoder", "labels_decoder"],
        form: Form::Name,
        kind: TOKENIZER,
        loader: "gliner",
        source: "`_load_tokenizer` and `_create_data_processor` of gliner/model.py; `Transformer.__init__` of \
                 gliner/modeling/encoder.py reads the configuration, and the weights are in the repo",
        ..ROW
    },
    Followed {
        files: &["open_clip_config.json"],
        keys: &["model_cfg.text_cfg.hf_tokenizer_name", "text_cfg.hf_tokenizer_name"],
        form: Form::Name,
        kind: TOKENIZER,
        loader: "open_clip",
        source: "`get_tokenizer` of open_clip/factory.py",
        ..ROW
    },
    Followed {
        files: &["open_clip_config.json"],
        keys: &["model_cfg.text_cfg.hf_model_name", "text_cfg.hf_model_name"],
        form: Form::Name,
        kind: CONFIG,
        loader: "open_clip",
        source: "`HFTextEncoder.__init__` of open_clip/hf_model.py, with `hf_model_pretrained` off (`create_model` of \
                 open_clip/factory.py)",
        ..ROW
    },
    // Parts of pipelines.
    Followed {
        files: &["modular_model_index.json"],
        keys: &["*.2.pretrained_model_name_or_path"],
        revision: Some("revision"),
        loader: "diffusers",
        source: "`ModularPipeline.__init__` of diffusers/modular_pipelines/modular_pipeline.py",
        ..ROW
    },
    Followed {
        files: &["modular_model_index.json"],
        keys: &["*.2.repo"],
        when: &[Lacks(&["pretrained_model_name_or_path"])],
        revision: Some("revision"),
        loader: "diffusers",
        source: "`ComponentSpec` of diffusers/modular_pipelines/modular_pipeline_utils.py",
        ..ROW
    },
    Followed {
        files: &["config.yaml"],
        keys: &[
            "pipeline.params.segmentation",
            "pipeline.params.embedding",
            "pipeline.params.plda",
            "preprocessors.*.params.segmentation",
            "preprocessors.*.params.embedding",
        ],
        form: Form::OwnedAt,
        loader: "pyannote.audio",
        source: "`Pipeline.from_pretrained` of pyannote/audio/core/pipeline.py; `get_model` and `get_plda` of \
                 pyannote/audio/pipelines/utils/getter.py",
        ..ROW
    },
    Followed {
        files: &["config.yaml"],
        keys: &["pipeline.params.*.checkpoint", "preprocessors.*.params.*.checkpoint"],
        form: Form::OwnedAt,
        revision: Some("revision"),
        loader: "pyannote.audio",
        source: "`get_model`, `get_pipeline` and `get_plda` of pyannote/audio/pipelines/utils/getter.py",
        ..ROW
    },
    Followed {
        keys: &["pretrained_path"],
        form: Form::Referenced,
        source: "what the paths of `pretrainer` begin with in every recipe",
        ..SPEECHBRAIN
    },
    Followed {
        keys: &["pretrainer.paths.*"],
        form: Form::File,
        source: "`Pretrainer.collect_files` of speechbrain/utils/parameter_transfer.py",
        ..SPEECHBRAIN
    },
    Followed {
        keys: &["*.source", "*.*.source"],
        when: &[New("speechbrain.")],
        form: Form::Referenced,
        source: "`HFTransformersInterface.__init__` of speechbrain/integrations/huggingface/huggingface.py; \
                 `Pretrained.from_hparams` of speechbrain/inference/interfaces.py",
        ..SPEECHBRAIN
    },
    // MLflow, where the model was saved by its name.
    Followed {
        keys: &["flavors.transformers.source_model_name"],
        when: &[Has(&["source_model_revision"]), Lacks(&["has_local_base_model_path"])],
        revision: Some("source_model_revision"),
        ..MLFLOW
    },
    Followed {
        keys: &["flavors.transformers.tokenizer_name"],
        revision: Some("tokenizer_revision"),
        kind: TOKENIZER,
        ..MLFLOW
    },
    Followed {
        keys: &["flavors.transformers.processor_name"],
        revision: Some("processor_revision"),
        kind: PROCESSOR,
        ..MLFLOW
    },
    Followed {
        keys: &["flavors.transformers.feature_extractor_name"],
        revision: Some("feature_extractor_revision"),
        kind: PROCESSOR,
        ..MLFLOW
    },
    Followed {
        keys: &["flavors.transformers.image_processor_name"],
        revision: Some("image_processor_revision"),
        kind: PROCESSOR,
        ..MLFLOW
    },
];

/// What looks like the name of another repo and is not followed, each with the reason.
pub const NOT_FOLLOWED: &[(&str, &str)] = &[
    (
        "`_name_or_path` and `name_or_path`, also of a `text_encoder` or `audio_encoder`",
        "they tell where a part came from; `from_pretrained` builds the part from the configuration and the weights of the \
         repo (musicgen, bark)",
    ),
    (
        "names in a model card: `base_model`, and code to copy",
        "no loader reads them; parler-tts has its users load a tokenizer by `text_encoder._name_or_path`",
    ),
    (
        "names inside of weights, pickles and archives: audiocraft's `state_dict.bin`, flair, `.nemo`",
        "they are in bytes that only the library's own code can read",
    ),
    (
        "names of a library: `resnet50` for timm, torchvision, `torch.hub`, open_clip, spaCy",
        "the installed version of the library decides which repo or address that is",
    ),
    ("`repo_or_path` of bark's voices", "`BarkProcessor.from_pretrained` puts the repo that it loads in its place"),
    (
        "`tokenizer_name_or_path` of prompt-tuning adapters, `train_args.json`, `training_args.bin`",
        "they are for training; PEFT loads with `inference_mode` on",
    ),
    (
        "repos of compiled kernels: `attn_implementation`, `kernel_config`",
        "what they hold is machine code; the scan reports them (`config-kernel`)",
    ),
    (
        "datasets: `dataset` of RAG, lists in model cards",
        "the loader of a model does not need them, or has its own index",
    ),
    ("addresses, absolute paths, folders", "they are not repos; the scan reports those that leave the repo"),
    ("YAML aliases of maps, and merged keys (`<<`)", "they are not expanded"),
];
