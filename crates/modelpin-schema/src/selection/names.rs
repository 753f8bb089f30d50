//! What the name of a weight file says: `stem[.variant][-00001-of-00002].ext`, and the index of its shards.
//!
//! Names are compared as they are: a loader looks for `model.safetensors`, and would not find `Model.safetensors`.

/// The parts of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WeightName<'a> {
    /// Without folder, variant, shard and extension.
    pub(super) stem: &'a str,
    pub(super) extension: &'a str,
    /// Empty for the plain weights.
    pub(super) variant: &'a str,
    pub(super) part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Shard {
        number: u32,
        total: u32,
    },
    /// The JSON file that says which shard holds which tensor.
    Index,
}

/// The formats whose files have twins, variants, shards and indexes.
const EXTENSIONS: &[&str] = &["safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack"];

/// Files that `torch.load` reads.
pub(super) const TORCH: &[&str] = &["bin", "pt", "pth", "ckpt"];

impl<'a> WeightName<'a> {
    /// The parts of a file's name; none where it has not the form of weights.
    pub(super) fn of(name: &'a str) -> Option<Self> {
        if let Some(rest) = name.strip_suffix(".json") {
            return Self::of_index(rest);
        }
        let (body, extension) = split_extension(name)?;
        let (body, shard) = strip_shard(body);
        let (body, variant) = strip_variant(body);
        // diffusers wrote `X-00001-of-00002.fp16.safetensors` before it wrote `X.fp16-00001-of-00002.safetensors`
        // (`utils/hub_utils.py`, `_add_variant` and the `deprecated` names beside it).
        let (stem, shard) = if shard.is_none() { strip_shard(body) } else { (body, shard) };
        let part = shard.map_or(Part::Whole, |(number, total)| Part::Shard { number, total });
        (!stem.is_empty()).then_some(Self { stem, extension, variant, part })
    }

    /// `model.safetensors.index`, `model.safetensors.index.fp32`, `model.fp32.safetensors.index`.
    fn of_index(rest: &'a str) -> Option<Self> {
        let (of, after) = match rest.strip_suffix(".index") {
            Some(of) => (of, ""),
            None => {
                let (of, variant) = rest.rsplit_once('.')?;
                (of.strip_suffix(".index").filter(|_| is_variant(variant))?, variant)
            }
        };
        let (body, extension) = split_extension(of)?;
        let (stem, variant) = if after.is_empty() { strip_variant(body) } else { (body, after) };
        (!stem.is_empty()).then_some(Self { stem, extension, variant, part: Part::Index })
    }
}

fn split_extension(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(_, extension)| EXTENSIONS.contains(extension))
}

fn strip_variant(body: &str) -> (&str, &str) {
    match body.rsplit_once('.') {
        Some((stem, variant)) if is_variant(variant) => (stem, variant),
        _ => (body, ""),
    }
}

/// Whether a word between dots tells a precision, or a moment of the training. Any word could be the `variant` of
/// transformers and diffusers, but only these say that the weights are the same: `adapter.fra.safetensors` and
/// `pytorch_model.generator.bin` are no variants.
pub(super) fn is_variant(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "fp64",
        "fp32",
        "fp16",
        "fp8",
        "fp4",
        "bf16",
        "f32",
        "f16",
        "float32",
        "float16",
        "bfloat16",
        "half",
        "int8",
        "int4",
        "nf4",
        "8bit",
        "4bit",
        "fp8_e4m3fn",
        "fp8_e5m2",
        "fp8_scaled",
        "ema",
        "non_ema",
        "no_ema",
        "ema_only",
    ];
    WORDS.contains(&word)
}

/// `X-00001-of-00002` as `X` and its numbers. BLOOM's have `_` before the number, and some begin at 0.
pub(super) fn strip_shard(body: &str) -> (&str, Option<(u32, u32)>) {
    let numbered = || {
        let (rest, total) = trailing_number(body)?;
        let rest = rest.strip_suffix("-of-").or_else(|| rest.strip_suffix("_of_"))?;
        let (rest, number) = trailing_number(rest)?;
        let stem = rest.strip_suffix(['-', '_', '.'])?;
        Some((stem, (number, total)))
    };
    numbered().map_or((body, None), |(stem, numbers)| (stem, Some(numbers)))
}

fn trailing_number(text: &str) -> Option<(&str, u32)> {
    let rest = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.get(rest.len()..)?;
    if digits.len() > 6 { None } else { Some((rest, digits.parse().ok()?)) }
}

#[cfg(test)]
mod tests {
    use super::{Part, WeightName};

    fn of(name: &str) -> String {
        match WeightName::of(name) {
            None => "none".to_owned(),
            Some(WeightName { stem, extension, variant, part }) => {
                let part = match part {
                    Part::Whole => "whole".to_owned(),
                    Part::Shard { number, total } => format!("{number}/{total}"),
                    Part::Index => "index".to_owned(),
                };
                format!("{stem} {extension} [{variant}] {part}")
            }
        }
    }

    #[test]
    fn a_name_is_split_into_stem_variant_and_shard() {
        let rows = [
            ("model.safetensors", "model safetensors [] whole"),
            ("model-00001-of-00002.safetensors", "model safetensors [] 1/2"),
            ("pytorch_model_00001-of-00072.bin", "pytorch_model bin [] 1/72"),
            ("model.fp32-00001-of-00002.safetensors", "model safetensors [fp32] 1/2"),
            ("model-00001-of-00002.fp16.safetensors", "model safetensors [fp16] 1/2"),
            ("model.safetensors.index.json", "model safetensors [] index"),
            ("pytorch_model.bin.index.fp32.json", "pytorch_model bin [fp32] index"),
            ("model.fp16.safetensors.index.json", "model safetensors [fp16] index"),
            ("diffusion_pytorch_model.non_ema.bin", "diffusion_pytorch_model bin [non_ema] whole"),
            ("pytorch_model.generator.bin", "pytorch_model.generator bin [] whole"),
            ("sd_xl_base_1.0.safetensors", "sd_xl_base_1.0 safetensors [] whole"),
            ("adapter.fra.safetensors", "adapter.fra safetensors [] whole"),
            ("config.json", "none"),
            (".safetensors", "none"),
            ("model.SAFETENSORS", "none"),
            ("a-1-of-99999999999.bin", "a-1-of-99999999999 bin [] whole"),
            ("-00001-of-00002.bin", "none"),
            ("é-00001-of-00002.bin", "é bin [] 1/2"),
        ];
        for (name, expected) in rows {
            assert_eq!(of(name), expected, "{name}");
        }
    }
}
