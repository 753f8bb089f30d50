//! Numbers with their nouns.

use std::fmt::Display;

/// `number` with its noun, whose singular is `noun`: `1 file`, `2 files`, `3 entries`.
#[must_use]
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { format!("{number} {noun}") } else { format!("{number} {}", plural(noun)) }
}

/// `one` for the number 1, else `many`, as in `is` and `are`.
#[must_use]
pub fn choose<'a, N: PartialEq + From<u8>>(number: N, one: &'a str, many: &'a str) -> &'a str {
    if number == N::from(1) { one } else { many }
}

/// The plural of a regular noun of English.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{choose, count};

    #[test]
    fn one_is_singular_and_nothing_else() {
        assert_eq!(count(0_usize, "file"), "0 files");
        assert_eq!(count(1_u64, "entry"), "1 entry");
        assert_eq!(count(2_i64, "entry"), "2 entries");
        assert_eq!(count(3_u64, "day"), "3 days");
        assert_eq!(choose(1_usize, "is", "are"), "is");
    }
}
