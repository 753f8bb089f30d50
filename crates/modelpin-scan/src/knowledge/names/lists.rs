//! Files of lists: `name: words…`, and lines that are set in for those that did not fit.

use std::collections::HashSet;

/// The words of the list `name` in `text`: of its line, and of the lines after it that are set in.
pub(in crate::knowledge) fn list(text: &'static str, name: &str) -> HashSet<&'static str> {
    let mut lines = text.lines().skip_while(|line| line.split_once(':').is_none_or(|(head, _)| head != name));
    let first = lines.next().and_then(|line| line.split_once(':')).map(|(_, words)| words).unwrap_or_default();
    let more = lines.take_while(|line| line.starts_with(' '));
    std::iter::once(first).chain(more).flat_map(str::split_ascii_whitespace).collect()
}
