//! Code that configuration makes a loader import: `auto_map` and its like, lists of modules, dotted names.

use super::context::Walk;
use super::modules::{Import, below, import, is_class, is_identifier};
use super::paths::{Reach, is_repo, reach};
use crate::documents::json::Json;
use crate::engine::ScanError;
use modelpin_rules::config::{AUTO_MAP, AUTO_MAP_FOREIGN_REPO, CONFIG_FOREIGN_MODULE, CONFIG_IMPORT, CONFIG_KERNEL};
use modelpin_schema::lockfile::Role;

/// The modules of `diffusers.pipelines` that honest pipelines name in the place of a library.
const PIPELINES: &str = "\
    alt_diffusion amused animatediff audioldm audioldm2 aura_flow blip_diffusion bria cogvideo cogview3 \
    cogview4 controlnet cosmos dance_diffusion deepfloyd_if flux flux2 hidream_image hunyuan_video \
    hunyuandit i2vgen_xl if kandinsky kandinsky2_2 kandinsky3 kandinsky5 kolors latent_diffusion \
    ledits_pp ltx lumina lumina2 marigold musicldm omnigen paint_by_example pia pixart_alpha sana \
    score_sde_ve semantic_stable_diffusion shap_e skyreels_v2 spectrogram_diffusion stable_audio \
    stable_cascade stable_diffusion stable_diffusion_safe stable_diffusion_xl text_to_video_synthesis \
    unclip unidiffuser versatile_diffusion visualcloze vq_diffusion wuerstchen z_image";

/// Libraries whose classes some pipelines are made of.
const LIBRARIES: [&str; 11] = [
    "onnxruntime",
    "optimum",
    "k_diffusion",
    "flax",
    "torch",
    "numpy",
    "PIL",
    "open_clip",
    "sentence_transformers",
    "diffusers_modules",
    "cosmos_guardrail",
];

/// A value under a key that names code.
pub(super) fn entry(key: &str, value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    match key {
        "auto_map" => references(value, walk)?,
        "custom_pipelines" => pipelines(value, walk),
        "tool_class" => value.text().into_iter().for_each(|text| reference(text, walk)),
        "_class_name" if !value.items().is_empty() => custom_class(value, walk),
        // Arguments of `generate` and `DiffusionPipeline.from_pretrained`: scripts pass on what is here.
        "custom_generate" | "custom_pipeline" => {
            if let Some(text) = value.text().filter(|text| text.contains('/')) {
                walk.loads(text);
                walk.refers(Role::Code, text, None);
                walk.scan.report(&AUTO_MAP_FOREIGN_REPO, walk.at(), text);
            }
        }
        // Saving leaves these out, and newer versions leave them out when loading: older ones obeyed them unasked
        // (`PreTrainedConfig.to_dict` and `__init__` of transformers/configuration_utils.py).
        "_attn_implementation_internal" | "_experts_implementation_internal" => {
            if let Some(text) = value.text().filter(|text| text.contains(['/', '\\', ':'])) {
                let why = "a repository of kernels, under a key that no configuration has";
                walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("`{text}`: {why}"));
            }
            kernels(value, walk)?;
        }
        "attn_implementation"
        | "_attn_implementation"
        | "experts_implementation"
        | "_experts_implementation"
        | "kernel_config"
        | "kernel_mapping" => kernels(value, walk)?,
        // Classes of transformers are here without their module.
        "tokenizer_class" => value.text().filter(|text| text.contains(['.', ':', '/'])).into_iter().for_each(|text| {
            sentence_class(text, walk);
        }),
        "activation_function" | "activation_fn" | "sbert_ce_default_activation_function" => activation(value, walk),
        _ => {}
    }
    Ok(())
}

/// Every text below an `auto_map`.
fn references(value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    walk.scan.budget.step()?;
    match value {
        Json::Text(text) => reference(text, walk),
        Json::List(items) => {
            for item in items {
                references(item, walk)?;
            }
        }
        Json::Object(entries) => {
            for (key, item) in entries {
                walk.below(key, |walk| references(item, walk))?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// `module.Class` of this repository, or `owner/name--module.Class` of another one
/// (`get_class_from_dynamic_module` of transformers).
fn reference(text: &str, walk: &mut Walk<'_, '_>) {
    walk.loads(text);
    let (repo, class) = match text.split_once("--") {
        Some((repo, class)) => (Some(repo), class),
        None => (None, text),
    };
    let internal = class.split(['.', '/', '\\']).any(|part| part.starts_with("__") && part != "__init__");
    let outside = match (reach(class), repo) {
        (Reach::Outside(why), _) if !class.is_empty() => Some(why),
        (_, Some(repo)) if !is_repo(repo) => Some("the part before `--` is not a repository name"),
        _ if internal => Some("it refers to Python internals"),
        _ => None,
    };
    if let Some(why) = outside {
        walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("`{text}`: {why}"));
        return;
    }
    if let Some(repo) = repo {
        walk.refers(Role::Code, repo, None);
        walk.scan.report(&AUTO_MAP_FOREIGN_REPO, walk.at(), text);
        return;
    }
    walk.scan.report(&AUTO_MAP, walk.at(), text);
    if let Some((module, _)) = class.rsplit_once('.').filter(|(module, _)| !module.is_empty()) {
        walk.reference_code(&format!("{}.py", module.replace('.', "/")));
    }
}

/// `custom_pipelines`: tasks, each with an `impl` that names a class.
fn pipelines(value: &Json, walk: &mut Walk<'_, '_>) {
    let tasks = value.entries().iter().map(|(task, pipeline)| (&**task, pipeline.get("impl").unwrap_or(pipeline)));
    for (task, class) in tasks {
        if let Some(text) = class.text() {
            walk.below(task, |walk| reference(text, walk));
        }
    }
}

/// `_class_name: [module, class]`: the pipeline itself is a class of the repository.
fn custom_class(value: &Json, walk: &mut Walk<'_, '_>) {
    let parts: Vec<&str> = value.items().iter().filter_map(Json::text).collect();
    match parts.as_slice() {
        [module, class] => reference(&format!("{module}.{class}"), walk),
        _ => walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), "a class that is not a (module, class) pair"),
    }
}

/// Implementations of layers: a name with a `/` is a repository of kernels on the Hub.
fn kernels(value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    walk.scan.budget.step()?;
    match value {
        Json::Text(text) if text.contains(['/', '\\', ':']) => walk.scan.report(&CONFIG_KERNEL, walk.at(), text),
        Json::Object(entries) => {
            for (key, item) in entries {
                walk.below(key, |walk| kernels(item, walk))?;
            }
        }
        Json::List(items) => {
            for item in items {
                kernels(item, walk)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// An activation with a dot in it is imported and called (`import_from_string` of sentence-transformers).
fn activation(value: &Json, walk: &mut Walk<'_, '_>) {
    let Some(text) = value.text().filter(|text| text.contains(['.', ':', '/', '\\'])) else { return };
    let class = text.rsplit_once('.').map_or("", |(_, class)| class);
    let layer = ["torch.nn", "torch.nn.modules.activation", "torch.nn.modules.linear"];
    if is_class(class) && layer.iter().any(|module| text.strip_prefix(module) == Some(&format!(".{class}"))) {
        return;
    }
    dotted(text, walk);
}

/// A dotted name that a loader imports, and that is not one of the expected ones.
fn dotted(text: &str, walk: &mut Walk<'_, '_>) {
    match import(text) {
        Import::Acts(why) => walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("`{text}`: {why}")),
        Import::Unsupported(why) => walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), format!("`{text}`: {why}")),
        Import::Foreign => walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), text),
    }
}

/// The module that PEFT imports for the class of the base model, or for its Megatron layers.
pub(super) fn library(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    let Some(text) = value.text() else { return };
    let parts: Vec<&str> = text.split('.').collect();
    match parts.as_slice() {
        ["megatron", "core"] if key == "megatron_core" => {}
        ["transformers"] if key == "parent_library" => {}
        ["transformers", "models", model, file]
            if key == "parent_library"
                && is_identifier(model)
                && file.starts_with("modeling_")
                && is_identifier(file) => {}
        ["diffusers", "models", rest @ ..]
            if key == "parent_library" && rest.iter().all(|part| is_identifier(part)) => {}
        _ => match import(text) {
            Import::Acts(why) | Import::Unsupported(why) => {
                walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("`{text}`: {why}"));
            }
            Import::Foreign if key == "parent_library" && is_model_library(text) => {
                walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), text);
            }
            Import::Foreign => walk.scan.report(&CONFIG_IMPORT, walk.at(), text),
        },
    }
}

/// Libraries that models are taken from, and the names that a script and remote code have at run time.
const MODEL_LIBRARIES: &str = "__main__ transformers transformers_modules diffusers timm sentence_transformers \
    torch.nn torchvision.models open_clip llava mamba_ssm gliner trl peft unsloth fla speechbrain nemo \
    pytorch_lightning lightning esm chronos colpali_engine pylate adapters auto_gptq awq optimum setfit espnet2 \
    funasr wenet audiocraft bark parler_tts whisper segment_anything ultralytics torch_geometric fairseq \
    megatron modeling model models src";

fn is_model_library(text: &str) -> bool {
    MODEL_LIBRARIES.split_whitespace().any(|module| below(text, module))
}

/// Documents that are read as lists of modules because of their name.
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) {
    if matches!(walk.base, "model_index.json" | "modular_model_index.json") {
        for (part, pair) in json.entries() {
            if let [library, class, ..] = pair.items()
                && !part.starts_with('_')
            {
                walk.below(part, |walk| component(part, library, class, walk));
            }
        }
    }
}

/// A part of a pipeline: the library and the class that it is built of (`get_class_obj_and_candidates` of
/// diffusers).
fn component(part: &str, library: &Json, class: &Json, walk: &mut Walk<'_, '_>) {
    if matches!((library, class), (Json::Null, Json::Null)) {
        return;
    }
    let (Some(library), Some(class)) = (library.text(), class.text()) else {
        walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), "a (module, class) pair that are not both strings");
        return;
    };
    let pair = format!("`{library}` `{class}`");
    let own = matches!(library, "diffusers" | "transformers") || PIPELINES.split_whitespace().any(|own| own == library);
    if own && is_class(class) {
        return;
    }
    match import(library) {
        Import::Acts(why) => walk.scan.report(&CONFIG_IMPORT, walk.at(), format!("{pair}: {why}")),
        _ if class.starts_with("__") => walk.scan.report(&CONFIG_IMPORT, walk.at(), pair),
        Import::Unsupported(why) => walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), format!("{pair}: {why}")),
        Import::Foreign => {
            walk.scan.report(&CONFIG_FOREIGN_MODULE, walk.at(), pair);
            if !own && !library.contains('.') && !LIBRARIES.contains(&library) && reach(part) == Reach::Beside {
                walk.loads(&format!("{library}.{class}"));
                walk.reference_code(&format!("{part}/{library}.py"));
            }
        }
    }
}

/// Objects of sentence-transformers that name classes: an entry of `modules.json`, and the parts of a router.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    let text = |key| json.get(key).and_then(Json::text);
    // The class is imported before anything else of the entry is inspected.
    let is_entry = walk.base == "modules.json" || (json.get("path").is_some() && json.get("idx").is_some());
    if let Some(class) = text("type").filter(|_| is_entry) {
        walk.below("type", |walk| sentence_class(class, walk));
    }
    if let Some(path) = text("path").filter(|path| is_entry && !path.is_empty())
        && let Reach::Outside(why) = reach(path)
    {
        walk.scan.report(&modelpin_rules::config::CONFIG_PATH_ESCAPE, walk.at(), format!("`{path}`: {why}"));
    }
    if json.get("structure").is_some() {
        for (part, class) in json.get("types").map(Json::entries).unwrap_or_default() {
            if let Some(class) = class.text() {
                walk.below(part, |walk| sentence_class(class, walk));
            }
        }
    }
}

/// A class that sentence-transformers imports by its dotted name.
fn sentence_class(class: &str, walk: &mut Walk<'_, '_>) {
    let parts: Vec<&str> = class.split('.').collect();
    let own = parts.first() == Some(&"sentence_transformers") && parts.get(1) != Some(&"util");
    if own && parts.iter().all(|part| is_identifier(part) && !part.starts_with('_')) && parts.len() > 1 {
        return;
    }
    if class.contains("--") {
        reference(class, walk);
        return;
    }
    // A module without a package is a file of the repo (`import_module_class` of sentence-transformers takes it from
    // there with remote code allowed). One that is not in the repo is reported as missing.
    if let [file, name] = parts.as_slice()
        && import(class) == Import::Foreign
        && is_class(name)
    {
        walk.scan.report(&AUTO_MAP, walk.at(), class);
        walk.loads(class);
        walk.reference_code(&format!("{file}.py"));
        return;
    }
    dotted(class, walk);
}
