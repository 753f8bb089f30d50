//! From a value to the repo that it names.

use super::row::Form;
use crate::documents::json::Json;

/// Endings of files: what ends so is a file, wherever it is, also where it looks like `owner/name`.
const FILES: &str = ".bin .ckpt .gguf .gz .h5 .json .jsonl .model .msgpack .nemo .npy .npz .onnx .pkl .pt .pth .py \
    .safetensors .tar .tflite .txt .yaml .yml .zip";

/// How often a reference leads to another one.
const REFERENCES: usize = 8;

/// The repo that `value` names, and the revision where it says one. Whether it can be a repo at all, the caller finds
/// out: what is a path or an address is none.
pub(super) fn repo(form: Form, value: &str, top: &Json) -> Option<(String, Option<String>)> {
    let plain = |text: &str| (text.to_owned(), None);
    let found = match form {
        Form::Name => plain(value),
        Form::Owned => plain(value).owned()?,
        Form::OwnedAt => at(value).owned()?,
        Form::Timm => at(of_timm(value)?),
        Form::TimmOrOwned => of_timm(value).map_or_else(|| plain(value), at).owned()?,
        Form::Referenced => plain(&resolved(value, top)?).owned()?,
        Form::File => {
            let path = resolved(value, top)?;
            plain(path.rsplit_once('/')?.0).owned()?
        }
        Form::Class => return None,
    };
    let lower = found.0.to_ascii_lowercase();
    let is_file = FILES.split_whitespace().any(|ending| lower.ends_with(ending));
    Some(found).filter(|_| !is_file)
}

/// A repo, and its revision.
type Repo = (String, Option<String>);

trait Owned: Sized {
    /// It, where it says whose it is.
    fn owned(self) -> Option<Self>;
}

impl Owned for Repo {
    fn owned(self) -> Option<Self> {
        Some(self).filter(|(name, _)| name.contains('/'))
    }
}

fn at(value: &str) -> Repo {
    let (name, revision) = value.split_once('@').map_or((value, None), |(name, at)| (name, Some(at)));
    (name.to_owned(), revision.map(str::to_owned))
}

/// What timm takes from the Hub (`parse_model_name`).
fn of_timm(value: &str) -> Option<&str> {
    value.strip_prefix("hf-hub:").or_else(|| value.strip_prefix("hf_hub:"))
}

/// `value` with each `<key>` replaced by the text under that key of the document, and each `<key[sub]>` by the one
/// below (`_recursive_resolve` of HyperPyYAML).
fn resolved(value: &str, top: &Json) -> Option<String> {
    let mut text = value.trim().to_owned();
    for _ in 0..REFERENCES {
        let Some((before, rest)) = text.split_once('<') else { return Some(text) };
        let (key, after) = rest.split_once('>')?;
        let mut named = key.split(['[', ']']).filter(|part| !part.is_empty());
        let value = named.try_fold(top, |at, part| at.get(part))?.text()?.trim();
        text = format!("{before}{value}{after}");
        if text.len() > 1024 {
            return None;
        }
    }
    None
}
