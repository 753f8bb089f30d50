//! Tensors whose data are in another file.

use crate::engine::{FileReference, Location, Scan, ScanError};
use modelpin_rules::graph::{ONNX_EXTERNAL_ESCAPE, ONNX_MALFORMED};

/// What a tensor says of where its data are.
#[derive(Debug, Default)]
pub(super) struct External {
    /// `data_location`: 0 in the model, 1 in another file.
    pub(super) place: u64,
    entries: Vec<(String, String)>,
}

/// The keys that onnx and ONNX Runtime know (`ExternalDataInfo`). The Python package has set an attribute for
/// every key, whatever it was called.
const KEYS: &[&str] = &["location", "offset", "length", "checksum", "basepath"];

impl External {
    pub(super) fn add(&mut self, key: String, value: String) -> Result<(), ScanError> {
        if self.entries.len() >= 64 {
            return Err(ScanError::LimitReached("entries of external data"));
        }
        self.entries.push((key, value));
        Ok(())
    }

    /// Scans the tensor `name`, which begins at `at`.
    pub(super) fn check(&self, name: &str, at: &Location, scan: &mut Scan<'_>) {
        let mut odd = |what: &str| scan.report(&ONNX_MALFORMED, at.clone(), format!("tensor `{name}`: {what}"));
        if self.place > 1 {
            odd("its data location is invalid");
        }
        if self.place == 1 && !self.entries.iter().any(|(key, _)| key == "location") {
            odd("its data is external, but no location is given");
        }
        for (key, value) in &self.entries {
            let is_number = !value.is_empty() && value.len() < 20 && value.bytes().all(|byte| byte.is_ascii_digit());
            if matches!(key.as_str(), "offset" | "length") && !is_number {
                odd(&format!("{key} `{value}` is not a size"));
            }
            // Weights that ONNX Runtime laid out in advance for one processor, under one key each.
            if !KEYS.contains(&key.as_str()) && !key.starts_with("prepacked_") {
                odd(&format!("unknown key `{key}` of external data"));
            }
        }
        for (key, value) in &self.entries {
            match (key.as_str(), leads_out(value)) {
                ("location", Some(how)) => {
                    scan.report(
                        &ONNX_EXTERNAL_ESCAPE,
                        at.clone(),
                        format!("tensor `{name}` is stored at `{value}`: {how}"),
                    );
                }
                ("location", None) if scan.depth() == 0 => {
                    scan.reference_file(FileReference::Data(plain(value)));
                }
                ("basepath", Some(how)) if !value.is_empty() => {
                    scan.report(
                        &ONNX_EXTERNAL_ESCAPE,
                        at.clone(),
                        format!("tensor `{name}` is stored below `{value}`: {how}"),
                    );
                }
                _ => {}
            }
        }
    }
}

/// The path without what changes nothing.
fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}

/// How a path points outside the folder that it should stay in, if it does. Both separators count on every
/// system: which one a loader runs on is not known here.
pub(crate) fn leads_out(path: &str) -> Option<&'static str> {
    let path = path.replace('\\', "/");
    if path.len() > 1024 {
        return Some("longer than any path");
    }
    if plain(&path).is_empty() {
        return Some("it does not name a file");
    }
    if path.starts_with('/') {
        return Some("an absolute path, or a network share");
    }
    if path.contains(':') {
        return Some("a drive, a stream or a URL");
    }
    // Windows takes no notice of blanks at the end of a name.
    if path.split('/').any(|part| part.trim() == "..") {
        return Some("it leaves the model's folder");
    }
    if path.starts_with('~') || path.contains('$') || path.contains('%') {
        return Some("its meaning depends on the loader");
    }
    // ONNX Runtime's mark for "the offset is an address in memory" has asterisks.
    if path.contains(['*', '?', '<', '>', '|', '"']) || path.chars().any(char::is_control) {
        return Some("not a valid file name");
    }
    None
}

/// A node that stands for a part of the model which was compiled for one accelerator: unless `embed_mode` says that it
/// is in the model, `ep_cache_context` is the path of a file
/// (<https://onnxruntime.ai/docs/execution-providers/EP-Context-Design.html>).
pub(super) fn compiled(op: &str, attributes: &[(String, String, u64)], at: &Location, scan: &mut Scan<'_>) {
    if op != "EPContext" || !attributes.iter().any(|(name, _, mode)| name == "embed_mode" && *mode == 0) {
        return;
    }
    for (_, path, _) in attributes.iter().filter(|(name, path, _)| name == "ep_cache_context" && !path.is_empty()) {
        match leads_out(path) {
            Some(how) => {
                let evidence = format!("a compiled part is stored at `{path}`: {how}");
                scan.report(&ONNX_EXTERNAL_ESCAPE, at.clone(), evidence);
            }
            None if scan.depth() == 0 => scan.reference_file(FileReference::Data(plain(path))),
            None => {}
        }
    }
}
