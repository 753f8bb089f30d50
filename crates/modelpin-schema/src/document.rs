//! The TOML files that people write, as foreign text: read within bounds, and with a place for everything in them.

use crate::fault::{Fault, Place, conflict_marker};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};
use toml_parser::lexer::TokenKind;

/// How much memory the tree of a text may take, in bytes, as [`cost`] reckons it. The largest models.toml of 100,000
/// ordinary entries takes half of it.
const MAX_COST: u64 = 384 << 20;

/// A TOML text, and the name of its file in messages.
pub(crate) struct Document<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    /// The first byte of each line.
    lines: Vec<u32>,
}

impl<'a> Document<'a> {
    /// The text of `file`.
    ///
    /// # Errors
    /// A merge conflict, with `help` for it; a text whose tree would take more memory than any honest one.
    pub(crate) fn new(file: &'a str, text: &'a str, help: &str) -> Result<Self, Fault> {
        if let Some(span) = conflict_marker(text) {
            return Err(Fault::at(file, text, span, "git left a merge conflict here").help(help));
        }
        if cost(text) > MAX_COST {
            let fault = Fault::whole(file, format!("reading the file would take more than {} MiB", MAX_COST >> 20));
            return Err(fault.help("it has more tables, lists and dotted keys than any file that people write"));
        }
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after).filter_map(|at| u32::try_from(at).ok()).collect();
        Ok(Self { file, text, lines })
    }

    /// The tree of the text.
    pub(crate) fn tree(&self) -> Result<Spanned<DeTable<'a>>, Fault> {
        DeTable::parse(self.text).map_err(|error| Fault::from_toml(self.file, self.text, &error))
    }

    /// The text as a `T`.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        self.read_tree(self.tree()?)
    }

    /// A tree of the text as a `T`.
    pub(crate) fn read_tree<T: DeserializeOwned>(&self, tree: Spanned<DeTable<'a>>) -> Result<T, Fault> {
        T::deserialize(Deserializer::from(tree)).map_err(|mut error| {
            error.set_input(Some(self.text));
            Fault::from_toml(self.file, self.text, &error)
        })
    }

    /// The place of the bytes `span`, in time that does not depend on how many lines stand before it.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let line = self.lines.partition_point(|start| *start as usize <= span.start).saturating_sub(1);
        let start = self.lines.get(line).map_or(0, |start| *start as usize);
        Place::in_line(self.text, line + 1, start, span)
    }

    /// A fault at the bytes `span`.
    pub(crate) fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Fault {
        Fault { place: Some(self.place(span)), ..Fault::whole(self.file, message) }
    }
}

/// The number that a value is, if it is one.
pub(crate) fn integer(value: &toml::de::DeValue<'_>) -> Option<i64> {
    value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
}

/// At most how many bytes the tree of `text` takes, for a reader as for an editor: measured with the `toml` 1.2 and
/// `toml_edit` 0.25, whose tables have a node of some 1.3 KiB each, however few keys they hold.
fn cost(text: &str) -> u64 {
    let token = |kind| match kind {
        TokenKind::LeftCurlyBracket => 1400,
        TokenKind::Dot => 1100,
        TokenKind::LeftSquareBracket => 350,
        TokenKind::Equals | TokenKind::Comma => 210,
        _ => 50,
    };
    toml_parser::Source::new(text).lex().map(|found| token(found.kind())).sum()
}

#[cfg(test)]
mod tests {
    use super::{Document, MAX_COST, cost};
    use std::fmt::Write as _;

    #[test]
    fn a_manifest_of_100_000_entries_is_no_burden_and_4_mib_of_tables_are() {
        let mut entries = "[models]\n".to_owned();
        for at in 0..100_000 {
            writeln!(entries, "m{at} = {{ repo = \"a/r{at}\", revision = \"main\" }}").unwrap();
        }
        assert!(cost(&entries) < MAX_COST, "{} MiB", cost(&entries) >> 20);
        for one in ["x = {a={a={a={a=1}}}}\n", "a.b.c.d.e.f = 1\n"] {
            let text = one.repeat((4 << 20) / one.len());
            let fault = Document::new("models.toml", &text, "").err().unwrap();
            assert_eq!(fault.message, "reading the file would take more than 384 MiB");
        }
    }

    #[test]
    fn a_line_that_is_too_long_to_show_is_named_without_a_caret() {
        let text = format!("\nlong = \"{}\" x", "a".repeat(5000));
        let fault = Document::new("models.toml", &text, "").unwrap().fault(9..10, "wrong");
        assert_eq!(fault.to_string(), "wrong\n  --> models.toml:2");
    }

    #[test]
    fn every_place_is_the_one_that_counting_gives() {
        let text = "# ä\n[models]\r\nchat = \"acme/chat\"\n\nlong = \"".to_owned() + &"é".repeat(3000) + "\"\nx = 1";
        let document = Document::new("models.toml", &text, "").unwrap();
        for (at, _) in text.char_indices() {
            let place = document.place(at..at + 1);
            assert_eq!(place, crate::fault::Place::of(&text, at..at + 1));
            assert_eq!(place.line, text[..at].matches('\n').count() + 1);
        }
        assert_eq!(document.place(text.len()..text.len()).line, 6);
    }
}
