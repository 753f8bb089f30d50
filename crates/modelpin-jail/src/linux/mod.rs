//! The jail on Linux.
//!
//! - [`outside`]: the process that starts, waits and tidies
//! - [`inside`]: the process that gives everything up and becomes the command
//! - [`paths`], [`program`], [`variables`]: what the command may read, and what it is told
//! - [`files`]: Landlock; [`seccomp`]: system calls; [`privileges`], [`descriptors`]: what is inherited
//! - [`rest`]: what is left when the command has ended

mod descriptors;
mod files;
mod inside;
mod outside;
mod paths;
mod privileges;
mod program;
mod rest;
mod seccomp;
mod signals;
mod variables;

pub use inside::enter;
pub use outside::run;

use crate::Error;
use std::path::Path;

impl Error {
    /// For `map_err`: the system's word about `path`.
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
