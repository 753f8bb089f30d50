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
mod lists;
mod modules;
mod parse;
mod row;
#[cfg(test)]
mod sources;
mod table;
mod verbs;

pub(crate) use aliases::canonical;
pub(in crate::knowledge) use lists::list;
pub(crate) use modules::{hands_back, is_carried, is_old, is_powerful, is_trusting, is_unmistakable};
pub(in crate::knowledge) use parse::does;
pub(crate) use row::{Does, Row};
use table::TABLE;
pub(crate) use verbs::{acts_by_name, begins_like_a_loader};

/// What is known of `path`, by the most exact entry: of itself, or of what it belongs to.
pub(crate) fn row(path: &str) -> Option<Row> {
    TABLE.row(path)
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
