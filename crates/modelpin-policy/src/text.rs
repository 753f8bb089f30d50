//! Counts and lists in messages.

use std::collections::BTreeSet;

/// `1 day`, `2 days`.
pub(crate) fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `` `mit` ``, or ``one of `apache-2.0`, `mit` ``.
pub(crate) fn one_of<T: ToString>(allowed: &BTreeSet<T>) -> String {
    let listed: Vec<String> = allowed.iter().map(|allowed| format!("`{}`", allowed.to_string())).collect();
    match listed.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}", listed.join(", ")),
    }
}
