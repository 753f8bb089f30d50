//! Decisions that decide nothing.

use super::{HeldByName, Judge, Words, decision};
use modelpin_rules::policy;
use modelpin_schema::audits::{Chain, Exemption};
use modelpin_schema::fault::Place;
use modelpin_schema::{Lockfile, Name, Pin, Source};
use std::collections::BTreeMap;

/// Says which of the project's own decisions are for nothing that is locked. Those of others are not looked after here.
pub(super) fn idle(judge: &mut Judge<'_>, lock: &Lockfile, held: &HeldByName) {
    let decisions = judge.decisions;
    let own = &decisions.own;
    let mut pins: BTreeMap<&Source, Vec<(&Name, &Pin)>> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        pins.entry(&pin.source).or_default().push((name, pin));
    }
    for exemption in &own.exemptions {
        // An older exemption of the same bytes was renewed: its place in the history is no trouble.
        let renewed = decisions.exemption(&exemption.source, &exemption.file, &exemption.sha256);
        let renewed = renewed.is_some_and(|other| other.expires > exemption.expires);
        if let Some(why) = exempts_nothing(exemption, pins.get(&exemption.source), held).filter(|_| !renewed) {
            let what = format!("the exemption of `{}` of `{}` exempts nothing", exemption.file, exemption.source.repo);
            say(judge, exemption.place.as_ref(), what, "a locked file that would be refused without it", why);
        }
    }
    let mut chains: BTreeMap<&Source, Chain<'_>> = BTreeMap::new();
    for audit in &own.audits {
        let what = || format!("the audit of `{}` by {} vouches for nothing", audit.source.repo, audit.who);
        if !pins.contains_key(&audit.source) {
            say(judge, audit.place.as_ref(), what(), "an audit of a repo that is locked", "no entry of it".to_owned());
            continue;
        }
        let chain = chains.entry(&audit.source).or_insert_with(|| decisions.chain(&audit.source));
        // The set that an audit of a change begins with, where no chain leads to it.
        if let Some(from) = audit.from.filter(|from| !chain.is_certified(from)) {
            let got = format!("a change from {from}, which is not certified");
            say(
                judge,
                audit.place.as_ref(),
                what(),
                "an audit of the whole, or of the change from certified code",
                got,
            );
        }
    }
}

/// Why an exemption is for none of `pins`, which are those of its repo.
fn exempts_nothing(exemption: &Exemption, pins: Option<&Vec<(&Name, &Pin)>>, held: &HeldByName) -> Option<String> {
    let mut got = "no entry of that repo".to_owned();
    for (name, pin) in pins.into_iter().flatten() {
        match pin.files().get(&exemption.file) {
            None => "no such file among the locked ones".clone_into(&mut got),
            Some(file) if file.sha256 != exemption.sha256 => {
                // Where nothing else lets the file in, that is a refusal of its own.
                if held.get(*name).is_some_and(|held| held.refused.contains(&exemption.file)) {
                    return None;
                }
                got = format!("a file of other bytes, {}", file.sha256);
            }
            Some(_) => {
                if held.get(*name).is_some_and(|held| {
                    held.quarantined.contains(&exemption.file) || held.refused.contains(&exemption.file)
                }) {
                    return None;
                }
                "a file that needs none".clone_into(&mut got);
            }
        }
    }
    Some(got)
}

fn say(judge: &mut Judge<'_>, place: Option<&Place>, what: String, expected: &str, got: String) {
    let help = "take it out of models.audits.toml, then `modelpin check`".to_owned();
    let words = Words { what, expected: expected.to_owned(), got, help };
    judge.say_at(&policy::DECISION_IDLE, None, decision(place), words);
}
