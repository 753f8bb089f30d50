//! Decisions that decide nothing.

use super::{HeldByName, Judge, Words, decision, rules};
use modelpin_schema::audits::{Audit, Exemption, Standing};
use modelpin_schema::fault::Place;
use modelpin_schema::{Digest, Lockfile, Source};
use std::collections::BTreeSet;

/// Says which of the project's own decisions are for nothing that is locked. Those of others are not looked after here.
pub(super) fn idle(judge: &mut Judge<'_>, lock: &Lockfile, held: &HeldByName) {
    let own = &judge.decisions.own;
    for exemption in &own.exemptions {
        // An older exemption of the same bytes was renewed: its place in the history is no trouble.
        let renewed = judge.decisions.exemption(&exemption.source, &exemption.file, &exemption.sha256);
        let renewed = renewed.is_some_and(|other| other.expires > exemption.expires);
        if let Some(why) = exempts_nothing(exemption, lock, held).filter(|_| !renewed) {
            let what = format!("the exemption of `{}` of `{}` exempts nothing", exemption.file, exemption.source.repo);
            say(judge, exemption.place.as_ref(), what, "a locked file that would be refused without it", why);
        }
    }
    let sources: BTreeSet<&Source> = lock.pins.values().map(|pin| &pin.source).collect();
    for audit in &own.audits {
        let what = || format!("the audit of `{}` by {} vouches for nothing", audit.source.repo, audit.who);
        if !sources.contains(&audit.source) {
            say(judge, audit.place.as_ref(), what(), "an audit of a repo that is locked", "no entry of it".to_owned());
        } else if let Some(from) = gap(judge, audit) {
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

fn exempts_nothing(exemption: &Exemption, lock: &Lockfile, held: &HeldByName) -> Option<String> {
    let mut got = "no entry of that repo".to_owned();
    for (name, pin) in lock.pins.iter().filter(|(_, pin)| pin.source == exemption.source) {
        match pin.files().get(&exemption.file) {
            None => "no such file among the locked ones".clone_into(&mut got),
            Some(file) if file.sha256 != exemption.sha256 => {
                // Where nothing else lets the file in, that is a refusal of its own.
                if held.get(name).is_some_and(|held| held.refused.contains(&exemption.file)) {
                    return None;
                }
                got = format!("a file of other bytes, {}", file.sha256);
            }
            Some(_) => {
                if held.get(name).is_some_and(|held| {
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

/// The set that an audit of a change begins with, where no chain leads to it.
fn gap(judge: &Judge<'_>, audit: &Audit) -> Option<Digest> {
    let from = audit.from?;
    let chain = judge.decisions.chain(&audit.source);
    (!matches!(chain.standing(&from), Standing::Certified(_))).then_some(from)
}

fn say(judge: &mut Judge<'_>, place: Option<&Place>, what: String, expected: &str, got: String) {
    let help = "take it out of models.audits.toml, then `modelpin check`".to_owned();
    let words = Words { what, expected: expected.to_owned(), got, help };
    judge.say_at(&rules::DECISION_IDLE, None, decision(place), words);
}
