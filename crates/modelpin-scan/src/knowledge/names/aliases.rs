//! The usual names of what is known under several.

use super::modules::is_carried;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Names, and the usual ones in their place.
static ALIASES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("data/aliases.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

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
