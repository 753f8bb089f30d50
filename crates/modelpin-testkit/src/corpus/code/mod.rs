//! Python source.

mod attacks;
mod honest;
mod odd;

use super::{Expect, Item};

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    let attacks = attacks::ATTACKS.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Dangerous, "modeling_x.py", *source).fires(&[rule])
    });
    let calls = attacks::CALLS.iter().map(|(name, source)| {
        Item::new(format!("code-{name}"), Expect::Review, "modeling_x.py", *source)
            .fires(&["code-on-call"])
            .quiet(&["code-on-import"])
    });
    let honest = honest::SAFE
        .iter()
        .map(|(name, path, quiet, source)| Item::new(format!("code-{name}"), Expect::Safe, path, *source).quiet(quiet));
    let foreign = honest::FOREIGN.iter().map(|(name, path, rule, quiet, source)| {
        Item::new(format!("code-{name}"), Expect::Review, path, *source).fires(&[rule]).quiet(quiet)
    });
    attacks.chain(calls).chain(honest).chain(foreign).chain(odd::items()).collect()
}
