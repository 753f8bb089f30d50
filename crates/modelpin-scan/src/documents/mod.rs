//! Texts that loaders and tools read: JSON, YAML, configurations, lists of requirements.

pub(crate) mod config;
pub(crate) mod json;
pub(crate) mod keras;
mod notebook;
pub(crate) mod object;
pub(crate) mod prototext;
pub(crate) mod text;
mod yaml;
