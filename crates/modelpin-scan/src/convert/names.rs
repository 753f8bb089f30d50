//! The names of the tensors: the object of a checkpoint, flattened.

use super::error::{ConvertError, Reason};
use super::limits::{HEADER, TENSORS};
use crate::engine::Scan;
use crate::formats::pickle::Id;
use crate::formats::pickle::graph::{Graph, Node};
use std::collections::{BTreeMap, HashMap};

/// What a training script wraps a state dict in, the likeliest first.
const WRAPPERS: [&str; 8] =
    ["state_dict", "model", "module", "model_state_dict", "params", "params_ema", "ema", "generator"];

/// The tensors of a checkpoint by their names, and what else was in it.
#[derive(Default)]
pub(super) struct Names {
    pub(super) tensors: BTreeMap<String, Id>,
    pub(super) dropped: BTreeMap<String, String>,
    /// Bytes of all names that were made on the way.
    written: u64,
}

/// A key that can be part of a name. A text and a number that read the same are two keys.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'g> {
    Text(&'g str),
    Number(i64),
}

impl Key<'_> {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Names the tensors of `object`.
pub(super) fn of(object: &Graph<'_>, scan: &mut Scan<'_>) -> Result<Names, ConvertError> {
    let Node::Map(root) = object.node(object.root()) else {
        return Err(ConvertError::new(Reason::Object, describe(object, object.root(), false)));
    };
    let holders = holders(object, scan)?;
    let holds = |id: Id| holders.get(&id).copied().unwrap_or(false);
    if !holds(object.root()) {
        return Err(ConvertError::new(Reason::Empty, "nothing to convert"));
    }
    let mut names = Names::default();
    let root = last(object, root, "", scan)?;
    let is_state = |id: &Id| matches!(object.node(*id), Node::Map(_)) && holds(*id);
    let wrapped = WRAPPERS.iter().find(|key| root.get(&Key::Text(key)).is_some_and(is_state));
    let mut open: Vec<(String, Id)> = Vec::new();
    for (key, id) in root {
        match (wrapped, object.node(id)) {
            (None, _) => names.open(&mut open, key.text(), id)?,
            (Some(wrapper), Node::Map(items)) if key == Key::Text(wrapper) => {
                for (key, id) in last(object, items, wrapper, scan)? {
                    names.open(&mut open, key.text(), id)?;
                }
            }
            _ => names.drop(key.text(), describe(object, id, holds(id)))?,
        }
    }
    while let Some((name, id)) = open.pop() {
        match object.node(id) {
            Node::Tensor => names.tensor(name, id)?,
            Node::Map(items) if holds(id) => {
                for (key, id) in last(object, items, &name, scan)? {
                    names.open(&mut open, format!("{name}.{}", key.text()), id)?;
                }
            }
            Node::List(items) if holds(id) => {
                for (place, id) in items.iter().enumerate() {
                    scan.budget.step()?;
                    names.open(&mut open, format!("{name}.{place}"), *id)?;
                }
            }
            _ => names.drop(name, describe(object, id, false))?,
        }
    }
    if names.tensors.is_empty() { Err(ConvertError::new(Reason::Empty, "nothing to convert")) } else { Ok(names) }
}

impl Names {
    /// Takes note of what is to be inspected under a name. However a pickle shares its parts, no more is
    /// followed than a header could hold.
    fn open(&mut self, open: &mut Vec<(String, Id)>, name: String, id: Id) -> Result<(), ConvertError> {
        self.written = self.written.saturating_add(name.len() as u64).saturating_add(16);
        if self.written > HEADER {
            return Err(ConvertError::new(Reason::Header, "there are too many names, or they are too long"));
        }
        open.push((name, id));
        Ok(())
    }

    fn tensor(&mut self, name: String, id: Id) -> Result<(), ConvertError> {
        if name == "__metadata__" {
            return Err(ConvertError::new(Reason::Reserved, name));
        }
        if self.tensors.contains_key(&name) || self.dropped.contains_key(&name) {
            return Err(ConvertError::new(Reason::Clash, name));
        }
        if self.tensors.len() >= TENSORS {
            return Err(ConvertError::new(Reason::Header, format!("more than {TENSORS} tensors")));
        }
        self.tensors.insert(name, id);
        Ok(())
    }

    fn drop(&mut self, name: String, what: &'static str) -> Result<(), ConvertError> {
        if self.tensors.contains_key(&name) || self.dropped.contains_key(&name) {
            return Err(ConvertError::new(Reason::Clash, name));
        }
        self.dropped.insert(name, what.to_owned());
        Ok(())
    }
}

/// The values of a dictionary that has tensors, of each key the one that was set last.
fn last<'g>(
    object: &'g Graph<'_>,
    items: &[(Id, Id)],
    name: &str,
    scan: &mut Scan<'_>,
) -> Result<BTreeMap<Key<'g>, Id>, ConvertError> {
    let mut values = BTreeMap::new();
    for (key, value) in items {
        scan.budget.step()?;
        let key = match object.node(*key) {
            Node::Int(number) => Key::Number(number),
            _ => match object.text(*key) {
                Some(text) => Key::Text(text),
                None => {
                    return Err(ConvertError::new(
                        Reason::Key,
                        format!("in `{name}`: {}", describe(object, *key, false)),
                    ));
                }
            },
        };
        values.insert(key, *value);
    }
    Ok(values)
}

/// A dictionary or list that is being searched.
struct Frame {
    id: Id,
    next: usize,
    holds: bool,
}

/// Every dictionary and list of `object`, and whether there is a tensor in it.
fn holders(object: &Graph<'_>, scan: &mut Scan<'_>) -> Result<HashMap<Id, bool>, ConvertError> {
    let child = |id: Id, place: usize| match object.node(id) {
        Node::Map(items) => items.get(place).map(|(_, value)| *value),
        Node::List(items) => items.get(place).copied(),
        _ => None,
    };
    // There is no entry for one that is still being searched.
    let mut known: HashMap<Id, Option<bool>> = HashMap::from([(object.root(), None)]);
    let mut frames = vec![Frame { id: object.root(), next: 0, holds: false }];
    while let Some(frame) = frames.last_mut() {
        scan.budget.step()?;
        let Some(id) = child(frame.id, frame.next) else {
            let Frame { id, holds, .. } = *frame;
            known.insert(id, Some(holds));
            frames.pop();
            if let Some(above) = frames.last_mut() {
                above.holds |= holds;
            }
            continue;
        };
        frame.next = frame.next.saturating_add(1);
        match (object.node(id), known.get(&id)) {
            (Node::Tensor, _) => frame.holds = true,
            (Node::Map(_) | Node::List(_), Some(Some(holds))) => frame.holds |= holds,
            (Node::Map(_) | Node::List(_), Some(None)) => {
                return Err(ConvertError::new(Reason::Cycle, describe(object, id, false)));
            }
            (Node::Map(_) | Node::List(_), None) => {
                known.insert(id, None);
                frames.push(Frame { id, next: 0, holds: false });
            }
            _ => {}
        }
    }
    Ok(known.into_iter().map(|(id, holds)| (id, holds.unwrap_or(false))).collect())
}

/// What a value is, in words.
fn describe(object: &Graph<'_>, id: Id, holds: bool) -> &'static str {
    match (object.node(id), holds) {
        (Node::Map(_), true) => "a dictionary with tensors",
        (Node::Map(_), false) => "a dictionary",
        (Node::List(_), true) => "a list with tensors",
        (Node::List(_), false) => "a list",
        (Node::Tensor, _) => "a tensor",
        (Node::Int(_), _) => "a number",
        (Node::Other(what), _) => what,
    }
}
