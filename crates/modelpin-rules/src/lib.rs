//! Every rule of modelpin in one table: one row a rule, with its id, its default level, what it says and its page.
//!
//! A family is a file: `policy` has the rules that the policy applies, each other one those that the scanner applies.
//! All that is specific to a rule is a column of its row ([`Rule`]), never a function that compares rules.

pub mod adapter;
pub mod archive;
pub mod code;
pub mod config;
pub mod file;
pub mod graph;
pub mod keras;
pub mod object;
pub mod pickle;
pub mod policy;
pub mod requirement;
mod rule;
pub mod template;
pub mod tensor;

pub use rule::{Category, Property, Rule, Severity};

/// Every rule, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let families: [&'static [&'static Rule]; 13] = [
        policy::ALL,
        file::ALL,
        pickle::ALL,
        archive::ALL,
        tensor::ALL,
        graph::ALL,
        keras::ALL,
        object::ALL,
        template::ALL,
        config::ALL,
        adapter::ALL,
        requirement::ALL,
        code::ALL,
    ];
    families.into_iter().flatten().copied()
}

/// The rules of one category, in the order of the reference.
pub fn of(category: Category) -> impl Iterator<Item = &'static Rule> {
    all().filter(move |rule| rule.category == category)
}

/// The rule with that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::{Category, Property, Severity, all, of};
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_static_the_id_and_the_page_have_one_name() {
        let names = [
            super::policy::NAMES,
            super::file::NAMES,
            super::pickle::NAMES,
            super::archive::NAMES,
            super::tensor::NAMES,
            super::graph::NAMES,
            super::keras::NAMES,
            super::object::NAMES,
            super::template::NAMES,
            super::config::NAMES,
            super::adapter::NAMES,
            super::requirement::NAMES,
            super::code::NAMES,
        ];
        let names: Vec<&str> = names.into_iter().flatten().copied().collect();
        let ids: Vec<&str> = all().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), names.len());
        for (id, name) in ids.iter().zip(names) {
            assert_eq!(id.to_uppercase().replace('-', "_"), name);
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/rules");
        let pages = std::fs::read_dir(folder).unwrap().map(|page| page.unwrap().path());
        let pages: BTreeSet<String> = pages.map(|page| page.file_stem().unwrap().to_string_lossy().into()).collect();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), pages);
        assert_eq!(pages.len(), ids.len(), "two rules have one id");
    }

    #[test]
    fn what_is_dangerous_is_never_advice() {
        for rule in of(Category::Scan) {
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
    fn what_was_not_followed_is_not_scanned() {
        for rule in of(Category::Scan) {
            let says_so = rule.why.contains("not scanned") || rule.why.contains("not followed");
            let by_name = ["-malformed", "-unparsable", "-ambiguous"].iter().any(|end| rule.id.ends_with(end));
            if says_so || by_name {
                assert_eq!(rule.property, Property::NotScanned, "{}", rule.id);
            }
        }
    }
}
