//! Models as JSON and as protocol buffers in the text format: `onnx.load` takes both, by the suffix
//! (`onnx/serialization.py`).

use super::fields::{Frame, Message};
use super::operators::Operators;
use crate::documents::json::Json;
use crate::engine::{Location, Scan, ScanError};

/// Whether a document is a model: it has a graph, and that has nodes or tensors, or a function has.
pub(crate) fn is_model(json: &Json) -> bool {
    let has = |json: &Json, message: Message| {
        json.entries().iter().any(|(key, value)| {
            message.field(key).and_then(|number| message.child(number)).is_some()
                && matches!(value, Json::List(_) | Json::Object(_))
        })
    };
    let parts = json.entries().iter().filter_map(|(key, value)| {
        let message = Message::Model.child(Message::Model.field(key)?)?;
        let first = value.items().first().unwrap_or(value);
        Some((message, first))
    });
    parts.into_iter().any(|(message, value)| has(value, message))
}

/// Scans a JSON document, if it is a model.
pub(crate) fn json(json: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if is_model(json) { walked(json, true, scan) } else { Ok(()) }
}

/// Scans a model in the text format.
pub(crate) fn message(json: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    walked(json, false, scan)
}

fn walked(json: &Json, is_json: bool, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut operators = Operators::default();
    let outcome = walk(json, Message::Model, None, is_json, &mut operators, scan);
    operators.check(scan);
    outcome
}

/// Visits a message and those in it. How deep they are was bounded where they were read.
fn walk(
    json: &Json,
    message: Message,
    above: Option<&mut Frame>,
    is_json: bool,
    operators: &mut Operators,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    scan.budget.step()?;
    let mut frame = Frame::new(message, Location::Whole);
    for (key, value) in json.entries() {
        let Some(number) = message.field(key) else { continue };
        let items = if let Json::List(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for item in items {
            match (message.child(number), item) {
                (Some(child), Json::Object(_)) => walk(item, child, Some(&mut frame), is_json, operators, scan)?,
                (Some(_), _) => {}
                (None, item) => note(&mut frame, number, item, is_json),
            }
        }
    }
    frame.leave(above, operators, scan)
}

/// Takes note of a field that leads no further.
fn note(frame: &mut Frame, number: u64, value: &Json, is_json: bool) {
    match value {
        Json::Number(count) => frame.number(number, count.as_u64().unwrap_or(u64::MAX)),
        // JSON has bytes in base64.
        Json::Text(text) if is_json && (frame.message, number) == (Message::Attribute, 4) => {
            frame.text(number, String::from_utf8_lossy(&base64(text)).into_owned());
        }
        Json::Text(text) if frame.takes(number) => frame.text(number, text.to_string()),
        // Names of constants, and numbers of 64 bits, which JSON has as texts.
        Json::Text(text) => {
            let value = match &**text {
                "DEFAULT" => 0,
                "EXTERNAL" => 1,
                text => text.parse().unwrap_or(u64::MAX),
            };
            frame.number(number, value);
        }
        _ => {}
    }
}

/// How much of a text in base64 is decoded: more than the longest path.
const LONGEST: usize = 8192;

/// The bytes of a text in base64, of either alphabet (RFC 4648); what is not of it is stepped over.
fn base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut length) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.bytes().take(LONGEST) {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits.wrapping_shl(6) | u32::from(value);
        length = length.saturating_add(6);
        if length >= 8 {
            length = length.saturating_sub(8);
            bytes.push(bits.wrapping_shr(length) as u8);
        }
    }
    bytes
}
