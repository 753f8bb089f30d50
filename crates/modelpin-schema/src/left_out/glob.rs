//! Globs of paths, whatever characters are in them.

use crate::Pattern;

/// The glob that matches exactly `path`, or everything below it where it ends in `/`; a `*` in it stays one where
/// `has_stars`. None where no pattern can say it.
#[must_use]
pub fn pattern_of(path: &str, has_stars: bool) -> Option<Pattern> {
    let mut glob = String::new();
    for c in path.chars() {
        // A class of one character is that character; globset/src/glob.rs, `Parser::parse_class`.
        match c {
            '*' if has_stars => glob.push(c),
            '*' | '?' | '[' | ']' | '{' | '}' => glob.extend(['[', c, ']']),
            // At the start it would be a negation.
            '!' if glob.is_empty() => glob.push_str("[!]"),
            _ => glob.push(c),
        }
    }
    glob.parse().ok()
}
