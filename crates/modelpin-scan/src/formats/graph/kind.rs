//! Which message a protocol buffer is. The format does not say; its first fields leave little choice.

use super::wire::{Field, Span, Value, Wire};
use crate::engine::ScanError;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;

/// A message that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `ModelProto` of ONNX.
    Onnx,
    /// `SavedModel` of TensorFlow.
    SavedModel,
    /// `MetaGraphDef`: the `.meta` of a TensorFlow 1 checkpoint.
    MetaGraph,
    /// `GraphDef`: a frozen TensorFlow graph.
    Graph,
    /// `SavedMetadata`: the `keras_metadata.pb` beside a SavedModel.
    KerasMetadata,
    /// `FingerprintDef`: the `fingerprint.pb` beside a SavedModel.
    Fingerprint,
    /// `ModelProto` of sentencepiece.
    SentencePiece,
    /// `TensorProto` of ONNX, with its values in it.
    Tensor,
    /// `Model` of Core ML.
    CoreMl,
    /// Well formed, of no message that is known here.
    Other,
}

/// How many fields are inspected before a message is called well formed as far as can be seen.
const MAX_FIELDS: usize = 4096;

/// The kinds of value, as the wire has them.
const N: u8 = 0;
const B: u8 = 2;
const F: u8 = 5;

/// The fields that each message has, with the kind of value of each.
const ONNX: &[(u64, u8)] =
    &[(1, N), (2, B), (3, B), (4, B), (5, N), (6, B), (7, B), (8, B), (14, B), (20, B), (25, B), (26, B)];
const ONNX_GRAPH: &[(u64, u8)] =
    &[(1, B), (2, B), (5, B), (10, B), (11, B), (12, B), (13, B), (14, B), (15, B), (16, B)];
const SAVED_MODEL: &[(u64, u8)] = &[(1, N), (2, B)];
const META_GRAPH: &[(u64, u8)] = &[(1, B), (2, B), (3, B), (4, B), (5, B), (6, B), (7, B)];
const GRAPH: &[(u64, u8)] = &[(1, B), (2, B), (3, N), (4, B), (5, B)];
const NODE: &[(u64, u8)] = &[(1, B), (2, B), (3, B), (4, B), (5, B), (6, B), (7, B)];
const KERAS: &[(u64, u8)] = &[(1, B)];
const KERAS_OBJECT: &[(u64, u8)] = &[(2, N), (3, B), (4, B), (5, B), (6, B)];
const FINGERPRINT: &[(u64, u8)] = &[(1, N), (2, N), (3, N), (4, N), (5, N), (6, B), (7, B)];
const TENSOR: &[(u64, u8)] = &[
    (1, N),
    (1, B),
    (2, N),
    (4, F),
    (4, B),
    (5, N),
    (5, B),
    (6, B),
    (7, N),
    (7, B),
    (8, B),
    (9, B),
    (10, 1),
    (10, B),
    (11, N),
    (11, B),
    (12, B),
];
/// Types of values that ONNX has, as of 1.20.
const TENSOR_TYPES: std::ops::RangeInclusive<u64> = 1..=26;
const PIECES: &[(u64, u8)] = &[(1, B), (2, B), (3, B), (4, B), (5, B)];
const PIECE: &[(u64, u8)] = &[(1, B), (2, F), (3, N)];

/// The first fields of a message.
struct Fields {
    fields: Vec<Field>,
    /// Whether the message was seen to its end, or as far as is looked.
    sound: bool,
}

impl Fields {
    fn at(wire: &mut Wire<'_>, mut span: Span, most: usize) -> Result<Self, ScanError> {
        let mut fields = Vec::new();
        while fields.len() < most {
            match wire.peek(&mut span) {
                Ok(Some((field, cut))) => {
                    fields.push(field);
                    if cut {
                        return Ok(Self { fields, sound: false });
                    }
                }
                Ok(None) => break,
                Err(error @ (ScanError::Unreadable(_) | ScanError::NotRead(_))) => return Err(error),
                Err(_) => return Ok(Self { fields, sound: false }),
            }
        }
        Ok(Self { fields, sound: true })
    }

    /// Whether there are fields, and only these.
    fn only(&self, known: &[(u64, u8)]) -> bool {
        let kind = |field: &Field| match field.value {
            Value::Number(_) => N,
            Value::Bytes(_) => B,
            Value::Fixed32 => F,
            Value::Fixed64 => 1,
        };
        !self.fields.is_empty() && self.fields.iter().all(|field| known.contains(&(field.number, kind(field))))
    }

    /// The fields up to the first that is none of these: what follows may be something else altogether.
    fn until(&self, known: &[(u64, u8)]) -> Self {
        let fields = self.fields.iter().copied();
        let fields = fields.take_while(|field| Self { fields: vec![*field], sound: true }.only(known)).collect();
        Self { fields, sound: self.sound }
    }

    fn has(&self, number: u64) -> bool {
        self.fields.iter().any(|field| field.number == number)
    }

    fn spans(&self, number: u64) -> impl Iterator<Item = Span> {
        self.fields.iter().filter(move |field| field.number == number).filter_map(|field| match field.value {
            Value::Bytes(span) => Some(span),
            _ => None,
        })
    }
}

/// Which message `part` is; `None` where it is not a protocol buffer.
pub(crate) fn kind(part: &ByteRange<'_>, name: &Name) -> Result<Option<Kind>, ScanError> {
    let mut wire = Wire::new(part);
    let whole = wire.whole();
    let read_fields = Fields::at(&mut wire, whole, 64)?;
    let wire = &mut wire;
    if let Some(kind) = by_name(wire, &read_fields, name)? {
        return Ok(Some(kind));
    }
    if read_fields.only(PIECES) && first(wire, &read_fields, 1, is_piece)? {
        return Ok(Some(Kind::SentencePiece));
    }
    if read_fields.only(KERAS) && first(wire, &read_fields, 1, is_keras_object)? {
        return Ok(Some(Kind::KerasMetadata));
    }
    if read_fields.only(GRAPH) && first(wire, &read_fields, 1, is_node)? {
        return Ok(Some(Kind::Graph));
    }
    if read_fields.only(META_GRAPH) && first(wire, &read_fields, 2, is_graph)? {
        return Ok(Some(Kind::MetaGraph));
    }
    let model = read_fields.until(ONNX);
    if (model.has(1) || model.has(8)) && first(wire, &model, 7, is_onnx_graph)? {
        return Ok(Some(Kind::Onnx));
    }
    let has_version =
        read_fields.fields.iter().any(|field| field.number == 1 && matches!(field.value, Value::Number(0..=16)));
    if read_fields.only(SAVED_MODEL) && has_version && first(wire, &read_fields, 2, is_meta_graph)? {
        return Ok(Some(Kind::SavedModel));
    }
    if read_fields.only(FINGERPRINT)
        && read_fields.sound
        && read_fields.has(1)
        && read_fields.has(6)
        && read_fields.fields.len() <= 7
    {
        return Ok(Some(Kind::Fingerprint));
    }
    let read_fields = Fields::at(wire, whole, MAX_FIELDS)?;
    if is_tensor(&read_fields) {
        return Ok(Some(Kind::Tensor));
    }
    if is_core_ml(wire, &read_fields)? {
        return Ok(Some(Kind::CoreMl));
    }
    let is_plain = read_fields.sound
        && read_fields.fields.len() >= 2
        && read_fields.fields.iter().all(|field| field.number <= 500);
    Ok(is_plain.then_some(Kind::Other))
}

/// What a loader takes the file for that goes by the name. Fields that the message does not have are nothing to it.
fn by_name(wire: &mut Wire<'_>, read_fields: &Fields, name: &Name) -> Result<Option<Kind>, ScanError> {
    Ok(if name.base == "saved_model.pb" && read_fields.spans(2).next().is_some() {
        Some(Kind::SavedModel)
    } else if name.suffix == "onnx" && read_fields.spans(7).next().is_some() {
        Some(Kind::Onnx)
    } else if name.suffix == "meta" && first(wire, read_fields, 2, is_graph)? {
        Some(Kind::MetaGraph)
    } else {
        None
    })
}

/// Whether the message at `span` can be read as a `MetaGraphDef`: it has a graph.
pub(crate) fn may_be_meta_graph(wire: &mut Wire<'_>, span: Span) -> Result<bool, ScanError> {
    let read_fields = Fields::at(wire, span, MAX_FIELDS)?;
    for graph in read_fields.spans(2) {
        if may_be_graph(wire, graph)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the message at `span` can be read as a `GraphDef`: it has a node.
pub(crate) fn may_be_graph(wire: &mut Wire<'_>, span: Span) -> Result<bool, ScanError> {
    let read_fields = Fields::at(wire, span, MAX_FIELDS)?;
    first(wire, &read_fields, 1, is_node)
}

type Test = fn(&mut Wire<'_>, &Fields) -> Result<bool, ScanError>;

/// Whether the first field `number` of a message passes `test`.
fn first(wire: &mut Wire<'_>, read_fields: &Fields, number: u64, test: Test) -> Result<bool, ScanError> {
    let Some(span) = read_fields.spans(number).next() else { return Ok(false) };
    let inner = Fields::at(wire, span, 32)?;
    test(wire, &inner)
}

fn is_piece(_: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    Ok(read_fields.only(PIECE) && read_fields.sound && read_fields.has(1) && read_fields.has(2))
}

fn is_keras_object(wire: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    let Some(identifier) = read_fields.spans(4).next() else { return Ok(false) };
    Ok(read_fields.only(KERAS_OBJECT) && wire.text(identifier)?.starts_with("_tf_keras"))
}

/// A tensor says its type once, and has fields of a tensor only. One whose values are in another file is none here.
fn is_tensor(read_fields: &Fields) -> bool {
    let types: Vec<u64> = read_fields
        .fields
        .iter()
        .filter_map(|field| match field.value {
            Value::Number(number) if field.number == 2 => Some(number),
            _ => None,
        })
        .collect();
    read_fields.sound && read_fields.only(TENSOR) && matches!(types.as_slice(), [kind] if TENSOR_TYPES.contains(kind))
}

/// The kinds of model that Core ML has, by the number of their field (`Model.proto`), but those that name a class of
/// the application (555) or carry bytes for another reader (3000).
fn is_core_ml_kind(number: u64) -> bool {
    matches!(number, 200..=202 | 300..=303 | 400..=403 | 500..=502 | 556 | 560 | 600..=610 | 900 | 2000..=2006)
}

/// A model says the version of its format, describes itself, and is of one kind.
fn is_core_ml(wire: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    let known = |field: &Field| match (field.number, field.value) {
        (1, Value::Number(version)) => (1..=12).contains(&version),
        (10, Value::Number(updatable)) => updatable <= 1,
        (2, Value::Bytes(_)) => true,
        (number, Value::Bytes(_)) => is_core_ml_kind(number),
        _ => false,
    };
    let kinds = read_fields.fields.iter().filter(|field| field.number >= 200).count();
    if !read_fields.sound || kinds != 1 || !read_fields.has(1) || !read_fields.fields.iter().all(known) {
        return Ok(false);
    }
    // Inputs, outputs and what people say of it.
    let described = |_: &mut Wire<'_>, read_fields: &Fields| {
        Ok(read_fields.sound && read_fields.fields.iter().all(|field| field.number <= 100))
    };
    first(wire, read_fields, 2, described)
}

/// A node has a name and an operator, which are plain words.
fn is_node(wire: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    let Some(op) = read_fields.spans(2).next() else { return Ok(false) };
    let op = wire.text(op)?;
    let is_word = !op.is_empty() && op.chars().all(|letter| letter.is_ascii_alphanumeric() || "_>./-".contains(letter));
    Ok(read_fields.only(NODE) && is_word)
}

fn is_graph(wire: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    Ok(read_fields.only(GRAPH) && first(wire, read_fields, 1, is_node)?)
}

fn is_meta_graph(_: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    Ok(read_fields.only(META_GRAPH))
}

fn is_onnx_graph(_: &mut Wire<'_>, read_fields: &Fields) -> Result<bool, ScanError> {
    Ok(read_fields.only(ONNX_GRAPH))
}
