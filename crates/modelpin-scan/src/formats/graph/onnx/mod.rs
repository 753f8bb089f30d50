//! ONNX: every tensor and every operator of a model, wherever it is nested
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).

mod external;
mod fields;
mod operators;
mod syntax;
mod tree;

pub(crate) use external::leads_out;
pub(crate) use syntax::scan as text;
pub(crate) use tree::{is_model, json, message};

use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError, ScanResult};
use crate::formats::graph::saved_model::readings;
use crate::formats::graph::wire::{Value, Wire};
use fields::{Frame, Message};
use modelpin_rules::graph::{ONNX_MALFORMED, PROTOBUF_MALFORMED};

use operators::Operators;

/// Graphs within graphs, deeper than any converter writes them. Each takes three messages.
const DEPTH: usize = 300;

/// Scans a model. What was found before a break counts as well.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut operators = Operators::default();
    let outcome = walk(part, &mut operators, scan);
    operators.check(scan);
    if let Ok(false) = outcome {
        scan.report(&ONNX_MALFORMED, Location::Whole, "the model has no graph");
    }
    outcome?;
    readings(part, None, scan)
}

/// Visits every message that contains tensors and operators, and returns whether there is a graph.
fn walk(part: &ByteRange<'_>, operators: &mut Operators, scan: &mut Scan<'_>) -> Result<bool, ScanError> {
    let mut wire = Wire::new(part);
    let mut has_graph = false;
    let mut frames = vec![(Frame::new(Message::Model, Location::Whole), wire.whole())];
    while let Some((frame, span)) = frames.last_mut() {
        let Some(field) = wire.field(span, &mut scan.budget)? else {
            if let Some((frame, _)) = frames.pop() {
                frame.leave(frames.last_mut().map(|(above, _)| above), operators, scan)?;
            }
            continue;
        };
        match (frame.message.child(field.number), field.value) {
            (Some(message), Value::Bytes(span)) => {
                has_graph |= message == Message::Graph;
                if frames.len() >= DEPTH {
                    return Err(ScanError::LimitReached("nested graphs"));
                }
                frames.push((Frame::new(message, Location::Byte(span.at)), span));
            }
            _ => {
                if let (Message::Model, 2, Value::Bytes(span)) = (frame.message, field.number, field.value)
                    && !wire.is_plain(span)?
                {
                    scan.report(&PROTOBUF_MALFORMED, Location::Byte(field.at), "the producer name is not plain text");
                }
                if frame.message == Message::Model && !matches!(field.number, 1..=8 | 14 | 26) {
                    scan.report(
                        &PROTOBUF_MALFORMED,
                        Location::Byte(field.at),
                        format!("unknown field {} of the model", field.number),
                    );
                }
                match field.value {
                    Value::Bytes(span) if frame.takes(field.number) => {
                        let text = wire.text(span)?;
                        frame.text(field.number, text);
                    }
                    Value::Number(number) => frame.number(field.number, number),
                    _ => {}
                }
            }
        }
    }
    Ok(has_graph)
}
