//! Rules about computation graphs: ONNX, TensorFlow, and the protocol buffers that they are written in.

super::family! {
    /// The protocol buffer is not well formed: a length past the end, an unknown wire type, nesting too deep.
    PROTOBUF = "protobuf-malformed" Review, "the protocol buffer is malformed",
        because "readers differ in what they make of it", see "https://protobuf.dev/programming-guides/encoding/";

    /// A tensor's external data lies at a path that leads out of the model's folder: absolute, with `..`, a
    /// drive, a share or a URL.
    ONNX_ESCAPE = "onnx-external-escape" Dangerous, "a tensor reads a file outside the model's folder",
        because "loading the model reads, and running it can leak, any file",
        see "CVE-2022-25882, CVE-2024-27318, CVE-2025-51480";

    /// An operator of a domain that no standard runtime knows: it needs a library of its own, which is code.
    ONNX_DOMAIN = "onnx-custom-operator" Review, "the model needs operators from a foreign library",
        because "that library is native code, loaded with the model", see "https://onnx.ai/onnx/repo-docs/IR.html";

    /// An operator that calls Python.
    ONNX_PYTHON = "onnx-python-operator" Dangerous, "the model calls Python",
        because "running the model runs that code", see "";

    /// An operator of the TensorFlow graph that reads or writes files, or loads libraries.
    TF_FILE = "tf-file-operator" Dangerous, "the graph reads or writes files",
        because "running the model touches any file its user can", see "https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md";

    /// An operator of the TensorFlow graph that calls Python.
    TF_PYTHON = "tf-python-operator" Dangerous, "the graph calls Python",
        because "running the model runs that code", see "https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md";

    /// An operator of the TensorFlow graph that is not among those known to compute only.
    TF_UNKNOWN = "tf-unknown-operator" Review, "the graph uses operators that are not known here",
        because "an operator may be native code of a foreign library", see "";
}
