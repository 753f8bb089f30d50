//! Where in a file something is.

use std::fmt;

/// Where in a file (or in a member of it).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// The file as a whole.
    Whole,
    /// A byte, counted from 0.
    Byte(u64),
    /// A line, counted from 1.
    Line(u32),
    /// A key of a document, as a path of keys and indices.
    Key(String),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Byte(at) => write!(f, "byte {at}"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Key(key) => f.write_str(key),
        }
    }
}

/// A line of code that does something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occurrence {
    /// The line, counted from 1.
    pub line: u32,
    /// Whether it happens when the module is imported, not only when a function of it is called.
    pub on_import: bool,
}
