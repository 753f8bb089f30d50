//! Where the result of a conversion goes, and who finds it there: by the name of the source alone.
//!
//! Sources of the names, each `PICKLE -> SAFETENSORS`, and where the library says so:
//! - `pytorch_model.bin`, `pytorch_model.bin.index.json`: transformers, `utils/__init__.py` (`WEIGHTS_NAME`,
//!   `WEIGHTS_INDEX_NAME`, `SAFE_WEIGHTS_NAME`, `SAFE_WEIGHTS_INDEX_NAME`), and `_add_variant` of `modeling_utils.py`;
//!   sentence-transformers, `models/Dense.py`, and timm, `_hub.py` (`_get_safe_alternatives`), take the same names
//! - `diffusion_pytorch_model.bin`: diffusers, `utils/constants.py`
//! - `pytorch_lora_weights.bin`: diffusers, `loaders/lora_base.py` (`LORA_WEIGHT_NAME_SAFE`)
//! - `pytorch_custom_diffusion_weights.bin`, `learned_embeds.bin`: diffusers, `loaders/unet.py`,
//!   `loaders/textual_inversion.py` (`TEXT_INVERSION_NAME_SAFE`)
//! - `adapter_model.bin`: PEFT, `utils/constants.py` (`SAFETENSORS_WEIGHTS_NAME`)
//! - `open_clip_pytorch_model.bin`: open_clip, `pretrained.py` (`_get_safe_alternatives`)

use crate::RepoPath;

/// Who finds the result of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finder {
    /// The loader itself, which looks for the result before it looks for the source.
    Loader,
    /// A person who names the file to a program that takes either format: checkpoints of Stable Diffusion's UIs.
    Person,
    /// Nobody, as far as is known: a loader that opens the source by its name does not find the result.
    Nobody,
}

/// Where the result of a conversion goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversionTarget {
    /// The path of the result, beside its source.
    pub path: RepoPath,
    /// Who finds it there.
    pub finder: Finder,
}

/// One of several files that hold the weights together, as its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Its number.
    pub number: u32,
    /// How many there are.
    pub count: u32,
    /// The index that loaders find it by.
    pub index: RepoPath,
}

/// Names of weights, without their suffix, of which a loader finds the safetensors, and what those are called.
const FOUND: [(&str, &str); 7] = [
    ("pytorch_model", "model"),
    ("diffusion_pytorch_model", "diffusion_pytorch_model"),
    ("adapter_model", "adapter_model"),
    ("open_clip_pytorch_model", "open_clip_model"),
    ("pytorch_lora_weights", "pytorch_lora_weights"),
    ("pytorch_custom_diffusion_weights", "pytorch_custom_diffusion_weights"),
    ("learned_embeds", "learned_embeds"),
];

/// Variants of weights that loaders are asked for. Anything else between name and suffix is another model, as in
/// `pytorch_model.generator.bin`.
const VARIANTS: [&str; 9] = ["fp16", "bf16", "fp32", "fp8", "int8", "8bit", "4bit", "ema", "non_ema"];

/// How checkpoints begin that people choose by name in ComfyUI (`folder_paths.supported_pt_extensions`), A1111 and
/// `from_single_file` of diffusers, all of which take safetensors of any name.
const CHOSEN: [&str; 10] = [
    "control_",
    "control-",
    "controlnet",
    "t2iadapter_",
    "ip-adapter",
    "v1-5-",
    "v2-1_",
    "sd-v1-",
    "sd-v2-",
    "vae-ft-",
];

/// The end of an index of pickles, before `.json` or a variant.
const INDEX: &str = ".bin.index.";

/// Where the result of converting the file at `from` goes, and who finds it there; none where no result could take its
/// place. A shard has its target among those of its whole family, and so has their index.
///
/// ```
/// use modelpin_schema::lockfile::{Finder, conversion_target};
/// let of = |path: &str| conversion_target(&path.parse().unwrap());
/// let found = of("unet/diffusion_pytorch_model.bin").unwrap();
/// assert_eq!((found.path.as_str(), found.finder), ("unet/diffusion_pytorch_model.safetensors", Finder::Loader));
/// assert_eq!(of("colbert_linear.pt").unwrap().finder, Finder::Nobody);
/// assert_eq!(of("config.json"), None);
/// ```
#[must_use]
pub fn conversion_target(from: &RepoPath) -> Option<ConversionTarget> {
    let (folder, name) = split(from)?;
    let to = |name: &str, finder| Some(ConversionTarget { path: format!("{folder}{name}").parse().ok()?, finder });
    if let Some((head, variant)) = index_parts(name) {
        let finder = finder(head, variant.unwrap_or_default());
        let variant = variant.map(|variant| format!("{variant}.")).unwrap_or_default();
        return to(&format!("{}.safetensors.index.{variant}json", renamed(head)), finder);
    }
    let (stem, suffix) = name.rsplit_once('.').filter(|(_, suffix)| ["bin", "pt", "pth", "ckpt"].contains(suffix))?;
    if let Some(parts) = shard_parts(stem) {
        // Other shards than those of transformers and diffusers have no index that a loader would look for.
        (suffix == "bin").then_some(())?;
        let ShardParts { head, variant, separator, numbers, end } = parts;
        let between = if variant.is_empty() { String::new() } else { format!(".{variant}") };
        let finder = finder(head, if variant.is_empty() { end } else { variant });
        let end = if end.is_empty() { String::new() } else { format!(".{end}") };
        return to(&format!("{}{between}{separator}{numbers}{end}.safetensors", renamed(head)), finder);
    }
    let (head, variant) = head(stem);
    let finder = match finder(head, variant) {
        Finder::Loader if suffix == "bin" => Finder::Loader,
        _ if CHOSEN.iter().any(|start| name.starts_with(start)) => Finder::Person,
        _ => Finder::Nobody,
    };
    let variant = if variant.is_empty() { String::new() } else { format!(".{variant}") };
    to(&format!("{}{variant}.safetensors", renamed(head)), finder)
}

/// What the name at `path` says of a family of shards; none where it is none of one.
///
/// ```
/// use modelpin_schema::lockfile::shard;
/// let found = shard(&"pytorch_model-00001-of-00002.bin".parse().unwrap()).unwrap();
/// assert_eq!((found.number, found.count, found.index.as_str()), (1, 2, "pytorch_model.bin.index.json"));
/// ```
#[must_use]
pub fn shard(path: &RepoPath) -> Option<Shard> {
    let (folder, name) = split(path)?;
    let ShardParts { head, variant, numbers, end, .. } = shard_parts(name.strip_suffix(".bin")?)?;
    let (number, count) = numbers.split_once("-of-")?;
    let variant = if variant.is_empty() { end } else { variant };
    let variant = if variant.is_empty() { String::new() } else { format!("{variant}.") };
    let index = format!("{folder}{head}{INDEX}{variant}json").parse().ok()?;
    Some(Shard { number: number.parse().ok()?, count: count.parse().ok()?, index })
}

/// Whether the file at `path` is named like the index of a family of shards that are pickles.
#[must_use]
pub fn is_index(path: &RepoPath) -> bool {
    index_parts(path.file_name()).is_some()
}

/// The family that the file at `path` belongs to, by the path of its index: what is converted together or not at all.
#[must_use]
pub fn family(path: &RepoPath) -> Option<RepoPath> {
    if is_index(path) { Some(path.clone()) } else { shard(path).map(|shard| shard.index) }
}

/// Where the result of converting the file at `from` goes; see [`conversion_target`].
#[must_use]
pub fn result_path(from: &RepoPath) -> Option<RepoPath> {
    conversion_target(from).map(|target| target.path)
}

/// The folder, with its slash, and the name.
fn split(path: &RepoPath) -> Option<(&str, &str)> {
    let name = path.file_name();
    path.as_str().strip_suffix(name).map(|folder| (folder, name))
}

/// Name and variant of an index: `pytorch_model.bin.index.fp16.json` is that of `pytorch_model` and `fp16`.
fn index_parts(name: &str) -> Option<(&str, Option<&str>)> {
    let (head, rest) = name.split_once(INDEX).filter(|(head, _)| !head.is_empty())?;
    match rest.strip_suffix("json")? {
        "" => Some((head, None)),
        variant => Some((head, Some(variant.strip_suffix('.').filter(|word| is_variant(word))?))),
    }
}

/// The parts of the name of a shard.
struct ShardParts<'a> {
    head: &'a str,
    variant: &'a str,
    /// What stands between name and number: a hyphen, or an underscore as in bloom.
    separator: &'a str,
    /// As in `00001-of-00002`.
    numbers: &'a str,
    /// A variant behind the numbers.
    end: &'a str,
}

fn shard_parts(stem: &str) -> Option<ShardParts<'_>> {
    let (before, after) = stem.rsplit_once("-of-")?;
    let (count, end) = after.split_once('.').unwrap_or((after, ""));
    let at = before.rfind(['-', '_'])?;
    let (name, number) = before.split_at_checked(at)?;
    let (separator, number) = number.split_at_checked(1)?;
    let is_number = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(number) || !is_number(count) || name.is_empty() || !(end.is_empty() || is_variant(end)) {
        return None;
    }
    let numbers = stem.get(at.checked_add(1)?..before.len().checked_add(4)?.checked_add(count.len())?)?;
    let (head, variant) = head(name);
    Some(ShardParts { head, variant, separator, numbers, end })
}

/// Name and variant of weights; where the name is none that a loader knows, a dot in it may be anything.
fn head(stem: &str) -> (&str, &str) {
    match stem.split_once('.') {
        Some((head, variant)) if FOUND.iter().any(|(name, _)| *name == head) && !variant.is_empty() => (head, variant),
        _ => (stem, ""),
    }
}

fn is_variant(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn renamed(head: &str) -> &str {
    FOUND.iter().find(|(name, _)| *name == head).map_or(head, |(_, renamed)| renamed)
}

/// Who finds weights of that name and variant, if they are named `.bin`.
fn finder(head: &str, variant: &str) -> Finder {
    let is_known = FOUND.iter().any(|(name, _)| *name == head) && (variant.is_empty() || VARIANTS.contains(&variant));
    if is_known { Finder::Loader } else { Finder::Nobody }
}

#[cfg(test)]
mod tests {
    use super::{Finder, conversion_target, family, result_path, shard};

    #[test]
    fn a_result_has_the_name_that_loaders_look_for() {
        let cases = [
            ("pytorch_model.bin", Some(("model.safetensors", Finder::Loader))),
            ("pytorch_model.fp16.bin", Some(("model.fp16.safetensors", Finder::Loader))),
            ("pytorch_model.generator.bin", Some(("model.generator.safetensors", Finder::Nobody))),
            ("2_Dense/pytorch_model.bin", Some(("2_Dense/model.safetensors", Finder::Loader))),
            ("adapter_model.bin", Some(("adapter_model.safetensors", Finder::Loader))),
            ("unet/diffusion_pytorch_model.bin", Some(("unet/diffusion_pytorch_model.safetensors", Finder::Loader))),
            ("open_clip_pytorch_model.bin", Some(("open_clip_model.safetensors", Finder::Loader))),
            ("pytorch_lora_weights.bin", Some(("pytorch_lora_weights.safetensors", Finder::Loader))),
            ("learned_embeds.bin", Some(("learned_embeds.safetensors", Finder::Loader))),
            ("pytorch_model.pt", Some(("model.safetensors", Finder::Nobody))),
            ("pytorch_model_2.bin", Some(("pytorch_model_2.safetensors", Finder::Nobody))),
            ("control_v11p_sd15_canny.pth", Some(("control_v11p_sd15_canny.safetensors", Finder::Person))),
            ("a/v1-5-pruned.ckpt", Some(("a/v1-5-pruned.safetensors", Finder::Person))),
            ("embedding_model.ckpt", Some(("embedding_model.safetensors", Finder::Nobody))),
            ("colbert_linear.pt", Some(("colbert_linear.safetensors", Finder::Nobody))),
            ("voices/af_heart.pt", Some(("voices/af_heart.safetensors", Finder::Nobody))),
            ("a/v1.5.ckpt", Some(("a/v1.5.safetensors", Finder::Nobody))),
            ("x.pkl", None),
            ("x.BIN", None),
            ("bin", None),
            (".bin", Some((".safetensors", Finder::Nobody))),
            ("pytorch_model-00001-of-00002.bin", Some(("model-00001-of-00002.safetensors", Finder::Loader))),
            ("pytorch_model.fp16-1-of-2.bin", Some(("model.fp16-1-of-2.safetensors", Finder::Loader))),
            ("pytorch_model-1-of-2.fp16.bin", Some(("model-1-of-2.fp16.safetensors", Finder::Loader))),
            ("pytorch_model_00001-of-00072.bin", Some(("model_00001-of-00072.safetensors", Finder::Loader))),
            ("llama-2.1-00001-of-00002.bin", Some(("llama-2.1-00001-of-00002.safetensors", Finder::Nobody))),
            ("model-1-of-2.pth", None),
            ("pytorch_model.bin.index.json", Some(("model.safetensors.index.json", Finder::Loader))),
            ("a/pytorch_model.bin.index.fp16.json", Some(("a/model.safetensors.index.fp16.json", Finder::Loader))),
            ("model.safetensors.index.json", None),
            (".bin.index.json", None),
        ];
        for (from, result) in cases {
            let got = conversion_target(&from.parse().unwrap());
            let got = got.as_ref().map(|target| (target.path.as_str(), target.finder));
            assert_eq!(got, result, "{from}");
        }
    }

    #[test]
    fn shards_know_their_index() {
        for (path, index) in [
            ("pytorch_model-00001-of-00002.bin", Some("pytorch_model.bin.index.json")),
            ("a/pytorch_model_00072-of-00072.bin", Some("a/pytorch_model.bin.index.json")),
            ("pytorch_model.fp16-00001-of-00002.bin", Some("pytorch_model.bin.index.fp16.json")),
            ("pytorch_model-00001-of-00002.fp16.bin", Some("pytorch_model.bin.index.fp16.json")),
            ("llama-2.1-00001-of-00002.bin", Some("llama-2.1.bin.index.json")),
            ("pytorch_model.bin.index.json", Some("pytorch_model.bin.index.json")),
            ("pytorch_model.bin", None),
            ("one-of-us.bin", None),
            ("best-1-of-a-kind.bin", None),
            ("1-of-2.bin", None),
            ("a-1-of-.bin", None),
            ("a-9999999999-of-9999999999.bin", None),
            ("model-00001-of-00002.pth", None),
        ] {
            let got = family(&path.parse().unwrap());
            assert_eq!(got.as_ref().map(crate::RepoPath::as_str), index, "{path}");
        }
        let first = shard(&"pytorch_model-00001-of-00002.bin".parse().unwrap()).unwrap();
        assert_eq!((first.number, first.count), (1, 2));
    }

    /// Two sources never have one result, unless their stems differ in the suffix or the renaming alone.
    #[test]
    fn no_shard_takes_the_place_of_another() {
        let of = |path: &str| result_path(&path.parse().unwrap()).unwrap();
        assert_ne!(of("pytorch_model-00001-of-00002.bin"), of("pytorch_model_00001-of-00002.bin"));
        assert_ne!(of("pytorch_model.fp16-1-of-2.bin"), of("pytorch_model-1-of-2.fp16.bin"));
    }
}
