//! Texts in UTF-16 and UTF-32, which PyYAML, pip and Python's JSON read as well as UTF-8: by the mark in front, and JSON
//! also without one.

use std::borrow::Cow;

/// The mark in front of a text in UTF-8.
const UTF8: &[u8] = b"\xef\xbb\xbf";

/// How a text is encoded that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wide {
    /// Bytes of a unit: 2 or 4.
    width: usize,
    is_little: bool,
    /// Bytes of the mark.
    mark: usize,
}

/// The marks; the longer ones first, since one begins with another.
const MARKS: [(&[u8], Wide); 4] = [
    (b"\xff\xfe\0\0", Wide { width: 4, is_little: true, mark: 4 }),
    (b"\0\0\xfe\xff", Wide { width: 4, is_little: false, mark: 4 }),
    (b"\xff\xfe", Wide { width: 2, is_little: true, mark: 2 }),
    (b"\xfe\xff", Wide { width: 2, is_little: false, mark: 2 }),
];

impl Wide {
    /// By the mark in front.
    pub(crate) fn marked(head: &[u8]) -> Option<Self> {
        MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, wide)| *wide)
    }

    /// By the zeros among the first four bytes, as `json.detect_encoding` of Python goes (`json/__init__.py`).
    pub(crate) fn by_zeros(head: &[u8]) -> Option<Self> {
        let wide = |width, is_little| Some(Self { width, is_little, mark: 0 });
        match head {
            [0, 0, _, _, ..] => wide(4, false),
            [0, _, _, _, ..] | [0, _] => wide(2, false),
            [_, 0, 0, 0, ..] => wide(4, true),
            [_, 0, _, _, ..] | [_, 0] => wide(2, true),
            _ => None,
        }
    }

    /// The text, with another character where there is none. What is left of a unit at the end is dropped.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        let bytes = bytes.get(self.mark..).unwrap_or_default();
        let unit = |bytes: &[u8]| {
            let add = |unit: u32, byte: &u8| unit.wrapping_shl(8) | u32::from(*byte);
            if self.is_little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
        };
        let units = bytes.chunks_exact(self.width).map(unit);
        if self.width == 4 {
            return units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        }
        let units = units.map(|unit| u16::try_from(unit).unwrap_or(0xfffd));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// Whether what begins like this reads as text: hardly any character that no text has.
    pub(crate) fn is_text(self, head: &[u8]) -> bool {
        let text = self.decode(head);
        let is_broken =
            |c: &char| *c == char::REPLACEMENT_CHARACTER || c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        !text.is_empty() && text.chars().filter(is_broken).count() <= 1
    }
}

/// A document as Python's `json.loads` takes its bytes: in UTF-8, UTF-16 or UTF-32, with or without a mark.
pub(crate) fn document(bytes: &[u8]) -> Cow<'_, [u8]> {
    match Wide::marked(bytes).or_else(|| Wide::by_zeros(bytes)) {
        Some(wide) => Cow::Owned(wide.decode(bytes).into_bytes()),
        None => Cow::Borrowed(bytes.strip_prefix(UTF8).unwrap_or(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wide, document};

    /// A text in each encoding, with and without its mark.
    fn encoded(text: &str) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for text in [text.to_owned(), format!("\u{feff}{text}")] {
            all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
            all.push(text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect());
            all.push(text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect());
        }
        all.push(text.as_bytes().to_vec());
        all.push([b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat());
        all
    }

    #[test]
    fn a_document_is_the_same_in_every_encoding() {
        for text in ["{}", "[1, \"\u{e4}\u{1f600}\"]", "{\"a\": 1}"] {
            for bytes in encoded(text) {
                assert_eq!(String::from_utf8_lossy(&document(&bytes)), text, "{bytes:?}");
            }
        }
    }

    #[test]
    fn what_is_no_character_is_replaced() {
        let half = Wide::marked(b"\xff\xfe").unwrap();
        assert_eq!(half.decode(b"\xff\xfea\0\0\xd8b\0c"), "a\u{fffd}b");
        let whole = Wide::marked(b"\0\0\xfe\xff").unwrap();
        assert_eq!(whole.decode(b"\0\0\xfe\xff\0\0\0a\xff\0\0\0"), "a\u{fffd}");
    }
}
