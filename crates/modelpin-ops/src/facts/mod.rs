//! What the bytes of a lock are and do, by the scan: recorded in the lock when they are first scanned, and compared
//! with it whenever they are scanned again. The facts themselves, and the operations on them, are in
//! [`modelpin_schema::lockfile::Facts`].
//!
//! - `look`: what a few ranges of a file show before it is here
//! - `observe`: from bytes to facts; `kind`: what sort of file they are; `text`: hostile text in them, made harmless
//! - `tensor_owner`: which models may read their tensors from a file of raw bytes
//! - `record`: from facts to the lock; `merge`: a lock with all that was found beyond it
//! - `undeclared`: what a lock leaves out, by the bytes or by the names alone
//! - [`scan_cache`]: what was found, kept in the project's record

mod kind;
mod look;
mod merge;
mod observe;
mod observed;
mod record;
pub mod scan_cache;
mod tensor_owner;
mod text;
mod undeclared;

pub(crate) use kind::kind;
pub(crate) use look::{is_recorded, look};

pub use look::{Effort, looked_at, looked_at_anew};
pub use merge::merge;
pub use observe::{Seen, observe};
pub use observed::{Observed, Places, is_scanned_at_lock};
pub use record::{carry_over, record};
pub use undeclared::{undeclared, unrecorded};
