//! What functions of Python and its libraries do, as its source names them.

pub(crate) mod arguments;
pub(crate) mod libraries;
pub(crate) mod methods;
pub(crate) mod sensitive_names;
pub(crate) mod settings;
