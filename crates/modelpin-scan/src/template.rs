//! Chat templates.

use crate::source::Part;
use crate::{Followed, Outcome, Scan};

/// A template on its own.
pub(crate) fn file(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    let bytes = part.all(scan.limits.document)?;
    text(&String::from_utf8_lossy(&bytes), "", scan);
    Ok(Followed)
}

/// Judges the template `text`, found at `key` (empty: the whole file).
pub(crate) fn text(text: &str, key: &str, scan: &mut Scan<'_>) {
    let _ = (text, key, scan);
}
