//! Models for embeddings and classification.

use super::{publish, sorted};

const ST: &str = "1_Pooling/config.json config.json config_sentence_transformers.json modules.json \
                  sentence_bert_config.json tokenizer.json tokenizer_config.json vocab.txt";

#[test]
fn the_other_formats_of_the_weights_are_left_out_in_a_few_lines() {
    let onnx: Vec<String> = (0..9).map(|at| format!("onnx/model_O{at}.onnx")).collect();
    let others = "openvino/openvino_model.bin openvino/openvino_model.xml pytorch_model.bin rust_model.ot tf_model.h5";
    let repo = publish("acme/mpnet", &format!("{ST} model.safetensors {others} {}", onnx.join(" ")));
    let added = repo.takes(&format!("{ST} model.safetensors"), &[("copy", 14)]);
    added.says("left out: 14 files").says("onnx/ (9 files").says("`--include onnx/` takes them instead");
    assert!(added.stdout.lines().filter(|line| line.trim_start().starts_with("copy ")).count() <= 6, "{added}");
}

#[test]
fn a_head_without_a_twin_is_needed_and_named() {
    let files = format!("{ST} config_setfit.json model.safetensors model_head.pkl");
    let repo = publish("acme/setfit-classifier", &files);
    repo.refuses("model_head.pkl", &files, &[]);
    let heads = format!("{ST} model.safetensors colbert_linear.pt sparse_linear.pt");
    let repo = publish("BAAI/bge-m3", &format!("{heads} pytorch_model.bin onnx/model.onnx"));
    repo.refuses("colbert_linear.pt", &heads, &[("copy", 2)]).says("sparse_linear.pt");
}

#[test]
fn the_weights_of_another_folder_are_another_part() {
    let files = format!("{ST} model.safetensors 2_Dense/config.json 2_Dense/pytorch_model.bin");
    let repo = publish("acme/labse", &format!("{files} pytorch_model.bin"));
    repo.refuses("2_Dense/pytorch_model.bin", &files, &[("copy", 1)]);
    assert_eq!(repo.left_out_code(), ["pytorch_model.bin: copy"]);
    repo.sandbox.run("convert labse 2_Dense/pytorch_model.bin").ok();
    repo.sandbox.run("sync --locked").ok();
    assert_eq!(repo.installed(), sorted(&files.replace("2_Dense/pytorch_model.bin", "2_Dense/model.safetensors")));
}
