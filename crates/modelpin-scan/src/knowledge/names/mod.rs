//! What the names of Python and of its libraries do: one table, as data, in `data/*.txt`.
//!
//! A section is a module, or what a call gives (`[pathlib.Path()]`); a row says what names of it do:
//!
//! ```text
//! source: PyTorch 2.8
//! [torch.hub] torch/hub.py
//! network+code: load *
//! plain: set_dir
//! gives torch.nn.Module(): load
//! ```
//!
//! `gives` says what a call gives, as the section that has the rows of its members; in a section `*` is any function
//! directly in it.
//!
//! `*` stands for everything below the section, `A*` for its classes (names that begin with a capital after their
//! underscores, and what is in them), `A*.load` for the members of that name of any class below it. Where that is
//! harmless, `*` takes neither private names nor modules of the standard library that a module carries, and in a section
//! of results only what they have themselves. The most exact entry decides, so that rows make holes in wider ones.
//! `+code` says that what is done leads to code although its word does not say so: a download that is run, a file that is loaded
//! later. Everything that starts programs, runs strings, loads native code or unpickles leads to code in any case.
//!
//! Pickles, objects in YAML and the like, configurations and Python source are judged by views of this table
//! ([`row`](super::views)): where one of them judges otherwise, `data/differences.txt` says so, and why.

mod aliases;
mod parse;
#[cfg(test)]
mod sources;
mod verbs;

pub(crate) use aliases::{canonical, is_carried, is_powerful};
pub(in crate::knowledge) use parse::does;
use parse::{ON_IMPORT, TABLE};
pub(crate) use verbs::{acts_by_name, begins_like_a_loader};

use crate::engine::Capability;

/// What a name does when it is called with arguments that an attacker chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// It acts on the machine.
    Acts(Capability),
    /// It hands out members of other objects, or leads to code in another way.
    Reaches,
    /// It calls what it is given, there and then or later, and does nothing else.
    Calls,
    /// It changes or asks for what belongs to the process or the machine (settings, output, clocks), and nothing lasts.
    State,
    /// A type that holds data, or what makes one.
    Value,
    /// It computes, and neither calls nor opens anything.
    Plain,
    /// A class or function that models are built of.
    Model,
    /// Of a library that is known; nobody has judged this name.
    Unknown,
}

/// A row of the table, for one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) does: Does,
    /// Whether it leads to code.
    pub(crate) reaches_code: bool,
    /// Where that is documented or defined.
    pub(crate) source: &'static str,
}

/// What is known of `path`, by the most exact entry: of itself, or of what it belongs to.
pub(crate) fn row(path: &str) -> Option<Row> {
    TABLE.row(path)
}

/// Whether honest modules call `path` on import, and nothing comes of it. The table goes before that.
pub(crate) fn is_called_on_import(path: &str) -> bool {
    ON_IMPORT.row(path).is_some()
}

/// What is known of everything in the module `path`, where that is one thing.
pub(crate) fn whole(path: &str) -> Option<Row> {
    TABLE.whole(path)
}

/// Whether the table has `path` by its own name, and not as one of many.
pub(crate) fn is_named(path: &str) -> bool {
    TABLE.is_named(path)
}

/// What a call of `path` gives: the section of the table that has its members.
pub(crate) fn gives(path: &str) -> Option<String> {
    TABLE.gives(path).map(str::to_owned).or_else(|| TABLE.has_result(path).then(|| format!("{path}()")))
}

/// Whether the table has anything of the library `root`, the first part of a dotted name.
pub(crate) fn is_library(root: &str) -> bool {
    TABLE.is_library(root)
}

/// Every name of the table, with its row: `a.b.c`, `a.b.*` or `a.b.A*`.
#[cfg(test)]
pub(crate) fn all() -> Vec<(String, Row)> {
    TABLE.all()
}
