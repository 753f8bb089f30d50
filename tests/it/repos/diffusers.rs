//! Pipelines of diffusers.

use super::{publish_with, sorted};
use modelpin_testkit::Content;

const PARTS: &str = "model_index.json scheduler/scheduler_config.json text_encoder/config.json \
                     text_encoder/model.safetensors unet/config.json unet/diffusion_pytorch_model.safetensors \
                     vae/config.json vae/diffusion_pytorch_model.safetensors";
const INDEX: &str = r#"{"_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"], "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"]}"#;
const DOUBLES: &str = "sd_base.safetensors text_encoder/model.fp16.safetensors unet/diffusion_pytorch_model.fp16.safetensors \
                       vae/diffusion_pytorch_model.fp16.safetensors vae/diffusion_pytorch_model.bin";

#[test]
fn a_pipeline_is_its_parts_once() {
    let files = format!("{PARTS} {DOUBLES}");
    let repo = publish_with("stabilityai/sd-base", &files, &[("model_index.json", Content::git(INDEX))]);
    let added = repo.takes(PARTS, &[("copy", 1), ("publisher-format", 1), ("variant", 3)]);
    added.says("left out: 5 files").says("--variant fp16");
    repo.sandbox
        .run("why sd-base unet/diffusion_pytorch_model.fp16.safetensors")
        .ok()
        .says("is left out (variant)")
        .says("--variant fp16");
}

#[test]
fn a_variant_takes_the_place_of_the_plain_weights() {
    let files = format!("{PARTS} {DOUBLES}");
    let repo = publish_with("stabilityai/sd-base", &files, &[("model_index.json", Content::git(INDEX))]);
    repo.add("--variant fp16").ok();
    repo.sandbox.run("sync --locked").ok();
    let plain = ["text_encoder/model.", "unet/diffusion_pytorch_model.", "vae/diffusion_pytorch_model."];
    let fp16 = plain.iter().fold(PARTS.to_owned(), |files, stem| {
        files.replace(&format!("{stem}safetensors"), &format!("{stem}fp16.safetensors"))
    });
    assert_eq!(repo.installed(), sorted(&fp16));
}
