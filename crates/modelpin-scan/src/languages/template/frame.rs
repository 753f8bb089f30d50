//! What a template is within, for what it costs: macros, loops, and blocks that are passed to macros.

use super::tree::{Id, Stmt};

/// A macro.
#[derive(Clone, Copy)]
pub(super) struct Macro<'t> {
    pub(super) params: &'t [String],
    pub(super) defaults: &'t [Id],
    pub(super) body: &'t [Stmt],
}

/// A macro or a loop that we are within.
pub(super) struct Frame<'t> {
    pub(super) name: &'t str,
    /// How often what is around it runs, where loops over what is given count twice.
    pub(super) breadth: f64,
    /// How often each run of it runs it again.
    pub(super) again: f64,
}

/// What a block that is passed to a macro costs.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) steps: f64,
    pub(super) made: f64,
    pub(super) out: f64,
}
