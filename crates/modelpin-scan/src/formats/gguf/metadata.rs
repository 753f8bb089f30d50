//! The keys and values.

use super::value::{Bytes, broken};
use crate::engine::{Location, Scan, ScanError};
use crate::languages::template;
use modelpin_rules::tensor::GGUF_MALFORMED;
use std::collections::HashSet;

/// The longest key, in bytes, and the most keys.
const KEY: u64 = 65_535;
const KEYS: u64 = 65_536;

/// Nested arrays, which llama.cpp does not write.
const DEPTH: u32 = 4;

/// How much of a text is inspected where only its encoding matters.
const TEXT: usize = 64 * 1024;

const ALIGNMENT: u64 = 32;

/// Types of values.
const U32: u32 = 4;
const BOOL: u32 = 7;
const STRING: u32 = 8;
const LIST: u32 = 9;

/// Size of a value in bytes; nothing for texts and lists.
fn width(kind: u32) -> Option<u64> {
    Some(match kind {
        0 | 1 | BOOL => 1,
        2 | 3 => 2,
        U32..=6 => 4,
        10..=12 => 8,
        _ => return None,
    })
}

/// Reads all of them, and says how the data are aligned, in bytes.
pub(super) fn read(bytes: &mut Bytes<'_>, count: u64, scan: &mut Scan<'_>) -> Result<u64, ScanError> {
    // The least entry: an empty key, the type, one byte.
    bytes.fits(count, if bytes.is_wide { 13 } else { 9 }, "keys")?;
    if count > KEYS {
        return Err(ScanError::LimitReached("keys of a GGUF file"));
    }
    let mut seen = HashSet::new();
    let mut alignment = ALIGNMENT;
    for _ in 0..count {
        scan.budget.step()?;
        let at = bytes.at();
        let (key, length) = bytes.text(TEXT)?;
        let Ok(key) = String::from_utf8(key) else { return Err(broken(at, "a key is not valid UTF-8")) };
        if length > KEY || key.is_empty() {
            return Err(broken(at, &format!("a key of {length} bytes")));
        }
        if !seen.insert(key.clone()) {
            scan.report(&GGUF_MALFORMED, Location::Key(key.clone()), "given twice");
        }
        if key == "general.alignment" {
            alignment = aligned(bytes)?;
        } else {
            value(bytes, &key, scan)?;
        }
    }
    Ok(alignment)
}

/// The value of `general.alignment`.
fn aligned(bytes: &mut Bytes<'_>) -> Result<u64, ScanError> {
    let at = bytes.at();
    if bytes.u32()? != U32 {
        return Err(broken(at, "general.alignment has another type than uint32"));
    }
    let alignment = bytes.u32()?;
    if !alignment.is_power_of_two() || alignment > 1 << 20 {
        return Err(broken(at, &format!("data cannot be aligned to {alignment} bytes")));
    }
    Ok(u64::from(alignment))
}

fn value(bytes: &mut Bytes<'_>, key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let is_template = key.contains("chat_template") && key != "tokenizer.chat_templates";
    match bytes.u32()? {
        STRING if is_template => scan_template(bytes, key, scan)?,
        STRING => {
            let (text, _) = bytes.text(TEXT)?;
            // A character may be cut where the text was: only what is wrong in itself counts.
            if std::str::from_utf8(&text).is_err_and(|error| error.error_len().is_some()) {
                scan.report(&GGUF_MALFORMED, Location::Key(key.to_owned()), "the text is not UTF-8");
            }
        }
        LIST => list(bytes, key, is_template, DEPTH, scan)?,
        kind => {
            if is_template || key == "general.architecture" {
                scan.report(&GGUF_MALFORMED, Location::Key(key.to_owned()), "the value must be a string");
            }
            number(bytes, kind, key, scan)?;
        }
    }
    Ok(())
}

fn number(bytes: &mut Bytes<'_>, kind: u32, key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let at = bytes.at();
    let width = width(kind).ok_or_else(|| broken(at, &format!("unknown type {kind} of key `{key}`")))?;
    if kind == BOOL {
        let value = bytes.u8()?;
        if value > 1 {
            scan.report(&GGUF_MALFORMED, Location::Key(key.to_owned()), format!("{value} is not a boolean"));
        }
        return Ok(());
    }
    bytes.skip(width)
}

/// A list: its type, its length, its items. Lists of numbers are stepped over.
fn list(bytes: &mut Bytes<'_>, key: &str, is_template: bool, left: u32, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let left = left.checked_sub(1).ok_or(ScanError::LimitReached("nested arrays"))?;
    let at = bytes.at();
    let kind = bytes.u32()?;
    let count = bytes.count()?;
    if let Some(width) = width(kind) {
        bytes.fits(count, width, "items of a list")?;
        return bytes.skip(count.saturating_mul(width));
    }
    bytes.fits(count, if bytes.is_wide { 8 } else { 4 }, "items of a list")?;
    for _ in 0..count {
        scan.budget.step()?;
        match kind {
            STRING if is_template => scan_template(bytes, key, scan)?,
            STRING => bytes.skip_text()?,
            LIST => list(bytes, key, is_template, left, scan)?,
            _ => return Err(broken(at, &format!("unknown element type {kind} of the array `{key}`"))),
        }
    }
    Ok(())
}

fn scan_template(bytes: &mut Bytes<'_>, key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let (text, length) = bytes.text(scan.limits.document)?;
    if length > text.len() as u64 {
        return Err(ScanError::LimitReached("bytes of a chat template"));
    }
    match std::str::from_utf8(&text) {
        Ok(text) => template::text(text, key, scan),
        Err(_) => scan.report(&GGUF_MALFORMED, Location::Key(key.to_owned()), "the template is not UTF-8"),
    }
    Ok(())
}
