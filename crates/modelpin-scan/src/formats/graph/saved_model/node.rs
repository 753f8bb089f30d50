//! One node of a graph, as far as it matters.

use crate::engine::{Scan, ScanError};
use crate::formats::graph::wire::{Span, Value, Wire};

/// A node.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) op: String,
    /// What it takes its inputs from, as node names.
    pub(super) inputs: Vec<String>,
    /// The functions that it names in its attributes.
    pub(super) calls: Vec<String>,
    /// The texts of its attributes `output_stream` and `debug_urls`.
    pub(super) places: Vec<String>,
    /// The texts that it stands for, where it is a constant.
    pub(super) constants: Vec<String>,
    pub(super) at: u64,
}

/// How many inputs, functions and places of one node are kept.
const MOST: usize = 100_000;

/// Texts of one constant that are kept: paths are few.
const CONSTANTS: usize = 64;

/// Functions with functions in their attributes, deeper than anything honest.
const DEPTH: u32 = 8;

impl Node {
    pub(super) fn read(wire: &mut Wire<'_>, mut span: Span, scan: &mut Scan<'_>) -> Result<Self, ScanError> {
        let mut node = Self { at: span.at, ..Self::default() };
        while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
            match (field.number, field.value) {
                (1, Value::Bytes(name)) => node.name = wire.text(name)?,
                (2, Value::Bytes(op)) => node.op = wire.text(op)?,
                (3, Value::Bytes(input)) => {
                    let input = wire.text(input)?;
                    push(&mut node.inputs, node_of(&input).to_owned())?;
                }
                (5, Value::Bytes(entry)) => node.attribute(wire, entry, DEPTH, scan)?,
                _ => {}
            }
        }
        Ok(node)
    }

    /// An entry of the map of attributes: a key and an `AttrValue`.
    fn attribute(&mut self, wire: &mut Wire<'_>, entry: Span, left: u32, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let left = left.checked_sub(1).ok_or(ScanError::LimitReached("functions in attributes"))?;
        let mut key = String::new();
        let mut values = Vec::new();
        let mut rest = entry;
        while let Some(field) = wire.field(&mut rest, &mut scan.budget)? {
            match (field.number, field.value) {
                (1, Value::Bytes(name)) => key = wire.text(name)?,
                (2, Value::Bytes(value)) if values.len() < MOST => values.push(value),
                _ => {}
            }
        }
        for value in values {
            self.value(wire, value, &key, left, scan)?;
        }
        Ok(())
    }

    /// An `AttrValue`, or the `ListValue` in it: both have functions, and both have texts as field 2.
    fn value(
        &mut self,
        wire: &mut Wire<'_>,
        mut value: Span,
        key: &str,
        left: u32,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        let left = left.checked_sub(1).ok_or(ScanError::LimitReached("functions in attributes"))?;
        while let Some(field) = wire.field(&mut value, &mut scan.budget)? {
            match (field.number, field.value) {
                (1, Value::Bytes(list)) => self.value(wire, list, key, left, scan)?,
                (2, Value::Bytes(text)) if matches!(key, "output_stream" | "debug_urls") => {
                    let text = wire.text(text)?;
                    push(&mut self.places, text)?;
                }
                (8, Value::Bytes(tensor)) if key == "value" && self.constants.len() < CONSTANTS => {
                    self.tensor(wire, tensor, scan)?;
                }
                (9 | 10, Value::Bytes(function)) => self.function(wire, function, left, scan)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The texts of a `TensorProto`. One that is no text has none of them.
    fn tensor(&mut self, wire: &mut Wire<'_>, mut span: Span, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
            if let (8, Value::Bytes(text)) = (field.number, field.value)
                && self.constants.len() < CONSTANTS
            {
                let text = wire.text(text)?;
                self.constants.push(text);
            }
        }
        Ok(())
    }

    /// A `NameAttrList`: the name of a function, and attributes of its own.
    fn function(
        &mut self,
        wire: &mut Wire<'_>,
        mut span: Span,
        left: u32,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
            match (field.number, field.value) {
                (1, Value::Bytes(name)) => {
                    let name = wire.text(name)?;
                    if !name.is_empty() {
                        push(&mut self.calls, name)?;
                    }
                }
                (2, Value::Bytes(entry)) => self.attribute(wire, entry, left, scan)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn push(to: &mut Vec<String>, text: String) -> Result<(), ScanError> {
    if to.len() >= MOST {
        return Err(ScanError::LimitReached("inputs and attributes of a node"));
    }
    to.push(text);
    Ok(())
}

/// The node in the name of a tensor (`node:0`), of a control input (`^node`), or of a result within a function
/// (`node:output:0`).
pub(super) fn node_of(name: &str) -> &str {
    let name = name.strip_prefix('^').unwrap_or(name);
    name.split_once(':').map_or(name, |(node, _)| node)
}
