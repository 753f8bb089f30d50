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

/// A rule: what a finding is a finding of.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in kebab case; never reused for something else.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
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
    ($($(#[doc = $page:literal])* $name:ident = $id:literal $severity:ident, $says:literal, because $why:literal, see $see:literal;)*) => {
        $($(#[doc = $page])*
        pub static $name: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            severity: $crate::Severity::$severity,
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
