//! The words of a line of a lock, one after another.

use super::syntax::SyntaxError;
use std::borrow::Cow;

/// One line, from some place on.
pub(super) struct Scanner<'a, 'r> {
    pub(super) text: &'a str,
    pub(super) at: &'r mut usize,
    /// How many pairs may still follow.
    pub(super) left: &'r mut usize,
}

impl<'a> Scanner<'a, '_> {
    /// The same place, for a while.
    pub(super) fn again(&mut self) -> Scanner<'a, '_> {
        Scanner { text: self.text, at: self.at, left: self.left }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(*self.at).copied()
    }

    /// Counts pairs, so that a small text cannot fill the memory.
    pub(super) fn count(&mut self, pairs: usize) -> Result<(), SyntaxError> {
        match self.left.checked_sub(pairs) {
            Some(left) => {
                *self.left = left;
                Ok(())
            }
            None => self.wrong("there is more in this lock than in any honest one of its size"),
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(*self.at..).unwrap_or_default()
    }

    /// What is wrong at this place.
    pub(super) fn wrong<T>(&self, message: &str) -> Result<T, SyntaxError> {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        Err(SyntaxError::at(*self.at..*self.at + width, message))
    }

    fn skip_while(&mut self, inside: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !inside(byte)).unwrap_or(rest.len());
        *self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// To the end of the line, where this is only shown.
    pub(super) fn skip_value(&mut self) {
        self.skip_while(|byte| byte != b'\n');
    }

    pub(super) fn take(&mut self, byte: u8) -> Result<(), SyntaxError> {
        if self.peek() != Some(byte) {
            return self.wrong(&format!("`{}` should stand here", char::from(byte)));
        }
        *self.at += 1;
        Ok(())
    }

    /// The end of the line, after a comment at most.
    pub(super) fn end_line(&mut self) -> Result<(), SyntaxError> {
        self.skip_blanks();
        if self.peek() == Some(b'#') {
            self.skip_while(|byte| byte == b'\t' || !byte.is_ascii_control());
        }
        match self.rest().as_bytes() {
            [] => Ok(()),
            [b'\n', ..] => self.take(b'\n'),
            [b'\r', b'\n', ..] => {
                *self.at += 2;
                Ok(())
            }
            _ => self.wrong("the line should end here: a lock has one fact a line"),
        }
    }

    pub(super) fn header(&mut self) -> Result<Vec<&'a str>, SyntaxError> {
        self.take(b'[')?;
        let mut path = vec![self.word()?];
        while self.peek() == Some(b'.') {
            *self.at += 1;
            path.push(self.word()?);
        }
        self.take(b']')?;
        Ok(path)
    }

    fn word(&mut self) -> Result<&'a str, SyntaxError> {
        let word = self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if word.is_empty() { self.wrong("a name should stand here, without quotes") } else { Ok(word) }
    }

    pub(super) fn key(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        if self.peek() == Some(b'"') { self.string() } else { self.word().map(Cow::Borrowed) }
    }

    /// A text in quotes; borrowed where nothing in it is escaped.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.take(b'"')?;
        let plain = |byte: u8| byte != b'"' && byte != b'\\' && (byte == b'\t' || !byte.is_ascii_control());
        let mut text = Cow::Borrowed(self.skip_while(plain));
        loop {
            match self.peek() {
                Some(b'"') => {
                    *self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    let escaped = self.escape()?;
                    let text = text.to_mut();
                    text.push(escaped);
                    text.push_str(self.skip_while(plain));
                }
                _ => return self.wrong("the text in quotes does not end on its line"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let known = match self.rest().as_bytes().get(1) {
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'u') => return self.code_point(4),
            Some(b'U') => return self.code_point(8),
            _ => return self.wrong("no such escape"),
        };
        *self.at += 2;
        Ok(known)
    }

    fn code_point(&mut self, digits: usize) -> Result<char, SyntaxError> {
        let code = self.rest().get(2..2 + digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(found) => {
                *self.at += 2 + digits;
                Ok(found)
            }
            None => self.wrong("no such character"),
        }
    }

    /// A whole number as TOML has it: 64 bits with a sign, decimal, without a zero in front.
    pub(super) fn number(&mut self) -> Result<i64, SyntaxError> {
        let start = *self.at;
        let digits = self.skip_while(|byte| byte.is_ascii_digit() || byte == b'-');
        let zeros = digits.trim_start_matches('-');
        let number = if zeros.len() > 1 && zeros.starts_with('0') { None } else { digits.parse().ok() };
        number.ok_or_else(|| SyntaxError::at(start..*self.at, "expected a whole number of 64 bits"))
    }
}
