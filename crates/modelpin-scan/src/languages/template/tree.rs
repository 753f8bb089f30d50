//! What a template is made of, once it is parsed. Expressions are in one list and refer to each other by number,
//! so that no tree has to be dropped by recursion.

use std::collections::BTreeSet;

/// The number of an expression.
pub(super) type Id = usize;

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Text(String),
    Int(i64),
    /// A number with a fraction, `true`, `false` or `none`.
    Other,
    Name(String),
    Attr(Id, String),
    Item(Id, Id),
    Slice(Id, [Option<Id>; 3]),
    Call(Id, Vec<Arg>),
    /// A filter; without an operand where it begins a `filter` block.
    Filter(Option<Id>, String, Vec<Arg>),
    Test(Id, String, Vec<Arg>),
    Unary(&'static str, Id),
    /// Arithmetic, `~`, `and`, `or`.
    Binary(&'static str, Id, Id),
    Compare(Id, Vec<(&'static str, Id)>),
    If {
        test: Id,
        then: Id,
        other: Option<Id>,
    },
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
}

/// An argument of a call.
#[derive(Debug)]
pub(super) struct Arg {
    /// Its keyword, where it has one.
    pub(super) key: Option<String>,
    /// Whether it is spread out with `*` or `**`.
    pub(super) spread: bool,
    pub(super) value: Id,
}

/// A statement.
#[derive(Debug)]
pub(super) enum Stmt {
    /// Text, and where it begins.
    Text(String, usize),
    Print(Id),
    /// `if` and its `elif`s, then `else`.
    If(Vec<(Id, Vec<Self>)>, Vec<Self>),
    For {
        targets: Vec<String>,
        iter: Id,
        filter: Option<Id>,
        body: Vec<Self>,
        other: Vec<Self>,
    },
    /// The targets are names, or names with attributes: `ns.found`.
    Set(Vec<String>, Id),
    SetBlock(Vec<String>, Option<Id>, Vec<Self>),
    Macro {
        name: String,
        params: Vec<String>,
        defaults: Vec<Id>,
        body: Vec<Self>,
    },
    /// A block that is passed to a call, or filtered.
    Wrapped(Id, Vec<Self>),
    /// `with`, `block`, `autoescape`, `generation`: a body, and what is evaluated before it.
    Body(Vec<(Vec<String>, Id)>, Vec<Self>),
    /// `include`, `import`, `from` and `extends`.
    Load(String, Id),
}

/// A parsed template.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) exprs: Vec<Expr>,
    /// Where each expression begins, in bytes of the template.
    pub(super) places: Vec<usize>,
    /// How deep each expression is.
    pub(super) depths: Vec<u16>,
    pub(super) body: Vec<Stmt>,
    /// Every name that the template gives a value, arguments of macros included.
    pub(super) assigned: BTreeSet<String>,
    /// Every macro.
    pub(super) macros: BTreeSet<String>,
}

impl Tree {
    /// The expression of that number.
    pub(super) fn expr(&self, id: Id) -> &Expr {
        self.exprs.get(id).unwrap_or(&Expr::Other)
    }

    /// Where it begins.
    pub(super) fn place(&self, id: Id) -> usize {
        self.places.get(id).copied().unwrap_or_default()
    }

    /// What an expression is directly made of.
    pub(super) fn children(&self, id: Id) -> Vec<Id> {
        fn values(args: &[Arg]) -> impl Iterator<Item = Id> + '_ {
            args.iter().map(|arg| arg.value)
        }
        match self.expr(id) {
            Expr::Text(_) | Expr::Int(_) | Expr::Other | Expr::Name(_) => Vec::new(),
            Expr::Attr(of, _) | Expr::Unary(_, of) => vec![*of],
            Expr::Item(of, key) => vec![*of, *key],
            Expr::Slice(of, bounds) => std::iter::once(*of).chain(bounds.iter().flatten().copied()).collect(),
            Expr::Call(of, args) | Expr::Test(of, _, args) => std::iter::once(*of).chain(values(args)).collect(),
            Expr::Filter(of, _, args) => of.iter().copied().chain(values(args)).collect(),
            Expr::Binary(_, left, right) => vec![*left, *right],
            Expr::Compare(first, rest) => std::iter::once(*first).chain(rest.iter().map(|(_, id)| *id)).collect(),
            Expr::If { test, then, other } => [*test, *then].into_iter().chain(*other).collect(),
            Expr::List(items) => items.clone(),
            Expr::Dict(entries) => entries.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        }
    }
}
