//! Rules about model formats other than pickles.

super::family! {
    /// The header of the safetensors file breaks the format: not JSON, a key twice, an unknown dtype, tensors
    /// that overlap, leave holes or do not fit their shape, data that does not end with the file.
    SAFETENSORS = "safetensors-malformed" Review, "the safetensors header breaks the format",
        because "readers differ in what they make of it", see "https://github.com/huggingface/safetensors#format";

    /// Counts, lengths or offsets of the GGUF file do not fit its size, or a value has an unknown type.
    GGUF = "gguf-malformed" Review, "the GGUF header breaks the format",
        because "such headers have overflowed the heap of loaders", see "CVE-2024-25664, CVE-2024-25668";

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

    /// A Keras layer that carries Python byte code: `Lambda`, `__lambda__`, `TorchModuleWrapper`, `__bytes__`.
    KERAS_LAMBDA = "keras-lambda" Dangerous, "a layer carries Python byte code",
        because "loading or running the model runs that code",
        see "CVE-2024-3660, CVE-2025-9905, CVE-2025-49655";

    /// The configuration of a Keras model names a module, class or function outside Keras, which is imported and
    /// called with arguments of the file's choice.
    KERAS_MODULE = "keras-foreign-module" Dangerous, "the configuration imports from outside Keras",
        because "`module` and `class_name` of the file decide what is called", see "CVE-2025-1550";

    /// The configuration names a function that downloads, unpacks or turns protection off.
    KERAS_GADGET = "keras-gadget" Dangerous, "the configuration calls a Keras function that fetches or unlocks",
        because "`get_file` downloads and unpacks, and safe mode can be switched off from within",
        see "CVE-2025-8747, CVE-2025-9906";

    /// A layer that is registered by someone else's package.
    KERAS_CUSTOM = "keras-custom-object" Review, "a layer comes from a foreign package",
        because "that package's code is needed to load the model", see "";

    /// A lookup layer takes its vocabulary from a path or URL.
    KERAS_FILE = "keras-file-read" Review, "a layer reads a file or URL when it is built",
        because "loading the model reads what the file names", see "CVE-2025-12058";

    /// The HDF5 file takes data from other files: external links or external raw storage.
    HDF5_EXTERNAL = "hdf5-external" Review, "the file reads other files",
        because "loading it reads what the file names", see "";

    /// The HDF5 file breaks its format, or uses a part of it that cannot be followed here.
    HDF5 = "hdf5-malformed" Review, "the HDF5 structure cannot be followed",
        because "what was not followed was not judged", see "";

    /// A `_target_` of a configuration, which Hydra imports and calls, lies outside the libraries that it is meant
    /// for.
    HYDRA = "hydra-target" Dangerous, "a configuration names a function to import and call",
        because "loading the configuration calls it", see "CVE-2025-23304";

    /// A `_target_` of a configuration names a class of a known library.
    HYDRA_KNOWN = "hydra-target-known" Review, "a configuration names a class to import",
        because "that class is built when the configuration is loaded", see "CVE-2025-23304";

    /// A YAML document with a tag that builds Python objects.
    YAML_OBJECT = "yaml-object" Dangerous, "a YAML tag builds a Python object",
        because "a loader that is not the safe one runs it", see "CVE-2017-18342";

    /// The schema of a skops file names a type, method or operator that is not on the allowlist and runs code.
    SKOPS = "skops-dangerous-type" Dangerous, "the skops schema names something that runs code",
        because "skops imports and calls what the schema names", see "CVE-2025-54412, CVE-2025-54413";

    /// The schema of a skops file names types of foreign libraries.
    SKOPS_FOREIGN = "skops-foreign-type" Review, "the skops schema names foreign types",
        because "that library's code runs when the file is loaded", see "CVE-2025-54412";

    /// The NumPy file's header makes no sense, or its length does not fit.
    NUMPY = "numpy-malformed" Review, "the NumPy header breaks the format",
        because "readers differ in what they make of it",
        see "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html";

    /// The template reaches for attributes that lead from any value to all of Python: leading underscores,
    /// dunders, `attr` with a computed name, globals of web frameworks.
    TEMPLATE_ESCAPE = "template-escape" Dangerous, "the template reaches for Python's internals",
        because "a renderer without a sandbox runs what it reaches", see "CVE-2024-34359";

    /// The template includes, imports or extends other templates.
    TEMPLATE_LOAD = "template-load" Dangerous, "the template loads other templates",
        because "what it loads is chosen while it renders", see "";

    /// The template calls a function, filter or method, or uses a name, that chat templates do not need.
    TEMPLATE_CALL = "template-call" Review, "the template calls something unusual",
        because "what it does depends on the renderer", see "";

    /// The template loops over huge ranges.
    TEMPLATE_LOOP = "template-loop" Review, "the template loops without end",
        because "rendering one message can take all the time and memory there is", see "";

    /// A part of the template that depends on what was said holds a URL or switches roles: instructions that show
    /// up only now and then.
    TEMPLATE_HIDDEN = "template-conditional-text" Review, "text appears only when a message contains something",
        because "instructions to the model can hide behind a condition", see "Pillar Security, 2025: poisoned GGUF templates";

    /// The template cannot be parsed.
    TEMPLATE_BROKEN = "template-unparsable" Review, "the template cannot be parsed",
        because "what cannot be parsed was not judged", see "";
}
