//! Exemptions that end soon.

use crate::location::decision;
use crate::{Decisions, Violation};
use modelpin_rules::policy::EXEMPTION_EXPIRING;
use modelpin_schema::audits::Exemption;
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Pin, file_word};

/// An exemption that ends soon, or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// The exemption.
    pub exemption: Exemption,
    /// How many days it holds after today; negative where it has ended.
    pub days: i64,
    /// The warning about it.
    pub violation: Violation,
}

/// The project's exemptions of locked bytes that end on `last` or earlier, the next to end first; not those that a
/// later one renews.
#[must_use]
pub fn expiring(lock: &Lockfile, decisions: &Decisions, today: Day, last: Day) -> Vec<Expiring> {
    let mut found = Vec::new();
    for exemption in decisions.own.exemptions.iter().filter(|exemption| exemption.expires <= last) {
        let longest = decisions.exemption(&exemption.source, &exemption.file, &exemption.sha256);
        if longest.is_some_and(|longest| longest.expires == exemption.expires) {
            found.extend(of_locked_file(lock, exemption, today));
        }
    }
    found.sort_by(|a, b| {
        (a.days, &a.violation.name, &a.violation.path).cmp(&(b.days, &b.violation.name, &b.violation.path))
    });
    found
}

/// The warning about `exemption`, if it is for a locked file.
fn of_locked_file(lock: &Lockfile, exemption: &Exemption, today: Day) -> Option<Expiring> {
    let has_file = |pin: &Pin| {
        pin.source == exemption.source
            && pin.files().get(&exemption.file).is_some_and(|file| file.sha256 == exemption.sha256)
    };
    let (name, _) = lock.pins.iter().find(|(_, pin)| has_file(pin))?;
    let days = today.days_until(exemption.expires);
    let what = if days < 0 { "its exemption has expired" } else { "its exemption expires soon" };
    let violation = Violation {
        rule: &EXEMPTION_EXPIRING,
        level: Level::Warn,
        name: Some(name.clone()),
        path: Some(exemption.file.clone()),
        at: decision(exemption.place.as_ref()),
        what: what.to_owned(),
        expected: "an exemption that lasts longer, for a file that is still needed".to_owned(),
        got: format!("one until {}, owner {}, ticket {}", exemption.expires, exemption.owner, exemption.ticket),
        help: vec![format!(
            "to renew it, run `modelpin exempt {name} {} --reason WHY --owner WHO --ticket TICKET --expires 90d`",
            file_word(exemption.file.as_str())
        )],
    };
    Some(Expiring { exemption: exemption.clone(), days, violation })
}
