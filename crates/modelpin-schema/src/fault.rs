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
    /// The line itself, without the passwords of addresses in it.
    pub text: String,
}

impl Place {
    /// The place of the bytes `span` in `whole`.
    #[must_use]
    pub fn of(whole: &str, span: Range<usize>) -> Self {
        let mut start = span.start.min(whole.len());
        while !whole.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = whole[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = whole[start..].find('\n').map_or(whole.len(), |at| start + at);
        let text = whole[line_start..line_end].trim_end_matches('\r');
        let mut end = span.end.clamp(start, line_end);
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            line: whole[..start].matches('\n').count() + 1,
            column: whole[line_start..start].chars().count() + 1,
            width: whole[start..end].chars().count().max(1),
            text: crate::text::masked(text),
        }
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
        let message = error.message().trim_end().replace('\n', ", ");
        let help = unknown_key(&message);
        // A key that nobody knows is part of it, whatever is in that.
        let message = crate::text::visible_up_to(&crate::text::masked(&message), 600);
        let fault = match error.span() {
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
