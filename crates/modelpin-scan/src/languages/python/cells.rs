//! Cells of notebooks: Python, with lines that IPython takes for itself.

use super::lines::Lines;
use super::{STACK, depth};
use crate::engine::{Scan, ScanError};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::Ranged;
use std::ops::Range;

/// What a cell is made of.
pub(crate) struct Cell {
    /// Where IPython reads instead of Python, in bytes: `!command`, `%magic`, `name?`.
    pub(crate) escapes: Vec<Range<usize>>,
    /// Where the cell asks for IPython itself, in bytes.
    pub(crate) shells: Vec<usize>,
    /// The first line that neither of them can read, and why.
    pub(crate) error: Option<(u32, String)>,
}

/// Reads one cell. Deep trees are refused before there is one; the caller has [`grown`] the stack.
pub(crate) fn cell(text: &str, scan: &mut Scan<'_>) -> Result<Cell, ScanError> {
    depth::bounded(text, Mode::Ipython, scan)?;
    let parsed = ruff_python_parser::parse_unchecked(text, ParseOptions::from(Mode::Ipython));
    let mut cell = Cell { escapes: Vec::new(), shells: Vec::new(), error: None };
    if let Some(error) = parsed.errors().first() {
        let line = Lines::new(text).of(error.location.start().to_usize());
        cell.error = Some((line, error.error.to_string()));
    }
    let mut line = None;
    for token in parsed.tokens().iter() {
        let place = token.start().to_usize()..token.end().to_usize();
        let begins = *line.get_or_insert(place.start);
        match token.kind() {
            TokenKind::IpyEscapeCommand => cell.escapes.push(place),
            // A question about a name: all of the line is.
            TokenKind::Question => match cell.escapes.last_mut().filter(|last| last.start == begins) {
                Some(last) => last.end = place.end,
                None => cell.escapes.push(begins..place.end),
            },
            TokenKind::Newline
            | TokenKind::NonLogicalNewline
            | TokenKind::Semi
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::Comment => line = None,
            TokenKind::Name if text.get(place.clone()) == Some("get_ipython") => cell.shells.push(place.start),
            _ => {}
        }
    }
    Ok(cell)
}

/// Does `work` with the stack that reading cells takes.
pub(crate) fn grown<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK, work)
}
