//! The messages of a model, as far as they matter, whatever form they are written in: binary, JSON, text
//! (`onnx/onnx.proto3`).

use super::external::{External, compiled};
use super::operators::Operators;
use crate::engine::{Location, Scan, ScanError};

/// The messages that contain tensors and operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
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

/// The fields that matter by their names, as the text forms have them, without underscores and in lower case: the JSON
/// form has two spellings.
const NAMES: &[(Message, &str, u64)] = &[
    (Message::Model, "graph", 7),
    (Message::Model, "traininginfo", 20),
    (Message::Model, "functions", 25),
    (Message::Training, "initialization", 1),
    (Message::Training, "algorithm", 2),
    (Message::Graph, "node", 1),
    (Message::Graph, "initializer", 5),
    (Message::Graph, "sparseinitializer", 15),
    (Message::Function, "name", 1),
    (Message::Function, "node", 7),
    (Message::Function, "domain", 10),
    (Message::Function, "attributeproto", 11),
    (Message::Node, "optype", 4),
    (Message::Node, "attribute", 5),
    (Message::Node, "domain", 7),
    (Message::Attribute, "name", 1),
    (Message::Attribute, "i", 3),
    (Message::Attribute, "s", 4),
    (Message::Attribute, "t", 5),
    (Message::Attribute, "g", 6),
    (Message::Attribute, "tensors", 10),
    (Message::Attribute, "graphs", 11),
    (Message::Attribute, "sparsetensor", 22),
    (Message::Attribute, "sparsetensors", 23),
    (Message::Tensor, "name", 8),
    (Message::Tensor, "externaldata", 13),
    (Message::Tensor, "datalocation", 14),
    (Message::Sparse, "values", 1),
    (Message::Sparse, "indices", 2),
    (Message::Entry, "key", 1),
    (Message::Entry, "value", 2),
];

impl Message {
    /// What the field `number` of this message is, where it leads on.
    pub(super) fn child(self, number: u64) -> Option<Self> {
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

    /// The number of the field that is called `name`.
    pub(super) fn field(self, name: &str) -> Option<u64> {
        let plain: String = name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect();
        NAMES.iter().find(|(message, name, _)| *message == self && *name == plain).map(|(.., number)| *number)
    }
}

/// A message that is being read, and what was learned from it so far.
pub(super) struct Frame {
    pub(super) message: Message,
    at: Location,
    /// The name of a tensor, function or attribute, the operator of a node, the key of an entry.
    name: String,
    /// The domain of a node or function, the value of an entry, the text of an attribute.
    text: String,
    /// The number of an attribute.
    number: u64,
    external: External,
    /// What a node that stands for a compiled part says of it.
    compiled: Vec<(String, String, u64)>,
}

/// The attributes of a node that stands for a compiled part.
const COMPILED: [&str; 2] = ["ep_cache_context", "embed_mode"];

impl Frame {
    pub(super) fn new(message: Message, at: Location) -> Self {
        let (name, text, external, compiled) = Default::default();
        Self { message, at, name, text, number: 0, external, compiled }
    }

    /// Whether the text of the field `number` matters.
    pub(super) fn takes(&self, number: u64) -> bool {
        matches!(
            (self.message, number),
            (Message::Node, 4 | 7)
                | (Message::Function, 1 | 10)
                | (Message::Entry, 1 | 2)
                | (Message::Tensor, 8)
                | (Message::Attribute, 1 | 4)
        )
    }

    /// Takes note of a text.
    pub(super) fn text(&mut self, number: u64, text: String) {
        match (self.message, number) {
            (Message::Node, 4)
            | (Message::Function | Message::Entry | Message::Attribute, 1)
            | (Message::Tensor, 8) => {
                self.name = text;
            }
            (Message::Node, 7) | (Message::Function, 10) | (Message::Entry, 2) | (Message::Attribute, 4) => {
                self.text = text;
            }
            _ => {}
        }
    }

    /// Takes note of a number.
    pub(super) fn number(&mut self, number: u64, value: u64) {
        match (self.message, number) {
            (Message::Tensor, 14) => self.external.place = value,
            (Message::Attribute, 3) => self.number = value,
            _ => {}
        }
    }

    /// Scans a message that was read to its end.
    pub(super) fn leave(
        self,
        above: Option<&mut Self>,
        operators: &mut Operators,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        match self.message {
            Message::Node => {
                compiled(&self.name, &self.compiled, &self.at, scan);
                operators.uses(self.text, self.name, self.at)?;
            }
            Message::Function => operators.defines(self.text, self.name)?,
            Message::Tensor => self.external.check(&self.name, &self.at, scan),
            Message::Entry => {
                if let Some(above) = above {
                    above.external.add(self.name, self.text)?;
                }
            }
            Message::Attribute if COMPILED.contains(&self.name.as_str()) => {
                if let Some(above) = above
                    && above.compiled.len() < 64
                {
                    above.compiled.push((self.name, self.text, self.number));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
