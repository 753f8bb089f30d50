//! Rules about computation graphs: ONNX, TensorFlow, TensorFlow Lite, and the protocol buffers that they are
//! written in.

crate::rule::family! {
    "graph", content;

    /// The protocol buffer is not well formed: a number without an end, an unknown wire type, a field that is longer
    /// than what it is in, fields that its message does not have.
    ///
    /// Readers differ in what they skip and where they stop, so that two of them may see two models. An honest file
    /// is written by a library and is never malformed; fetch it again, and if it is the same upstream, ask the
    /// publisher.
    PROTOBUF_MALFORMED = "protobuf-malformed" Review NotScanned, "the protocol buffer is malformed",
        because "readers differ in what they make of it", see "https://protobuf.dev/programming-guides/encoding/";

    /// A tensor's external data, or a part of the model that was compiled for one accelerator (`EPContext`), lies at a
    /// path that leads out of the model's folder: absolute, with `..` (after either separator), a drive, a share, a URL,
    /// or a name that depends on the machine.
    ///
    /// ONNX keeps large tensors in files beside the model, and names them with a path. A runtime that follows such
    /// a path reads any file that its user can read, as a tensor, which the model may then return. The checks of the
    /// libraries have been incomplete more than once. An honest model names a file in its own folder.
    ONNX_EXTERNAL_ESCAPE = "onnx-external-escape" Dangerous RunsCode, "a tensor reads a file outside the model's folder",
        because "loading the model reads, and running it can leak, any file",
        see "CVE-2022-25882, CVE-2024-27318, CVE-2025-51480";

    /// The model breaks ONNX' rules: external data without a location, an invalid offset or length, keys
    /// that external data do not have, no graph at all.
    ///
    /// The Python package has set an attribute of an object for every key of external data, whatever its name.
    /// Honest exporters write `location`, `offset`, `length` and `checksum`.
    ONNX_MALFORMED = "onnx-malformed" Review NotScanned, "the model breaks the rules of ONNX",
        because "runtimes differ in what they make of it", see "https://onnx.ai/onnx/repo-docs/ExternalData.html";

    /// An operator that neither ONNX nor ONNX Runtime includes, and that is no function of the model itself: it
    /// needs a library of its own, which is code.
    ///
    /// Honest models have such operators: tokenisers of `ai.onnx.contrib`, plugins of TensorRT, compiled blobs
    /// (`EPContext`). Find out which library registers it, and pin that library as well.
    ONNX_CUSTOM_OPERATOR = "onnx-custom-operator" Review Advice, "the model needs operators from a foreign library",
        because "that library is native code, loaded with the model", see "https://onnx.ai/onnx/repo-docs/IR.html";

    /// An operator that calls Python: `PyOp` of ONNX Runtime's interoperability build, `PyCustomOp` of its
    /// extensions, `PythonOp` and `TritonOp` of its training build.
    ///
    /// The operator names a module and a function, or carries a program, which run as soon as the model does. Models
    /// that are only to be run do not have any. Do not load the file.
    ONNX_PYTHON_OPERATOR = "onnx-python-operator" Dangerous RunsCode, "the model calls Python",
        because "running the model runs that code",
        see "https://github.com/microsoft/onnxruntime/blob/main/docs/Python_Dev_Notes.md, https://github.com/microsoft/onnxruntime-extensions/blob/main/docs/pyop.md";

    /// An operator of the TensorFlow graph that reads or writes files of its own choice (`ReadFile`, `WriteFile`,
    /// `SaveDataset`, `PrintV2` and `DebugIdentity` with a URL, `SaveV2` with a constant path out of the model), or opens
    /// connections.
    ///
    /// A graph is a program: such an operator runs when the model is called, some as soon as it is loaded, with all
    /// that the process may do. Models for inference take tensors and return tensors. Do not load the file outside a
    /// sandbox.
    TF_FILE_OPERATOR = "tf-file-operator" Dangerous RunsCode, "the graph reads or writes files, or opens connections",
        because "running the model touches any file its user can",
        see "https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md";

    /// An operator of the TensorFlow graph that takes data from files (data sets, tables, vocabularies), writes
    /// logs, or a part that saves and restores variables and that something beside the saver runs.
    ///
    /// Training graphs have readers and writers, and models with a vocabulary fill a table from a file of their
    /// `assets`. The saver itself, as every SavedModel has it, is no finding. Look at where the paths come from.
    TF_DATA_OPERATOR = "tf-data-operator" Review Advice, "the graph takes data from files, or saves them",
        because "which files it touches may be up to the graph",
        see "https://www.tensorflow.org/guide/saved_model";

    /// An operator of the TensorFlow graph that calls Python: `PyFunc`, `PyFuncStateless`, `EagerPyFunc`.
    ///
    /// It calls a function that the process registered, by a token: harmless without that process, and code of its
    /// choice within it. Exporting a model that has one is a mistake at best.
    TF_PYTHON_OPERATOR = "tf-python-operator" Dangerous RunsCode, "the graph calls Python",
        because "running the model runs that code",
        see "https://www.tensorflow.org/api_docs/python/tf/py_function";

    /// An operator of the TensorFlow graph that is not among those known to compute only: of another library
    /// (TensorFlow Text, Addons), of an accelerator, of a newer version.
    ///
    /// Such an operator is native code that has to be loaded with the model. Find out which library it comes from,
    /// and pin that library as well.
    TF_UNKNOWN_OPERATOR = "tf-unknown-operator" Review Advice, "the graph uses operators that are not known here",
        because "an operator may be native code of a foreign library",
        see "https://www.tensorflow.org/guide/create_op";

    /// The TensorFlow Lite model has custom operators, or operators of TensorFlow proper (`Flex…`).
    ///
    /// The runtime gets their code from whoever loads the model. Honest models have some, such as
    /// `TFLite_Detection_PostProcess`. Find out which library registers them.
    TFLITE_CUSTOM_OPERATOR = "tflite-custom-operator" Review Advice, "the model needs operators from a foreign library",
        because "that library is native code, loaded with the model",
        see "https://ai.google.dev/edge/litert/models/ops_custom";

    /// A table or vector of the TensorFlow Lite model lies outside the file, or makes no sense.
    ///
    /// The runtime reads the model where it lies, with checks that are left to its caller. An honest model is written
    /// by the converter and is never malformed.
    TFLITE_MALFORMED = "tflite-malformed" Review NotScanned, "the TensorFlow Lite model is malformed",
        because "the runtime follows offsets that it does not always check",
        see "CVE-2022-23561, https://flatbuffers.dev/internals/";
}
