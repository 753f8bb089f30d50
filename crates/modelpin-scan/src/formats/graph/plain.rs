//! Protocol buffers that hold no graph: sentencepiece models, what Keras and TensorFlow write beside a SavedModel.

use super::keras_config::config;
use super::kind::{Kind, kind};
use super::saved_model;
use super::wire::{Value, Wire};
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanResult};
use modelpin_rules::file::UNSCANNED_FORMAT;
use modelpin_rules::graph::PROTOBUF_MALFORMED;

/// Scans a protocol buffer that holds no graph.
pub(super) fn scan(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    match kind(part, name)? {
        Some(Kind::SentencePiece) => pieces(part, scan),
        Some(Kind::KerasMetadata) => keras_metadata(part, scan),
        Some(Kind::Fingerprint) => fingerprint(part, scan),
        // Numbers, and a program for a runtime that has no files, no connections and no Python.
        Some(Kind::Tensor | Kind::CoreMl) => fields(part, scan),
        kind => {
            saved_model::readings(part, kind, scan)?;
            scan.give_up(&UNSCANNED_FORMAT, "a protocol buffer of an unknown message type")
        }
    }
}

/// The vocabulary of sentencepiece: pieces with scores, and how text is normalised and was trained on
/// (`sentencepiece_model.proto`). Tables and settings, nothing that runs.
fn pieces(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let mut whole = wire.whole();
    while let Some(field) = wire.field(&mut whole, &mut scan.budget)? {
        match (field.number, field.value) {
            (1, Value::Bytes(mut piece)) => {
                while let Some(field) = wire.field(&mut piece, &mut scan.budget)? {
                    match (field.number, field.value) {
                        (1, Value::Bytes(_)) | (2, Value::Fixed32) | (3, Value::Number(1..=6)) => {}
                        _ => malformed(field.at, "a piece of the vocabulary has unknown fields", scan),
                    }
                }
            }
            (number @ 2..=5, Value::Bytes(mut settings)) => {
                while let Some(field) = wire.field(&mut settings, &mut scan.budget)? {
                    // Names of files and methods: messages in their place make it another kind of file.
                    if let (2, 1 | 2, Value::Bytes(span)) | (3, 1, Value::Bytes(span)) =
                        (number, field.number, field.value)
                        && !wire.is_plain(span)?
                    {
                        malformed(field.at, "a setting of the vocabulary is not plain text", scan);
                    }
                }
            }
            _ => malformed(field.at, "the vocabulary has unknown fields", scan),
        }
    }
    Ok(FullyCovered)
}

/// The objects of a Keras model, each with its configuration as JSON (`saved_metadata.proto`).
fn keras_metadata(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let mut whole = wire.whole();
    while let Some(field) = wire.field(&mut whole, &mut scan.budget)? {
        let (1, Value::Bytes(mut object)) = (field.number, field.value) else {
            malformed(field.at, "the Keras metadata has unknown fields", scan);
            continue;
        };
        let mut path = String::new();
        let mut configs = Vec::new();
        while let Some(field) = wire.field(&mut object, &mut scan.budget)? {
            match (field.number, field.value) {
                (3, Value::Bytes(span)) => path = wire.text(span)?,
                (5, Value::Bytes(span)) if configs.len() < 16 => configs.push(span),
                (2, Value::Number(_)) | (4 | 6, Value::Bytes(_)) => {}
                _ => malformed(field.at, "an object of the Keras metadata has unknown fields", scan),
            }
        }
        for span in configs {
            config(&mut wire, span, &path, scan)?;
        }
    }
    Ok(FullyCovered)
}

/// A message that was known by its fields: all of them are there.
fn fields(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let mut whole = wire.whole();
    while wire.field(&mut whole, &mut scan.budget)?.is_some() {}
    Ok(FullyCovered)
}

/// Checksums of the parts of a SavedModel (`fingerprint.proto`).
fn fingerprint(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let mut whole = wire.whole();
    while let Some(field) = wire.field(&mut whole, &mut scan.budget)? {
        match (field.number, field.value) {
            (1..=5, Value::Number(_)) => {}
            (6 | 7, Value::Bytes(span)) if span.len() <= 64 => {}
            _ => malformed(field.at, "the fingerprint has unknown fields", scan),
        }
    }
    Ok(FullyCovered)
}

fn malformed(at: u64, what: &str, scan: &mut Scan<'_>) {
    scan.report(&PROTOBUF_MALFORMED, Location::Byte(at), what);
}
