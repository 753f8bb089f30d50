//! Text: what may be called so, what kind it is, and what can be hidden in it.

mod kind;
mod name;
mod script;

pub(crate) use kind::{begins_json, sniff, wide_json};
pub(crate) use name::name;

use crate::documents::config::{self, requirements};
use crate::documents::object;
use crate::engine::characters::Watch;
use crate::engine::encoding::Wide;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FileReference, Format, FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::file::{HIDDEN_CHARACTERS, NAME_DISAGREES, SCRIPT, TRAILING_BYTES, UNKNOWN_FORMAT};

/// What Git LFS leaves in the place of a file (its `docs/spec.md`).
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// Bytes of a text that are inspected for hidden characters. No loader runs a text; what is looked for here is
/// what deceives a human reader, who does not read that far.
const READ: u64 = 64 << 20;

/// One control character among so many is one that strayed into a text.
const STRAY: usize = 8;

/// How many bytes after a NUL are inspected for more of them.
const NEAR: usize = 64;

/// Bytes that are read at once.
const STEP: usize = 64 * 1024;

/// Whether it is a text that nothing interprets, however long it is: prose, tables, vocabularies.
pub(crate) fn runs_nothing(format: Format, name: &Name) -> bool {
    let promised = name.promises();
    format == Format::Text
        && !is_read(name)
        && name.suffix != "toml"
        && (promised.is_empty() || promised.contains(&Format::Text))
}

/// Whether loaders read it by its name, whatever its first line says: YAML, protocol buffers as text.
fn is_read(name: &Name) -> bool {
    is_yaml(name)
        || matches!(name.suffix.as_str(), "pbtxt" | "prototxt" | "textproto" | "txtpb" | "onnxtxt" | "onnxtext")
        || config::is_name(&name.base)
}

/// Whether loaders read it as YAML: also what says so nowhere, of MLflow and of DVC.
fn is_yaml(name: &Name) -> bool {
    matches!(name.suffix.as_str(), "yaml" | "yml" | "dvc")
        || matches!(name.base.as_str(), "mlmodel" | "mlproject" | "dvcfile")
}

/// Scans a text that no loader runs.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, 1024)?;
    if head.starts_with(POINTER) {
        let evidence = format!("`{}` is a Git LFS pointer: the file itself was not downloaded", name.base);
        scan.report(&NAME_DISAGREES, Location::Whole, evidence);
        return Ok(FullyCovered);
    }
    if is_yaml(name) {
        let bytes = part.all(scan.limits.document)?;
        let text = String::from_utf8_lossy(&bytes);
        object::yaml(&text, scan);
        config::yaml(&text, path, scan)?;
        config::in_yaml(&text, scan)?;
        installed(&text, name, scan)?;
    }
    if name.suffix == "toml" {
        let bytes = part.all(scan.limits.document)?;
        config::in_toml(&String::from_utf8_lossy(&bytes), scan)?;
    }
    if is_read(name) && text_start(&head).starts_with(b"#!") {
        scan.report(&SCRIPT, Location::Line(1), "its first line says what runs it");
    }
    if config::is_name(&name.base) {
        config::name(&String::from_utf8_lossy(&part.all(scan.limits.document)?), path, scan)?;
    }
    names_weights(&head, name, scan);
    let is_page = matches!(name.suffix.as_str(), "html" | "htm" | "xhtml" | "svg");
    if is_page {
        page(part, scan)?;
    }
    if is_wide(&head) { Ok(FullyCovered) } else { watch(part, name, scan) }
}

/// What tools install that read YAML under any name: environments of Conda, and recipes of its packages.
fn installed(text: &str, name: &Name, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    // What cannot be read to its end was reported already.
    if requirements::is_environment(text, scan)? {
        requirements::environment(text, scan)?;
    }
    if matches!(name.base.as_str(), "meta.yaml" | "recipe.yaml") { requirements::recipe(text, scan) } else { Ok(()) }
}

/// A text without its mark.
fn text_start(head: &[u8]) -> &[u8] {
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)
}

/// Networks that are text and keep their numbers beside them, under the same name: those of OpenVINO
/// (`openvino/runtime/passes/serialize.cpp`) and of ncnn (`paramdict.cpp`, `net.cpp`).
fn names_weights(head: &[u8], name: &Name, scan: &mut Scan<'_>) {
    let text = head.trim_ascii_start();
    let is_network = match name.suffix.as_str() {
        "param" => text.starts_with(b"7767517"),
        "xml" => [b"<net name=".as_slice(), b"<net "]
            .iter()
            .any(|mark| head.windows(mark.len()).any(|window| window == *mark)),
        _ => false,
    };
    // The path keeps its case, which a name does not.
    if let (true, 0, Some((stem, _))) = (is_network, scan.depth(), name.written.rsplit_once('.')) {
        scan.reference_file(FileReference::Data(format!("{stem}.bin")));
    }
}

/// Looks through a page of any length for what a browser runs.
fn page(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let runs = [b"<script".as_slice(), b"javascript:", b" onload=", b" onerror="];
    let overlap = runs.iter().map(|mark| mark.len()).max().unwrap_or(0) as u64;
    let mut at = 0_u64;
    let end = part.len().min(READ);
    while at < end {
        let bytes = part.bytes(at, STEP)?.to_ascii_lowercase();
        scan.budget.charge_bytes(bytes.len().saturating_mul(runs.len()))?;
        if let Some(mark) = runs.iter().find(|mark| bytes.windows(mark.len()).any(|window| window == **mark)) {
            scan.report(&SCRIPT, Location::Whole, format!("a page with `{}`", String::from_utf8_lossy(mark).trim()));
            break;
        }
        at = at.saturating_add((bytes.len() as u64).saturating_sub(overlap).max(1));
        if bytes.len() < STEP {
            break;
        }
    }
    Ok(())
}

/// Follows a text from front to back for what is hidden in it.
fn watch(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let mut watch = Watch::default();
    let mut at = 0_u64;
    let mut kept = Vec::new();
    let end = part.len().min(READ);
    let data = is_data(name);
    while at < end {
        let bytes = part.bytes(at, STEP)?;
        scan.budget.charge_bytes(bytes.len())?;
        if bytes.is_empty() {
            break;
        }
        if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
            if let Some(dense) = turns(&bytes).filter(|_| !is_data(name)) {
                let place = Location::Byte(at.saturating_add(dense as u64));
                return Err(ScanError::Malformed(
                    &UNKNOWN_FORMAT,
                    place,
                    "the text turns into binary data here".to_owned(),
                ));
            }
            let place = Location::Byte(at.saturating_add(nul as u64));
            scan.report(&TRAILING_BYTES, place, "a stray NUL byte, where some readers stop");
        }
        at = at.saturating_add(bytes.len() as u64);
        if data || bytes.is_ascii() && kept.is_empty() && watch.is_neutral() {
            continue;
        }
        kept.extend(bytes);
        // A character may be cut in two by the end of what was read.
        let (whole, cut) = match std::str::from_utf8(&kept) {
            Err(error) if error.error_len().is_none() => kept.split_at(error.valid_up_to()),
            _ => (kept.as_slice(), [].as_slice()),
        };
        if let Some(found) = watch.follow(&String::from_utf8_lossy(whole), false) {
            scan.report(&HIDDEN_CHARACTERS, Location::Whole, found);
            return Ok(FullyCovered);
        }
        kept = cut.to_vec();
    }
    if let Some(found) = watch.end() {
        scan.report(&HIDDEN_CHARACTERS, Location::Whole, found);
    }
    Ok(FullyCovered)
}

/// Where a text turns into something else: a NUL, and more that no text has close after it.
fn turns(bytes: &[u8]) -> Option<usize> {
    let nuls = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0).map(|(at, _)| at);
    nuls.into_iter().find(|at| {
        let near = bytes.get(*at..).unwrap_or_default();
        let near = near.get(..NEAR).unwrap_or(near);
        near.iter().filter(|byte| is_control(**byte)).count().saturating_mul(STRAY) > near.len()
    })
}

/// Names under which any character may be the data itself: vocabularies and tables.
fn is_data(name: &Name) -> bool {
    matches!(
        name.suffix.as_str(),
        "csv" | "tsv" | "jsonl" | "ndjson" | "vocab" | "merges" | "bpe" | "tiktoken" | "dict"
    ) || ["vocab", "merges", "token", "dict", "lexicon", "words", "spiece"].iter().any(|word| name.base.contains(word))
}

/// Control characters that no text has. Escape is not one of them: logs have colours.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0xe..=0x1a | 0x1c..=0x1f | 0x7f)
}

/// Whether what begins like this (up to 1024 bytes) is text in UTF-8.
pub(crate) fn is_text_start(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may be cut by the length of the head, not by the end of the file.
        Err(error) => error.error_len().is_none() && head.len() >= 1024,
    };
    valid && !head.iter().any(|byte| is_control(*byte))
}

/// Whether what begins like this is text in some other encoding, or text with stray control characters, where it
/// is nothing else: UTF-16 and UTF-32 with their marks, the single-byte encodings, those of East Asia.
pub(crate) fn is_foreign_text(head: &[u8]) -> bool {
    if is_wide(head) {
        return true;
    }
    let controls = head.iter().filter(|byte| is_control(**byte)).count();
    let plain = head.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')).count();
    let valid = std::str::from_utf8(head).is_ok_and(|text| !text.contains('\0'));
    let breaks = head.iter().any(|byte| matches!(byte, b' ' | b'\n'));
    let mostly_plain = plain.saturating_mul(4) >= head.len().saturating_mul(3);
    let encoded = controls == 0 && (head.len() >= 64 || mostly_plain);
    breaks && (encoded || valid && controls.saturating_mul(50) <= head.len())
}

/// Whether a text says that it is UTF-16 or UTF-32, and looks like it.
fn is_wide(head: &[u8]) -> bool {
    Wide::marked(head).is_some_and(|wide| wide.is_text(head))
}
