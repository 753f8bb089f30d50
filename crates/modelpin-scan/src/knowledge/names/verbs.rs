//! What the name of a function tells, whichever library has it.

use super::lists::list;
use super::modules::is_powerful;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The lists of `data/verbs.txt`.
static WHOLE: LazyLock<HashSet<&str>> = LazyLock::new(|| list(include_str!("data/verbs.txt"), "whole"));
static START: LazyLock<HashSet<&str>> = LazyLock::new(|| list(include_str!("data/verbs.txt"), "start"));

/// Whether a name that nothing else is known of runs, loads or fetches things, going by its last part.
pub(crate) fn acts_by_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    is_powerful(last) || WHOLE.contains(last.trim_start_matches('_'))
}

/// The same of a function of a library, whose names tell more than those of a script.
pub(crate) fn begins_like_a_loader(name: &str) -> bool {
    let bare = name.rsplit('.').next().unwrap_or_default().trim_start_matches('_');
    bare.starts_with(|c: char| c.is_ascii_lowercase()) && START.iter().any(|start| bare.starts_with(start))
}
