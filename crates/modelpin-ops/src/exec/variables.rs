//! Every documented cache, token, mirror, endpoint and offline variable of the loaders.
//!
//! `tests/it/exec_variables.rs` compares it with the sources of the libraries that can be installed. Those of vLLM,
//! llama.cpp, torch and the Rust crate hf-hub were read: `vllm/envs.py`, the list of arguments of `llama-server`,
//! `torch/hub.py`, `src/lib.rs`.

use Value::{Below, Folders, Home, Hub, Kept, Modules, Text, Unset};

/// One variable that a loader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What a program finds in it.
    pub value: Value,
    /// Who reads it.
    pub loaders: &'static str,
    /// Why it is set, unset or left.
    pub why: &'static str,
}

/// What a program finds in a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The folder that takes the place of `~/.cache/huggingface`.
    Home,
    /// The Hugging Face cache with the pinned repos.
    Hub,
    /// The folder of plain folders; where the target is a Hugging Face cache, it is unset.
    Folders,
    /// A folder below the home for copies of code, called by the digest of all code that the lock has.
    Modules,
    /// A folder below the home.
    Below(&'static str),
    /// This text.
    Text(&'static str),
    /// Nothing: it is taken away.
    Unset,
    /// Whatever stands there already.
    Kept,
}

const HUB: &str = "huggingface_hub";
const EVERYONE: &str = "huggingface_hub, hf-hub, transformers, datasets, diffusers, vLLM";
const DATASETS: &str = "datasets";
const EVALUATE: &str = "evaluate";
const TRANSFORMERS: &str = "transformers";
const DIFFUSERS: &str = "diffusers";
const KERNELS: &str = "kernels";
const TORCH: &str = "torch.hub";
const VLLM: &str = "vLLM";
const MODELSCOPE: &str = "modelscope";
const LLAMA: &str = "llama.cpp";

const ELSEWHERE: &str = "It would lead to files that nobody pinned.";
const SECRET: &str = "A token has no use offline.";
const IN_HOME: &str = "Without it, the folder is below `HF_HOME`.";
const NAMED: &str = "Names a file, as an argument of the command does.";
const COMPILED: &str = "Holds what was compiled here from the program's own libraries, no files of a repo.";

/// The variables.
pub const TABLE: &[Variable] = &[
    // Where things are.
    variable("HF_HOME", Home, EVERYONE, "A folder of its own, empty but for `hub`, which is the target."),
    variable("HF_HUB_CACHE", Hub, EVERYONE, "The target."),
    variable("MODELPIN_MODELS", Folders, "programs", "The target, where it is plain folders."),
    variable(
        "HF_MODULES_CACHE",
        Modules,
        "transformers, datasets, diffusers",
        "Copies of code are imported from there.",
    ),
    variable("HF_DATASETS_CACHE", Below("datasets"), DATASETS, "Rows that were built before are taken from there."),
    variable("HF_EVALUATE_CACHE", Below("evaluate"), EVALUATE, "Files that were fetched before are taken from there."),
    variable(
        "HF_METRICS_CACHE",
        Below("metrics"),
        "datasets, evaluate",
        "Code that was fetched before is taken from there.",
    ),
    variable(
        "TORCH_HOME",
        Below("torch"),
        "torch.hub, timm, sentence-transformers",
        "Weights that were fetched before are taken from there.",
    ),
    variable("LLAMA_CACHE", Below("llama.cpp"), LLAMA, "Files that were fetched before are taken from there."),
    // Nobody asks a Hub.
    variable("HF_HUB_OFFLINE", Text("1"), HUB, "Nothing is fetched."),
    variable("TRANSFORMERS_OFFLINE", Text("1"), TRANSFORMERS, "Nothing is fetched."),
    variable("HF_DATASETS_OFFLINE", Text("1"), DATASETS, "Nothing is fetched."),
    variable("HF_EVALUATE_OFFLINE", Text("1"), EVALUATE, "Nothing is fetched."),
    variable("LLAMA_ARG_OFFLINE", Text("1"), LLAMA, "Nothing is fetched."),
    variable("LLAMA_OFFLINE", Text("1"), LLAMA, "The older name of `LLAMA_ARG_OFFLINE`."),
    variable("HF_HUB_DISABLE_TELEMETRY", Text("1"), HUB, "Nothing is told."),
    variable("HF_HUB_DISABLE_IMPLICIT_TOKEN", Text("1"), HUB, SECRET),
    variable(
        "HF_ENDPOINT",
        Text("http://127.0.0.1:9"),
        EVERYONE,
        "No server runs there: a repo that is not pinned is an error also for loaders without an offline switch, \
         such as hf-hub.",
    ),
    // Other caches of the same files, and older names for them.
    variable("HUGGINGFACE_HUB_CACHE", Unset, HUB, ELSEWHERE),
    variable("HF_ASSETS_CACHE", Unset, HUB, IN_HOME),
    variable("HUGGINGFACE_ASSETS_CACHE", Unset, HUB, IN_HOME),
    variable("HF_XET_CACHE", Unset, "huggingface_hub, hf-xet", IN_HOME),
    variable("TRANSFORMERS_CACHE", Unset, TRANSFORMERS, ELSEWHERE),
    variable("PYTORCH_TRANSFORMERS_CACHE", Unset, TRANSFORMERS, ELSEWHERE),
    variable("PYTORCH_PRETRAINED_BERT_CACHE", Unset, TRANSFORMERS, ELSEWHERE),
    variable("TRANSFORMERS_DYNAMIC_MODULE_NAME", Unset, TRANSFORMERS, "It would give the copies of code another name."),
    variable("DIFFUSERS_CACHE", Unset, DIFFUSERS, ELSEWHERE),
    variable("SENTENCE_TRANSFORMERS_HOME", Unset, "sentence-transformers", ELSEWHERE),
    variable("HF_DATASETS_DOWNLOADED_DATASETS_PATH", Unset, DATASETS, ELSEWHERE),
    variable("HF_DATASETS_EXTRACTED_DATASETS_PATH", Unset, DATASETS, ELSEWHERE),
    variable("HF_DATASETS_DOWNLOADED_EVALUATE_PATH", Unset, EVALUATE, ELSEWHERE),
    variable("HF_DATASETS_EXTRACTED_EVALUATE_PATH", Unset, EVALUATE, ELSEWHERE),
    variable("TORCH_HUB", Unset, TORCH, ELSEWHERE),
    variable("TORCH_MODEL_ZOO", Unset, "torch, timm", ELSEWHERE),
    variable("TIMM_USE_OLD_CACHE", Unset, "timm", ELSEWHERE),
    variable("KERNELS_CACHE", Unset, KERNELS, ELSEWHERE),
    variable("HF_KERNELS_CACHE", Unset, KERNELS, ELSEWHERE),
    variable("LOCAL_KERNELS", Unset, KERNELS, "It would put a folder in the place of a repo of compiled code."),
    // Tokens.
    variable("HF_TOKEN", Unset, EVERYONE, SECRET),
    variable("HF_TOKEN_PATH", Unset, HUB, SECRET),
    variable("HF_STORED_TOKENS_PATH", Unset, HUB, SECRET),
    variable("HF_OIDC_ID_TOKEN", Unset, HUB, SECRET),
    variable("HF_OIDC_RESOURCE", Unset, HUB, SECRET),
    variable("HUGGING_FACE_HUB_TOKEN", Unset, HUB, SECRET),
    variable("HUGGINGFACE_HUB_TOKEN", Unset, "older programs", SECRET),
    variable("HUGGINGFACE_TOKEN", Unset, "older programs", SECRET),
    variable("HUGGINGFACEHUB_API_TOKEN", Unset, "older programs", SECRET),
    variable("HF_HUB_READ_TOKEN", Unset, TRANSFORMERS, SECRET),
    variable("HF_API_TOKEN", Unset, "older programs", SECRET),
    variable("HF_API_KEY", Unset, "older programs", SECRET),
    variable("HF_ACCESS_TOKEN", Unset, "older programs", SECRET),
    variable("HUGGINGFACE_API_KEY", Unset, "older programs", SECRET),
    variable("HUGGINGFACE_API_TOKEN", Unset, "older programs", SECRET),
    variable("HUGGINGFACEHUB_API_KEY", Unset, "older programs", SECRET),
    // Other Hubs.
    variable("HUGGINGFACE_CO_RESOLVE_ENDPOINT", Unset, TRANSFORMERS, "An older name of `HF_ENDPOINT`."),
    variable("HF_INFERENCE_ENDPOINT", Unset, HUB, "It would lead to models that nobody pinned."),
    variable(
        "HUGGINGFACE_CO_STAGING",
        Unset,
        "huggingface_hub, transformers",
        "It would switch to another Hub, with another cache.",
    ),
    variable("VLLM_USE_MODELSCOPE", Unset, VLLM, "It would switch to another Hub, with another cache."),
    variable(
        "VLLM_MODEL_REDIRECT_PATH",
        Unset,
        VLLM,
        "It would put other models in the place of those that are named.",
    ),
    variable("VLLM_LORA_RESOLVER_CACHE_DIR", Unset, VLLM, ELSEWHERE),
    variable("VLLM_LORA_RESOLVER_HF_REPO_LIST", Unset, VLLM, ELSEWHERE),
    variable("MODELSCOPE_CACHE", Unset, MODELSCOPE, ELSEWHERE),
    variable("MODELSCOPE_MODULES_CACHE", Unset, MODELSCOPE, ELSEWHERE),
    variable("MODELSCOPE_DOMAIN", Unset, MODELSCOPE, ELSEWHERE),
    variable("MODELSCOPE_API_TOKEN", Unset, MODELSCOPE, SECRET),
    variable("MODEL_ENDPOINT", Unset, LLAMA, "It would win over `HF_ENDPOINT`."),
    variable("LLAMA_ARG_HF_REPO", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_HF_FILE", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_HF_REPO_V", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_HF_FILE_V", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_HFD_REPO", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_MODEL_URL", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_MMPROJ_URL", Unset, LLAMA, ELSEWHERE),
    variable("LLAMA_ARG_MODELS_DIR", Unset, LLAMA, "The server would offer every file of a folder that nobody pinned."),
    variable("LLAMA_ARG_MODELS_PRESET", Unset, LLAMA, "It would name models, and what they are loaded with."),
    variable("LLAMA_ARG_DOCKER_REPO", Unset, LLAMA, ELSEWHERE),
    // Trust that nobody gave to these bytes.
    variable("HF_DATASETS_TRUST_REMOTE_CODE", Unset, DATASETS, "It would run code without a decision about it."),
    variable("TRUST_REMOTE_CODE", Unset, TRANSFORMERS, "It would unpickle an index without a decision about it."),
    variable("DIFFUSERS_TRUST_REMOTE_KERNELS", Unset, DIFFUSERS, "It would run code without a decision about it."),
    // Read by loaders, and left.
    variable("XDG_CACHE_HOME", Kept, "every program", "What loaders keep below it has a variable above."),
    variable(
        "GITHUB_TOKEN",
        Kept,
        TORCH,
        "Programs have other uses for it; torch.hub asks GitHub only for what a program names.",
    ),
    variable("LLAMA_ARG_MODEL", Kept, LLAMA, NAMED),
    variable("LLAMA_ARG_MODEL_DRAFT", Kept, LLAMA, NAMED),
    variable("LLAMA_ARG_MMPROJ", Kept, LLAMA, NAMED),
    variable("LLAMA_ARG_LORA", Kept, LLAMA, NAMED),
    variable("VLLM_CACHE_ROOT", Kept, VLLM, COMPILED),
    variable("VLLM_XLA_CACHE_PATH", Kept, VLLM, COMPILED),
    variable("VLLM_ASSETS_CACHE", Kept, VLLM, "Images and audio files for its own tests."),
    variable("VLLM_CONFIG_ROOT", Kept, VLLM, "Settings of the person's own."),
    variable("HF_UPDATE_DOWNLOAD_COUNTS", Kept, DATASETS, "Offline, nothing is counted."),
];

const fn variable(name: &'static str, value: Value, loaders: &'static str, why: &'static str) -> Variable {
    Variable { name, value, loaders, why }
}
