//! The texts of what modelpin refuses or does not find, one file for each subject, so that they can be read and kept
//! alike: [`files`] (models.toml, models.lock), [`content`] (bytes), [`convert`] (conversions), [`git`] (revisions of
//! the project), [`upstream`] (the Hub), [`usage`] (arguments of
//! a command), [`revisions`] (what models.toml asks for of a repo), [`shelves`] (which of several alternatives),
//! [`places`] (folders on this machine).
//!
//! The types are [`modelpin_schema::refusal`]'s. What the policy denies is worded by [`modelpin_policy`].

mod commands;
pub mod content;
pub mod convert;
pub mod files;
pub mod git;
pub mod places;
pub mod revisions;
pub mod shelves;
pub mod upstream;
pub mod usage;

pub use modelpin_schema::refusal::{ErrorClass, Failure, Line, Refusal, Refusals, fail_if_any};
