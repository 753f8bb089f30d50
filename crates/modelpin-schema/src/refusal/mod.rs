//! Errors as people and programs get them: a [`Refusal`] says in up to five parts what is wrong and what to do, a
//! [`Failure`] is anything that ends a command, and an [`ErrorClass`] decides the exit code.
//!
//! The texts are not here: each crate words what it refuses.

mod class;
mod failure;
mod list;
mod parts;

pub use class::ErrorClass;
pub use failure::{Failure, fail_if_any};
pub use list::Refusals;
pub use parts::{Line, Refusal};
