//! The lines of a template.

use crate::engine::Location;

/// The lines of a template: where findings are.
pub(super) struct Lines<'t> {
    text: &'t str,
    key: &'t str,
    /// The places of the line feeds.
    feeds: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str, key: &'t str) -> Self {
        Self { text, key, feeds: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// A place in the template, as findings give it.
    pub(super) fn place(&self, at: usize) -> Location {
        if self.key.is_empty() {
            let line = self.feeds.partition_point(|feed| *feed < at).saturating_add(1);
            Location::Line(u32::try_from(line).unwrap_or(u32::MAX))
        } else {
            Location::Key(self.key.to_owned())
        }
    }

    /// What is at a place, quoted.
    pub(super) fn excerpt(&self, at: usize) -> String {
        let begin = self.text.get(..at).and_then(|before| before.char_indices().rev().nth(23)).map_or(0, |(at, _)| at);
        let line = self.text.get(begin..).unwrap_or_default();
        format!("`{}`", line.chars().take(90).collect::<String>().replace(['\n', '\r'], " ").trim())
    }
}
