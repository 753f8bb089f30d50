//! What is checked of an entry as a whole: its licence, its publisher, its age, its ticket, its requirements.

use crate::dependencies;
use crate::evaluator::{Evaluator, Message};
use crate::text::one_of;
use modelpin_rules::policy::{LICENSE, MIN_AGE, PUBLISHER, TICKET};
use modelpin_rules::requirement::REQUIREMENT_UNPINNED;
use modelpin_schema::lockfile::LockKey;
use modelpin_schema::text::count;
use modelpin_schema::{Pin, RepoId, RepoKind};

pub(crate) fn evaluate(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    license(evaluator, pin);
    publisher(evaluator, pin);
    min_age(evaluator, pin);
    ticket(evaluator, pin);
    requirements(evaluator, pin);
}

fn license(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    let Some(allowed) = &evaluator.policy.licenses else { return };
    let declared = pin.hub.license.as_ref().map(|license| license.as_str().to_lowercase());
    if declared.is_some_and(|declared| allowed.iter().any(|license| license.as_str() == declared)) {
        return;
    }
    let message = Message {
        what: "its licence is not allowed".to_owned(),
        expected: format!("{}{}", one_of(allowed), evaluator.set_by("licenses")),
        got: pin
            .hub
            .license
            .as_ref()
            .map_or_else(|| "no declared licence".to_owned(), |license| format!("`{license}`")),
        help: vec![
            "to allow it, add it to `licenses` in `[policy]` of models.toml and run the command again".to_owned(),
            remove(evaluator),
        ],
    };
    evaluator.report(&LICENSE, None, LockKey::Key("license"), message);
}

fn publisher(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    let Some(allowed) = &evaluator.policy.publishers else { return };
    if allowed.iter().any(|publisher| publisher.owns(&pin.source.repo)) {
        return;
    }
    if !pin.dependencies.required_by.is_empty() {
        return dependencies::publisher(evaluator, pin, allowed);
    }
    let canonical = pin.hub.canonical.as_ref().filter(|_| pin.source.repo.owner().is_none());
    let message = Message {
        what: "its publisher is not allowed".to_owned(),
        expected: format!("{}{}", one_of(allowed), evaluator.set_by("publishers")),
        got: match (pin.source.repo.owner(), canonical) {
            (Some(owner), _) => format!("`{owner}`"),
            (None, Some(canonical)) => {
                format!("a repo without a namespace, which the Hub calls `{canonical}`")
            }
            (None, None) => "a repo without a namespace".to_owned(),
        },
        help: match canonical {
            Some(canonical) => vec![by_its_name(pin, canonical), remove(evaluator)],
            None => vec![
                "to allow it, add it to `publishers` in `[policy]` of models.toml and run the command again".to_owned(),
                remove(evaluator),
            ],
        },
    };
    evaluator.report(&PUBLISHER, None, LockKey::Key("source"), message);
}

/// How to have a repo under the name that shows its owner: a name without one has no publisher that could be allowed.
fn by_its_name(pin: &Pin, canonical: &RepoId) -> String {
    let kind = if pin.source.kind == RepoKind::Dataset { " --dataset" } else { "" };
    format!("to lock it by the name that has an owner, run `modelpin add {canonical}{kind}`")
}

/// How to do without an entry.
fn remove(evaluator: &Evaluator<'_>) -> String {
    format!("to drop the entry, run `modelpin remove {}`", evaluator.name())
}

fn min_age(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    let Some(days) = evaluator.policy.min_age else { return };
    let old_enough = pin.hub.revision_date.map(|date| date.plus(days.0));
    if old_enough.is_some_and(|day| day <= evaluator.today) {
        return;
    }
    let name = evaluator.name();
    let older = format!(
        "pin an older commit: `modelpin update {name} --precise COMMIT`, or `modelpin add ORG/REPO@COMMIT` for a new \
         entry"
    );
    let (got, wait) = match (pin.hub.revision_date, old_enough) {
        (Some(date), Some(day)) => {
            let age = date.days_until(evaluator.today);
            let got = if age < 0 {
                format!("a commit of {date}, which is in the future")
            } else {
                format!("{} (of {date})", count(age, "day"))
            };
            (got, format!("wait until {day}; `modelpin check --as-of {day}` shows what the policy says then"))
        }
        _ => {
            let got = "a commit without a recorded date".to_owned();
            (got, format!("record the date: `modelpin update {name}`"))
        }
    };
    let message = Message {
        what: "its commit is too recent".to_owned(),
        expected: format!("a commit at least {} old{}", count(days.0, "day"), evaluator.set_by("min-age")),
        got,
        help: vec![wait, older],
    };
    evaluator.report(&MIN_AGE, None, LockKey::Key("revision-date"), message);
}

fn ticket(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    let Some(pattern) = &evaluator.policy.require_ticket else { return };
    if pin.ticket.as_ref().is_some_and(|ticket| pattern.allows(ticket)) {
        return;
    }
    let message = Message {
        what: "its pin has no valid ticket".to_owned(),
        expected: format!("a ticket that matches `{pattern}`{}", evaluator.set_by("require-ticket")),
        got: pin.ticket.as_ref().map_or_else(|| "none".to_owned(), |ticket| format!("`{ticket}`")),
        help: vec![
            "to record one, run the command again with `--ticket TICKET`".to_owned(),
            format!("to record one for a locked entry, run `modelpin update {} --ticket TICKET`", evaluator.name()),
        ],
    };
    evaluator.report(&TICKET, None, LockKey::Key("ticket"), message);
}

fn requirements(evaluator: &mut Evaluator<'_>, pin: &Pin) {
    for (requirement, constraint) in &pin.facts.requires {
        // An option such as `--index-url` asks for no package; that it is there is a finding of its own.
        // Where files ask for one thing in several ways, each has to be exact.
        if requirement.as_str().starts_with('-') || constraint.as_str().split(" | ").all(is_exact) {
            continue;
        }
        let message = Message {
            what: format!("its requirement `{requirement}` is not pinned"),
            expected: "`==` and a version, or a commit or hash".to_owned(),
            got: format!("`{constraint}`"),
            help: vec![format!(
                "to allow it, set `{} = \"allow\"` in `[policy.rules]` of models.toml",
                REQUIREMENT_UNPINNED.id
            )],
        };
        evaluator.report(&REQUIREMENT_UNPINNED, None, LockKey::InTable("requires", requirement.as_str()), message);
    }
}

/// Whether a requirement always means the same bytes.
fn is_exact(constraint: &str) -> bool {
    let asked = constraint.split(';').next().unwrap_or(constraint).trim();
    if asked.contains("://") {
        let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (place, fragment) = asked.split_once('#').unwrap_or((asked, ""));
        return fragment.contains("sha256=") || place.rsplit_once('@').is_some_and(|(_, commit)| is_commit(commit));
    }
    asked.strip_prefix("==").is_some_and(|version| !version.is_empty() && !version.contains(['*', ',']))
}

#[cfg(test)]
mod tests {
    use super::is_exact;

    #[test]
    fn a_requirement_is_exact_or_moves() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for exact in ["==2.6.0", "===1", "==1.0 ; python_version < '3.9'", &format!("git+https://x.example/y@{commit}")]
        {
            assert!(is_exact(exact), "{exact}");
        }
        assert!(is_exact("https://x.example/y.whl#sha256=00"));
        for moves in [
            "unpinned",
            ">=1",
            "==2.*",
            "==",
            "==1,<2",
            "~=1.0",
            "git+https://x.example/y@main",
            "https://x.example/y.whl",
        ] {
            assert!(!is_exact(moves), "{moves}");
        }
    }
}
