//! Repos of alternatives of which a loader takes one.

use super::{publish, sorted};

const QUANTS: &str = "chat.Q2_K.gguf chat.Q4_K_M.gguf chat.Q8_0.gguf";

#[test]
fn a_repo_of_quants_asks_which_one_and_takes_that() {
    let repo = publish("acme/chat-GGUF", &format!("README.md config.json {QUANTS}"));
    let asked = repo.add("");
    asked.refused(2).says("Q4_K_M").says("Q2_K").says("--all");
    assert!(!repo.sandbox.path("models.lock").exists(), "{asked}");
    repo.sandbox.run("add acme/chat-GGUF:q4_k_m").ok();
    repo.locks("README.md config.json chat.Q4_K_M.gguf", &[("not-chosen", 2)]);
    repo.sandbox.run("sync --locked").ok();
    assert_eq!(repo.installed(), sorted("README.md config.json chat.Q4_K_M.gguf"));
    let why = repo.sandbox.run("why chat-gguf chat.Q8_0.gguf");
    why.ok().says("is left out (not-chosen)").says("modelpin add acme/chat-GGUF --variant Q8_0");
    repo.sandbox.run("add acme/chat-GGUF --variant Q8_0").ok().says("chat.Q8_0.gguf");
    repo.locks("README.md config.json chat.Q8_0.gguf", &[("not-chosen", 2)]);
}

#[test]
fn all_alternatives_are_taken_where_somebody_says_so() {
    let repo = publish("acme/chat-GGUF", &format!("README.md {QUANTS}"));
    repo.add("--all").ok();
    repo.locks(&format!("README.md {QUANTS}"), &[]);
}

#[test]
fn graphs_that_differ_in_their_numbers_are_alternatives() {
    let graphs = "onnx/model.onnx onnx/model_fp16.onnx onnx/model_q4.onnx onnx/model_quantized.onnx";
    let repo = publish("Xenova/minilm", &format!("config.json tokenizer.json {graphs}"));
    repo.add("").refused(2).says("fp16").says("quantized").says("--all");
    let few = publish("acme/one-graph", "config.json onnx/model.onnx");
    few.takes("config.json onnx/model.onnx", &[]);
}
