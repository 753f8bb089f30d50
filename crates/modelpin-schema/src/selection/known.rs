//! Names that libraries give to weights: what is read, and in which order. One row a name, each with its source.

/// A name under which a loader finds weights without being told: stem and extension, the best first.
///
/// - `model.safetensors`, `pytorch_model.bin`, `tf_model.h5`, `flax_model.msgpack`: transformers, `utils/__init__.py`,
///   tried in the order of `modeling_utils.py` (`_get_resolved_checkpoint_files`)
/// - `diffusion_pytorch_model`, `diffusion_flax_model`: diffusers, `utils/constants.py`
/// - `open_clip_…`: open_clip, `constants.py`
/// - `adapter_model`: peft, `utils/constants.py`; `pytorch_lora_weights`: diffusers, `loaders/lora_base.py`
const MAINS: &[(&str, &str)] = &[
    ("model", "safetensors"),
    ("diffusion_pytorch_model", "safetensors"),
    ("open_clip_model", "safetensors"),
    ("pytorch_model", "bin"),
    ("diffusion_pytorch_model", "bin"),
    ("open_clip_pytorch_model", "bin"),
    ("tf_model", "h5"),
    ("flax_model", "msgpack"),
    ("diffusion_flax_model", "msgpack"),
    ("adapter_model", "safetensors"),
    ("adapter_model", "bin"),
    ("pytorch_lora_weights", "safetensors"),
    ("pytorch_lora_weights", "bin"),
];

const SAFETENSORS: usize = 3;
const TORCH: usize = 6;
const TENSORFLOW: usize = 7;
const WHOLE_MODELS: usize = 9;

/// The place of a name among those; plain weights before all variants of the same format.
pub(super) fn main_rank(stem: &str, extension: &str, variant: &str) -> Option<usize> {
    let row = MAINS.iter().position(|row| *row == (stem, extension))?;
    Some(row * 2 + usize::from(!variant.is_empty()))
}

/// Whether the weights of that rank are a model, and not an adapter for one.
pub(super) fn is_whole_model(rank: usize) -> bool {
    rank / 2 < WHOLE_MODELS
}

/// The format of the weights of a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Format {
    Safetensors,
    Torch,
    Tensorflow,
    Flax,
}

pub(super) fn format(rank: usize) -> Format {
    match rank / 2 {
        row if row < SAFETENSORS => Format::Safetensors,
        row if row < TORCH => Format::Torch,
        row if row < TENSORFLOW => Format::Tensorflow,
        _ => Format::Flax,
    }
}

/// Whether shards of that stem are found through their index alone, as transformers, diffusers and peft do it.
pub(super) fn needs_index(stem: &str) -> bool {
    MAINS.iter().any(|(known, _)| *known == stem)
}

/// Pickles whose twin in safetensors has another stem: transformers (`WEIGHTS_NAME`, `SAFE_WEIGHTS_NAME`), open_clip and
/// timm (`_get_safe_alternatives`). Their loaders look for a twin under no other name.
const PAIRS: &[(&str, &str)] = &[("pytorch_model", "model"), ("open_clip_pytorch_model", "open_clip_model")];

/// The stem that the safetensors twin of a pickle has.
pub(super) fn twin(stem: &str) -> &str {
    PAIRS.iter().find(|(pickle, _)| *pickle == stem).map_or(stem, |(_, twin)| twin)
}
