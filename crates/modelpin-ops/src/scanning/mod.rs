//! Judging files by their bytes: for `scan`, and for the facts of a lock. Nothing is run or written.
//!
//! - `open`: what is at a place
//! - `judge`: many files at once

mod judge;
mod open;

pub(crate) use judge::{Task, apart, judge, judge_head};
pub(crate) use open::{Opened, Place};
