//! The texts of a document, to which its references lead.

use crate::documents::object::interpolation::Values;
use crate::documents::yaml::Found;
use std::collections::BTreeMap;

/// How many texts of one key are looked at, for one that refers to it.
const MOST: usize = 256;

/// The texts of a document, by the keys that they are under.
pub(super) struct Texts<'f>(BTreeMap<&'f str, Vec<&'f str>>);

impl<'f> Texts<'f> {
    pub(super) fn of(found: &'f Found) -> Self {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pair in &found.pairs {
            if let Some(value) = pair.value.as_deref() {
                texts.entry(pair.key.trim()).or_default().push(value);
            }
        }
        Self(texts)
    }
}

impl Values for Texts<'_> {
    fn each(&self, key: &str, to: &mut dyn FnMut(&str)) {
        self.0.get(key).into_iter().flatten().take(MOST).for_each(|value| to(value));
    }
}
