//! Libraries that model code ordinarily imports. What they do is known, and what of it acts on the machine is in
//! the table of names; everything else is foreign.

use crate::knowledge::names;
use crate::knowledge::stdlib::{is_stdlib, top};

/// Whether the first part of `module` is a library that model code ordinarily imports.
pub(crate) fn is_known(module: &str) -> bool {
    let first = top(module);
    let is_public = !first.starts_with('_') || matches!(first, "__future__" | "_typeshed");
    names::is_library(first) || (is_stdlib(first) || first == "_typeshed") && is_public
}
