//! What is known of the outside: one table of names with four views, facts about modules, libraries and tools.

pub(crate) mod names;
pub(crate) mod pickle;
pub(crate) mod python;
pub(crate) mod sklearn;
pub(crate) mod stdlib;
pub(crate) mod tool_files;
pub(crate) mod views;
