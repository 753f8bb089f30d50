//! What methods do, going by their names, on objects of which nothing is known but that a library or a caller gave them.

use crate::knowledge::names::list;
use std::collections::HashSet;
use std::sync::LazyLock;

const DATA: &str = include_str!("../names/data/methods.txt");

static PLAIN: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "plain"));
static ACTING: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "acting"));
static POWERFUL: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "powerful"));

/// Whether a method of that name does nothing to the machine, whatever it is a method of.
pub(crate) fn is_plain(name: &str) -> bool {
    PLAIN.contains(name)
}

/// Whether a member of that name starts programs or runs code in the modules that have one, and is nothing else in others.
pub(crate) fn is_powerful(name: &str) -> bool {
    POWERFUL.contains(name)
}

/// Whether a function of that name, which another module of the repository hands on, may be one of those that write,
/// fetch or start something.
pub(crate) fn is_acting(name: &str) -> bool {
    ACTING.contains(name) || POWERFUL.contains(name)
}

#[cfg(test)]
mod tests {
    use super::{PLAIN, POWERFUL};

    #[test]
    fn no_name_is_in_both_lists() {
        assert!(PLAIN.len() > 100 && POWERFUL.len() > 10);
        let both: Vec<&&str> = PLAIN.intersection(&POWERFUL).collect();
        assert!(both.is_empty(), "{both:?}");
    }
}
