//! Lists within a sentence.

use std::fmt::Display;

/// `items` one after the other: `a, b, c`.
#[must_use]
pub fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(", ")
}

/// The first `most` of `items`, and how many more there are: `a, b and 3 more`.
#[must_use]
pub fn list_up_to<T: Display>(most: usize, items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter();
    let shown = list(items.by_ref().take(most));
    match items.count() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `item` marked as something literal: in backticks.
#[must_use]
pub fn code(item: impl Display) -> String {
    format!("`{item}`")
}

#[cfg(test)]
mod tests {
    use super::{code, list, list_up_to};

    #[test]
    fn long_lists_end_with_their_rest() {
        assert_eq!(list(["a", "b"].map(code)), "`a`, `b`");
        assert_eq!(list_up_to(2, [1, 2]), "1, 2");
        assert_eq!(list_up_to(2, [1, 2, 3, 4]), "1, 2 and 2 more");
    }
}
