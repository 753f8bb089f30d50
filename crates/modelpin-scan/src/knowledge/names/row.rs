//! A row of the table: what a name does, and where that is written.

use crate::engine::Capability;

/// What a name does when it is called with arguments that an attacker chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// It acts on the machine.
    Acts(Capability),
    /// It hands out members of other objects, or leads to code in another way.
    Reaches,
    /// It calls what it is given, there and then or later, and does nothing else.
    Calls,
    /// It changes or asks for what belongs to the process or the machine (settings, output, clocks), and nothing lasts.
    State,
    /// A type that holds data, or what makes one.
    Value,
    /// It computes, and neither calls nor opens anything.
    Plain,
    /// A class or function that models are built of.
    Model,
    /// Of a library that is known; nobody has judged this name.
    Unknown,
}

/// A row of the table, for one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) does: Does,
    /// Whether it leads to code.
    pub(crate) reaches_code: bool,
    /// Where that is documented or defined.
    pub(crate) source: &'static str,
}
