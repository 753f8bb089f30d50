//! Refusals that were met together.

use super::{ErrorClass, Refusal};

/// One refusal or several; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// All of `refusals`; none where there are none.
    #[must_use]
    pub fn new(refusals: Vec<Refusal>) -> Option<Self> {
        if refusals.is_empty() { None } else { Some(Self(refusals)) }
    }

    /// Each of them changed by `change`.
    #[must_use]
    pub fn map(self, change: impl FnMut(Refusal) -> Refusal) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// The class that decides the exit code.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        let classes = self.0.iter().map(|refusal| refusal.class);
        classes.max_by_key(|class| class.rank()).unwrap_or(ErrorClass::Internal)
    }
}

impl std::ops::Deref for Refusals {
    type Target = [Refusal];

    fn deref(&self) -> &[Refusal] {
        &self.0
    }
}

impl std::ops::DerefMut for Refusals {
    fn deref_mut(&mut self) -> &mut [Refusal] {
        &mut self.0
    }
}

impl IntoIterator for Refusals {
    type Item = Refusal;
    type IntoIter = std::vec::IntoIter<Refusal>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorClass, Refusal, Refusals};

    #[test]
    fn the_worst_of_several_decides() {
        let worst = |classes: &[ErrorClass]| {
            let refusals = classes.iter().map(|class| Refusal::new(*class, "x")).collect();
            Refusals::new(refusals).unwrap().class()
        };
        assert_eq!(worst(&[ErrorClass::Upstream, ErrorClass::Integrity, ErrorClass::Stale]), ErrorClass::Integrity);
        assert_eq!(worst(&[ErrorClass::Stale, ErrorClass::Identity]), ErrorClass::Identity);
        assert_eq!(worst(&[ErrorClass::Policy, ErrorClass::Identity]), ErrorClass::Identity);
        assert_eq!(worst(&[ErrorClass::Stale, ErrorClass::Policy]), ErrorClass::Policy);
        assert_eq!(worst(&[ErrorClass::Upstream, ErrorClass::Stale]), ErrorClass::Stale);
    }
}
