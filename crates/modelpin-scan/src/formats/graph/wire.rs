//! Protocol buffers by their wire format, without a schema (<https://protobuf.dev/programming-guides/encoding/>).

use crate::engine::limits::Budget;
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{Location, ScanError};
use modelpin_rules::graph::PROTOBUF_MALFORMED;

/// Where a message is, and how far it was read: the first byte that was not, and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) at: u64,
    pub(crate) end: u64,
}

impl Span {
    /// How many bytes are left.
    pub(crate) fn len(self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// A varint.
    Number(u64),
    /// Four bytes.
    Fixed32,
    /// Eight bytes.
    Fixed64,
    /// A text, bytes, a message, or packed numbers.
    Bytes(Span),
}

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) value: Value,
}

/// A reader of messages. It goes wherever a [`Span`] says, so that nested messages need no reader of their own.
pub(crate) struct Wire<'a> {
    part: ByteRange<'a>,
    reader: Reader<'a>,
}

/// The longest tag: numbers of fields have 29 bits, and the kind of value three.
const TAG_END: u64 = 1 << 32;

impl<'a> Wire<'a> {
    pub(crate) fn new(part: &ByteRange<'a>) -> Self {
        Self { part: part.clone(), reader: part.reader(0) }
    }

    /// The message that the part as a whole is.
    pub(crate) fn whole(&self) -> Span {
        Span { at: 0, end: self.part.len() }
    }

    /// The next field of the message at `span`, nothing at its end. The content of the field is stepped over.
    pub(crate) fn field(&mut self, span: &mut Span, budget: &mut Budget) -> Result<Option<Field>, ScanError> {
        budget.step()?;
        let Some((field, cut)) = self.peek(span)? else { return Ok(None) };
        if cut { Err(self.beyond(field.at, *span)) } else { Ok(Some(field)) }
    }

    /// The next field, cut to its message where it is longer, and whether it is.
    pub(super) fn peek(&mut self, span: &mut Span) -> Result<Option<(Field, bool)>, ScanError> {
        if span.len() == 0 {
            return Ok(None);
        }
        let at = span.at;
        self.reader.go(at);
        let tag = self.varint(span)?;
        let number = tag >> 3;
        if number == 0 || tag >= TAG_END {
            return Err(malformed(at, "a field with an invalid number"));
        }
        let (value, cut) = match tag & 7 {
            0 => (Value::Number(self.varint(span)?), false),
            1 => (Value::Fixed64, advance(span, 8)),
            2 => {
                let length = self.varint(span)?;
                let start = span.at;
                let cut = advance(span, length);
                (Value::Bytes(Span { at: start, end: span.at }), cut)
            }
            5 => (Value::Fixed32, advance(span, 4)),
            _ => return Err(malformed(at, "a group, or an unknown wire type")),
        };
        Ok(Some((Field { number, at, value }, cut)))
    }

    /// A varint on its own, as tables outside of messages have them.
    pub(crate) fn number(&mut self, span: &mut Span) -> Result<u64, ScanError> {
        self.reader.go(span.at);
        self.varint(span)
    }

    fn varint(&mut self, span: &mut Span) -> Result<u64, ScanError> {
        let at = span.at;
        let mut value = 0_u64;
        for place in 0..10_u32 {
            if span.len() == 0 {
                return Err(self.beyond(at, *span));
            }
            let byte = self.reader.byte()?.ok_or(ScanError::Truncated(at))?;
            span.at = span.at.saturating_add(1);
            if place == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f).wrapping_shl(place.saturating_mul(7));
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(malformed(at, "a varint of more than 64 bits"))
    }

    /// Something is longer than what it is in.
    fn beyond(&self, at: u64, span: Span) -> ScanError {
        if span.end >= self.part.len() {
            ScanError::Truncated(at)
        } else {
            malformed(at, "a field is longer than its message")
        }
    }

    /// The first bytes of a field, at most `keep`.
    pub(crate) fn bytes(&mut self, span: Span, keep: u64) -> Result<Vec<u8>, ScanError> {
        let mut bytes = Vec::new();
        self.reader.go(span.at);
        for _ in 0..span.len().min(keep) {
            bytes.push(self.reader.byte()?.ok_or(ScanError::Truncated(span.at))?);
        }
        Ok(bytes)
    }

    /// Whether a field is text that a person wrote: no message is, for a tag or a length in it is a control character.
    pub(crate) fn is_plain(&mut self, span: Span) -> Result<bool, ScanError> {
        let is_text = |text: &str| !text.chars().any(|letter| letter.is_control() && letter != '\n');
        Ok(span.len() <= TEXT && std::str::from_utf8(&self.bytes(span, TEXT)?).is_ok_and(is_text))
    }

    /// The beginning of a text, as far as it is shown or compared.
    pub(crate) fn text(&mut self, span: Span) -> Result<String, ScanError> {
        Ok(String::from_utf8_lossy(&self.bytes(span, TEXT)?).into_owned())
    }
}

/// How much of a name is kept: names of operators, tensors and files are far shorter.
const TEXT: u64 = 4096;

fn malformed(at: u64, what: &str) -> ScanError {
    ScanError::Malformed(&PROTOBUF_MALFORMED, Location::Byte(at), what.to_owned())
}

/// Steps over `length` bytes, and says whether there were fewer.
fn advance(span: &mut Span, length: u64) -> bool {
    let end = span.at.checked_add(length).filter(|end| *end <= span.end);
    span.at = end.unwrap_or(span.end);
    end.is_none()
}
