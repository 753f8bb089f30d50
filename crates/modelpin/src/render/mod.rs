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

use crate::out::one_line;

/// A size for people: binary units, three digits at most before the point.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10;
    let mut unit = "";
    for next in UNITS {
        if tenths < 10240 {
            break;
        }
        tenths = tenths.div_ceil(1024);
        unit = next;
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

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

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_short() {
        let shown: Vec<String> = [0, 1023, 1024, 1536, 1 << 20, 512 << 20, 1 << 31, u64::MAX].map(bytes).into();
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "512.0 MiB", "2.0 GiB", "16384.0 PiB"]);
    }
}
