//! A pass over the tokens before anything recursive sees them: how deep the tree can get, and what is hidden
//! from a reader.

use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::{Rule, code, file};
use ruff_python_ast::token::{TokenKind as T, Tokens};
use ruff_python_parser::{Mode, lexer};
use ruff_text_size::Ranged;
use unicode_normalization::UnicodeNormalization;

/// Brackets in brackets: CPython's own limit (`MAXLEVEL` of its tokenizer).
const BRACKETS: usize = 200;
/// Blocks in blocks: CPython's own limit (`MAXINDENT`).
const INDENTS: usize = 100;
/// Links of chains (`a.b.c`, `a + b + c`, `not not a`) in all levels of one statement.
const LINKS: usize = 3000;
/// From this column on, code after a gap is out of sight.
const FAR: usize = 200;
/// White space within a line that pushes what follows out of sight.
const GAP: usize = 60;

/// What one bracket holds so far.
#[derive(Default)]
struct Level {
    /// Links of the chain under way; a comma ends it.
    links: usize,
    /// Links that no comma ends: `lambda a, b: lambda c, d: …`.
    lasting: usize,
}

/// Counts through the tokens of `text`. An error where the tree could get too deep.
pub(super) fn bounded(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels = vec![Level::default()];
    let mut indents = 0_usize;
    loop {
        scan.budget.step()?;
        match lexer.next_token() {
            T::EndOfFile => return Ok(()),
            T::Indent => indents = indents.saturating_add(1),
            T::Dedent => indents = indents.saturating_sub(1),
            kind => count(kind, &mut levels),
        }
        let links = levels.iter().map(|level| level.links.saturating_add(level.lasting)).fold(0, usize::saturating_add);
        if levels.len() > BRACKETS || indents > INDENTS || links > LINKS {
            return Err(ScanError::LimitReached("nesting of Python code"));
        }
    }
}

/// Looks for what a reader of `text` does not see or mistakes.
pub(super) fn hidden(text: &str, tokens: &Tokens, lines: &super::Lines, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut last = 0_usize;
    for token in tokens.iter() {
        scan.budget.step()?;
        let start = token.start().to_usize();
        let end = token.end().to_usize();
        behind_gap(token.kind(), text, last, start, lines, scan);
        name_of(token.kind(), text.get(start..end).unwrap_or_default(), lines.of(start), scan);
        last = end;
    }
    Ok(())
}

fn count(kind: T, levels: &mut Vec<Level>) {
    match kind {
        T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
            link(levels, false);
            levels.push(Level::default());
        }
        T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd if levels.len() > 1 => {
            levels.pop();
        }
        T::Newline | T::Semi if levels.len() == 1 => *levels = vec![Level::default()],
        T::Comma => {
            if let Some(level) = levels.last_mut() {
                level.links = 0;
            }
        }
        T::Lambda
        | T::Yield
        | T::Await
        | T::If
        | T::Else
        | T::While
        | T::With
        | T::For
        | T::Def
        | T::Class
        | T::Try
        | T::Async
        | T::Match
        | T::Case => link(levels, true),
        // Only outside of brackets: in them, a colon is in slices and dicts.
        T::Colon => {
            let is_outside = levels.len() == 1;
            link(levels, is_outside);
        }
        kind if kind.is_operator() || kind.is_keyword() => link(levels, false),
        _ => {}
    }
}

fn link(levels: &mut [Level], lasting: bool) {
    if let Some(level) = levels.last_mut() {
        let count = if lasting { &mut level.lasting } else { &mut level.links };
        *count = count.saturating_add(1);
    }
}

/// Code that an editor does not show: far to the right, or after a gap.
fn behind_gap(kind: T, text: &str, last: usize, start: usize, lines: &super::Lines, scan: &mut Scan<'_>) {
    let is_code = !matches!(kind, T::Comment | T::Newline | T::NonLogicalNewline | T::Indent | T::Dedent)
        && !matches!(kind, T::FStringMiddle | T::FStringEnd | T::TStringMiddle | T::TStringEnd);
    let gap = start.saturating_sub(last);
    if !is_code || gap < GAP {
        return;
    }
    let line_start = lines.start(start);
    let blank = text.get(last.max(line_start)..start).unwrap_or_default();
    let column = start.saturating_sub(line_start);
    // Indentation counts as hidden only beyond any honest depth.
    let is_inside = last > line_start;
    if blank.len() >= GAP && blank.trim().is_empty() && (is_inside && column > 100 || column > FAR) {
        let evidence = format!("code at column {column}, after {} blanks", blank.len());
        scan.report(&code::CODE_HIDDEN, Location::Line(lines.of(start)), evidence);
    }
}

/// Letters that look like Latin ones (Unicode confusables, the ones in ordinary fonts).
const LOOKALIKES: &str = "аеорсухіјѕһԁԛԝԍмтвнкгпАВЕЅІЈКМНОРСТУХԌԚԜοαΑΒΕΖΗΙΚΜΝΟΡΤΥΧνɑɡıℓօսոռհցԁ";

fn name_of(kind: T, token: &str, line: u32, scan: &mut Scan<'_>) {
    if kind != T::Name || token.is_ascii() {
        return;
    }
    let plain: String = token.nfkc().collect();
    if plain != token && plain.is_ascii() {
        scan.report(&code::CODE_HIDDEN, Location::Line(line), format!("the name `{token}` is `{plain}` to Python"));
        return;
    }
    for part in plain.split('_').filter(|part| !part.is_ascii()) {
        let foreign: Vec<char> = part.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).collect();
        let is_mixed = part.chars().any(|c| c.is_ascii_alphabetic()) && foreign.iter().any(|c| LOOKALIKES.contains(*c));
        let is_double = foreign.len() > 1 && foreign.iter().all(|c| LOOKALIKES.contains(*c)) && part.len() > 2;
        if is_mixed || is_double {
            scan.report(
                &code::CODE_HIDDEN,
                Location::Line(line),
                format!("the name `{token}` mixes look-alike letters"),
            );
        }
    }
}

/// Characters that reorder or hide text, anywhere but where a language needs them.
pub(super) fn hidden_characters(text: &str, lines: &super::Lines, scan: &mut Scan<'_>) {
    for (at, c) in text.char_indices() {
        let rule: &'static Rule = match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => &file::HIDDEN_CHARACTERS,
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}' => {
                &file::HIDDEN_CHARACTERS
            }
            // Python ends a line there and most viewers do not.
            '\r' if text.as_bytes().get(at.saturating_add(1)) != Some(&b'\n') => &code::CODE_HIDDEN,
            _ => continue,
        };
        scan.report(rule, Location::Line(lines.of(at)), format!("U+{:04X} in line {}", u32::from(c), lines.of(at)));
    }
}
