//! Every rule, one table: its id, how bad it is, what it says, and its page. One file for each family.

pub mod adapter;
pub mod archive;
pub mod code;
pub mod config;
pub mod file;
pub mod graph;
pub mod keras;
pub mod object;
pub mod pickle;
pub mod requirement;
pub mod template;
pub mod tensor;

use crate::Severity;

/// What a finding of a rule means for whether the file may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// The file runs something, or is built to: only a decision about its exact bytes lets it in.
    RunsCode,
    /// The file was not followed to its end, so that nobody knows what else is in it: only a decision about its exact
    /// bytes lets it in.
    NotJudged,
    /// Worth knowing. What is done about it is up to the project.
    Advice,
    /// Not of the scan: something that the project asks for.
    Policy,
}

impl Property {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RunsCode => "runs-code",
            Self::NotJudged => "not-judged",
            Self::Advice => "advice",
            Self::Policy => "policy",
        }
    }

    /// Whether nothing but a decision about exact bytes lets a file of data in that has such a finding.
    #[must_use]
    pub fn needs_decision(self) -> bool {
        matches!(self, Self::RunsCode | Self::NotJudged)
    }
}

/// A rule: what a finding is a finding of.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in kebab case; never reused for something else.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What that means for whether a file may come in.
    pub property: Property,
    /// One clause: what the file does.
    pub says: &'static str,
    /// One clause: why that matters.
    pub why: &'static str,
    /// Its page, in Markdown, without the heading.
    pub page: &'static str,
    /// Where to read on: advisories, papers, specifications.
    pub see: &'static str,
}

/// Declares a family of rules: the doc comment of each is its page.
#[macro_export]
macro_rules! family {
    ($($(#[doc = $page:literal])* $name:ident = $id:literal $severity:ident $property:ident, $says:literal, because $why:literal, see $see:literal;)*) => {
        $($(#[doc = $page])*
        pub static $name: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            severity: $crate::Severity::$severity,
            property: $crate::rules::Property::$property,
            says: $says,
            why: $why,
            page: concat!($($page, "\n"),*),
            see: $see,
        };)*

        /// Every rule of the family.
        pub static ALL: &[&$crate::rules::Rule] = &[$(&$name),*];
    };
}
pub(crate) use crate::family;

/// Every rule with its family, in the order of the reference.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    let families: [(&'static str, &'static [&'static Rule]); 12] = [
        ("file", file::ALL),
        ("pickle", pickle::ALL),
        ("archive", archive::ALL),
        ("tensor", tensor::ALL),
        ("graph", graph::ALL),
        ("keras", keras::ALL),
        ("object", object::ALL),
        ("template", template::ALL),
        ("config", config::ALL),
        ("adapter", adapter::ALL),
        ("requirement", requirement::ALL),
        ("code", code::ALL),
    ];
    families.into_iter().flat_map(|(family, rules)| rules.iter().map(move |rule| (family, *rule)))
}

/// The rule of that name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().map(|(_, rule)| rule).find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::{Property, all};
    use crate::Severity;

    #[test]
    fn what_is_dangerous_is_never_advice() {
        for (_, rule) in all() {
            assert_ne!(rule.property, Property::Policy, "{}", rule.id);
            if rule.severity == Severity::Dangerous {
                assert!(rule.property.needs_decision(), "{}", rule.id);
            }
            // What is only a note is not recorded in a lock, so that no decision could be asked for.
            if rule.severity == Severity::Note {
                assert_eq!(rule.property, Property::Advice, "{}", rule.id);
            }
        }
    }

    #[test]
    fn what_was_not_followed_is_not_judged() {
        for (_, rule) in all() {
            let says_so = rule.why.contains("not judged") || rule.why.contains("not followed");
            let by_name = ["-malformed", "-unparsable", "-ambiguous"].iter().any(|end| rule.id.ends_with(end));
            if says_so || by_name {
                assert_eq!(rule.property, Property::NotJudged, "{}", rule.id);
            }
        }
    }
}
