//! Parts that a loader fetches from other repositories: tokenizers, backbones, components of pipelines.

use super::walk::Walk;
use crate::json::Json;
use modelpin_schema::lockfile::Role;

/// A value under a key that names a repository, by itself. Many configurations carry `_name_or_path`, which tells where
/// something came from and is not fetched.
pub(super) fn entry(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    let Some(repo) = value.text() else { return };
    match key {
        // Passed on to `AutoTokenizer` by the Transformer module of sentence-transformers. The key of prompt-tuning
        // adapters is for training.
        "tokenizer_name_or_path" if walk.base != "adapter_config.json" => walk.refers(Role::Tokenizer, repo, None),
        // Where BarkProcessor fetches the embeddings of speakers.
        "repo_or_path" => walk.refers(Role::Processor, repo, None),
        // LLaVA builds its tower of vision from that repository.
        "mm_vision_tower" | "vision_tower" => walk.refers(Role::Component, repo, None),
        _ => {}
    }
}

/// Objects in which two keys together name a repository.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    // `load_backbone` of transformers fetches it when its weights are asked for.
    if json.get("use_pretrained_backbone") == Some(&Json::Bool(true))
        && let Some(repo) = json.get("backbone").and_then(Json::text)
    {
        walk.refers(Role::Component, repo, None);
    }
}

/// The index of a modular pipeline of diffusers: library, class, and where the component is loaded from
/// (`ComponentSpec`; the key was `repo` in its first version).
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) {
    if walk.base != "modular_model_index.json" {
        return;
    }
    for (_, triple) in json.entries() {
        let [_, _, place, ..] = triple.items() else { continue };
        let text = |key| place.get(key).and_then(Json::text);
        if let Some(repo) = text("pretrained_model_name_or_path").or_else(|| text("repo")) {
            walk.refers(Role::Component, repo, text("revision"));
        }
    }
}
