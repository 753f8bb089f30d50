//! Lists: modules of Python, libraries, names that tools obey.

pub(crate) mod names;
pub(crate) mod object_globals;
pub(crate) mod pickle;
pub(crate) mod python;
pub(crate) mod sklearn;
pub(crate) mod stdlib;
pub(crate) mod tool_files;
pub(crate) mod view;
