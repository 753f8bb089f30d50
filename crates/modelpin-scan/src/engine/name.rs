//! What a name promises about the content: a hint, checked against what the content is.

use super::format::Format;

/// A file's path, taken apart. Lower case, for names that differ only in case are one to some loaders.
pub(crate) struct Name {
    /// The last part of the path.
    pub(crate) base: String,
    /// The same as it is written.
    pub(crate) written: String,
    /// What follows the last dot of `base`; empty where there is none.
    pub(crate) suffix: String,
    /// The folder that it is in, in lower case; empty where there is none.
    pub(crate) folder: String,
}

impl Name {
    pub(crate) fn of(path: &str) -> Self {
        let written = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let base = written.to_lowercase();
        let last = base.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        // Checkpoints of torch are called `.pth.tar` by habit (`examples/imagenet/main.py` of pytorch), and are no archives
        // of tar.
        let torch = last == "tar" && [".pth.tar", ".pt.tar", ".ckpt.tar"].iter().any(|end| base.ends_with(end));
        let suffix = if torch { "pt".to_owned() } else { last.to_owned() };
        let folder = path.rsplit(['/', '\\']).nth(1).unwrap_or_default().to_lowercase();
        Self { base, written, suffix, folder }
    }

    /// Whether loaders unpickle files of such a name.
    pub(crate) fn is_weights_or_pickle(&self) -> bool {
        matches!(
            self.suffix.as_str(),
            "bin"
                | "pt"
                | "pth"
                | "ckpt"
                | "pkl"
                | "pickle"
                | "joblib"
                | "dill"
                | "p"
                | "sav"
                | "pk"
                | "mdl"
                | "pt2"
                | "ptl"
                | "ot"
                | "model"
                | "mar"
                | "nemo"
                | "npy"
                | "npz"
                | "data"
                | "dat"
                | "pyt"
                | "th"
                | "t7"
                | "torch"
                | "weights"
                | "cloudpickle"
        ) || self.base == "data"
    }

    /// The formats that are expected under this name; empty where the name implies none.
    pub(crate) fn promises(&self) -> &'static [Format] {
        use Format as F;
        match self.suffix.as_str() {
            "safetensors" => &[F::Safetensors],
            "gguf" => &[F::Gguf],
            "onnx" => &[F::Onnx],
            "h5" | "hdf5" => &[F::Hdf5],
            "keras" => &[F::Zip, F::Hdf5],
            "npy" => &[F::Npy],
            "npz" | "zip" | "whl" | "skops" | "mar" | "pt2" | "ptl" | "docx" | "xlsx" | "jar" => &[F::Zip],
            "pt" | "pth" | "ckpt" | "th" => &[F::Zip, F::Pickle, F::Tar],
            "bin" => &[F::Zip, F::Pickle, F::Tar, F::Ggml, F::Ctranslate2, F::FastText, F::Weights, F::Msgpack],
            "msgpack" | "mpk" => &[F::Msgpack],
            "arrow" => &[F::Arrow],
            "feather" => &[F::Arrow, F::Weights],
            "pkl" | "pickle" | "dill" | "p" | "sav" => &[F::Pickle, F::Gzip, F::Bzip2, F::Xz, F::Zstd, F::Zlib, F::Zip],
            "joblib" => &[F::Pickle, F::Gzip, F::Bzip2, F::Xz, F::Lzma, F::Zlib, F::Lz4],
            "tar" => &[F::Tar],
            "gz" | "tgz" => &[F::Gzip],
            "bz2" => &[F::Bzip2],
            "xz" => &[F::Xz],
            "lzma" => &[F::Lzma],
            "zst" => &[F::Zstd],
            "7z" => &[F::SevenZip],
            "nemo" => &[F::Tar, F::Gzip, F::Zip],
            "pb" => &[F::SavedModel, F::Protobuf, F::Onnx],
            "json" | "ipynb" => &[F::Json],
            "jsonl" | "ndjson" => &[F::Text, F::Json],
            "md" | "txt" | "rst" | "csv" | "tsv" | "jinja" | "jinja2" | "j2" | "yaml" | "yml" | "toml" | "cfg"
            | "ini" | "xml" | "html" | "gitattributes" | "gitignore" | "vocab" | "merges" | "bpe" | "tiktoken"
            | "sh" | "bat" | "ps1" | "js" | "log" => &[F::Text, F::Json, F::Requirements, F::Template, F::Script],
            "py" | "pyi" => &[F::Python],
            "svg" => &[F::Text],
            "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp" | "ico" | "mp3" | "wav" | "flac" | "ogg" | "mp4"
            | "webm" | "mov" | "avi" | "pdf" | "ttf" | "otf" | "woff" | "woff2" => &[F::Media],
            "parquet" => &[F::Parquet],
            "so" | "dll" | "dylib" | "exe" | "pyd" | "o" | "a" => &[F::Native],
            _ => &[],
        }
    }

    /// Whether a loader, an interpreter or a tool reads what it is to do from a file of such a name, however few bytes
    /// it has.
    pub(crate) fn is_interpreted(&self) -> bool {
        let suffixes = "json ipynb webmanifest yaml yml toml cfg ini conf xml pbtxt prototxt textproto txtpb onnxtxt onnxtext onnxjson dvc py pyi pyw pyx
            pth jinja \
            jinja2 j2 template txt in pip lock sh bash zsh bat cmd ps1 js mjs cjs ts lua rb pl php";
        suffixes.split_ascii_whitespace().any(|suffix| suffix == self.suffix)
            || [
                "requirements",
                "constraints",
                "packages.txt",
                "dockerfile",
                "chat_template",
                "pipfile",
                "makefile",
                "mlmodel",
                "mlproject",
            ]
            .iter()
            .any(|start| self.base.starts_with(start))
    }

    /// Whether machine code or byte code goes by such a name: programs, libraries, kernels, engines; or it says
    /// nothing.
    pub(crate) fn may_be_native(&self) -> bool {
        let kinds = [
            "",
            "so",
            "dll",
            "dylib",
            "exe",
            "pyd",
            "o",
            "a",
            "ar",
            "deb",
            "rlib",
            "obj",
            "lib",
            "bundle",
            "node",
            "com",
            "elf",
            "ko",
            "sys",
            "run",
            "appimage",
            "llamafile",
            "pyc",
            "pyo",
            "class",
            "dex",
            "wasm",
            "bc",
            "luac",
            "cubin",
            "fatbin",
            "hsaco",
            "metallib",
            "engine",
            "plan",
            "trt",
        ];
        // `libx.so.1.2` is a library as well.
        kinds.contains(&self.suffix.as_str()) || self.base.contains(".so.")
    }

    /// Whether the name says that the content is mere data: nothing that runs has any business in it.
    pub(crate) fn promises_data(&self) -> bool {
        use Format as F;
        let runs = [F::Pickle, F::Zip, F::Native, F::Tar, F::Python, F::Script];
        let promised = self.promises();
        !promised.is_empty() && (!promised.iter().any(|format| runs.contains(format)) || promised.contains(&F::Text))
    }
}
