//! `tree`: what the project has, and what sits on what.

use crate::project::Project;
use crate::refusal::{Failure, wish};
use modelpin_schema::{Lockfile, Name, Pin};

/// An entry with what hangs from it.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Its pin.
    pub pin: &'a Pin,
    /// Its base; inverted, the adapters that sit on it.
    pub below: Vec<Self>,
}

/// All entries with their bases below them; with `inverse`, that entry with all that sits on it.
///
/// # Errors
/// A lock that does not answer the manifest; a name that is none.
pub fn run<'a>(project: &'a Project, inverse: Option<&Name>) -> Result<Vec<Node<'a>>, Failure> {
    let lock = project.locked()?;
    let Some(of) = inverse else {
        return Ok(lock.pins.iter().map(|(name, pin)| with_base(lock, name, pin)).collect());
    };
    let (name, pin) = lock.pins.get_key_value(of).ok_or_else(|| {
        let known: Vec<&Name> = lock.pins.keys().collect();
        wish::unknown_name(of, &known)
    })?;
    Ok(vec![with_adapters(lock, name, pin)])
}

// Both walks end: the manifest's reader refuses an adapter of itself, however long the way round.

fn with_base<'a>(lock: &'a Lockfile, name: &'a Name, pin: &'a Pin) -> Node<'a> {
    let base = pin.adapter.as_ref().and_then(|adapter| lock.pins.get_key_value(&adapter.base));
    let below = base.into_iter().map(|(name, pin)| with_base(lock, name, pin)).collect();
    Node { name, pin, below }
}

fn with_adapters<'a>(lock: &'a Lockfile, name: &'a Name, pin: &'a Pin) -> Node<'a> {
    let sits_on = |pin: &Pin| pin.adapter.as_ref().is_some_and(|adapter| adapter.base == *name);
    let adapters = lock.pins.iter().filter(|(_, pin)| sits_on(pin));
    let below = adapters.map(|(name, pin)| with_adapters(lock, name, pin)).collect();
    Node { name, pin, below }
}
