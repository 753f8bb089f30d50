//! Counts for people.

/// `1 file`, `2 files`.
#[must_use]
pub fn count(count: usize, word: &str) -> String {
    count_as(count, word, &format!("{word}s"))
}

/// `1 entry`, `2 entries`.
#[must_use]
pub fn count_as(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
