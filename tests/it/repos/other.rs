//! Everything else: adapters, vision, datasets.

use super::{publish, sorted};
use crate::sandbox::Sandbox;
use modelpin_testkit::Content;

#[test]
fn adapters_in_a_format_of_their_own_are_needed() {
    let repo = publish("h94/IP-Adapter", "ip-adapter_sd15.bin ip-adapter_sd15_lora.safetensors README.md");
    repo.refuses("ip-adapter_sd15.bin", "README.md ip-adapter_sd15.bin ip-adapter_sd15_lora.safetensors", &[]);
}

#[test]
fn parts_of_a_video_model_are_not_taken_for_copies() {
    let files = "config.json diffusion_pytorch_model.safetensors Wan2.1_VAE.pth models_t5_umt5-xxl-enc-bf16.pth";
    let repo = publish("Wan-AI/Wan2.1", files);
    repo.refuses("Wan2.1_VAE.pth", files, &[]).says("models_t5_umt5-xxl-enc-bf16.pth");
}

#[test]
fn a_dataset_is_taken_whole() {
    let sandbox = Sandbox::new();
    let files = ["README.md", "data/train.csv", "model.bin.txt", "runs/notes.txt"];
    let contents: Vec<(&str, Content)> = files.iter().map(|path| (*path, Content::git("a,b\n1,2\n"))).collect();
    sandbox.hub.dataset("acme/rows").commit(&contents);
    sandbox.run("add acme/rows --dataset").ok();
    let lock = sandbox.lock();
    let pin = lock.pins.values().next().unwrap();
    let locked: Vec<String> = pin.files().keys().map(ToString::to_string).collect();
    assert_eq!(locked, sorted(&files.join(" ")));
    assert!(pin.hub.left_out.is_empty());
}

/// A pickle that a publisher adds beside the same weights is in nobody's target, and in every reviewer's sight.
#[test]
fn a_new_pickle_upstream_that_is_left_out_shows_in_the_change() {
    let repo = publish("acme/chat", "config.json model.safetensors");
    repo.takes("config.json model.safetensors", &[]);
    repo.sandbox.git("init -q");
    repo.sandbox.git("add models.toml models.lock");
    repo.sandbox.git("commit -qm one");
    repo.sandbox.hub.model("acme/chat").commit(&[("pytorch_model.bin", super::content("pytorch_model.bin"))]);
    let updated = repo.sandbox.run("update");
    updated.ok().says("left-out copy").says("left-out-code pytorch_model.bin").says("beside model.safetensors");
    repo.locks("config.json model.safetensors", &[("copy", 1)]);
    let diff = repo.sandbox.run("diff --format json").ok().result();
    let facts = diff["changes"][0]["facts"].as_array().unwrap().clone();
    let new = facts.iter().filter(|fact| fact["key"].as_str().unwrap().starts_with("left-out"));
    let new: Vec<_> = new.map(|fact| (fact["about"].as_str().unwrap(), fact["new"].as_str().unwrap())).collect();
    assert_eq!(new, [("copy", "1"), ("pytorch_model.bin", "copy")]);
    assert!(diff["changes"][0]["left-out"].is_null());
    repo.sandbox.run("diff").ok().says("left-out-code pytorch_model.bin  copy");
}
