//! Parts that a loader fetches from other repositories: tokenizers, backbones, towers, components of pipelines.
//!
//! What is not fetched is not a reference, whatever its key is called. `_name_or_path` tells where something came from.
//! `BarkProcessor.from_pretrained` puts the repository that it loads in the place of `repo_or_path`. The
//! `tokenizer_name_or_path` of prompt-tuning adapters is for training (`PromptEmbedding` of PEFT, where
//! `inference_mode` is off), and PEFT loads with it on.
//!
//! A name without an owner is a repository where a loader hands it to `from_pretrained` as it is (`bert-base-uncased`).
//! Backbones and towers are names of a library first (`resnet50`), so those need an owner to be one.

use super::context::Walk;
use crate::documents::json::Json;
use modelpin_schema::lockfile::Role;

/// Keys of what LLaVA and its kin see with, each with the one that counts where it is not there (`build_vision_tower`,
/// `build_image_tower`, `build_video_tower`).
const TOWERS: [(&str, &str); 3] =
    [("mm_vision_tower", "vision_tower"), ("mm_image_tower", "image_tower"), ("mm_video_tower", "video_tower")];

/// Documents that are recognized by their name.
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) {
    match walk.base {
        "modular_model_index.json" => modular(json, walk),
        "open_clip_config.json" => open_clip(json, walk),
        base if base.starts_with("sentence_") && base.ends_with("_config.json") => sentence(json, walk),
        _ => {}
    }
}

/// The index of a modular pipeline of diffusers: library, class, and where the component is loaded from
/// (`ModularPipeline.__init__`, which takes lists of three only; `ComponentSpec`, whose key was `repo` at first).
fn modular(json: &Json, walk: &mut Walk<'_, '_>) {
    for (_, triple) in json.entries() {
        let [_, _, place] = triple.items() else { continue };
        let text = |key| text(place, key);
        if let Some(repo) = text("pretrained_model_name_or_path").or_else(|| text("repo")).filter(owned) {
            walk.refers(Role::Component, repo, text("revision"));
        }
    }
}

/// The text model and its tokenizer (`HFTextEncoder` and `get_tokenizer` of open_clip).
fn open_clip(json: &Json, walk: &mut Walk<'_, '_>) {
    let Some(tower) = json.get("model_cfg").unwrap_or(json).get("text_cfg") else { return };
    for (key, role) in [("hf_model_name", Role::Component), ("hf_tokenizer_name", Role::Tokenizer)] {
        if let Some(repo) = text(tower, key) {
            walk.refers(role, repo, None);
        }
    }
}

/// The configuration of a module (`Transformer.load_config` of sentence-transformers). It is passed on to
/// `AutoProcessor`; `processor_name` is what `CLIPModel` calls it.
fn sentence(json: &Json, walk: &mut Walk<'_, '_>) {
    for repo in ["tokenizer_name_or_path", "processor_name"].iter().filter_map(|key| text(json, key)) {
        walk.refers(Role::Tokenizer, repo, None);
    }
}

/// Objects in which keys name together what a model is built of.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    let has = |key| json.get(key).is_some_and(|value| value != &Json::Null);
    // Where no configuration of the backbone is given, the named repository is asked for one, whatever
    // `use_pretrained_backbone` says (`consolidate_backbone_kwargs_to_config` of transformers 5); older versions take
    // the weights from there as well (`load_backbone`).
    let is_model = has("model_type") || has("use_timm_backbone") || has("use_pretrained_backbone");
    if let Some(backbone) = text(json, "backbone").filter(|_| is_model && !has("backbone_config")) {
        let (repo, revision) = hub_of_timm(backbone).unwrap_or((backbone, None));
        if owned(&repo) {
            walk.refers(Role::Component, repo, revision);
        }
    }
    for (repo, revision) in ["architecture", "timm_model_name"].iter().filter_map(|key| hub_of_timm(text(json, key)?)) {
        walk.refers(Role::Component, repo, revision);
    }
    if walk.base == "config.json" {
        let towers = TOWERS.iter().filter_map(|(first, second)| text(json, first).or_else(|| text(json, second)));
        for repo in towers.filter(owned) {
            walk.refers(Role::Component, repo, None);
        }
    }
}

/// The repository, and the revision where there is one, that timm takes a model from (`parse_model_name`).
fn hub_of_timm(name: &str) -> Option<(&str, Option<&str>)> {
    let place = name.strip_prefix("hf-hub:").or_else(|| name.strip_prefix("hf_hub:"))?;
    Some(place.split_once('@').map_or((place, None), |(repo, revision)| (repo, Some(revision))))
}

/// Whether a name says whose it is.
pub(super) fn owned(name: &&str) -> bool {
    name.contains('/')
}

fn text<'j>(json: &'j Json, key: &str) -> Option<&'j str> {
    json.get(key).and_then(Json::text)
}
