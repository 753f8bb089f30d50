//! ONNX, TensorFlow, TensorFlow Lite, other protocol buffers.

mod lite;
mod onnx;
mod onnx_text;
mod other;
mod tensorflow;

use super::Item;

/// The items of the family.
pub(super) fn items() -> Vec<Item> {
    [onnx::items(), onnx_text::items(), tensorflow::items(), lite::items(), other::items()]
        .into_iter()
        .flatten()
        .collect()
}
