//! What holds for every file of decisions and every chain of audits.

mod faults;

use crate::strategies::{audit, audits, print};
use modelpin_schema::audits::{Audit, AuditStatus, Chain};
use modelpin_schema::lockfile::set_digest;
use modelpin_schema::{Audits, Digest, Source};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use std::num::NonZeroU32;

const FILE: &str = "models.audits.toml";

/// The digest of the set that stands for the number `n`.
fn set(n: u8) -> Digest {
    Digest::new([n; 32])
}

/// An audit of `digest`, whole or from another set; what it says of files is not looked at by a chain.
fn link(template: &Audit, from: Option<u8>, digest: u8) -> Audit {
    Audit { digest: set(digest), from: from.map(set), ..template.clone() }
}

/// From which set, if not from nothing, to which.
type Link = (Option<u8>, u8);

/// Links with gaps and cycles, and the same in another order.
fn chain() -> impl Strategy<Value = (Vec<Link>, Vec<Link>)> {
    let links = vec((proptest::option::weighted(0.8, 0..6u8), 0..6u8), 0..8);
    links.prop_flat_map(|links| (Just(links.clone()), Just(links).prop_shuffle()))
}

fn status<'a>(audits: impl IntoIterator<Item = &'a Audit>, source: &Source, digest: &Digest) -> AuditStatus<'a> {
    Chain::of(audits, source, NonZeroU32::MIN).status(digest)
}

fn certified(audits: &[Audit], source: &Source, digest: u8) -> bool {
    matches!(status(audits, source, &set(digest)), AuditStatus::Certified(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decisions_read_as_what_was_printed(decisions in audits()) {
        let read = Audits::read(FILE, &print(&decisions)).unwrap();
        let places = read.audits.iter().map(|audit| &audit.place).chain(read.exemptions.iter().map(|one| &one.place));
        for place in places.chain(read.imports.iter().map(|import| &import.place)) {
            prop_assert!(place.as_ref().is_some_and(|place| place.text.starts_with("[[")), "{:?}", place);
        }
        prop_assert_eq!(print(&read), print(&decisions));
        prop_assert_eq!(read.audits.len(), decisions.audits.len());
    }

    #[test]
    fn one_changed_byte_of_any_file_voids_an_audit(audit in audit(), at in any::<Index>(), byte in 0..32usize) {
        let mut files = audit.set();
        let path = at.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
        let was = files[&path];
        let mut bytes: [u8; 32] = hex(&was);
        bytes[byte] ^= 1;
        let is = Digest::new(bytes);
        files.insert(path, is);
        let changed = set_digest(files.into_iter());
        let whole = Audit { from: None, ..audit.clone() };
        prop_assert!(matches!(status([&whole], &whole.source, &whole.digest), AuditStatus::Certified(_)));
        prop_assert!(matches!(status([&whole], &whole.source, &changed), AuditStatus::Changed(_)));
        // Nor can the file be edited to say so.
        let forged = audit.print().replacen(&was.hex(), &is.hex(), 1);
        prop_assert!(Audits::read(FILE, &(Audits::empty_text() + &forged)).is_err());
    }

    #[test]
    fn a_chain_is_as_good_as_its_links(
        template in audit(), (links, shuffled) in chain(), asked in 0..6u8,
    ) {
        let audits = |links: &[Link]| links.iter().map(|(from, to)| link(&template, *from, *to)).collect::<Vec<Audit>>();
        // The slow and plain answer: begin with the whole sets, and add what one more link reaches.
        let mut reached: BTreeSet<u8> = links.iter().filter(|(from, _)| from.is_none()).map(|(_, to)| *to).collect();
        for _ in &links {
            let more = links.iter().filter(|(from, _)| from.is_some_and(|from| reached.contains(&from)));
            let more: Vec<u8> = more.map(|(_, to)| *to).collect();
            reached.extend(more);
        }
        for links in [&links, &shuffled] {
            prop_assert_eq!(certified(&audits(links), &template.source, asked), reached.contains(&asked));
        }
        let foreign: Source = "hf:model/somebody-else/x".parse().unwrap();
        let audits = audits(&links);
        prop_assert_eq!(status(&audits, &foreign, &set(asked)), AuditStatus::Unknown);
    }

    #[test]
    fn two_people_are_two_people(
        template in audit(), links in vec((proptest::option::weighted(0.7, 0..4u8), 0..4u8, 0..3u8), 0..10), asked in 0..4u8,
    ) {
        let audits: Vec<Audit> = links
            .iter()
            .map(|(from, to, who)| Audit { who: format!("P{who} <p{who}@acme.example>").parse().unwrap(), ..link(&template, *from, *to) })
            .collect();
        // The slow and plain answer: a set holds when two people vouch for it, each for the whole or from a set that holds.
        let people = |held: &BTreeSet<u8>, set: u8| {
            let fits = links.iter().filter(|(from, to, _)| *to == set && from.is_none_or(|from| held.contains(&from)));
            fits.map(|(_, _, who)| *who).collect::<BTreeSet<u8>>()
        };
        let mut held = BTreeSet::new();
        for _ in 0..=links.len() {
            held = (0..4).filter(|set| people(&held, *set).len() >= 2).collect();
        }
        let chain = Chain::of(&audits, &template.source, NonZeroU32::new(2).unwrap());
        let is_certified = matches!(chain.status(&set(asked)), AuditStatus::Certified(_));
        prop_assert_eq!(is_certified, held.contains(&asked));
        prop_assert_eq!(chain.people(&set(asked)).len(), people(&held, asked).len());
    }
}

fn hex(digest: &Digest) -> [u8; 32] {
    let hex = digest.hex();
    std::array::from_fn(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
}
