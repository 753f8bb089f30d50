//! Graphs of operators, and the protocol buffers that they are kept in.

pub(crate) mod onnx;
pub(crate) mod protobuf;
pub(crate) mod saved_model;
pub(crate) mod tflite;
