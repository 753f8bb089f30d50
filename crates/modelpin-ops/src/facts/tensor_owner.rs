//! Which models may read their tensors from a file of raw bytes.

use modelpin_schema::{FileKind, RepoPath};

/// Whether the file at `owner` may be a model, an index or a network that reads its tensors from the file at `data`: it
/// lies in the same folder or above, and is by its name no format that has its tensors in itself.
pub(super) fn may_own(owner: &RepoPath, data: &RepoPath) -> bool {
    let folder = owner.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = data.as_str().strip_prefix(folder).is_some_and(|rest| folder.is_empty() || rest.starts_with('/'));
    below && owner != data && names_others(FileKind::of(owner))
}

fn names_others(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Onnx
            | FileKind::Tensorflow
            | FileKind::Openvino
            | FileKind::Coreml
            | FileKind::Config
            | FileKind::Doc
            | FileKind::Other
    )
}

#[cfg(test)]
mod tests {
    use super::may_own;

    #[test]
    fn a_model_owns_what_lies_beside_and_below_it() {
        let may = |owner: &str, data: &str| may_own(&owner.parse().unwrap(), &data.parse().unwrap());
        assert!(may("model.onnx", "model.onnx_data"));
        assert!(may("onnx/model.onnx", "onnx/weights/w0"));
        assert!(may("net", "net.bin"), "whatever its name is");
        assert!(!may("onnx/model.onnx", "model.onnx_data"));
        assert!(!may("onnx/model.onnx", "onnx2/model.onnx_data"));
        assert!(!may("model.onnx", "model.onnx"));
        assert!(!may("model.safetensors", "blob"), "its tensors are in itself");
        assert!(!may("pytorch_model.bin", "blob"));
    }
}
