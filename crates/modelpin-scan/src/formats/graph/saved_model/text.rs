//! Graphs as text (`saved_model.pbtxt`, `graph.pbtxt`), which TensorFlow loads as well as the binary ones
//! (<https://protobuf.dev/reference/protobuf/textformat-spec/>).

use super::operators::{operator, restores, saves};
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::graph::{PROTOBUF_MALFORMED, TF_DATA_OPERATOR, TF_UNKNOWN_OPERATOR};
use std::collections::BTreeSet;

/// A word of the text format.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Name(&'t str),
    /// What is between quotation marks, as written.
    Text(&'t str),
    Sign(char),
}

/// Scans a graph in the text format, or another document in it, which has no operators.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.json)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return scan.give_up(&PROTOBUF_MALFORMED, "a protocol buffer in the text format has to be UTF-8");
    };
    let mut rest = text;
    let mut field = "";
    let mut outer = "";
    let mut used = BTreeSet::new();
    let mut defined = BTreeSet::new();
    while let Some(token) = next(&mut rest)? {
        scan.budget.step()?;
        match token {
            Token::Name(name) => field = name,
            Token::Sign('{' | '<') => outer = field,
            Token::Sign(':' | '[') => {}
            Token::Sign(_) => field = "",
            Token::Text(text) if field == "op" => {
                // Texts that are side by side are one, and escapes can spell anything.
                field = "op, continued";
                used.insert(text);
            }
            Token::Text(text) if field == "name" && outer == "signature" => {
                defined.insert(text);
            }
            Token::Text(text) if field == "op, continued" => {
                scan.report(&PROTOBUF_MALFORMED, Location::Whole, format!("an operator name continues with `{text}`"));
            }
            Token::Text(_) => {}
        }
    }
    for op in used {
        if !op.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_>./-".contains(&byte)) {
            scan.report(&PROTOBUF_MALFORMED, Location::Whole, format!("operator `{op}` is not a plain identifier"));
        } else if saves(op) || restores(op) {
            scan.report(
                &TF_DATA_OPERATOR,
                Location::Whole,
                format!("`{op}`: its callers are not traced in the text format"),
            );
        } else if let Some(rule) = operator(op).filter(|rule| *rule != &TF_UNKNOWN_OPERATOR || !defined.contains(op)) {
            scan.report(rule, Location::Whole, format!("`{op}`"));
        }
    }
    Ok(FullyCovered)
}

/// The next word, which is taken off `rest`.
fn next<'t>(rest: &mut &'t str) -> Result<Option<Token<'t>>, ScanError> {
    *rest = rest.trim_start();
    while rest.starts_with('#') {
        *rest = rest.split_once('\n').map_or("", |(_, below)| below).trim_start();
    }
    let Some(first) = rest.chars().next() else { return Ok(None) };
    if first == '"' || first == '\'' {
        let inner = rest.get(1..).unwrap_or_default();
        let mut is_escaped = false;
        let end = inner.find(|letter| {
            let ends = letter == first && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        });
        let broken = || ScanError::Malformed(&PROTOBUF_MALFORMED, Location::Whole, "an unterminated string".to_owned());
        let (text, below) = end.and_then(|end| inner.split_at_checked(end)).ok_or_else(broken)?;
        *rest = below.get(1..).unwrap_or_default();
        return Ok(Some(Token::Text(text)));
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | '+');
    let length = match rest.find(|letter| !is_word(letter)) {
        Some(0) => {
            *rest = rest.get(first.len_utf8()..).unwrap_or_default();
            return Ok(Some(Token::Sign(first)));
        }
        Some(length) => length,
        None => rest.len(),
    };
    let (word, below) = rest.split_at_checked(length).unwrap_or((rest, ""));
    *rest = below;
    Ok(Some(Token::Name(word)))
}
