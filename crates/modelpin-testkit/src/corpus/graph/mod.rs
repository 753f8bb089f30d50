//! ONNX, TensorFlow, TensorFlow Lite, other protocol buffers.

mod lite;
mod onnx;
mod other;
mod tensorflow;

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    [onnx::items(), tensorflow::items(), lite::items(), other::items()].into_iter().flatten().collect()
}
