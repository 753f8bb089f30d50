//! Models of speech and sound.

use super::{publish, shards};

const WHISPER: &str =
    "config.json generation_config.json preprocessor_config.json tokenizer.json tokenizer_config.json";

#[test]
fn the_larger_precision_is_a_variant_with_its_index() {
    let fp32 = shards("model.fp32", "safetensors", 2);
    let files = format!("{WHISPER} model.safetensors {fp32} model.safetensors.index.fp32.json pytorch_model.bin");
    let repo = publish("openai/whisper-large", &files);
    let added = repo.takes(&format!("{WHISPER} model.safetensors"), &[("copy", 1), ("variant", 3)]);
    added.says("variant");
}

#[test]
fn checkpoints_of_another_library_are_not_asked_about() {
    let files = format!("{WHISPER} pytorch_model.bin speaker_embeddings_path.json");
    let own = "coarse.pt coarse_2.pt fine.pt fine_2.pt text.pt text_2.pt";
    let repo = publish("suno/bark", &format!("{files} {own}"));
    let added = repo.refuses("pytorch_model.bin", &files, &[("publisher-format", 6)]);
    assert!(!added.stderr.contains("coarse_2.pt"), "{added}");
    assert_eq!(repo.left_out_code().len(), 6);
}

#[test]
fn a_voice_without_a_twin_is_needed_and_its_neighbours_are_copies() {
    let repo =
        publish("ResembleAI/chatterbox", "tokenizer.json conds.pt s3gen.pt s3gen.safetensors ve.pt ve.safetensors");
    repo.refuses("conds.pt", "tokenizer.json conds.pt s3gen.safetensors ve.safetensors", &[("copy", 2)]);
    assert_eq!(repo.left_out_code(), ["s3gen.pt: copy", "ve.pt: copy"]);
}
