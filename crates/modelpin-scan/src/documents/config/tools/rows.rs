//! Which rows there are for a file.

use super::row::Tool;
use crate::documents::config::followed::{Place, is_of};

/// The rows for files of one name.
pub(in crate::documents::config) struct Rows {
    pub(super) top: Vec<&'static Tool>,
    pub(super) any: Vec<&'static Tool>,
}

impl Rows {
    /// The rows for files of the name `base`.
    pub(in crate::documents::config) fn of(base: &str) -> Self {
        let rows = super::table::TOOLS.iter().chain(super::serving::TOOLS).filter(|row| is_of(row.files, base));
        let (top, any) = rows.partition(|row| row.place == Place::Top);
        Self { top, any }
    }
}
