//! What changed in models.audits.toml: who certified what, who exempted what and until when, and whose audits are
//! imported. What is added or becomes another widens; what is removed, or expires earlier, does not.

use super::fact::FactChange;
use crate::audits::{Audit, Audits, Exemption, From, Import};
use crate::manifest::ConfiguredPath;
use std::collections::BTreeMap;

/// What a decision is about: its sort, and the bytes or the team.
type About = (&'static str, String);

/// What changed from `old` to `new`.
#[must_use]
pub fn diff(old: &Audits, new: &Audits) -> Vec<FactChange> {
    let mut all: BTreeMap<About, [Vec<String>; 2]> = BTreeMap::new();
    for (side, audits) in [old, new].into_iter().enumerate() {
        let said = audits.audits.iter().map(audit).chain(audits.exemptions.iter().map(exemption));
        for (about, says) in said.chain(audits.imports.iter().map(import)) {
            if let Some(side) = all.entry(about).or_default().get_mut(side) {
                side.push(says);
            }
        }
    }
    all.into_iter().flat_map(|(about, [old, new])| changed(&about, old, new)).collect()
}

fn changed((key, about): &About, mut old: Vec<String>, mut new: Vec<String>) -> Vec<FactChange> {
    // What is on both sides, as often as it is there, did not change.
    new.retain(|says| match old.iter().position(|was| was == says) {
        Some(at) => {
            old.remove(at);
            false
        }
        None => true,
    });
    let fact = |old: Option<String>, new: Option<String>| {
        let widens = new.as_deref().is_some_and(|new| !is_shorter(old.as_deref(), new));
        FactChange { key, about: Some(about.clone()), old, new, widens }
    };
    let mut old = old.into_iter();
    let mut new = new.into_iter();
    std::iter::from_fn(|| match (old.next(), new.next()) {
        (None, None) => None,
        (old, new) => Some(fact(old, new)),
    })
    .collect()
}

/// Whether an exemption is the same one, and ends earlier.
fn is_shorter(old: Option<&str>, new: &str) -> bool {
    let parts = |says: &str| {
        let (day, rest) = says.strip_prefix("until ")?.split_at_checked(10)?;
        Some((rest.to_owned(), day.to_owned()))
    };
    match (old.and_then(parts), parts(new)) {
        (Some((was, until)), Some((is, day))) => was == is && day < until,
        _ => false,
    }
}

fn audit(audit: &Audit) -> (About, String) {
    let Audit { source, digest, from, criteria, who, notes, .. } = audit;
    let notes = notes.as_ref().map(|notes| format!(": {notes}")).unwrap_or_default();
    let delta = from.as_ref().map(|from| format!(", by its change from {from}")).unwrap_or_default();
    (("audit", format!("{source} {digest}")), format!("{criteria} by {who}{delta}{notes}"))
}

fn exemption(exemption: &Exemption) -> (About, String) {
    let Exemption { source, file, sha256, reason, owner, approver, ticket, expires, .. } = exemption;
    let approver = approver.as_ref().map(|approver| format!(", approved by {approver}")).unwrap_or_default();
    let says = format!("until {expires}, owner {owner}{approver}, ticket {ticket}: {reason}");
    (("exemption", format!("{source} {file} {sha256}")), says)
}

fn import(import: &Import) -> (About, String) {
    let from = match &import.from {
        From::Path(ConfiguredPath::Inside(path)) => path.to_string(),
        From::Path(ConfiguredPath::Outside(elsewhere)) => elsewhere.text.clone(),
        From::Url(url) => url.clone(),
    };
    (("import", import.name.to_string()), format!("{from}, {}", import.sha256))
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::audits::Audits;

    fn exemption(expires: &str, owner: &str) -> String {
        format!(
            "[[exemption]]\nsource = \"hf:model/a/b\"\nfile = \"m.bin\"\nsha256 = \"{}\"\nreason = \"old\"\nowner = \"{owner}\"\n\
             ticket = \"SEC-1\"\nexpires = \"{expires}\"\n",
            "ab".repeat(32)
        )
    }

    fn import(path: &str, byte: &str) -> String {
        format!("[[import]]\nname = \"team\"\npath = \"{path}\"\nsha256 = \"{}\"\n", byte.repeat(32))
    }

    /// Of each change, whether it is marked.
    fn marks(old: &str, new: &str) -> Vec<bool> {
        let read = |text: &str| Audits::read("models.audits.toml", &format!("version = 1\n{text}")).unwrap();
        diff(&read(old), &read(new)).iter().map(|fact| fact.widens).collect()
    }

    #[test]
    fn what_comes_lasts_longer_or_is_of_somebody_else_is_marked() {
        let one = exemption("2026-12-01", "jo");
        assert_eq!(marks(&one, &one), [false; 0]);
        assert_eq!(marks("", &one), [true]);
        assert_eq!(marks(&one, ""), [false]);
        assert_eq!(marks(&one, &exemption("2027-12-01", "jo")), [true], "longer");
        assert_eq!(marks(&one, &exemption("2026-11-01", "jo")), [false], "shorter");
        assert_eq!(marks(&one, &exemption("2026-11-01", "eve")), [true], "another owner");
        assert_eq!(marks(&one, &format!("{one}{}", exemption("2026-12-01", "eve"))), [true], "one more");
        assert_eq!(marks(&import("a", "01"), &import("a", "02")), [true]);
        assert_eq!(marks(&import("a", "01"), &import("b", "01")), [true]);
        assert_eq!(marks(&import("a", "01"), ""), [false]);
    }
}
