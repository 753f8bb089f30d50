//! Exemptions that will lapse.

use super::Ruling;
use super::place::decision;
use crate::decisions::Decisions;
use modelpin_rules::policy;
use modelpin_schema::audits::Exemption;
use modelpin_schema::file_word;
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Pin};

/// An exemption that lapses within some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    /// The exemption.
    pub exemption: Exemption,
    /// How many days it still holds after today; negative where it has lapsed.
    pub days: i64,
    /// It in the words of a ruling.
    pub ruling: Ruling,
}

/// The project's exemptions for locked bytes that hold no longer than until `last`, the next to lapse first; of those
/// that a later one renews, none.
#[must_use]
pub fn lapsing(lock: &Lockfile, decisions: &Decisions, today: Day, last: Day) -> Vec<Lapse> {
    let mut found: Vec<Lapse> = decisions
        .own
        .exemptions
        .iter()
        .filter(|exemption| exemption.expires <= last)
        .filter(|exemption| {
            let longest = decisions.exemption(&exemption.source, &exemption.file, &exemption.sha256);
            longest.is_some_and(|longest| longest.expires == exemption.expires)
        })
        .filter_map(|exemption| lapse(lock, exemption, today))
        .collect();
    found.sort_by(|a, b| (a.days, &a.ruling.name, &a.ruling.path).cmp(&(b.days, &b.ruling.name, &b.ruling.path)));
    found
}

fn lapse(lock: &Lockfile, exemption: &Exemption, today: Day) -> Option<Lapse> {
    let exact = |pin: &Pin| {
        pin.source == exemption.source
            && pin.files().get(&exemption.file).is_some_and(|file| file.sha256 == exemption.sha256)
    };
    let (name, _) = lock.pins.iter().find(|(_, pin)| exact(pin))?;
    let days = today.days_until(exemption.expires);
    let (expires, owner, ticket) = (exemption.expires, &exemption.owner, &exemption.ticket);
    let what = if days < 0 { "its exemption has lapsed" } else { "its exemption will lapse" };
    let ruling = Ruling {
        rule: &policy::EXEMPTION_LAPSES,
        level: Level::Warn,
        name: Some(name.clone()),
        path: Some(exemption.file.clone()),
        at: decision(exemption.place.as_ref()),
        what: what.to_owned(),
        expected: "no exemption that is needed on the day after its last".to_owned(),
        got: format!("one until {expires}, owned by {owner}, ticket {ticket}"),
        help: format!(
            "`modelpin exempt {name} {} --reason WHY --owner WHO --ticket TICKET --expires 90d` renews it",
            file_word(exemption.file.as_str())
        ),
    };
    Some(Lapse { exemption: exemption.clone(), days, ruling })
}
