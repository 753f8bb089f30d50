//! Language models.

use super::{publish, sorted};

const LLM: &str = "config.json generation_config.json tokenizer.json tokenizer_config.json";

#[test]
fn a_pickle_beside_its_safetensors_is_a_copy() {
    let repo = publish("acme/bert-base", &format!("{LLM} model.safetensors pytorch_model.bin tf_model.h5"));
    repo.add("").ok();
    assert_eq!(repo.locked(), sorted(&format!("{LLM} model.safetensors")));
    assert_eq!(repo.left_out(), [("copy".to_owned(), 2)].into());
    assert_eq!(repo.left_out_code(), ["pytorch_model.bin: copy"]);
    repo.sandbox.run("sync --locked").ok();
    assert_eq!(repo.installed(), repo.locked());
}
