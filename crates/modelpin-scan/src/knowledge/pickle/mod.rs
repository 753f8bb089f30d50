//! The globals that pickles import: which are harmless, which run or load something.

mod allow;
mod level;
pub(crate) mod names;

#[cfg(test)]
pub(in crate::knowledge) use allow::all_listed;
pub(crate) use allow::{is_kept_method, listed};
pub(crate) use level::{Level, Listed};
