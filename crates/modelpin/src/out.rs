//! Where text leaves the program: made harmless here, once, whatever it is and wherever it came from.
//!
//! Names, paths, addresses and complaints come from files, folders, servers and command lines that somebody else may
//! have written. Printed as they are they could move the cursor, hide or reorder what stands around them, or begin a
//! line that a CI system obeys (`::error`, `##[group]`, `##vso[…]`). So every character of the schema's one list is
//! spelled out:
//!
//! - for people: as `\u{1b}`, by [`shown`]; an unguessable mark tells our own colours from others ([`Paint`]);
//! - in JSON and SARIF: as `\u001b`, which every reader takes for the same character, by [`json`].
//!
//! That a text stays on its line is seen to where lines are made, by `line` and [`one_line`].

use crate::exit::Exit;
use anstyle::Style;
use modelpin_schema::hides;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{ErrorKind, Write as _};
use std::sync::OnceLock;

/// For whom a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people, or data as [`json`] makes it.
    Plain,
    /// Commands of GitHub Actions, which `render::github` made: a line may begin with one.
    Commands,
    /// For another program, byte for byte: a shell's words, a script, a path. Whoever makes it sees to what is in it.
    Exact,
}

/// A style of our own, written as `{STYLE}text{STYLE:#}`.
#[derive(Debug, Clone, Copy)]
pub struct Paint(pub Style);

impl fmt::Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes = if f.alternate() { self.0.render_reset().to_string() } else { self.0.render().to_string() };
        // `ESC [ 1 m ESC [ 31 m`: each with the mark behind its ESC.
        f.write_str(&codes.replace('\x1b', &format!("\x1b{}", mark())))
    }
}

/// What tells our own styles from those in foreign text: another one in each run.
fn mark() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    MARK.get_or_init(|| format!("{:016x}", RandomState::new().hash_one("modelpin")))
}

/// `text` as it may be printed.
#[must_use]
pub fn shown(text: &str, form: Form) -> Cow<'_, str> {
    let quiet = |c: char| c == '\n' || c == '\t' || !hides(c);
    if form == Form::Exact || (text.chars().all(quiet) && !text.contains("##") && !text.contains("::")) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        push_line(&mut out, line, form);
    }
    Cow::Owned(out)
}

fn push_line(out: &mut String, line: &str, form: Form) {
    let mut rest = line;
    // A command of GitHub stands at the beginning of its line, behind blanks at most.
    let trimmed = line.trim_start();
    if form != Form::Commands && trimmed.starts_with("::") {
        push_text(out, line.strip_suffix(trimmed).unwrap_or_default());
        out.push_str("\\u{3a}");
        rest = trimmed.strip_prefix(':').unwrap_or_default();
    }
    push_text(out, rest);
}

fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(own) = own_style(rest) {
            out.push('\x1b');
            out.push_str(own);
            rest = rest.get(1 + mark().len() + own.len()..).unwrap_or_default();
            continue;
        }
        // Older commands of GitHub and those of Azure may stand anywhere in a line.
        if c == '#' && (rest.starts_with("##[") || rest.starts_with("##vso[")) {
            out.push_str("\\u{23}");
        } else if c != '\n' && c != '\t' && hides(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// What stands behind the ESC and the mark of a style of our own, where `text` begins with one: `[31m`.
fn own_style(text: &str) -> Option<&str> {
    let behind = text.strip_prefix('\x1b')?.strip_prefix(mark())?;
    behind.get(..=behind.find('m')?)
}

/// `text` on one line, whatever it is.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { Cow::Owned(text.replace('\n', "\\u{a}")) } else { Cow::Borrowed(text) }
}

/// `text` as a part of a document that another program will show: on one line, with everything in sight.
#[must_use]
pub fn spelled(text: &str) -> String {
    shown(&one_line(text), Form::Plain).into_owned()
}

/// Adds one line: a line end in `text` is not one.
pub(crate) fn line(out: &mut String, text: fmt::Arguments<'_>) {
    match text.as_str() {
        Some(text) => out.push_str(&one_line(text)),
        None => out.push_str(&one_line(&text.to_string())),
    }
    out.push('\n');
}

/// A value as JSON that shows everything that is in it, with a line end. What is spelled out can only be in strings.
#[must_use]
pub fn json(value: &Value) -> String {
    let text = format!("{value:#}\n");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && hides(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[")
}

/// Prints on stdout. Returns `exit`, or another exit code if that fails.
#[must_use]
pub fn stdout(text: &str, form: Form, exit: Exit) -> Exit {
    let mut stdout = anstream::stdout();
    match stdout.write_all(shown(text, form).as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => exit,
        // The reader has closed the pipe, as in `modelpin diff | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
        Err(error) => {
            stderr(&format!("error: cannot write to stdout: {error}\n"));
            Exit::Unexpected
        }
    }
}

/// Prints `text`, of whole lines, on stderr. A closed stderr is not an error.
pub fn stderr(text: &str) {
    let _ = anstream::stderr().write_all(shown(text, Form::Plain).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Form, Paint, json, line, shown};
    use anstyle::{AnsiColor, Style};

    const RED: Paint = Paint(AnsiColor::Red.on_default().bold());

    #[test]
    fn our_own_styles_pass_and_no_others_do() {
        let mut out = String::new();
        line(&mut out, format_args!("{RED}a{RED:#} \x1b[31mb\x1b[2J \u{9b}2J"));
        let own = AnsiColor::Red.on_default().bold();
        assert_eq!(shown(&out, Form::Plain), format!("{own}a{own:#} \\u{{1b}}[31mb\\u{{1b}}[2J \\u{{9b}}2J\n"));
        assert_eq!(format!("{}", Paint(Style::new())), "");
    }

    #[test]
    fn text_begins_no_line_and_no_command() {
        let mut out = String::new();
        line(&mut out, format_args!("{}", "x\n::error::y\r::a ##[b] ##vso[c] #[d] a::b\u{2028}::c"));
        out.push_str(" \t::stop-commands::z\n::w\n");
        assert_eq!(
            shown(&out, Form::Plain),
            "x\\u{a}::error::y\\u{d}::a #\\u{23}[b] #\\u{23}vso[c] #[d] a::b\\u{2028}::c\n \t\\u{3a}:stop-commands::z\n\\u{3a}:w\n"
                .replace("#\\u{23}[", "\\u{23}#[")
                .replace("#\\u{23}vso", "\\u{23}#vso")
        );
        assert_eq!(shown("::error file=x::y\n", Form::Commands), "::error file=x::y\n");
        assert_eq!(shown("a\u{1b}", Form::Exact), "a\u{1b}");
    }

    #[test]
    fn json_says_the_same_with_everything_in_sight() {
        let hostile = "\u{1b}[2J\n::error::x\u{202e}\u{9b}\u{e0041}\u{7f} ##[error] é ##vso[x]";
        let text = json(&serde_json::json!({ hostile: [hostile] }));
        assert!(!text.chars().any(|c| c != '\n' && modelpin_schema::hides(c)), "{text}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read[hostile][0], hostile);
        assert_eq!(shown(&text, Form::Plain), text);
    }
}
