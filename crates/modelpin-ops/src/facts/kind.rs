//! What sort of file it is, by its bytes.

use modelpin_scan::{Format, Report};
use modelpin_schema::{FileKind, RepoPath};

/// The kind of the file at `path`, of which the scan reports `report`.
///
/// Content that runs decides over any name, and so does a name that says code over any content. An archive with code
/// in it is code: whatever imports from it or unpacks it runs that. One that is a pickle as a whole stays that, since
/// only an exemption lets it in, and only into the quarantine. A name that says pickle is believed only as far as the
/// content leaves it open: an archive goes to an unpickler under such a name, another format does not. Every other
/// name stays the label that it is.
pub(crate) fn kind(path: &RepoPath, report: &Report) -> FileKind {
    let named = FileKind::of(path);
    if named == FileKind::Code || report.is_code() {
        return FileKind::Code;
    }
    if report.is_pickle() {
        return FileKind::Pickle;
    }
    if report.has_code() {
        return FileKind::Code;
    }
    if named != FileKind::Pickle {
        return named;
    }
    match report.format {
        Format::Zip
        | Format::Tar
        | Format::Gzip
        | Format::Bzip2
        | Format::Xz
        | Format::Lzma
        | Format::Zstd
        | Format::Zlib
        | Format::Lz4
        | Format::SevenZip
        | Format::Rar
        | Format::Pickle => FileKind::Pickle,
        Format::Safetensors => FileKind::Safetensors,
        Format::Gguf | Format::Ggml => FileKind::Gguf,
        Format::Onnx => FileKind::Onnx,
        Format::SavedModel | Format::Tflite | Format::TensorIndex => FileKind::Tensorflow,
        Format::Hdf5 => FileKind::Keras,
        Format::Npy => FileKind::Numpy,
        Format::Msgpack => FileKind::Flax,
        Format::Parquet | Format::Arrow | Format::Records | Format::Matlab => FileKind::Data,
        Format::Json | Format::Requirements | Format::Template => FileKind::Config,
        Format::Media => FileKind::Media,
        Format::Text => FileKind::Doc,
        Format::Python | Format::Script | Format::PathHook | Format::Native => FileKind::Code,
        Format::Empty
        | Format::Protobuf
        | Format::Ctranslate2
        | Format::FastText
        | Format::Ubjson
        | Format::Weights
        | Format::Binary => FileKind::Other,
    }
}
