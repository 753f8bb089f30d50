//! What methods do, going by their names, on objects of which nothing is known but that a library or a caller gave them.

use std::collections::HashSet;
use std::sync::LazyLock;

const DATA: &str = include_str!("../names/data/methods.txt");

static PLAIN: LazyLock<HashSet<&str>> = LazyLock::new(|| words("plain"));
static ACTING: LazyLock<HashSet<&str>> = LazyLock::new(|| words("acting"));
static POWERFUL: LazyLock<HashSet<&str>> = LazyLock::new(|| words("powerful"));

/// The words of one list: what follows `name:`, up to an empty line.
fn words(name: &str) -> HashSet<&'static str> {
    let lists = DATA.split("\n\n").map(|list| list.trim_start_matches(|c| c == '\n'));
    let bare = |line: &&str| !line.starts_with('#');
    let lines = lists.filter(|list| list.lines().find(bare).is_some_and(|line| line.split(':').next() == Some(name)));
    let lines = lines.flat_map(str::lines).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.rsplit(": ").next().unwrap_or_default().split_ascii_whitespace()).collect()
}

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
