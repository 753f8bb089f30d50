//! One file a verb. Each shows the same five steps: read, resolve, check, write, report.

pub mod add;
pub mod cache;
pub mod certify;
pub mod check;
pub mod convert;
pub mod diff;
pub mod exclude;
pub mod exempt;
pub mod export;
pub mod init;
pub mod lock;
pub mod outdated;
pub mod remove;
pub mod review;
pub mod scan;
pub mod sync;
pub mod tree;
pub mod update;
pub mod vendor;
pub mod verify;
pub mod why;
