//! Decisions that apply to nothing that is locked.

use crate::WithheldByName;
use crate::evaluator::{Evaluator, Message};
use crate::location::decision;
use modelpin_rules::policy::DECISION_UNUSED;
use modelpin_schema::audits::{Chain, Exemption};
use modelpin_schema::fault::Place;
use modelpin_schema::{Lockfile, Name, Pin, Source};
use std::collections::BTreeMap;

/// Reports the project's own decisions that apply to nothing that is locked. Imported ones are maintained elsewhere.
pub(crate) fn evaluate(evaluator: &mut Evaluator<'_>, lock: &Lockfile, withheld: &WithheldByName) {
    let decisions = evaluator.decisions;
    let own = &decisions.own;
    let mut pins: BTreeMap<&Source, Vec<(&Name, &Pin)>> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        pins.entry(&pin.source).or_default().push((name, pin));
    }
    for exemption in &own.exemptions {
        // An older exemption of the same bytes was renewed: its place in the history is no trouble.
        let renewed = decisions.exemption(&exemption.source, &exemption.file, &exemption.sha256);
        let renewed = renewed.is_some_and(|other| other.expires > exemption.expires);
        if let Some(why) = exempts_nothing(exemption, pins.get(&exemption.source), withheld).filter(|_| !renewed) {
            let what = format!("the exemption of `{}` of `{}` is unused", exemption.file, exemption.source.repo);
            report(evaluator, exemption.place.as_ref(), what, "a locked file that the policy denies", why);
        }
    }
    let mut chains: BTreeMap<&Source, Chain<'_>> = BTreeMap::new();
    for audit in &own.audits {
        let what = || format!("the audit of `{}` by {} is unused", audit.source.repo, audit.who);
        if !pins.contains_key(&audit.source) {
            report(
                evaluator,
                audit.place.as_ref(),
                what(),
                "an audit of a repo that is locked",
                "no entry of that repo".to_owned(),
            );
            continue;
        }
        let chain = chains.entry(&audit.source).or_insert_with(|| decisions.chain(&audit.source));
        // The set that an audit of a change begins with, where no chain leads to it.
        if let Some(from) = audit.from.filter(|from| !chain.is_certified(from)) {
            let got = format!("a change from {from}, which is not certified");
            report(
                evaluator,
                audit.place.as_ref(),
                what(),
                "an audit of the whole, or of the change from certified code",
                got,
            );
        }
    }
}

/// Why an exemption is for none of `pins`, which are those of its repo.
fn exempts_nothing(
    exemption: &Exemption,
    pins: Option<&Vec<(&Name, &Pin)>>,
    withheld: &WithheldByName,
) -> Option<String> {
    let mut got = "no entry of that repo".to_owned();
    for (name, pin) in pins.into_iter().flatten() {
        match pin.files().get(&exemption.file) {
            None => "no such file in models.lock".clone_into(&mut got),
            Some(file) if file.sha256 != exemption.sha256 => {
                // Where nothing else lets the file in, that is a refusal of its own.
                if withheld.get(*name).is_some_and(|withheld| withheld.refused.contains(&exemption.file)) {
                    return None;
                }
                got = format!("a file with other bytes, {}", file.sha256);
            }
            Some(_) => {
                if withheld.get(*name).is_some_and(|withheld| {
                    withheld.quarantined.contains(&exemption.file) || withheld.refused.contains(&exemption.file)
                }) {
                    return None;
                }
                "a file that needs no exemption".clone_into(&mut got);
            }
        }
    }
    Some(got)
}

fn report(evaluator: &mut Evaluator<'_>, place: Option<&Place>, what: String, expected: &str, got: String) {
    let help = vec!["remove it from models.audits.toml".to_owned()];
    let message = Message { what, expected: expected.to_owned(), got, help };
    evaluator.report_at(&DECISION_UNUSED, None, decision(place), message);
}
