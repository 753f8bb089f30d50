//! Protocol buffers in the text format, whatever message they are: graphs of TensorFlow, models of ONNX, networks of
//! Caffe, configurations of servers. The format does not say, and a document may be read as any of them.

use super::{onnx, saved_model};
use crate::documents::{config, prototext};
use crate::engine::memory::MemoryPermit;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Scan, ScanResult};
use modelpin_rules::graph::PROTOBUF_MALFORMED;

/// How much memory the fields of a document take at most, for each byte of it.
const COST: usize = 12;

/// Scans a document; `path` is where it is. What was found before a break counts as well.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.json)?;
    scan.budget.charge_bytes(bytes.len())?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return scan.give_up(&PROTOBUF_MALFORMED, "a protocol buffer in the text format has to be UTF-8");
    };
    let _turn = MemoryPermit::of(bytes.len().saturating_mul(COST));
    let read = prototext::read(text, &mut scan.budget);
    saved_model::text(&read.message, scan)?;
    if onnx::is_model(&read.message) {
        onnx::message(&read.message, scan)?;
    }
    config::message(&read.message, path, scan)?;
    read.broken.map_or(Ok(FullyCovered), Err)
}
