//! The JSON configurations of Keras that messages of TensorFlow carry.

use super::wire::{Span, Wire};
use crate::documents::keras;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::graph::PROTOBUF_MALFORMED;

/// Passes a configuration to the scanner of Keras configurations.
pub(super) fn config(wire: &mut Wire<'_>, span: Span, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if span.len() > scan.limits.json as u64 {
        return Err(ScanError::LimitReached("bytes of a Keras configuration"));
    }
    let text = wire.bytes(span, span.len())?;
    match std::str::from_utf8(&text) {
        Ok(text) if text.contains("class_name") => keras::config(text, path, scan),
        Ok(_) => {}
        Err(_) => scan.report(&PROTOBUF_MALFORMED, Location::Byte(span.at), "a configuration is not valid UTF-8"),
    }
    Ok(())
}
