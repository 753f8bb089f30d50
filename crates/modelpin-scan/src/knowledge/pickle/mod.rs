//! The globals that pickles import: which are harmless, which run or load something.

mod allow;
mod level;
pub(crate) mod names;

pub(crate) use allow::{is_kept_method, listed};
pub(crate) use level::{Level, Listed};
