//! Code inside of a file: members of archives, what a compressed stream holds, what follows the end of something
//! else. Anyone who reads a file's code has to be shown these as well.

use super::capability::Capability;
use super::format::Format;
use super::place::Occurrence;
use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// A member that is code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMember {
    /// The path of members to it, outermost archive first, itself included; escaped for a terminal.
    pub member: Vec<String>,
    /// What its content is.
    pub format: Format,
    /// What it can do, with the lines where it does.
    pub capabilities: BTreeMap<Capability, BTreeSet<Occurrence>>,
}

/// What each member that is code is passed to, with its bytes. Those are there during the call only; reading them fails
/// where they are more than a scan holds or may inflate.
pub type CodeSink<'s> = dyn FnMut(CodeMember, &dyn Source) + 's;
