//! Results as text, Markdown, HTML or data.
//!
//! - `diagnostic`: problems in every format
//! - [`changes`]: the change report
//! - [`check`], [`scan`], [`review`], [`tree`], [`why`], [`outdated`]: the results of those commands
//! - [`withheld`]: files that are not installed, as `sync` and `check` say it
//! - [`loader`]: arguments for Python's loaders
//! - [`rule`]: a rule's page

pub mod changes;
pub mod check;
pub(crate) mod diagnostic;
pub mod loader;
pub mod outdated;
pub mod review;
pub mod rule;
pub mod scan;
pub mod tree;
pub mod why;
pub mod withheld;

pub use modelpin_schema::text::bytes;

use crate::out::one_line;

/// A Markdown table cell that shows text as it is: nothing in it can end the cell or become markup.
fn cell(text: &str) -> String {
    // GitHub takes a table apart before it looks for code, so a bar is escaped in it as well.
    span(text).replace('|', "\\|")
}

/// A sentence in a Markdown table cell or list: what stands in backticks, and every word with a character that could
/// become markup, a link or a mention, is in a code span.
fn prose(text: &str) -> String {
    let mut words = Vec::new();
    for (at, part) in one_line(text).split('`').enumerate() {
        if at % 2 == 1 {
            words.push(cell(part));
            continue;
        }
        let is_plain = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "'.,;()-\"%".contains(c));
        words.push(
            part.split(' ')
                .map(|word| if is_plain(word) { word.to_owned() } else { cell(word) })
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    words.concat()
}

/// Markdown that shows text as it is, outside of tables.
fn span(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    // A fence longer than any run of backticks inside, by CommonMark's rule for code spans.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text)
}
