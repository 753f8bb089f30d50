//! Answers that are kept: the names of a module come up again and again.

use std::cell::RefCell;
use std::collections::HashMap;

/// The most answers that are kept, and the longest name that is kept for.
const MOST: usize = 16 * 1024;
const LONGEST: usize = 256;

/// Answers by name.
pub(super) struct Memo<T>(RefCell<HashMap<Box<str>, T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Memo<T> {
    /// The answer for `name`, which `find` finds the first time.
    pub(super) fn get(&self, name: &str, find: impl FnOnce(&str) -> T) -> T {
        if let Some(known) = self.0.borrow().get(name) {
            return known.clone();
        }
        let found = find(name);
        if name.len() <= LONGEST {
            let mut known = self.0.borrow_mut();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(name.into(), found.clone());
        }
        found
    }
}
