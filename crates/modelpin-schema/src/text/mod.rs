//! Text: what is shown to people and what is written for other programs.
//!
//! - `escape`: hostile text, made fit to be shown
//! - `shell`, `quote`: words of a shell, strings of TOML and Python
//! - `count`, `list`, `size`: numbers with their nouns, lists within a sentence, sizes in bytes
//! - `line`: text that is put together
//! - `newtype`: what every newtype over text shares

mod count;
mod escape;
mod line;
mod list;
pub(crate) mod newtype;
mod quote;
mod shell;
mod size;

pub use count::{choose, count};
pub(crate) use escape::visible_up_to;
pub use escape::{hides, is_invisible, masked, visible};
pub use line::{line, push};
pub use list::{code, list, list_up_to};
pub use newtype::Invalid;
pub(crate) use newtype::{serde_by_text, text};
pub use quote::{python_string, toml_string, visible_toml_string};
pub use shell::{file_word, literal_pattern, pattern_word, shell_value, shell_word, typed_path};
pub use size::bytes;
