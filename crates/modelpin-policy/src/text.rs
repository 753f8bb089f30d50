//! Alternatives in messages.

use modelpin_schema::text::{code, list};
use std::collections::BTreeSet;
use std::fmt::Display;

/// `` `mit` ``, or ``one of `apache-2.0`, `mit` ``.
pub(crate) fn one_of<T: Display>(allowed: &BTreeSet<T>) -> String {
    let alternatives = list(allowed.iter().map(code));
    if allowed.len() == 1 { alternatives } else { format!("one of {alternatives}") }
}
