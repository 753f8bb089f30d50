//! Cells of notebooks: Python, with lines that IPython takes for itself.

use super::lines::Lines;
use super::{STACK, depth};
use crate::engine::{Scan, ScanError};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::Ranged;
use std::ops::Range;

/// What a piece of Python is that was a cell, or part of one.
pub(crate) struct Piece {
    /// Where it asks for IPython itself, in bytes.
    pub(crate) shells: Vec<usize>,
    /// The first line that cannot be read, and why.
    pub(crate) error: Option<(u32, String)>,
}

/// Looks at Python by itself. Deep trees are refused before there is one; the caller has [`grown`] the stack.
pub(crate) fn piece(text: &str, scan: &mut Scan<'_>) -> Result<Piece, ScanError> {
    depth::bounded(text, scan)?;
    let parsed = ruff_python_parser::parse_unchecked(text, ParseOptions::from(Mode::Module));
    let error = parsed.errors().first().map(|error| {
        let line = Lines::new(text).of(error.location.start().to_usize());
        (line, error.error.to_string())
    });
    let names = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Name);
    let starts = names.map(|token| (token.start().to_usize(), token.end().to_usize()));
    let shells = starts.filter(|(start, end)| text.get(*start..*end) == Some("get_ipython")).map(|(start, _)| start);
    Ok(Piece { shells: shells.collect(), error })
}

/// Does `work` with the stack that looking at cells takes.
pub(crate) fn grown<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK, work)
}

/// Where IPython reads a cell instead of Python, in bytes: `!command`, `%magic`, `name = !command`, `name?`
/// (`IPython/core/inputtransformer2.py`). Where something else was taken for such a line, Python cannot read the rest.
pub(crate) fn escapes(text: &str) -> Vec<Range<usize>> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, found: Vec::new() };
    while reader.at < reader.bytes.len() {
        reader.line();
    }
    reader.found
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    found: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at.saturating_add(ahead)).copied()
    }

    fn advance(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.advance(1);
        }
    }

    /// A line of the program, which brackets, strings and backslashes make longer.
    fn line(&mut self) {
        self.skip_blanks();
        let start = self.at;
        if matches!(self.peek(0), Some(b'!' | b'%' | b'?' | b',' | b';' | b'/')) {
            return self.escape();
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' if depth == 0 => return self.advance(1),
                b'#' => {
                    self.skip_line();
                    continue;
                }
                b'\\' => self.advance(1),
                b'"' | b'\'' => {
                    self.string(byte);
                    continue;
                }
                b'(' | b'[' | b'{' => depth = depth.saturating_add(1),
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b'?' if depth == 0 => {
                    while self.peek(0) == Some(b'?') {
                        self.advance(1);
                    }
                    self.found.pop_if(|last| last.start == start);
                    self.found.push(start..self.at);
                    continue;
                }
                b'=' if self.peek(1) == Some(b'=') => self.advance(1),
                b'=' if depth == 0 => {
                    self.advance(1);
                    self.skip_blanks();
                    if matches!(self.peek(0), Some(b'!' | b'%')) {
                        return self.escape();
                    }
                    continue;
                }
                _ => {}
            }
            self.advance(1);
        }
    }

    /// From here to the end of the line, and of those that a backslash joins to it.
    fn escape(&mut self) {
        let start = self.at;
        self.skip_line();
        while self.at > start && self.bytes.get(self.at.saturating_sub(1)) == Some(&b'\\') && self.peek(0).is_some() {
            self.advance(1);
            self.skip_line();
        }
        self.found.push(start..self.at);
        self.advance(1);
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.advance(1);
        }
    }

    /// A string, with one quote or three.
    fn string(&mut self, quote: u8) {
        let is_long = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        self.advance(if is_long { 3 } else { 1 });
        while let Some(byte) = self.peek(0) {
            if byte == b'\\' {
                self.advance(2);
            } else if byte == quote && !is_long {
                return self.advance(1);
            } else if byte == quote && self.peek(1) == Some(quote) && self.peek(2) == Some(quote) {
                return self.advance(3);
            } else if byte == b'\n' && !is_long {
                return;
            } else {
                self.advance(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::escapes;

    #[test]
    fn lines_of_ipython_are_found_where_python_has_none() {
        for (text, found) in [
            ("!ls", vec!["!ls"]),
            ("x = 1\n  !ls it's\ny", vec!["!ls it's"]),
            ("x = !ls", vec!["!ls"]),
            ("x = %sx ls\\\n -a\ny = 1", vec!["%sx ls\\\n -a"]),
            ("a.b?\nc??", vec!["a.b?", "c??"]),
            ("?a", vec!["?a"]),
            ("x = (1\n% 2)\ny = 7 \\\n% 2", vec![]),
            ("'''\n!ls\n'''\n# x\n!pwd", vec!["!pwd"]),
            ("x = \"\\\"!\" != 'a'\nf(a=1)", vec![]),
            ("x = 'a\n!ls", vec!["!ls"]),
            ("x == !a\nx %= 2", vec![]),
            (",f a b", vec![",f a b"]),
        ] {
            let texts: Vec<&str> = escapes(text).into_iter().filter_map(|place| text.get(place)).collect();
            assert_eq!(texts, found, "{text}");
        }
    }
}
