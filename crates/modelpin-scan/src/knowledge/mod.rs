//! Lists: modules of Python, libraries, names that tools obey.

pub(crate) mod obeyed;
pub(crate) mod object_globals;
pub(crate) mod pickle;
pub(crate) mod python;
pub(crate) mod stdlib;
