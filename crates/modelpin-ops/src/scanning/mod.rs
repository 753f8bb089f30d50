//! Scanning files by their bytes: for `scan`, and for the facts of a lock. Nothing is run or written.
//!
//! - `input`: what is scanned, and how it is opened
//! - `pool`: many files at once

mod input;
mod pool;

pub(crate) use input::{Opened, ScanInput, unread};
pub(crate) use pool::{ScanTask, Scannable, on_scanner_thread, scan_files, scan_with};
