//! One refusal and how it is built.

use super::ErrorClass;
use crate::Name;
use std::fmt::{self, Display};

/// A line of a file that people review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file, as a person calls it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// Why something was refused or not found, and what to do about it.
///
/// It is built from its class and what happened; every other part is optional and added only where it tells something:
///
/// ```
/// use modelpin_schema::refusal::{ErrorClass, Refusal};
///
/// let refusal = Refusal::new(ErrorClass::Integrity, "the content differs from models.lock")
///     .expected("sha256:aa")
///     .got("sha256:bb")
///     .help("run `modelpin sync`");
/// assert_eq!(refusal.to_string(), "the content differs from models.lock (expected sha256:aa, got sha256:bb)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The class of the error.
    pub class: ErrorClass,
    /// The id of the policy rule that denies it.
    pub rule: Option<&'static str>,
    /// The line of a file of the project that it is about.
    pub at: Option<Line>,
    /// The entry that it is about.
    pub name: Option<Name>,
    /// The file that it is about: a path in the entry's repo, or a place on this machine.
    pub path: Option<String>,
    /// What happened, in one clause.
    pub what: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was got instead.
    pub got: Option<String>,
    /// Why it matters, where that is not plain.
    pub why: Option<String>,
    /// What to do next, one action each.
    pub help: Vec<String>,
}

/// Stands for the entry's name in a help line.
const NAME: &str = "NAME";

impl Refusal {
    /// An error of the class `class`: `what` happened.
    pub fn new(class: ErrorClass, what: impl Display) -> Self {
        Self {
            class,
            rule: None,
            at: None,
            name: None,
            path: None,
            what: what.to_string(),
            expected: None,
            got: None,
            why: None,
            help: Vec::new(),
        }
    }

    /// With what was expected.
    #[must_use]
    pub fn expected(self, expected: impl Display) -> Self {
        Self { expected: Some(expected.to_string()), ..self }
    }

    /// With what was got instead.
    #[must_use]
    pub fn got(self, got: impl Display) -> Self {
        Self { got: Some(got.to_string()), ..self }
    }

    /// With why it matters.
    #[must_use]
    pub fn why(self, why: impl Display) -> Self {
        Self { why: Some(why.to_string()), ..self }
    }

    /// With one more action to take. `NAME` in it becomes the entry's name, also where that is told later.
    #[must_use]
    pub fn help(mut self, help: impl Display) -> Self {
        let help = help.to_string();
        self.help.push(self.name.as_ref().map_or_else(|| help.clone(), |name| help.replace(NAME, name.as_str())));
        self
    }

    /// With each of `help` as an action to take.
    #[must_use]
    pub fn helps<T: Display>(self, help: impl IntoIterator<Item = T>) -> Self {
        help.into_iter().fold(self, Self::help)
    }

    /// By the policy rule with the id `rule`.
    #[must_use]
    pub fn rule(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// At a line, where there is one.
    #[must_use]
    pub fn at(self, at: impl Into<Option<Line>>) -> Self {
        Self { at: at.into(), ..self }
    }

    /// About the entry `name`, where there is one; `NAME` in its help becomes that name, so that it can be typed as
    /// it is.
    #[must_use]
    pub fn entry<'a>(self, name: impl Into<Option<&'a Name>>) -> Self {
        let Some(name) = name.into() else { return self };
        let help = self.help.iter().map(|help| help.replace(NAME, name.as_str())).collect();
        Self { help, name: Some(name.clone()), ..self }
    }

    /// About the file `path`.
    #[must_use]
    pub fn file(self, path: impl Display) -> Self {
        Self { path: Some(path.to_string()), ..self }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "`{name}`: ")?;
        }
        if let Some(path) = &self.path {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.what)?;
        match (&self.expected, &self.got) {
            (Some(expected), Some(got)) => write!(f, " (expected {expected}, got {got})"),
            (Some(expected), None) => write!(f, " (expected {expected})"),
            (None, Some(got)) => write!(f, " (got {got})"),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorClass, Refusal};
    use crate::Name;

    #[test]
    fn help_names_the_entry_whenever_it_is_told() {
        let name: Name = "chat".parse().unwrap();
        let before = Refusal::new(ErrorClass::Usage, "x").help("`modelpin why NAME`").entry(&name);
        let after = Refusal::new(ErrorClass::Usage, "x").entry(&name).help("`modelpin why NAME`");
        assert_eq!(before, after);
        assert_eq!(after.help, ["`modelpin why chat`"]);
    }
}
