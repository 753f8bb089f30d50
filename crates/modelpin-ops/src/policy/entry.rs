//! What is judged of an entry as a whole: its licence, its publisher, its age, its ticket, its requirements.

use super::place::wish;
use super::{Judge, Words};
use modelpin_rules::policy;
use modelpin_schema::Pin;
use modelpin_schema::lockfile::LockKey;
use modelpin_schema::text::count;
use std::collections::BTreeSet;

/// How a fact that is not there is called.
const NONE: &str = "none";

pub(super) fn entry(judge: &mut Judge<'_>, pin: &Pin) {
    license(judge, pin);
    publisher(judge, pin);
    min_age(judge, pin);
    ticket(judge, pin);
    requirements(judge, pin);
}

fn license(judge: &mut Judge<'_>, pin: &Pin) {
    let Some(allowed) = &judge.policy.licenses else { return };
    let declared = pin.hub.license.as_ref().map(|license| license.as_str().to_lowercase());
    if declared.is_some_and(|declared| allowed.iter().any(|license| license.as_str() == declared)) {
        return;
    }
    let words = Words {
        what: "its licence is not allowed".to_owned(),
        expected: format!("{}{}", one_of(allowed), judge.wish("licenses")),
        got: pin
            .hub
            .license
            .as_ref()
            .map_or_else(|| "no declared licence".to_owned(), |license| format!("`{license}`")),
        help: format!(
            "allow it with `licenses` below `[policy]` in models.toml and run this again; an entry that is locked goes with `modelpin remove {}`",
            judge.name()
        ),
    };
    judge.say(&policy::LICENSE, None, LockKey::Key("license"), words);
}

fn publisher(judge: &mut Judge<'_>, pin: &Pin) {
    let Some(allowed) = &judge.policy.publishers else { return };
    if allowed.iter().any(|publisher| publisher.owns(&pin.source.repo)) {
        return;
    }
    if !pin.dependencies.required_by.is_empty() {
        return super::edges::publisher(judge, pin);
    }
    let words = Words {
        what: "its publisher is not allowed".to_owned(),
        expected: format!("{}{}", one_of(allowed), judge.wish("publishers")),
        got: pin.source.repo.owner().map_or_else(|| "a repo of no namespace".to_owned(), |owner| format!("`{owner}`")),
        help: format!(
            "allow it with `publishers` below `[policy]` in models.toml and run this again; an entry that is locked goes with `modelpin remove {}`",
            judge.name()
        ),
    };
    judge.say(&policy::PUBLISHER, None, LockKey::Key("source"), words);
}

fn min_age(judge: &mut Judge<'_>, pin: &Pin) {
    let Some(days) = judge.policy.min_age else { return };
    let ripe = pin.hub.revision_date.map(|date| date.plus(days.0));
    if ripe.is_some_and(|ripe| ripe <= judge.today) {
        return;
    }
    let name = judge.name();
    let older = format!(
        "`modelpin add ORG/REPO@COMMIT` pins an older commit, `modelpin update {name} --precise COMMIT` where it is locked"
    );
    let (got, help) = match (pin.hub.revision_date, ripe) {
        (Some(date), Some(ripe)) => {
            let age = date.days_until(judge.today);
            let got = if age < 0 {
                format!("a commit of {date}, which is yet to come")
            } else {
                format!("{} (of {date})", count(age, "day"))
            };
            (got, format!("it is old enough on {ripe}, as `modelpin check --as-of {ripe}` says; {older}"))
        }
        _ => {
            ("a commit of which no day is recorded".to_owned(), format!("`modelpin update {name}` records it; {older}"))
        }
    };
    let words = Words {
        what: "its commit is too young".to_owned(),
        expected: format!("a commit that is {} old{}", count(i64::from(days.0), "day"), judge.wish("min-age")),
        got,
        help,
    };
    judge.say(&policy::MIN_AGE, None, LockKey::Key("revision-date"), words);
}

fn ticket(judge: &mut Judge<'_>, pin: &Pin) {
    let Some(pattern) = &judge.policy.require_ticket else { return };
    if pin.ticket.as_ref().is_some_and(|ticket| pattern.allows(ticket)) {
        return;
    }
    let words = Words {
        what: "its pin has no ticket of the form that is required".to_owned(),
        expected: format!("a ticket that matches `{pattern}`{}", judge.wish("require-ticket")),
        got: pin.ticket.as_ref().map_or_else(|| NONE.to_owned(), |ticket| format!("`{ticket}`")),
        help: format!(
            "`--ticket TICKET` of `modelpin add`, `lock`, `update` and `convert` records one: `modelpin update {} --ticket TICKET` where it is locked",
            judge.name()
        ),
    };
    judge.say(&policy::TICKET, None, LockKey::Key("ticket"), words);
}

fn requirements(judge: &mut Judge<'_>, pin: &Pin) {
    let rule = &modelpin_rules::requirement::REQUIREMENT_UNPINNED;
    for (requirement, how) in &pin.facts.requires {
        // An option such as `--index-url` asks for no package; that it is there is a finding of its own.
        // Where files ask for one thing in several ways, each has to be exact.
        if requirement.as_str().starts_with('-') || how.as_str().split(" | ").all(is_exact) {
            continue;
        }
        let words = Words {
            what: format!("its requirement `{requirement}` names no exact version"),
            expected: "`==` and a version, or a commit or hash".to_owned(),
            got: format!("`{how}`"),
            help: format!(
                "allow it with `{} = \"allow\"` below `[policy.rules]` in models.toml, then `modelpin check`",
                rule.id
            ),
        };
        judge.say(rule, None, LockKey::InTable("requires", requirement.as_str()), words);
    }
}

/// Whether a requirement means the same bytes tomorrow.
fn is_exact(how: &str) -> bool {
    let asked = how.split(';').next().unwrap_or(how).trim();
    if asked.contains("://") {
        let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (place, fragment) = asked.split_once('#').unwrap_or((asked, ""));
        return fragment.contains("sha256=") || place.rsplit_once('@').is_some_and(|(_, commit)| is_commit(commit));
    }
    asked.strip_prefix("==").is_some_and(|version| !version.is_empty() && !version.contains(['*', ',']))
}

pub(super) fn one_of<T: ToString>(allowed: &BTreeSet<T>) -> String {
    let listed: Vec<String> = allowed.iter().map(|allowed| format!("`{}`", allowed.to_string())).collect();
    match listed.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}", listed.join(", ")),
    }
}

impl Judge<'_> {
    /// Where models.toml says what is expected.
    pub(super) fn wish(&self, key: &str) -> String {
        wish(self.policy.place(key))
    }
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
