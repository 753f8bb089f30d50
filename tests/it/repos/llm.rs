//! Language models.

use super::{publish, shards};

const LLM: &str = "config.json generation_config.json tokenizer.json tokenizer_config.json";

#[test]
fn a_pickle_beside_its_safetensors_is_a_copy() {
    let repo = publish("acme/bert-base", &format!("{LLM} model.safetensors pytorch_model.bin tf_model.h5"));
    repo.takes(&format!("{LLM} model.safetensors"), &[("copy", 2)]);
    assert_eq!(repo.left_out_code(), ["pytorch_model.bin: copy"]);
}

#[test]
fn a_publisher_s_own_folder_beside_the_shards_is_left_out_and_named() {
    let weights = format!("{LLM} {} model.safetensors.index.json", shards("model", "safetensors", 4));
    let own = "original/consolidated.00.pth original/params.json original/tokenizer.model";
    let repo = publish("meta-llama/Llama-3.1-8B", &format!("{weights} {own}"));
    let added = repo.takes(&weights, &[("publisher-format", 3)]);
    added.says("left out: 3 files").says("original/ (3 files");
    assert_eq!(repo.left_out_code(), ["original/consolidated.00.pth: publisher-format"]);
    repo.sandbox.run("why llama-3-1-8b original/consolidated.00.pth").ok().says("is left out (publisher-format)");
}

#[test]
fn consolidated_weights_beside_the_shards_are_left_out() {
    let weights = format!("{LLM} {} model.safetensors.index.json tokenizer.model", shards("model", "safetensors", 3));
    let repo = publish("mistralai/Mistral-7B", &format!("{weights} consolidated.safetensors"));
    repo.takes(&weights, &[("publisher-format", 1)]);
}

#[test]
fn what_a_trainer_leaves_behind_is_left_out_only_beside_weights() {
    let files = format!("{LLM} model.safetensors");
    let left = "training_args.bin checkpoint-500/config.json checkpoint-500/model.safetensors checkpoint-500/optimizer.pt \
                checkpoint-500/rng_state.pth runs/Jan01/events.out.tfevents.170.host.1.0";
    let repo = publish("acme/tuned", &format!("{files} {left}"));
    repo.takes(&files, &[("training", 6)]);
    let alone = publish("acme/only-a-checkpoint", "checkpoint-500/config.json checkpoint-500/model.safetensors");
    alone.takes("checkpoint-500/config.json checkpoint-500/model.safetensors", &[]);
}

#[test]
fn without_safetensors_one_format_is_taken_and_one_command_settles_it() {
    let files = format!("{LLM} pytorch_model.bin");
    let repo = publish("Helsinki-NLP/opus-mt", &format!("{files} rust_model.ot tf_model.h5 flax_model.msgpack"));
    let added = repo.refuses("pytorch_model.bin", &files, &[("other-format", 3)]);
    assert!(!added.stderr.contains("rust_model.ot"), "{added}");
    added.says("modelpin convert opus-mt pytorch_model.bin");
    repo.sandbox.run("convert opus-mt pytorch_model.bin").ok();
    repo.sandbox.run("sync --locked").ok();
    assert!(repo.installed().contains(&"model.safetensors".to_owned()));
    assert!(!repo.installed().contains(&"pytorch_model.bin".to_owned()));
}

#[test]
fn an_exclude_brings_no_file_in_and_include_is_the_whole_set() {
    let repo = publish("acme/bert-base", &format!("{LLM} model.safetensors pytorch_model.bin"));
    repo.add("--exclude *.safetensors").ok().says("which `exclude` leaves out too");
    repo.locks(LLM, &[("copy", 1), ("excluded", 1)]);
    let repo = publish("acme/bert-base", &format!("{LLM} model.safetensors pytorch_model.bin"));
    repo.add("--include *.bin").refused(5).says("pytorch_model.bin");
    repo.locks("pytorch_model.bin", &[("not-included", 5)]);
}
