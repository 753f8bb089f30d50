//! What sort of file a path names.

use crate::text::serde_by_text;
use crate::{Invalid, RepoPath};
use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($(#[$docs:meta])* $variant:ident = $word:literal,)*) => {
        /// The sort of a file, by its name: a label for people, from which the default set of files follows. It says
        /// nothing about the content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FileKind {
            $($(#[$docs])* $variant,)*
        }

        impl FileKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it in a lock.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A compressed or plain archive.
    Archive = "archive",
    /// Source code that a loader or a person could run.
    Code = "code",
    /// JSON, YAML and the like.
    Config = "config",
    /// Core ML weights.
    Coreml = "coreml",
    /// Rows of a dataset: Parquet, Arrow, CSV, JSON lines.
    Data = "data",
    /// Text for people.
    Doc = "doc",
    /// Flax weights (MessagePack).
    Flax = "flax",
    /// GGUF or GGML weights.
    Gguf = "gguf",
    /// Keras or HDF5 weights.
    Keras = "keras",
    /// Pictures, sound and video.
    Media = "media",
    /// NumPy arrays.
    Numpy = "numpy",
    /// ONNX weights.
    Onnx = "onnx",
    /// OpenVINO weights.
    Openvino = "openvino",
    /// Weights that run code when they are loaded.
    Pickle = "pickle",
    /// Safetensors weights.
    Safetensors = "safetensors",
    /// TensorFlow weights.
    Tensorflow = "tensorflow",
    /// Vocabularies and tokenizer models.
    Tokenizer = "tokenizer",
    /// Everything else.
    Other = "other",
}

impl FileKind {
    /// The kind of the file at `path`.
    ///
    /// ```
    /// use modelpin_schema::FileKind;
    /// assert_eq!(FileKind::of(&"model.safetensors".parse().unwrap()), FileKind::Safetensors);
    /// assert_eq!(FileKind::of(&"pytorch_model.bin".parse().unwrap()), FileKind::Pickle);
    /// ```
    #[must_use]
    pub fn of(path: &RepoPath) -> Self {
        let whole = path.as_str().to_ascii_lowercase();
        let name = whole.rsplit('/').next().unwrap_or_default();
        if whole.split('/').any(|part| part.ends_with(".mlpackage") || part.ends_with(".mlmodelc")) {
            return Self::Coreml;
        }
        if name.starts_with("openvino_") && (name.ends_with(".bin") || name.ends_with(".xml")) {
            return Self::Openvino;
        }
        if matches!(name, "license" | "licence" | "notice" | "readme") {
            return Self::Doc;
        }
        if matches!(name, "vocab.txt" | "merges.txt" | "tokenizer.json" | "vocab.json" | "added_tokens.json") {
            return Self::Tokenizer;
        }
        let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        Self::of_suffix(suffix)
    }

    fn of_suffix(suffix: &str) -> Self {
        match suffix {
            "safetensors" => Self::Safetensors,
            "bin" | "pt" | "pth" | "ckpt" | "pkl" | "pickle" | "joblib" | "dill" | "mar" | "nemo" | "ot" | "pt2" => {
                Self::Pickle
            }
            "gguf" | "ggml" => Self::Gguf,
            "onnx" | "onnx_data" | "ort" => Self::Onnx,
            "h5" | "hdf5" | "keras" => Self::Keras,
            "msgpack" => Self::Flax,
            "tflite" | "pb" | "index" => Self::Tensorflow,
            "mlmodel" => Self::Coreml,
            "npy" | "npz" => Self::Numpy,
            "parquet" | "arrow" | "csv" | "tsv" | "jsonl" | "ndjson" => Self::Data,
            "json" | "yaml" | "yml" | "toml" | "cfg" | "ini" | "xml" | "jinja" | "gitattributes" | "gitignore" => {
                Self::Config
            }
            "py" | "pyc" | "pyd" | "so" | "dll" | "dylib" | "exe" | "sh" | "bat" | "ps1" | "ipynb" | "js" | "cu"
            | "cpp" | "c" | "h" | "rs" => Self::Code,
            // Archives that are there to be imported or run.
            "whl" | "egg" | "pyz" | "pyzw" | "pex" | "jar" => Self::Code,
            "model" | "spm" | "tiktoken" | "vocab" | "bpe" => Self::Tokenizer,
            "md" | "txt" | "rst" | "pdf" | "html" | "bib" => Self::Doc,
            "zip" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" | "7z" | "rar" | "lz4" => Self::Archive,
            "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "wav" | "mp3" | "flac" | "ogg" | "mp4" | "webm" => {
                Self::Media
            }
            _ => Self::Other,
        }
    }

    /// Weights in one of the formats that a repo often carries beside safetensors of the same weights.
    #[must_use]
    pub fn is_copy_of_weights(self) -> bool {
        matches!(
            self,
            Self::Pickle
                | Self::Tensorflow
                | Self::Keras
                | Self::Flax
                | Self::Onnx
                | Self::Openvino
                | Self::Coreml
                | Self::Gguf
        )
    }
}

impl FromStr for FileKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.iter().find(|kind| kind.word() == text);
        found.copied().ok_or_else(|| Invalid::new("file kind", text, "it is none that this version knows"))
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

serde_by_text!(FileKind, "file kind", "^[a-z]+$");
