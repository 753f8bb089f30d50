//! The modelpin program.
fn main() {}
