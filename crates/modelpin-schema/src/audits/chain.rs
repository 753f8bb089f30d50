//! Whether a set of code files is vouched for by as many people as it has to be: each by an audit of the whole, or of
//! the change from a set that is vouched for.

use super::Audit;
use crate::{Digest, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// Whether a set of code files is certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditStatus<'a> {
    /// As many people vouch for it as have to; this is the last of their audits.
    Certified(&'a Audit),
    /// It is not, but another set of the same repo is, the last of which is this one.
    Changed(&'a Audit),
    /// No code of the repo is.
    Unknown,
}

/// What audits say of the code of one repo.
#[derive(Debug)]
pub struct Chain<'a> {
    /// The audits of the repo, in their order.
    audits: Vec<&'a Audit>,
    /// By the digest of a set: who vouches for it.
    people: BTreeMap<Digest, BTreeSet<String>>,
    required: usize,
}

impl<'a> Chain<'a> {
    /// What `audits` say of the code of `source`, in whatever order they stand, where `required` people have to vouch
    /// for a set.
    pub fn of(audits: impl IntoIterator<Item = &'a Audit>, source: &Source, required: NonZeroU32) -> Self {
        let audits: Vec<&Audit> = audits.into_iter().filter(|audit| audit.source == *source).collect();
        let required = usize::try_from(required.get()).unwrap_or(usize::MAX);
        let mut chain = Self { audits, people: BTreeMap::new(), required };
        let mut changes: BTreeMap<Digest, Vec<&Audit>> = BTreeMap::new();
        let mut held = Vec::new();
        for audit in &chain.audits {
            match audit.from {
                Some(from) => changes.entry(from).or_default().push(audit),
                None => held.push(*audit),
            }
        }
        // An audit of a change holds once the set that it begins with is certified.
        while let Some(audit) = held.pop() {
            chain.people.entry(audit.digest).or_default().insert(audit.person());
            if chain.is_certified(&audit.digest) {
                held.extend(changes.remove(&audit.digest).unwrap_or_default());
            }
        }
        chain
    }

    /// Whether the set `digest` is certified.
    #[must_use]
    pub fn status(&self, digest: &Digest) -> AuditStatus<'a> {
        let last = |fits: &dyn Fn(&Audit) -> bool| {
            self.audits.iter().rev().copied().find(|audit| self.is_certified(&audit.digest) && fits(audit))
        };
        match (last(&|audit| audit.digest == *digest), last(&|_| true)) {
            (Some(audit), _) => AuditStatus::Certified(audit),
            (None, Some(audit)) => AuditStatus::Changed(audit),
            (None, None) => AuditStatus::Unknown,
        }
    }

    /// The last certified set that is not `digest`: what a change to that is a change from.
    #[must_use]
    pub fn before(&self, digest: &Digest) -> Option<&'a Audit> {
        let is_other = |audit: &&&Audit| audit.digest != *digest && self.is_certified(&audit.digest);
        self.audits.iter().rev().find(is_other).copied()
    }

    /// Who vouches for `digest`: the audits of it that hold, the first of each person.
    #[must_use]
    pub fn people(&self, digest: &Digest) -> Vec<&'a Audit> {
        let mut seen = BTreeSet::new();
        let holds = |audit: &Audit| audit.from.is_none_or(|from| self.is_certified(&from));
        let of = self.audits.iter().copied().filter(|audit| audit.digest == *digest && holds(audit));
        of.filter(|audit| seen.insert(audit.person())).collect()
    }

    /// Whether as many people vouch for `digest` as have to.
    #[must_use]
    pub fn is_certified(&self, digest: &Digest) -> bool {
        self.people.get(digest).is_some_and(|people| people.len() >= self.required)
    }
}

impl Audit {
    /// Who it is, as far as people are told apart: by the address, else by the whole text, in lower case. Where
    /// somebody wrote by hand what [`names_somebody`] does not let in, the first address that is one counts.
    #[must_use]
    pub fn person(&self) -> String {
        person(self.who.as_str())
    }
}

fn person(who: &str) -> String {
    let inner = |part: &str| plain(part.split('>').next().unwrap_or_default());
    let mut addresses = who.split('<').skip(1).map(inner).filter(|address| !address.is_empty());
    addresses.next().unwrap_or_else(|| plain(&who.replace(['<', '>'], " ")))
}

/// An address or a name in lower case, without what makes no other of it: blanks around it and in rows, dots at its
/// end.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_end_matches(['.', ' ']).to_lowercase()
}

/// Whether `who` can be told apart from others: a name without any brackets, or a name and one address in brackets at
/// the end, with one `@`, no blank, and no dot where a part of it begins or ends.
#[must_use]
pub fn names_somebody(who: &str) -> bool {
    let Some((name, rest)) = who.split_once('<') else {
        return !who.contains('>') && !plain(who).is_empty();
    };
    let Some(address) = rest.strip_suffix('>') else { return false };
    let is_part = |part: &str| {
        let odd = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '@' | ',' | ';');
        !part.is_empty() && !part.contains(odd) && !part.starts_with('.') && !part.ends_with('.')
    };
    !name.contains('>') && address.split_once('@').is_some_and(|(user, host)| is_part(user) && is_part(host))
}

#[cfg(test)]
mod tests {
    use super::{names_somebody, person};

    #[test]
    fn one_address_is_one_person() {
        for who in
            ["a <a@b>", "A B <A@B>", "x <a@b> <>", "a <a@b.>", "<> <a@b>", "a < a@b >", "a <a@b", "a@b", "a <<a@b>>"]
        {
            assert_eq!(person(who), "a@b", "{who}");
        }
        assert_eq!(person("Jo  Doe <>"), "jo doe");
    }

    #[test]
    fn a_malformed_who_names_nobody() {
        for who in
            ["Jo Doe", "Jo Doe <jo@acme.example>", "<jo@acme.example>", "Jo, of Acme <j.o+x@acme>", "jo@acme.example"]
        {
            assert!(names_somebody(who), "{who}");
        }
        for who in [
            "x <b> <>",
            "a <a@b.>",
            "a <>",
            "<>",
            "a <a@b> x",
            "a <a@b@c>",
            "a <a@>",
            "a <@b>",
            "a <a @b>",
            "a <a@b",
            "a a@b>",
            "a <.a@b>",
            "a <<a@b>>",
            ".",
        ] {
            assert!(!names_somebody(who), "{who}");
        }
    }
}
