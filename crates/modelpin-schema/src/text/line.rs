//! Text that is put together.

use std::fmt::{Arguments, Write as _};

/// Adds `text` to `out`.
pub fn push(out: &mut String, text: Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = out.write_fmt(text);
}

/// Adds `text` and a line end to `out`.
pub fn line(out: &mut String, text: Arguments<'_>) {
    push(out, text);
    out.push('\n');
}
