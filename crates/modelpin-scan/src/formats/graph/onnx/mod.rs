//! ONNX: every tensor and every operator of a model, wherever it is nested
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).

mod external;
mod operators;

pub(crate) use external::leads_out;

use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError, ScanResult};
use crate::formats::graph::saved_model::readings;
use crate::formats::graph::wire::{Span, Value, Wire};
use external::External;
use modelpin_rules::graph::{ONNX_MALFORMED, PROTOBUF_MALFORMED};

use operators::Operators;

/// The messages that contain tensors and operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Training,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    Sparse,
    /// A key and a value that say where the data of a tensor are.
    Entry,
}

impl Message {
    /// What the field `number` of this message is, where it leads on.
    fn child(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Training, 1 | 2) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Model, 20) => Self::Training,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::Sparse,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::Sparse, 1 | 2) => Self::Tensor,
            (Self::Function, 11) | (Self::Node, 5) => Self::Attribute,
            (Self::Tensor, 13) => Self::Entry,
            _ => return None,
        })
    }
}

/// A message that is being read, and what was learned from it so far.
struct Frame {
    message: Message,
    span: Span,
    start: u64,
    /// The name of a tensor or function, the operator of a node, the key of an entry.
    name: String,
    /// The domain of a node or function, the value of an entry.
    text: String,
    external: External,
}

impl Frame {
    fn new(message: Message, span: Span) -> Self {
        let (name, text, external) = Default::default();
        Self { message, start: span.at, span, name, text, external }
    }

    /// Takes note of a field that leads no further.
    fn note(&mut self, number: u64, value: Value, wire: &mut Wire<'_>) -> Result<(), ScanError> {
        match (self.message, number, value) {
            (Message::Node, 4, Value::Bytes(span))
            | (Message::Function | Message::Entry, 1, Value::Bytes(span))
            | (Message::Tensor, 8, Value::Bytes(span)) => self.name = wire.text(span)?,
            (Message::Node, 7, Value::Bytes(span))
            | (Message::Function, 10, Value::Bytes(span))
            | (Message::Entry, 2, Value::Bytes(span)) => self.text = wire.text(span)?,
            (Message::Tensor, 14, Value::Number(place)) => self.external.place = place,
            _ => {}
        }
        Ok(())
    }
}

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
    let mut frames = vec![Frame::new(Message::Model, wire.whole())];
    while let Some(frame) = frames.last_mut() {
        let Some(field) = wire.field(&mut frame.span, &mut scan.budget)? else {
            if let Some(frame) = frames.pop() {
                leave(frame, frames.last_mut(), operators, scan)?;
            }
            continue;
        };
        match (frame.message.child(field.number), field.value) {
            (Some(message), Value::Bytes(span)) => {
                has_graph |= message == Message::Graph;
                if frames.len() >= DEPTH {
                    return Err(ScanError::LimitReached("nested graphs"));
                }
                frames.push(Frame::new(message, span));
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
                frame.note(field.number, field.value, &mut wire)?;
            }
        }
    }
    Ok(has_graph)
}

/// Scans a message that was read to its end.
fn leave(
    frame: Frame,
    above: Option<&mut Frame>,
    operators: &mut Operators,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    match frame.message {
        Message::Node => operators.uses(frame.text, frame.name, frame.start)?,
        Message::Function => operators.defines(frame.text, frame.name)?,
        Message::Tensor => frame.external.check(&frame.name, frame.start, scan),
        Message::Entry => {
            if let Some(above) = above {
                above.external.add(frame.name, frame.text)?;
            }
        }
        _ => {}
    }
    Ok(())
}
