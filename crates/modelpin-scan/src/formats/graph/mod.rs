//! Graphs of operators, and the protocol buffers that they are kept in.

mod keras_config;
mod kind;
mod onnx;
mod plain;
mod saved_model;
mod text;
pub(crate) mod tflite;
pub(crate) mod wire;

pub(crate) use kind::{Kind, kind};
pub(crate) use onnx::{json as onnx_json, text as onnx_text};
pub(crate) use text::scan as text;

use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{Format, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use wire::Wire;

/// Which protocol buffer this is, if it is one; with other bytes after it, if need be.
pub(crate) fn sniff(part: &ByteRange<'_>, name: &Name) -> Result<Format, ScanError> {
    let kind = match kind(part, name)? {
        // The first fields of anything can pass for an unknown message.
        None => kind(&whole_fields(part)?, name)?.filter(|kind| *kind != Kind::Other),
        known => known,
    };
    Ok(match kind {
        Some(Kind::Onnx) => Format::Onnx,
        Some(Kind::SavedModel | Kind::MetaGraph | Kind::Graph) => Format::SavedModel,
        Some(
            Kind::KerasMetadata | Kind::Fingerprint | Kind::SentencePiece | Kind::Tensor | Kind::CoreMl | Kind::Other,
        ) => Format::Protobuf,
        None => Format::Binary,
    })
}

/// Scans a message, and whatever is after its last field.
pub(crate) fn scan(format: Format, part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let message = whole_fields(part)?;
    let outcome = match format {
        Format::Onnx => onnx::scan(&message, scan),
        Format::SavedModel => saved_model::scan(&message, name, scan),
        _ => plain::scan(&message, name, scan),
    };
    trailing::check(part, message.len(), scan)?;
    outcome
}

/// The fields that `part` begins with, up to bytes that are none. A last field that is longer than what is there
/// counts: the file was cut off within it.
fn whole_fields<'a>(part: &ByteRange<'a>) -> Result<ByteRange<'a>, ScanError> {
    let mut wire = Wire::new(part);
    let mut rest = wire.whole();
    // Where a message has more fields than this, what is after them is found when it is scanned.
    for _ in 0..FIELDS {
        let at = rest.at;
        match wire.peek(&mut rest) {
            Ok(Some((_, false))) => {}
            Ok(_) => break,
            Err(error @ (ScanError::Unreadable(_) | ScanError::NotRead(_))) => return Err(error),
            Err(_) if at == 0 => break,
            Err(_) => return Ok(part.slice(0, at)),
        }
    }
    Ok(part.clone())
}

/// Fields of one message that are stepped over to find its end; a frozen graph has one for each node.
const FIELDS: u32 = 4_000_000;
