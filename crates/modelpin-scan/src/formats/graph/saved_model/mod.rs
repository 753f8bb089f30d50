//! TensorFlow: SavedModels, the graphs of TensorFlow 1 checkpoints, frozen graphs. Every operator of the graph
//! and of its library of functions is inspected
//! (<https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/protobuf>).

mod node;
mod operators;
mod paths;
mod saver;
mod text;

pub(crate) use operators::operator;
pub(crate) use text::scan as text;

use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FileReference, FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::graph::keras_config::config;
use crate::formats::graph::kind::{Kind, kind, may_be_graph, may_be_meta_graph};
use crate::formats::graph::onnx::leads_out;
use crate::formats::graph::wire::{Span, Value, Wire};
use modelpin_rules::archive::ARCHIVE_ESCAPE;
use modelpin_rules::graph::PROTOBUF_MALFORMED;
use node::Node;
use operators::Operators;
use saver::Saver;

/// Scans a SavedModel, a `MetaGraphDef` or a `GraphDef`.
pub(crate) fn scan(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let whole = wire.whole();
    let kind = kind(part, name)?;
    match kind {
        Some(Kind::Graph) => Model { graphs: vec![whole], ..Model::default() }.check(&mut wire, scan)?,
        Some(Kind::MetaGraph) => Model::read(&mut wire, whole, scan)?.check(&mut wire, scan)?,
        _ => {}
    }
    readings(part, kind, scan)
}

/// The same fields make another message to another reader: whatever could be a graph to one is scanned.
pub(crate) fn readings(part: &ByteRange<'_>, kind: Option<Kind>, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let whole = wire.whole();
    if kind != Some(Kind::Graph) && may_be_graph(&mut wire, whole)? {
        scan.report(&PROTOBUF_MALFORMED, Location::Whole, "a graph to one reader, a model with a graph to another");
        Model { graphs: vec![whole], ..Model::default() }.check(&mut wire, scan)?;
    }
    let mut rest = whole;
    while let Some(field) = wire.field(&mut rest, &mut scan.budget)? {
        let (2, Value::Bytes(span)) = (field.number, field.value) else { continue };
        if kind == Some(Kind::SavedModel) {
            Model::read(&mut wire, span, scan)?.check(&mut wire, scan)?;
        } else if may_be_meta_graph(&mut wire, span)? {
            scan.report(
                &PROTOBUF_MALFORMED,
                Location::Byte(field.at),
                "the graph of a SavedModel, in a file of another kind",
            );
            Model::read(&mut wire, span, scan)?.check(&mut wire, scan)?;
        }
    }
    Ok(FullyCovered)
}

/// How many parts of one kind a model may have. Honest ones have one of each, and signatures by the dozen.
const PARTS: usize = 10_000;

/// The parts of a `MetaGraphDef` that matter, where they are.
#[derive(Debug, Default)]
struct Model {
    graphs: Vec<Span>,
    savers: Vec<Span>,
    collections: Vec<Span>,
    signatures: Vec<Span>,
    assets: Vec<Span>,
    objects: Vec<Span>,
}

impl Model {
    fn read(wire: &mut Wire<'_>, mut span: Span, scan: &mut Scan<'_>) -> Result<Self, ScanError> {
        let mut model = Self::default();
        while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
            let Value::Bytes(span) = field.value else { continue };
            let parts = match field.number {
                2 => &mut model.graphs,
                3 => &mut model.savers,
                4 => &mut model.collections,
                5 => &mut model.signatures,
                6 => &mut model.assets,
                7 => &mut model.objects,
                _ => continue,
            };
            if parts.len() >= PARTS {
                return Err(ScanError::LimitReached("parts of a graph"));
            }
            parts.push(span);
        }
        Ok(model)
    }

    /// Scans all of it. What was found before a break counts as well.
    fn check(&self, wire: &mut Wire<'_>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut operators = Operators::default();
        let outcome = self.walk(wire, &mut operators, scan);
        operators.check(scan);
        outcome
    }

    fn walk(&self, wire: &mut Wire<'_>, operators: &mut Operators, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut saver = Saver::default();
        for graph in &self.graphs {
            each(wire, *graph, 2, scan, |wire, library, scan| {
                each(wire, library, 1, scan, |wire, function, scan| {
                    function_of(wire, function, operators, &mut saver, scan)
                })
            })?;
        }
        saver.close();
        for graph in &self.graphs {
            each(wire, *graph, 1, scan, |wire, span, scan| {
                let node = Node::read(wire, span, scan)?;
                operators.node(&node, "", scan)?;
                saver.top(&node)
            })?;
        }
        saver.leave_top(scan)?;
        for graph in &self.graphs {
            each(wire, *graph, 1, scan, |wire, span, scan| saver.edges(&Node::read(wire, span, scan)?, span.at, scan))?;
        }
        self.entries(wire, &saver, scan)?;
        for span in &self.objects {
            objects(wire, *span, &saver, scan)?;
        }
        for span in &self.assets {
            asset(wire, *span, scan)?;
        }
        Ok(())
    }

    /// What a loader runs or offers by name: the saver's two operations, the signatures, the initialisation.
    fn entries(&self, wire: &mut Wire<'_>, saver: &Saver, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        for span in &self.savers {
            each(wire, *span, 3, scan, |wire, name, scan| {
                let name = wire.text(name)?;
                saver.restores(&name, span.at, scan);
                Ok(())
            })?;
        }
        for span in &self.signatures {
            each(wire, *span, 2, scan, |wire, signature, scan| {
                each(wire, signature, 2, scan, |wire, output, scan| {
                    each(wire, output, 2, scan, |wire, tensor, scan| {
                        each(wire, tensor, 1, scan, |wire, name, scan| {
                            saver.runs("a signature", &wire.text(name)?, name.at, scan);
                            Ok(())
                        })
                    })
                })
            })?;
        }
        for span in &self.collections {
            let mut key = String::new();
            each(wire, *span, 1, scan, |wire, name, _| {
                key = wire.text(name)?;
                Ok(())
            })?;
            if !matches!(key.as_str(), "legacy_init_op" | "saved_model_main_op") {
                continue;
            }
            each(wire, *span, 2, scan, |wire, collection, scan| {
                each(wire, collection, 1, scan, |wire, list, scan| {
                    each(wire, list, 1, scan, |wire, name, scan| {
                        saver.runs("the initialisation", &wire.text(name)?, name.at, scan);
                        Ok(())
                    })
                })
            })?;
        }
        Ok(())
    }
}

/// Does `work` for every field `number` of the message at `span`.
fn each(
    wire: &mut Wire<'_>,
    mut span: Span,
    number: u64,
    scan: &mut Scan<'_>,
    mut work: impl FnMut(&mut Wire<'_>, Span, &mut Scan<'_>) -> Result<(), ScanError>,
) -> Result<(), ScanError> {
    while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
        if let (true, Value::Bytes(span)) = (field.number == number, field.value) {
            work(wire, span, scan)?;
        }
    }
    Ok(())
}

/// A function of the library: its name, and its nodes.
fn function_of(
    wire: &mut Wire<'_>,
    function: Span,
    operators: &mut Operators,
    saver: &mut Saver,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    let mut name = String::new();
    each(wire, function, 1, scan, |wire, signature, scan| {
        each(wire, signature, 1, scan, |wire, text, _| {
            name = wire.text(text)?;
            Ok(())
        })
    })?;
    operators.defines(&name)?;
    each(wire, function, 3, scan, |wire, span, scan| {
        let node = Node::read(wire, span, scan)?;
        operators.node(&node, &name, scan)?;
        saver.inner(&name, &node)
    })?;
    saver.leave(&name, scan)
}

/// The objects that TensorFlow 2 rebuilds: functions that can be called, and what Keras laid beside its layers.
fn objects(wire: &mut Wire<'_>, graph: Span, saver: &Saver, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    each(wire, graph, 2, scan, |wire, entry, scan| {
        each(wire, entry, 1, scan, |wire, name, scan| {
            saver.offers(&wire.text(name)?, name.at, scan);
            Ok(())
        })
    })?;
    each(wire, graph, 1, scan, |wire, object, scan| {
        each(wire, object, 4, scan, |wire, user, scan| {
            each(wire, user, 3, scan, |wire, metadata, scan| config(wire, metadata, "object_graph_def", scan))
        })
    })
}

/// A file that comes with the model, below `assets/`.
fn asset(wire: &mut Wire<'_>, span: Span, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    each(wire, span, 2, scan, |wire, name, scan| {
        let file = wire.text(name)?;
        match leads_out(&file) {
            Some(how) => scan.report(&ARCHIVE_ESCAPE, Location::Byte(name.at), format!("asset `{file}`: {how}")),
            None if scan.depth() == 0 => {
                scan.reference_file(FileReference::Data(format!("assets/{file}")));
            }
            None => {}
        }
        Ok(())
    })
}
