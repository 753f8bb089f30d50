//! What a program is given so that its loaders find what is pinned and nothing else: for `exec`, `env` and the jail.
//!
//! - [`environment`]: the variables that are set and unset
//! - [`TABLE`]: every variable of the loaders' that leads to files, secrets or other places, and what becomes of it
//! - [`LoaderHome`]: the folder that a program is given for `HF_HOME`
//! - [`loader_arguments`]: what `from_pretrained` and its like are given for each entry
//! - [`dataset_files`]: which files of a dataset are what, where its loader does not find out
//! - [`jail_view`]: the models as the jail shows them
//! - `shadowing`: what lies in the place of a pinned repo, or of a loader's copies of code

pub mod dataset_files;
pub mod environment;
pub mod jail_view;
pub mod loader_arguments;
mod loader_home;
mod shadowing;
mod variables;

pub use environment::Environment;
pub use loader_home::{Lifetime, LoaderHome};
pub use shadowing::searched;
pub use variables::{TABLE, Value, Variable};
