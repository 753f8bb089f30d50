//! The inner side of `modelpin exec --jail`.

pub(crate) mod inner;
pub(crate) mod refusal;
