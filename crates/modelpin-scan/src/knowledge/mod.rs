//! Lists: modules of Python, names that tools obey.

pub(crate) mod obeyed;
pub(crate) mod stdlib;
