//! The usual names of what is known under several.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Names, and the usual ones in their place.
static ALIASES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("data/aliases.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// The lists of `data/modules.txt`.
static POWERFUL: LazyLock<HashSet<&str>> = LazyLock::new(|| list(include_str!("data/modules.txt"), "powerful"));
static CARRIED: LazyLock<HashSet<&str>> = LazyLock::new(|| list(include_str!("data/modules.txt"), "carried"));

/// The words of the list `name` in `text`: of its line, and of the lines after it that are set in.
pub(super) fn list(text: &'static str, name: &str) -> HashSet<&'static str> {
    let mut lines = text.lines().skip_while(|line| line.split_once(':').is_none_or(|(head, _)| head != name));
    let first = lines.next().and_then(|line| line.split_once(':')).map(|(_, words)| words).unwrap_or_default();
    let more = lines.take_while(|line| line.starts_with(' '));
    std::iter::once(first).chain(more).flat_map(str::split_ascii_whitespace).collect()
}

/// Whether everything can be reached through the module `path`.
pub(crate) fn is_powerful(path: &str) -> bool {
    POWERFUL.contains(path)
}

/// Whether modules carry a module of that name as an attribute, as a rule.
pub(crate) fn is_carried(name: &str) -> bool {
    CARRIED.contains(name)
}

/// The usual name of what is known under several.
pub(crate) fn canonical(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let from = parts.iter().enumerate().skip(1).rev().find_map(|(at, part)| {
        let bare = part.trim_start_matches('_');
        // `socket.socket` is the class.
        let before = at.checked_sub(1).and_then(|before| parts.get(before));
        let is_own = before.is_some_and(|before| before.trim_start_matches('_') == *part);
        (is_carried(bare) && !is_own).then_some(at)
    });
    let mut name = parts.get(from.unwrap_or(0)..).unwrap_or_default().join(".");
    if from.is_some() {
        name = name.trim_start_matches('_').to_owned();
    }
    let mut end = name.len();
    while let Some(head) = name.get(..end) {
        if let Some(usual) = ALIASES.get(head) {
            return format!("{usual}{}", name.get(end..).unwrap_or_default());
        }
        let Some(dot) = head.rfind('.') else { break };
        end = dot;
    }
    name
}
