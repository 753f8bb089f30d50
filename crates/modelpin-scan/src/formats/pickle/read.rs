//! Arguments of opcodes, read by CPython's rules (`Lib/pickle.py`, `Modules/_pickle.c`).
//!
//! Where a frame (PEP 3154) ends inside an argument, unpicklers differ: the C one that reads a file forgets the
//! rest of the frame, the C one that reads a buffer reads on, the Python one fails. The machine reports it, and can
//! be run in both ways.

use super::machine::{Fault, Machine, broken};
use super::value::{Blob, Text, Value};
use crate::engine::ScanError;
use crate::engine::limits::Budget;
use modelpin_rules::pickle as rules;
use std::rc::Rc;

/// How much of a text is kept.
const KEPT: usize = 64 * 1024;

/// How much text is kept in all; beyond it, texts are cut short.
const KEPT_IN_ALL: usize = 64 << 20;

/// The longest line of a text opcode that is read; longer ones are hostile or no pickle.
const LINE: usize = 16 << 20;

impl Machine<'_> {
    /// Before `count` bytes are read: whether they are in the frame.
    fn within_frame(&mut self, count: u64) {
        let Some(end) = self.frame else { return };
        let at = self.reader.at();
        if at.saturating_add(count) <= end {
            return;
        }
        self.leave_frame(at, end);
    }

    fn leave_frame(&mut self, at: u64, end: u64) {
        if self.op_at < end {
            self.report(
                &rules::PICKLE_FRAME,
                format!("the frame that ends at byte {end} cuts the opcode at byte {}", self.op_at),
            );
        }
        if at < end {
            self.crossed = true;
            if self.forgetful {
                self.reader.go(end);
            }
        }
        self.frame = None;
    }

    /// `FRAME`.
    pub(super) fn frame(&mut self) -> Result<(), Fault> {
        let len = u64::from_le_bytes(self.array()?);
        let mut at = self.reader.at();
        let mut end = at.saturating_add(len);
        if let Some(outer) = self.frame.filter(|outer| at < *outer) {
            self.report(
                &rules::PICKLE_FRAME,
                format!("a frame begins at byte {at}, inside the one that ends at byte {outer}"),
            );
            self.crossed = true;
            if self.forgetful {
                if end <= outer {
                    return Ok(());
                }
                at = outer;
                end = at.saturating_add(len);
                self.reader.go(at);
            }
        }
        if end > self.part.len() {
            self.report(&rules::PICKLE_FRAME, format!("a frame of {len} bytes at byte {at} extends past the end"));
        }
        self.frame = Some(end);
        Ok(())
    }

    /// Exactly `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.within_frame(N as u64);
        Ok(self.reader.array()?)
    }

    /// One byte.
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A line without its line feed, and whether it had one.
    pub(super) fn line(&mut self, budget: &mut Budget) -> Result<(Vec<u8>, bool), Fault> {
        let start = self.reader.at();
        let (line, ended) = self.plain_line(budget)?;
        if let Some(end) = self.frame
            && self.reader.at() > end
        {
            self.leave_frame(start, end);
            if start < end && self.forgetful {
                self.reader.go(end);
                return self.plain_line(budget);
            }
        }
        Ok((line, ended))
    }

    fn plain_line(&mut self, budget: &mut Budget) -> Result<(Vec<u8>, bool), Fault> {
        let mut line = Vec::new();
        while let Some(byte) = self.reader.byte()? {
            if byte == b'\n' {
                return Ok((line, true));
            }
            line.push(byte);
            if line.len() > LINE {
                return Err(Fault::Error(ScanError::LimitReached("a line of a pickle")));
            }
            if line.len().trailing_zeros() >= 16 {
                budget.charge_bytes(1 << 16)?;
            }
        }
        Ok((line, false))
    }

    /// A line that has to end.
    pub(super) fn whole_line(&mut self, budget: &mut Budget) -> Result<Vec<u8>, Fault> {
        match self.line(budget)? {
            (line, true) => Ok(line),
            _ => broken("it ends in the middle of an opcode"),
        }
    }

    /// `count` bytes that are left where they are.
    pub(super) fn blob(&mut self, count: u64) -> Result<Value, Fault> {
        self.within_frame(count);
        let at = self.reader.at();
        self.reader.skip(count)?;
        Ok(Value::Bytes(Rc::new(Blob { at, len: count })))
    }

    /// `count` bytes of UTF-8, in which lone surrogates are allowed.
    pub(super) fn utf8(&mut self, count: u64) -> Result<Value, Fault> {
        let (bytes, at) = self.some(count)?;
        let whole = bytes.len() as u64 == count;
        let Some(text) = utf8_with_surrogates(&bytes, whole) else { return broken("text is not UTF-8") };
        Ok(Value::Text(Rc::new(Text { text, whole, at, len: count })))
    }

    /// `count` bytes of a string of Python 2, one character each.
    pub(super) fn latin1(&mut self, count: u64) -> Result<Value, Fault> {
        let (bytes, at) = self.some(count)?;
        let whole = bytes.len() as u64 == count;
        Ok(Value::Text(Rc::new(Text {
            text: bytes.iter().map(|byte| char::from(*byte)).collect(),
            whole,
            at,
            len: count,
        })))
    }

    /// The first of `count` bytes; the others are skipped.
    fn some(&mut self, count: u64) -> Result<(Vec<u8>, u64), Fault> {
        self.within_frame(count);
        let at = self.reader.at();
        let keep = if self.kept_text > KEPT_IN_ALL { 256 } else { KEPT };
        let bytes = if count <= 64 {
            let mut bytes = Vec::new();
            for _ in 0..count {
                bytes.push(self.reader.array::<1>()?[0]);
            }
            bytes
        } else {
            self.reader.take(count, keep)?
        };
        self.kept_text = self.kept_text.saturating_add(bytes.len());
        Ok((bytes, at))
    }

    /// Text that a line held.
    pub(super) fn text(&mut self, mut text: String) -> Value {
        let at = self.op_at.saturating_add(1);
        let len = self.reader.at().saturating_sub(at);
        let keep = if self.kept_text > KEPT_IN_ALL { 256 } else { KEPT };
        let whole = text.len() <= keep;
        if !whole {
            text.truncate(text.floor_char_boundary(keep));
        }
        self.kept_text = self.kept_text.saturating_add(text.len());
        Value::Text(Rc::new(Text { text, whole, at, len }))
    }
}

/// Text as `utf-8` with `surrogatepass` decodes it; lone surrogates, which no name of the allowlist has, become
/// replacement characters. Text that was cut may end within a character.
fn utf8_with_surrogates(bytes: &[u8], whole: bool) -> Option<String> {
    let mut text = String::new();
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(good) => {
                text.push_str(good);
                return Some(text);
            }
            Err(error) => {
                let (good, bad) = rest.split_at_checked(error.valid_up_to())?;
                text.push_str(std::str::from_utf8(good).ok()?);
                match bad {
                    [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] => {
                        text.push('\u{fffd}');
                        rest = after;
                    }
                    _ if !whole && bad.len() < 4 => return Some(text),
                    _ => return None,
                }
            }
        }
    }
}

/// The argument of `UNICODE`: `raw-unicode-escape`. Backslashes escape `u` and `U` only, and only where an even
/// number of backslashes comes before.
pub(super) fn raw_unicode_escape(line: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = line;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'\\' {
            text.push(char::from(*byte));
            continue;
        }
        let digits = match after {
            [b'u', ..] => 4,
            [b'U', ..] => 8,
            [b'\\', after @ ..] => {
                text.push_str("\\\\");
                rest = after;
                continue;
            }
            _ => {
                text.push('\\');
                continue;
            }
        };
        let hex = std::str::from_utf8(after.get(1..=digits)?).ok()?;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let code = u32::from_str_radix(hex, 16).ok().filter(|code| *code <= 0x0010_ffff)?;
        text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        rest = after.get(digits.saturating_add(1)..)?;
    }
    Some(text)
}

/// The argument of `STRING`, between its quotes: `codecs.escape_decode`.
pub(super) fn escape_decode(line: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = line;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let [kind, after @ ..] = after else { return None };
        rest = after;
        match kind {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => bytes.push(*kind),
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b't' => bytes.push(9),
            b'n' => bytes.push(10),
            b'v' => bytes.push(11),
            b'f' => bytes.push(12),
            b'r' => bytes.push(13),
            b'x' => {
                let hex = std::str::from_utf8(after.get(..2)?).ok()?;
                if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                bytes.push(u8::from_str_radix(hex, 16).ok()?);
                rest = after.get(2..)?;
            }
            b'0'..=b'7' => {
                let mut code = u32::from(kind.saturating_sub(b'0'));
                for _ in 0..2 {
                    let [digit @ b'0'..=b'7', after @ ..] = rest else { break };
                    code = code.saturating_mul(8).saturating_add(u32::from(digit.saturating_sub(b'0')));
                    rest = after;
                }
                // Above 0o377 the byte is what is left of it.
                bytes.push(code.to_le_bytes()[0]);
            }
            _ => bytes.extend([b'\\', *kind]),
        }
    }
    Some(bytes)
}

/// An integer as text, in every form that some unpickler accepts; `None` where none does.
pub(super) fn integer(line: &[u8]) -> Option<Value> {
    // The C unpickler stops at a NUL.
    let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = std::str::from_utf8(line).ok()?.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let text = text.strip_suffix('L').unwrap_or(text);
    if text == "119547037146038801333356" {
        return Some(Value::Magic);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-'));
    if !is_number || !text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    Some(plain.parse().map_or(Value::Big, Value::Int))
}

/// Whether unpicklers differ about a number: with a leading zero it is octal to the C one (`strtol` with base 0) and to
/// Python 2, and no number to the Python one (`int(text, 0)`). Zeros alone are zero to all of them.
pub(super) fn is_octal(line: &[u8]) -> bool {
    let digits = line.trim_ascii().strip_suffix(b"L").unwrap_or(line.trim_ascii());
    let digits = digits.strip_prefix(b"-").or(digits.strip_prefix(b"+")).unwrap_or(digits);
    digits.starts_with(b"0") && digits.iter().any(|digit| !matches!(digit, b'0' | b'_'))
}

/// A number in text that ends up in a `float`.
pub(super) fn is_float(line: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let plain: String = text.trim().chars().filter(|c| *c != '_' && *c != '\0').collect();
    plain.parse::<f64>().is_ok()
}

/// The number of `LONG1` and `LONG4`: little-endian, two's complement.
pub(super) fn long(bytes: &[u8]) -> Value {
    if bytes == [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19] {
        return Value::Magic;
    }
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = if negative { [0xff; 8] } else { [0; 8] };
    match wide.get_mut(..bytes.len()) {
        Some(low) => {
            low.copy_from_slice(bytes);
            Value::Int(i64::from_le_bytes(wide))
        }
        None => Value::Big,
    }
}
