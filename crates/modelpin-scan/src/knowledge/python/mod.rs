//! What functions of Python and its libraries do, as its source names them.

pub(crate) mod capabilities;
pub(crate) mod libraries;
pub(crate) mod sensitive_names;
