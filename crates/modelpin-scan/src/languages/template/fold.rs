//! What expressions are when they are constant: attacks put the names they need together from harmless parts.

use super::tree::{Arg, Expr, Id, Tree};
use std::collections::BTreeMap;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Int(i64),
    List(Vec<Self>),
}

/// What a name stands for: nothing where it is given different values.
#[derive(Debug, Default)]
pub(super) struct Known {
    value: Option<Value>,
    /// Whether some value of it is put together from texts, and not constant.
    pub(super) built: bool,
}

/// The names of a template that have values, by their paths.
pub(super) type Names = BTreeMap<String, Known>;

/// Characters and items that are kept of a constant.
const KEPT: usize = 1024;

/// Values in all that are inspected while a template is folded.
const WORK: u64 = 2_000_000;

/// Folds the expressions of a template, each of them once.
pub(super) struct Folder {
    done: Vec<Option<Option<Value>>>,
    pub(super) names: Names,
    work: u64,
}

impl Folder {
    pub(super) fn new(tree: &Tree) -> Self {
        Self { done: vec![None; tree.exprs.len()], names: Names::new(), work: WORK }
    }

    /// Whether so much was folded that constants are no longer followed.
    pub(super) fn exhausted(&self) -> bool {
        self.work == 0
    }

    /// Gives a name the value of an expression.
    pub(super) fn assign(&mut self, tree: &Tree, name: &str, id: Id) {
        let value = self.fold(tree, id);
        let built = value.is_none() && self.is_built(tree, id);
        let entry = self.names.entry(name.to_owned());
        match entry {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Known { value, built });
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                // The last value counts while the template is read from front to back.
                known.value = value;
                known.built |= built;
            }
        }
    }

    /// Whatever a name stood for, it no longer does.
    pub(super) fn forget(&mut self, name: &str) {
        self.names.insert(name.to_owned(), Known::default());
    }

    /// The constant that an expression is.
    pub(super) fn fold(&mut self, tree: &Tree, id: Id) -> Option<Value> {
        if let Some(Some(done)) = self.done.get(id) {
            return done.clone();
        }
        let value = self.work.checked_sub(1).and_then(|work| {
            self.work = work;
            self.compute(tree, id).filter(|value| value.size() <= KEPT)
        });
        self.work = self.work.saturating_sub(value.as_ref().map_or(0, |value| value.size() as u64));
        if let Some(slot) = self.done.get_mut(id) {
            *slot = Some(value.clone());
        }
        value
    }

    /// The text that an expression is.
    pub(super) fn text(&mut self, tree: &Tree, id: Id) -> Option<String> {
        match self.fold(tree, id)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that an expression is.
    pub(super) fn int(&mut self, tree: &Tree, id: Id) -> Option<i64> {
        match self.fold(tree, id)? {
            Value::Int(int) => Some(int),
            _ => None,
        }
    }

    fn compute(&mut self, tree: &Tree, id: Id) -> Option<Value> {
        match tree.expr(id) {
            Expr::Text(text) => Some(Value::Text(text.clone())),
            Expr::Int(int) => Some(Value::Int(*int)),
            Expr::Name(_) | Expr::Attr(..) if path(tree, id).is_some() => {
                self.names.get(&path(tree, id)?).and_then(|known| known.value.clone())
            }
            Expr::List(items) => {
                let items: Option<Vec<_>> = items.iter().take(KEPT).map(|item| self.fold(tree, *item)).collect();
                items.map(Value::List)
            }
            Expr::Unary("-", of) => Some(Value::Int(self.int(tree, *of)?.checked_neg()?)),
            Expr::Unary("+", of) => self.fold(tree, *of),
            Expr::Item(of, key) => {
                if let Expr::Dict(entries) = tree.expr(*of) {
                    let key = self.fold(tree, *key)?;
                    let value = entries.iter().find(|(name, _)| self.fold(tree, *name).as_ref() == Some(&key))?.1;
                    return self.fold(tree, value);
                }
                let items = self.fold(tree, *of)?.items()?;
                let index = self.int(tree, *key)?;
                items.get(place(index, items.len())?).cloned()
            }
            Expr::Slice(of, bounds) => self.slice(tree, *of, bounds),
            Expr::Binary(op, left, right) => {
                let left = self.fold(tree, *left)?;
                let right = self.fold(tree, *right)?;
                arithmetic(op, left, right)
            }
            Expr::Filter(Some(of), name, args) => {
                let of = self.fold(tree, *of)?;
                let args = self.args(tree, args)?;
                apply(of, name, &args, true)
            }
            Expr::Call(of, args) => {
                let (receiver, method) = match tree.expr(*of) {
                    Expr::Attr(receiver, method) => (*receiver, method.clone()),
                    Expr::Item(receiver, key) => (*receiver, self.text(tree, *key)?),
                    _ => return None,
                };
                let receiver = self.fold(tree, receiver)?;
                let args = self.args(tree, args)?;
                apply(receiver, &method, &args, false)
            }
            _ => None,
        }
    }

    fn args(&mut self, tree: &Tree, args: &[Arg]) -> Option<Vec<Value>> {
        args.iter().filter(|arg| !arg.spread).map(|arg| self.fold(tree, arg.value)).collect()
    }

    fn slice(&mut self, tree: &Tree, of: Id, bounds: &[Option<Id>; 3]) -> Option<Value> {
        let value = self.fold(tree, of)?;
        let is_text = matches!(value, Value::Text(_));
        let items = value.items()?;
        let length = i64::try_from(items.len()).ok()?;
        let [start, stop, step] = bounds.map(|bound| bound.map(|id| self.int(tree, id)));
        let step = step.map_or(Some(1), |step| step)?;
        let clamp = |bound: i64| if bound < 0 { bound.saturating_add(length).max(-1) } else { bound.min(length) };
        let (mut at, end) = if step < 0 {
            let start = start.map_or(Some(length), |start| start.map(clamp))?.min(length.saturating_sub(1));
            (start, stop.map_or(Some(-1), |stop| stop.map(clamp))?)
        } else {
            let start = start.map_or(Some(0), |start| start.map(clamp))?.max(0);
            (start, stop.map_or(Some(length), |stop| stop.map(clamp))?)
        };
        let mut picked = Vec::new();
        while (step > 0 && at < end) || (step < 0 && at > end) {
            picked.push(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned()?);
            at = at.saturating_add(step);
        }
        Some(if is_text { Value::Text(picked.iter().map(Value::shown).collect()) } else { Value::List(picked) })
    }

    /// Whether an expression puts a text together that is not known: by operators, filters, methods or conditions.
    pub(super) fn is_built(&mut self, tree: &Tree, id: Id) -> bool {
        match tree.expr(id) {
            Expr::Binary("~" | "%", ..) => true,
            Expr::Binary("+" | "*" | "or" | "and", left, right) => {
                let left = *left;
                let right = *right;
                [left, right]
                    .into_iter()
                    .any(|side| matches!(self.fold(tree, side), Some(Value::Text(_))) || self.is_built(tree, side))
            }
            Expr::If { then, other, .. } => {
                let sides = [Some(*then), *other];
                sides
                    .into_iter()
                    .flatten()
                    .any(|side| matches!(self.fold(tree, side), Some(Value::Text(_))) || self.is_built(tree, side))
            }
            Expr::Filter(_, name, _) => matches!(
                name.as_str(),
                "join"
                    | "format"
                    | "from_json"
                    | "replace"
                    | "reverse"
                    | "lower"
                    | "upper"
                    | "string"
                    | "trim"
                    | "title"
                    | "urlencode"
            ),
            Expr::Call(of, _) => match tree.expr(*of) {
                Expr::Attr(_, method) => matches!(
                    method.as_str(),
                    "join" | "format" | "replace" | "lower" | "upper" | "title" | "swapcase" | "strip"
                ),
                _ => false,
            },
            Expr::Item(of, _) | Expr::Slice(of, _) => {
                matches!(self.fold(tree, *of), Some(Value::Text(_))) || self.is_built(tree, *of)
            }
            Expr::Name(_) | Expr::Attr(..) => {
                path(tree, id).and_then(|path| self.names.get(&path)).is_some_and(|known| known.built)
            }
            _ => false,
        }
    }
}

/// The path of a name with its attributes, such as `ns.found`.
pub(super) fn path(tree: &Tree, id: Id) -> Option<String> {
    match tree.expr(id) {
        Expr::Name(name) => Some(name.clone()),
        Expr::Attr(of, name) => match tree.expr(*of) {
            Expr::Name(of) => Some(format!("{of}.{name}")),
            _ => None,
        },
        _ => None,
    }
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Int(_) => 1,
            Self::List(items) => items.iter().fold(items.len(), |sum, item| sum.saturating_add(item.size())),
        }
    }

    /// The characters of a text, the items of a list.
    fn items(self) -> Option<Vec<Self>> {
        match self {
            Self::Text(text) => Some(text.chars().map(|c| Self::Text(c.to_string())).collect()),
            Self::List(items) => Some(items),
            Self::Int(_) => None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(int) => int.to_string(),
            Self::List(items) => items.iter().map(Self::shown).collect::<Vec<_>>().join(", "),
        }
    }
}

/// The index that Python means by `index`, counted from the front.
fn place(index: i64, length: usize) -> Option<usize> {
    let from_end = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { index.checked_add(from_end)? } else { index }).ok()
}

fn arithmetic(op: &str, left: Value, right: Value) -> Option<Value> {
    use Value::{Int, List, Text};
    Some(match (op, left, right) {
        ("~", left, right) => Text(left.shown() + &right.shown()),
        ("+", Text(left), Text(right)) => Text(left + &right),
        ("+", List(left), List(right)) => List(left.into_iter().chain(right).collect()),
        ("*", Text(text), Int(count)) | ("*", Int(count), Text(text)) => {
            let count = usize::try_from(count).unwrap_or(0);
            Text(text.repeat(Some(count).filter(|count| text.len().saturating_mul(*count) <= KEPT)?))
        }
        ("%", Text(text), args) => {
            let args = if let List(items) = args { items } else { vec![args] };
            percent(&text, &args)
        }
        (_, Int(left), Int(right)) => Int(match op {
            "+" => left.checked_add(right)?,
            "-" => left.checked_sub(right)?,
            "*" => left.checked_mul(right)?,
            "**" => left.checked_pow(u32::try_from(right).ok()?)?,
            "//" => left.checked_div_euclid(right)?,
            "%" => left.checked_rem_euclid(right)?,
            _ => return None,
        }),
        _ => return None,
    })
}

/// A filter or a method on a constant.
fn apply(of: Value, name: &str, args: &[Value], filter: bool) -> Option<Value> {
    use Value::{Int, List, Text};
    let arg = |index: usize| match args.get(index) {
        Some(Text(text)) => Some(text.as_str()),
        _ => None,
    };
    Some(match (name, of) {
        ("lower" | "casefold", Text(text)) => Text(text.to_lowercase()),
        ("upper", Text(text)) => Text(text.to_uppercase()),
        ("swapcase", Text(text)) => Text(
            text.chars()
                .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect(),
        ),
        ("trim" | "strip", Text(text)) => match arg(0) {
            Some(chars) => Text(text.trim_matches(|c| chars.contains(c)).to_owned()),
            None => Text(text.trim().to_owned()),
        },
        ("lstrip", Text(text)) => Text(text.trim_start_matches(|c| arg(0).unwrap_or(" \n\t").contains(c)).to_owned()),
        ("rstrip", Text(text)) => Text(text.trim_end_matches(|c| arg(0).unwrap_or(" \n\t").contains(c)).to_owned()),
        ("replace", Text(text)) if text.len() <= 64 => Text(text.replace(arg(0)?, arg(1)?)),
        ("split", Text(text)) if !arg(0)?.is_empty() => {
            List(text.split(arg(0)?).map(|part| Text(part.to_owned())).collect())
        }
        ("reverse", Text(text)) => Text(text.chars().rev().collect()),
        ("reverse", List(items)) => List(items.into_iter().rev().collect()),
        ("join", of) if filter => Text(joined(of.items()?, arg(0).unwrap_or_default())),
        ("join", Text(between)) => Text(joined(args.first()?.clone().items()?, &between)),
        ("format", Text(text)) if filter => percent(&text, args),
        ("format", Text(text)) => braces(&text, args),
        ("string" | "safe" | "escape" | "e", of) => Text(of.shown()),
        ("default" | "d", of) => of,
        ("list" | "map", of) => List(of.items()?),
        ("first", of) => of.items()?.first()?.clone(),
        ("last", of) => of.items()?.last()?.clone(),
        ("length" | "count", of) => Int(i64::try_from(of.items()?.len()).ok()?),
        ("int", Text(text)) => Int(text.trim().parse().ok()?),
        _ => return None,
    })
}

fn joined(items: Vec<Value>, between: &str) -> String {
    items.iter().map(Value::shown).collect::<Vec<_>>().join(between)
}

/// The `%` formatting of Python, as far as it puts characters and texts into their places.
fn percent(text: &str, args: &[Value]) -> Value {
    let mut out = String::new();
    let mut args = args.iter();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.by_ref().find(|c| !matches!(c, '0'..='9' | '-' | '+' | ' ' | '#' | '.')) {
            Some('%') => out.push('%'),
            Some('c') => out.push_str(&args.next().map(character).unwrap_or_default()),
            Some(_) => out.push_str(&args.next().map(Value::shown).unwrap_or_default()),
            None => {}
        }
    }
    Value::Text(out)
}

fn character(value: &Value) -> String {
    match value {
        Value::Int(code) => u32::try_from(*code).ok().and_then(char::from_u32).map(String::from).unwrap_or_default(),
        other => other.shown(),
    }
}

/// `str.format`, as far as it puts arguments into their places; keywords are taken in their order.
fn braces(text: &str, args: &[Value]) -> Value {
    let mut out = String::new();
    let mut rest = text;
    let mut next = 0_usize;
    while let Some((before, field)) = rest.split_once('{') {
        out.push_str(before);
        let (field, after) = field.split_once('}').unwrap_or((field, ""));
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let index = name.parse().unwrap_or(next);
        next = next.saturating_add(1);
        if let Some(value) = args.get(index) {
            out.push_str(&if spec.ends_with('c') { character(value) } else { value.shown() });
        }
        rest = after;
    }
    out.push_str(rest);
    Value::Text(out)
}
