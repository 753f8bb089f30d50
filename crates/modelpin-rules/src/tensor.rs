//! Rules about files of plain tensors and tables: safetensors, GGUF, NumPy, TensorFlow's checkpoints, Parquet.

crate::rule::family! {
    "tensor", content;

    /// The header of the safetensors file breaks the format: not JSON, a key twice, an unknown dtype, tensors
    /// that overlap, leave holes or do not fit their shape, data that does not end with the file.
    ///
    /// The format is strict so that nothing can hide in a file: every byte belongs to exactly one tensor. Readers
    /// that are less strict load something else than the ones that check. An honest file is written by the library
    /// and passes; fetch it again, and if it is the same upstream, ask the publisher.
    SAFETENSORS_MALFORMED = "safetensors-malformed" Review NotScanned, "the safetensors header breaks the format",
        because "readers differ in what they make of it", see "https://github.com/huggingface/safetensors#format";

    /// Counts, lengths or offsets of the GGUF file do not fit its size, a value or a tensor has an unknown type, a
    /// key is given twice, tensors overlap or leave holes.
    ///
    /// Loaders written in C have trusted such headers and overflowed their heap. Honest files of a fork of llama.cpp
    /// can have types that are unknown here; other honest files pass.
    GGUF_MALFORMED = "gguf-malformed" Review NotScanned, "the GGUF header breaks the format",
        because "such headers have overflowed the heap of loaders",
        see "CVE-2024-25664, CVE-2024-25668, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md";

    /// The NumPy file's header makes no sense, or its length does not fit.
    NUMPY_MALFORMED = "numpy-malformed" Review NotScanned, "the NumPy header breaks the format",
        because "readers differ in what they make of it",
        see "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html";

    /// The index of a TensorFlow checkpoint, or a file of records, breaks its format: a block outside the file, an
    /// entry that is no tensor, a checksum of a length that is wrong.
    ///
    /// Both are written by TensorFlow and checked by it when it reads them. An honest file passes, unless it was cut
    /// while it was written.
    CHECKPOINT_MALFORMED = "checkpoint-malformed" Review NotScanned, "the checkpoint or record file breaks its format",
        because "readers differ in what they make of it",
        see "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto";

    /// The Parquet file's footer does not fit the file, or is encrypted.
    ///
    /// Columns are tables of plain values; an honest file begins and ends with the same mark, and its footer lies
    /// before the second one.
    PARQUET_MALFORMED = "parquet-malformed" Review NotScanned, "the Parquet footer cannot be followed",
        because "what was not followed was not scanned", see "https://parquet.apache.org/docs/file-format/";

    /// The schema of the Parquet file has an Arrow extension type that is a pickled Python class
    /// (`arrow.py_extension_type`).
    ///
    /// PyArrow before 14.0.1 unpickles it when it opens the file. No honest data set needs it.
    PARQUET_PICKLED_TYPE = "parquet-pickled-type" Dangerous RunsCode, "the schema carries a pickled Python type",
        because "opening the file unpickles it", see "CVE-2023-47248";
}
