//! Texts that are run: Python, and templates.

pub(crate) mod python;
pub(crate) mod template;
