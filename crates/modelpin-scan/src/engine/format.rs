//! The formats that a content can have.

macro_rules! formats {
    ($($(#[doc = $doc:literal])* $variant:ident = $word:literal,)*) => {
        /// What the content of a file is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Format {
            /// The word for it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Whether it is an archive, or compressed: what it holds is scanned file by file.
            #[must_use]
            pub fn is_archive(self) -> bool {
                matches!(
                    self,
                    Self::Zip
                        | Self::Tar
                        | Self::Gzip
                        | Self::Bzip2
                        | Self::Xz
                        | Self::Lzma
                        | Self::Zstd
                        | Self::Zlib
                        | Self::Lz4
                        | Self::SevenZip
                        | Self::Rar
                )
            }

            /// Whether it is something to run: source, a script, machine code, byte code, lines that Python runs at its
            /// start.
            #[must_use]
            pub fn is_code(self) -> bool {
                matches!(self, Self::Python | Self::Native | Self::Script | Self::PathHook)
            }
        }
    };
}

formats! {
    /// Nothing at all.
    Empty = "empty",
    /// A pickle, or several in a row (joblib and the old torch format included).
    Pickle = "pickle",
    /// A zip archive: torch, NumPy, Keras, skops and others.
    Zip = "zip",
    /// A tar archive: NeMo and the oldest torch format.
    Tar = "tar",
    /// gzip.
    Gzip = "gzip",
    /// bzip2.
    Bzip2 = "bzip2",
    /// xz.
    Xz = "xz",
    /// The older LZMA format.
    Lzma = "lzma",
    /// Zstandard.
    Zstd = "zstd",
    /// A bare zlib stream, as joblib writes it.
    Zlib = "zlib",
    /// LZ4.
    Lz4 = "lz4",
    /// A 7z archive.
    SevenZip = "7z",
    /// A RAR archive.
    Rar = "rar",
    /// Safetensors.
    Safetensors = "safetensors",
    /// GGUF.
    Gguf = "gguf",
    /// ONNX.
    Onnx = "onnx",
    /// A TensorFlow SavedModel or graph.
    SavedModel = "saved-model",
    /// Protocol buffers of another kind, such as a sentencepiece model.
    Protobuf = "protobuf",
    /// HDF5: Keras and others.
    Hdf5 = "hdf5",
    /// A NumPy array.
    Npy = "npy",
    /// TensorFlow Lite.
    Tflite = "tflite",
    /// Parquet.
    Parquet = "parquet",
    /// Tables as Apache Arrow keeps them in files and streams.
    Arrow = "arrow",
    /// MessagePack, as Flax keeps its weights.
    Msgpack = "msgpack",
    /// CTranslate2.
    Ctranslate2 = "ctranslate2",
    /// fastText.
    FastText = "fasttext",
    /// MATLAB's files of version 5.
    Matlab = "matlab",
    /// UBJSON, as XGBoost keeps its models.
    Ubjson = "ubjson",
    /// Numbers and words in one of the forms that run nothing and are recognized by their marks: ORC, SQLite, Faiss and
    /// others.
    Weights = "weights",
    /// The forms of llama.cpp's weights before GGUF.
    Ggml = "ggml",
    /// The index of a TensorFlow checkpoint.
    TensorIndex = "tensor-index",
    /// Records as TensorFlow writes them: data sets, events for TensorBoard.
    Records = "records",
    /// JSON.
    Json = "json",
    /// Python source.
    Python = "python",
    /// A chat template on its own.
    Template = "template",
    /// A list of requirements, or a build or environment file.
    Requirements = "requirements",
    /// A script for an interpreter.
    Script = "script",
    /// A `.pth` file of site-packages: lines that begin with `import` run at every start of Python.
    PathHook = "path-hook",
    /// A native program or library, or byte code.
    Native = "native",
    /// Pictures, sound, video, documents.
    Media = "media",
    /// Text.
    Text = "text",
    /// None of these.
    Binary = "binary",
}
