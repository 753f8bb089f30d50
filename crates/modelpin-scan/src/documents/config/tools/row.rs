//! What a row of the table of tools says.

use crate::documents::config::followed::{Condition, Place};

/// A key of a configuration under which a tool finds something to run, to import or to open.
pub(super) struct Tool {
    /// The names of the files, in lower case; a `*` stands for anything.
    pub(super) files: &'static [&'static str],
    /// Where the value is, as in [`Followed`](crate::documents::config::followed::Followed).
    pub(super) keys: &'static [&'static str],
    /// The objects that `keys` begin in.
    pub(super) place: Place,
    /// What else has to hold of the object that the last key is in.
    pub(super) when: &'static [Condition],
    /// What the value is.
    pub(super) what: What,
    /// The only values that matter; all of them where there are none here.
    pub(super) only: &'static [&'static str],
    /// Values, and modules with everything in them, that the tool brings along.
    pub(super) known: &'static [&'static str],
    /// The tool.
    pub(super) who: &'static str,
}

/// What a tool does with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A command, or a list of them, that it runs.
    Command,
    /// A dotted path, also with a colon before the last name: the module is imported, and what it names is called.
    Object,
    /// A module that it imports.
    Module,
    /// A dotted path whose module is a file beside the document, never a library.
    Beside,
    /// A file of Python code, with a class after a colon or without.
    Code,
    /// A word that makes it run code which lies beside under a name of the tool's choice.
    Brings,
    /// The name of a part of its own, of which it makes the path of a library that it loads.
    Part,
    /// A native library, or a model that it runs as one.
    Native,
    /// A file that it runs, in the folder of the document as a rule, and scanned there.
    NativeOutside,
    /// An environment that it runs in.
    Environment,
    /// A file that it opens.
    File,
    /// A template of Jinja.
    Template,
    /// A text in which `str.format` replaces names.
    Format,
    /// Python source.
    Source,
    /// Whether remote code is trusted.
    Trust,
}
