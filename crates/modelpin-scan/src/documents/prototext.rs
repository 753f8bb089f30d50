//! Protocol buffers in the text format, as the values that JSON is read into: a message is an object in which a field
//! may be given more than once, every scalar is a text (<https://protobuf.dev/reference/protobuf/textformat-spec/>).

use super::json::Json;
use crate::engine::limits::Budget;
use crate::engine::{Location, ScanError};
use modelpin_rules::graph::PROTOBUF_MALFORMED;

/// A document, as far as it could be read.
pub(crate) struct Read {
    /// The message that the document as a whole is.
    pub(crate) message: Json,
    /// Why reading ended before the end.
    pub(crate) broken: Option<ScanError>,
}

/// Messages within messages; the readers of the field stop at 100 (`CodedInputStream`, `text_format.cc`).
const DEPTH: usize = 100;

/// Fields of one document that are kept. A graph with its weights has more, but numbers in a row are kept as one.
const FIELDS: usize = 1_000_000;

/// A message that is open.
struct Open {
    /// The field that it is the value of.
    field: String,
    entries: Vec<(Box<str>, Json)>,
    /// Whether it is an item of a list.
    in_list: bool,
}

impl Open {
    fn new(field: String, in_list: bool) -> Self {
        Self { field, entries: Vec::new(), in_list }
    }

    /// Adds a value, and says whether it was kept. Numbers of one field are the values of a tensor: the first tells what
    /// it is.
    fn push(&mut self, field: &str, value: Json) -> bool {
        let is_number =
            |value: &Json| value.text().is_some_and(|text| text.starts_with(|c: char| "-.0123456789".contains(c)));
        let repeats = |(last, before): &(Box<str>, Json)| &**last == field && is_number(before);
        let is_new = !(is_number(&value) && self.entries.last().is_some_and(repeats));
        if is_new {
            self.entries.push((field.into(), value));
        }
        is_new
    }
}

/// Reads a document.
pub(crate) fn read(text: &str, budget: &mut Budget) -> Read {
    let mut reader = Reader {
        lexer: Lexer { rest: text },
        open: vec![Open::new(String::new(), false)],
        field: None,
        in_list: false,
        has_colon: false,
        fields: 0,
    };
    let broken = reader.document(budget).err();
    while reader.open.len() > 1 {
        reader.close();
    }
    Read { message: Json::Object(reader.open.pop().map(|open| open.entries).unwrap_or_default()), broken }
}

struct Reader<'t> {
    lexer: Lexer<'t>,
    /// The messages that are open; the first is the document.
    open: Vec<Open>,
    /// The field that waits for its value.
    field: Option<String>,
    in_list: bool,
    has_colon: bool,
    fields: usize,
}

impl Reader<'_> {
    fn document(&mut self, budget: &mut Budget) -> Result<(), ScanError> {
        while let Some(token) = self.lexer.next()? {
            budget.step()?;
            match token {
                Token::Word(word) if self.takes_value() => self.scalar(word.to_owned())?,
                Token::Word(_) if self.field.is_some() => return Err(malformed("a field without a value")),
                Token::Word(word) => self.field = Some(word.to_owned()),
                Token::Text(text) if self.takes_value() => self.scalar(text)?,
                Token::Text(_) => return Err(malformed("a text that is no value")),
                Token::Sign(sign) => self.sign(sign)?,
            }
        }
        if self.open.len() > 1 { Err(malformed("a message is not closed")) } else { Ok(()) }
    }

    fn takes_value(&self) -> bool {
        self.field.is_some() && (self.has_colon || self.in_list)
    }

    fn sign(&mut self, sign: char) -> Result<(), ScanError> {
        match sign {
            ':' if self.field.is_some() && !self.has_colon => self.has_colon = true,
            '{' | '<' => {
                let Some(field) = self.field.take() else { return Err(malformed("a message without a field")) };
                if self.open.len() >= DEPTH {
                    return Err(ScanError::LimitReached("nested messages"));
                }
                self.count()?;
                self.open.push(Open::new(field, self.in_list));
                (self.in_list, self.has_colon) = (false, false);
            }
            '}' | '>' if self.field.is_none() && self.open.len() > 1 => self.close(),
            '[' if self.field.is_some() && !self.in_list => self.in_list = true,
            // The name of an extension, or of the type of an `Any`.
            '[' if self.field.is_none() => {
                let Some(name) = self.lexer.until(']') else { return Err(malformed("a bracket is not closed")) };
                self.field = Some(name.trim().to_owned());
            }
            ']' if self.in_list => {
                self.field = None;
                (self.in_list, self.has_colon) = (false, false);
            }
            ',' if self.in_list || self.field.is_none() => {}
            ';' if self.field.is_none() => {}
            _ => return Err(malformed("a sign that is out of place")),
        }
        Ok(())
    }

    fn scalar(&mut self, value: String) -> Result<(), ScanError> {
        let field = if self.in_list { self.field.clone() } else { self.field.take() };
        self.has_colon = self.in_list;
        if let (Some(open), Some(field)) = (self.open.last_mut(), field)
            && open.push(&field, Json::Text(value.into()))
        {
            self.count()?;
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), ScanError> {
        self.fields = self.fields.saturating_add(1);
        if self.fields > FIELDS { Err(ScanError::LimitReached("fields of a document")) } else { Ok(()) }
    }

    /// Closes the message that was opened last.
    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let Some(above) = self.open.last_mut() {
            above.push(&open.field, Json::Object(open.entries));
        }
        self.in_list = open.in_list;
        self.field = open.in_list.then_some(open.field);
    }
}

/// A word of the text format.
enum Token<'t> {
    /// A name, or a number.
    Word(&'t str),
    /// What quotation marks hold, with its escapes resolved; texts that are side by side are one.
    Text(String),
    Sign(char),
}

struct Lexer<'t> {
    rest: &'t str,
}

impl<'t> Lexer<'t> {
    /// Steps over blanks and comments.
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with('#') {
            self.rest = self.rest.split_once('\n').map_or("", |(_, below)| below).trim_start();
        }
    }

    fn next(&mut self) -> Result<Option<Token<'t>>, ScanError> {
        self.skip();
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if matches!(first, '"' | '\'') {
            let mut bytes = Vec::new();
            while let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                self.text(quote, &mut bytes)?;
                self.skip();
            }
            return Ok(Some(Token::Text(String::from_utf8_lossy(&bytes).into_owned())));
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        if length == 0 {
            self.rest = self.rest.get(first.len_utf8()..).unwrap_or_default();
            return Ok(Some(Token::Sign(first)));
        }
        let (word, below) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = below;
        Ok(Some(Token::Word(word)))
    }

    /// What is before the next `end`, which is stepped over.
    fn until(&mut self, end: char) -> Option<&'t str> {
        let (inner, below) = self.rest.split_once(end)?;
        self.rest = below;
        Some(inner)
    }

    /// One text in `quote`.
    fn text(&mut self, quote: char, into: &mut Vec<u8>) -> Result<(), ScanError> {
        let mut bytes = self.rest.as_bytes().iter().copied().skip(1).peekable();
        let mut length = 1_usize;
        let mut next = |bytes: &mut std::iter::Peekable<_>| -> Option<u8> {
            length = length.saturating_add(1);
            Iterator::next(bytes)
        };
        loop {
            match next(&mut bytes) {
                None => return Err(malformed("a text is not closed")),
                Some(byte) if char::from(byte) == quote => break,
                Some(b'\\') => {
                    let Some(escaped) = next(&mut bytes) else { return Err(malformed("a text is not closed")) };
                    let (base, most) = match escaped {
                        b'0'..=b'7' => (8, 2),
                        b'x' | b'X' => (16, 2),
                        b'u' => (16, 4),
                        b'U' => (16, 8),
                        _ => {
                            into.push(plain_escape(escaped));
                            continue;
                        }
                    };
                    let mut code = if base == 8 { u32::from(escaped.wrapping_sub(b'0')) } else { 0 };
                    for _ in 0..most {
                        let Some(digit) = bytes.peek().and_then(|byte| char::from(*byte).to_digit(base)) else { break };
                        code = code.wrapping_mul(base).wrapping_add(digit);
                        next(&mut bytes);
                    }
                    if matches!(escaped, b'u' | b'U') {
                        into.extend(char::from_u32(code).unwrap_or('\u{fffd}').to_string().bytes());
                    } else {
                        into.push(code as u8);
                    }
                }
                Some(byte) => into.push(byte),
            }
        }
        self.rest = self.rest.get(length..).unwrap_or_default();
        Ok(())
    }
}

fn plain_escape(letter: u8) -> u8 {
    match letter {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        other => other,
    }
}

fn malformed(what: &str) -> ScanError {
    ScanError::Malformed(&PROTOBUF_MALFORMED, Location::Whole, what.to_owned())
}
