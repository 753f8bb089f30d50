//! An error in a file that a person or a merge wrote, with the place it is at.

use std::fmt;
use std::ops::Range;

/// What is wrong in a file, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as it should be shown.
    pub file: String,
    /// Line and column, from 1, and the line's text; none where the whole file is meant.
    pub place: Option<Place>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do, where there is more to say than the message does.
    pub help: Option<String>,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// The line itself, without the passwords of addresses in it; empty where it is longer than 4 KiB.
    pub text: String,
}

/// The longest line, in bytes, that is shown and whose characters are counted: a longer one is written by no person,
/// and a file that is one line would be counted once for each place in it.
const MAX_LINE: usize = 4096;

impl Place {
    /// The place of the bytes `span` in `whole`.
    #[must_use]
    pub fn of(whole: &str, span: Range<usize>) -> Self {
        let before = whole.as_bytes().get(..span.start).unwrap_or(whole.as_bytes());
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Self::in_line(whole, line, line_start, span)
    }

    /// The place of the bytes `span` in `whole`, which begins in line `line`, whose first byte is at `line_start`.
    pub(crate) fn in_line(whole: &str, line: usize, line_start: usize, span: Range<usize>) -> Self {
        let rest = whole.get(line_start..).unwrap_or_default();
        // A little more than is shown is looked at, so that a line that is too long is known to be.
        let length = rest.bytes().take(MAX_LINE + 1).position(|byte| byte == b'\n').unwrap_or(rest.len());
        if length > MAX_LINE {
            return Self { line, column: 1, width: 1, text: String::new() };
        }
        let text = rest.get(..length).unwrap_or_default().trim_end_matches('\r');
        // Bytes within a character count as the character.
        let column = |at: usize| text.char_indices().take_while(|(start, c)| start + c.len_utf8() <= at).count();
        let start = column(span.start.saturating_sub(line_start));
        let end = column(span.end.saturating_sub(line_start));
        Self { line, column: start + 1, width: end.saturating_sub(start).max(1), text: crate::text::masked(text) }
    }
}

impl Fault {
    /// A fault in the whole of `file`.
    pub fn whole(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: None, message: message.into(), help: None }
    }

    /// A fault at the bytes `span` of `text`, which is the content of `file`.
    pub fn at(file: &str, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { place: Some(Place::of(text, span)), ..Self::whole(file, message) }
    }

    /// The same fault with advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same fault without the text of its line, where secrets may stand in that.
    #[must_use]
    pub fn without_text(self) -> Self {
        match &self.place {
            Some(place) => Self { file: format!("{}:{}", self.file, place.line), place: None, ..self },
            None => self,
        }
    }

    /// What the TOML reader said, with its place, and with the nearest known key for an unknown one.
    pub(crate) fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        Self::of_reader(file, text, error.span(), error.message())
    }

    /// What a reader said of the bytes `span` of `text`, with the nearest known key for an unknown one.
    pub(crate) fn of_reader(file: &str, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let message = message.trim_end().replace('\n', ", ");
        let help = unknown_key(&message);
        // A key that nobody knows is part of it, whatever is in that.
        let message = crate::text::visible_up_to(&crate::text::masked(&message), 600);
        let fault = match span {
            Some(span) => Self::at(file, text, span, message),
            None => Self::whole(file, message),
        };
        Self { help, ..fault }
    }
}

/// The advice for serde's `unknown field` message: the known key that is nearest to the one that was written.
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let (got, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    nearest(got, known).map(|nearest| format!("did you mean `{nearest}`?"))
}

/// The known word that is nearest to the one that was written, if it is near enough to be meant.
pub fn nearest<'a>(got: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(got, a).total_cmp(&strsim::jaro_winkler(got, b)))?;
    (strsim::jaro_winkler(got, nearest) > 0.75).then_some(nearest)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let Some(place) = &self.place else {
            return write!(f, "\n  --> {}", self.file);
        };
        if place.text.is_empty() {
            // A caret under nothing would say nothing.
            return write!(f, "\n  --> {}:{}", self.file, place.line);
        }
        let gutter = " ".repeat(place.line.to_string().len());
        let (shown, column) = place.window();
        let pad = " ".repeat(column - 1);
        let carets = "^".repeat(place.width.min(shown.chars().count().saturating_sub(column - 1)).max(1));
        write!(
            f,
            "\n{gutter}--> {}:{}:{}\n{gutter} |\n{} | {shown}\n{gutter} | {pad}{carets}",
            self.file, place.line, place.column, place.line
        )
    }
}

impl std::error::Error for Fault {}

impl Place {
    /// At most 100 characters of the line around the column, with nothing in them that a terminal would act
    /// on, and the column within them.
    fn window(&self) -> (String, usize) {
        let skip = (self.column - 1).saturating_sub(60);
        let clean = |c: char| {
            if crate::text::hides(c) { '\u{fffd}' } else { c }
        };
        (self.text.chars().skip(skip).take(100).map(clean).collect(), self.column - skip)
    }
}

/// The first line of `text` that git left as a mark of a conflict, if there is one.
#[must_use]
pub(crate) fn conflict_marker(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let marked =
            ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|mark| bare.starts_with(mark)) || bare == "=======";
        if marked {
            return Some(start..start + bare.len());
        }
        start += line.len();
    }
    None
}
