//! One cell, as IPython reads it (`IPython/core/inputtransformer2.py`): blank lines and indentation in front go, a first
//! line that begins with `%%` decides about the rest, and every other escape is a line of its own.

use super::magic::OfCell;
use super::module::Module;
use super::source::Cell;
use super::{command, magic};
use crate::engine::{Scan, ScanError};
use crate::languages::python;

/// Magics about a cell within each other.
const LAYERS: usize = 8;

/// What ends a line beside a line feed.
const LINE_ENDS: [char; 9] = ['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Reads one cell: reports what is not Python, and adds the rest to the module.
pub(super) fn read(cell: &Cell, module: &mut Module, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.charge_bytes(cell.source.len().saturating_mul(4))?;
    // IPython ends lines where `str.splitlines` does.
    let mut rest = cell.source.replace("\r\n", "\n").replace(LINE_ENDS, "\n");
    let mut line = 1_usize;
    for _ in 0..LAYERS {
        let (text, blank) = without_blank_lines(&rest);
        line = line.saturating_add(blank);
        let text = without_indent(text);
        let Some((first, body)) = magic_of_cell(&text) else {
            return code(cell, &text, line, module, scan);
        };
        let (name, arguments) = first.split_once(' ').unwrap_or((first, ""));
        match magic::cell(name) {
            OfCell::Python => {}
            OfCell::Timed => {
                let setup = magic::without_options(arguments);
                if !setup.is_empty() {
                    code(cell, setup, line, module, scan)?;
                }
            }
            OfCell::Shell => return command::script(body, cell, line.saturating_add(1), scan),
            OfCell::Shown => return Ok(()),
            OfCell::Acts => {
                cell.report(line, &format!("`%%{first}`"), scan);
                return Ok(());
            }
        }
        line = line.saturating_add(1);
        rest = body.to_owned();
    }
    cell.report(line, "magics within each other", scan);
    Ok(())
}

fn without_blank_lines(text: &str) -> (&str, usize) {
    let mut rest = text;
    let mut count = 0_usize;
    while let Some((_, behind)) = rest.split_once('\n').filter(|(first, _)| first.trim().is_empty()) {
        rest = behind;
        count = count.saturating_add(1);
    }
    (rest, count)
}

/// The lines without the blanks that the first one begins with.
fn without_indent(text: &str) -> String {
    let indent: String = text.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    if indent.is_empty() {
        return text.to_owned();
    }
    text.split_inclusive('\n').map(|line| line.strip_prefix(indent.as_str()).unwrap_or(line)).collect()
}

/// The first line without its `%%`, and what is below, where a magic takes the whole cell.
fn magic_of_cell(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("%%")?;
    let (first, body) = rest.split_once('\n').unwrap_or((rest, ""));
    // A question about the magic only shows its help.
    Some((first.trim_end(), body)).filter(|(first, _)| !first.ends_with('?'))
}

/// Python with escapes.
fn code(cell: &Cell, text: &str, line: usize, module: &mut Module, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let line_of = |text: &str, at: usize| {
        let before = text.get(..at).unwrap_or_default();
        line.saturating_add(before.matches('\n').count())
    };
    let mut python = String::new();
    let (mut next, mut number) = (0_usize, line);
    for place in python::escapes(text) {
        let before = text.get(next..place.start).unwrap_or_default();
        python.push_str(before);
        number = number.saturating_add(before.matches('\n').count());
        let escape = text.get(place.clone()).unwrap_or_default();
        python.push_str(&magic::line(escape, cell, number, scan)?);
        // The lines below stay where they were.
        let breaks = escape.matches('\n').count();
        python.extend(std::iter::repeat_n('\n', breaks));
        number = number.saturating_add(breaks);
        next = place.end;
    }
    python.push_str(text.get(next..).unwrap_or_default());
    let piece = python::piece(&python, scan)?;
    if let Some((at, error)) = piece.error {
        let line = line.saturating_add(at as usize).saturating_sub(1);
        cell.report(line, &format!("cannot be read: {error}"), scan);
        return Ok(());
    }
    for at in piece.shells {
        if let Some(what) = magic::of_shell(python.get(at..).unwrap_or_default(), python.get(..at).unwrap_or_default())
        {
            cell.report(line_of(&python, at), what, scan);
        }
    }
    module.add(&python, cell.number, line);
    Ok(())
}
