//! Rules about files of plain tensors: safetensors, GGUF, NumPy.

super::family! {
    /// The header of the safetensors file breaks the format: not JSON, a key twice, an unknown dtype, tensors
    /// that overlap, leave holes or do not fit their shape, data that does not end with the file.
    SAFETENSORS = "safetensors-malformed" Review, "the safetensors header breaks the format",
        because "readers differ in what they make of it", see "https://github.com/huggingface/safetensors#format";

    /// Counts, lengths or offsets of the GGUF file do not fit its size, or a value has an unknown type.
    GGUF = "gguf-malformed" Review, "the GGUF header breaks the format",
        because "such headers have overflowed the heap of loaders", see "CVE-2024-25664, CVE-2024-25668";

    /// The NumPy file's header makes no sense, or its length does not fit.
    NUMPY = "numpy-malformed" Review, "the NumPy header breaks the format",
        because "readers differ in what they make of it",
        see "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html";
}
