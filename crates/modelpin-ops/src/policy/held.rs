//! Which files of an entry stay out of the target: code that nobody certified, and whatever the policy refuses.

use super::code::{self, Standings};
use super::{Judge, Words, decision};
use modelpin_rules::archive::ARCHIVE_CODE;
use modelpin_rules::policy;
use modelpin_rules::{Category, Rule};
use modelpin_schema::audits::Exemption;
use modelpin_schema::file_word;
use modelpin_schema::lockfile::{Artifact, Identifier, LockKey, result_path};
use modelpin_schema::manifest::policy::{Formats, Level};
use modelpin_schema::text::{code, list_up_to};
use modelpin_schema::{FileKind, Name, Pin, RepoPath};
use std::collections::BTreeSet;

/// Files that stay out of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Code that nobody certified: locked, and nowhere to be run.
    pub withheld: BTreeSet<RepoPath>,
    /// For whom that code is locked and would run, where it is not for the entry itself: whoever certifies those lets it in.
    pub needed_by: BTreeSet<Name>,
    /// How many people certified that code and how many have to, where it is the entry's own and more than one has to.
    pub people: Option<(usize, u32)>,
    /// Files that an exemption lets in, into the quarantine only.
    pub quarantined: BTreeSet<RepoPath>,
    /// Files that nothing lets in.
    pub refused: BTreeSet<RepoPath>,
    /// Files in whose place the results of conversions are, unless an exemption lets them into the quarantine.
    pub replaced: BTreeSet<RepoPath>,
}

impl Held {
    /// Whether it keeps the file at `path` out of the target.
    #[must_use]
    pub fn keeps(&self, path: &RepoPath) -> bool {
        self.sets().iter().any(|files| files.contains(path))
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets().iter().all(|files| files.is_empty())
    }

    fn sets(&self) -> [&BTreeSet<RepoPath>; 4] {
        [&self.withheld, &self.quarantined, &self.refused, &self.replaced]
    }
}

/// Whether the file at `path` can run code when it is loaded: a pickle, or a container that has one in it.
#[must_use]
pub fn executes(pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    file.kind == FileKind::Pickle || pin.facts.globals.contains_key(path)
}

/// Whether the code file at `path` is judged as data as well: a pickle is in it, or it is an archive, whose other members
/// no audit of code is about.
#[must_use]
pub fn is_more_than_code(pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    let is_archive =
        || pin.facts.findings.get(path).is_some_and(|found| found.iter().any(|id| id.as_str() == ARCHIVE_CODE.id));
    file.kind == FileKind::Code && (executes(pin, path, file) || is_archive())
}

/// The rule of a recorded finding. One that the scanner does not have may stand for anything.
fn rule_of(id: &Identifier) -> &'static Rule {
    let known = modelpin_rules::find(id.as_str()).filter(|rule| rule.category == Category::Scan);
    known.unwrap_or(&policy::FINDING_UNKNOWN)
}

/// The findings of the file at `path` that a decision about data settles; of code, an audit settles the others.
pub fn findings<'a>(
    pin: &'a Pin,
    path: &RepoPath,
    file: &Artifact,
) -> impl Iterator<Item = (&'a Identifier, &'static Rule)> {
    let is_code = file.kind == FileKind::Code;
    let all = pin.facts.findings.get(path).into_iter().flatten();
    let all = all.map(|id| (id, rule_of(id)));
    all.filter(move |(_, rule)| !is_code || !code::is_about(rule))
}

/// Judges every file of the entry `name`.
pub(super) fn held<'a>(judge: &mut Judge<'_>, standings: &Standings<'a>, name: &'a Name, pin: &Pin) -> Held {
    let mut held = Held::default();
    code::code(judge, standings, name, pin, &mut held);
    let is_judged =
        |path: &RepoPath, file: &Artifact| file.kind != FileKind::Code || is_more_than_code(pin, path, file);
    for (path, file) in pin.files().iter().filter(|(path, file)| is_judged(path, file)) {
        if pin.result_of(path).is_some() {
            replaced(judge, pin, path, file, &mut held);
        } else {
            data(judge, pin, path, file, &mut held);
        }
    }
    held
}

/// What is in a file that is replaced reaches no loader, so nothing of it is refused or said.
fn replaced(judge: &Judge<'_>, pin: &Pin, path: &RepoPath, file: &Artifact, held: &mut Held) {
    let exempted = judge.decisions.exemption(&pin.source, path, &file.sha256);
    let exempted = exempted.is_some_and(|exemption| exemption.holds_on(judge.today));
    let set = if exempted { &mut held.quarantined } else { &mut held.replaced };
    set.insert(path.clone());
}

/// What the scan found in a file, and what is to be done about it.
struct Found<'a> {
    id: &'a Identifier,
    rule: &'static Rule,
    level: Level,
}

fn data(judge: &mut Judge<'_>, pin: &Pin, path: &RepoPath, file: &Artifact, held: &mut Held) {
    let found: Vec<Found<'_>> =
        findings(pin, path, file).map(|(id, rule)| Found { id, rule, level: judge.level(rule) }).collect();
    let runs = executes(pin, path, file) && (judge.policy.formats == Formats::DataOnly || !found.is_empty());
    let denied = runs || found.iter().any(|found| found.level == Level::Deny);
    if denied {
        let exemption = judge.decisions.exemption(&pin.source, path, &file.sha256);
        if exemption.is_some_and(|exemption| exemption.holds_on(judge.today)) {
            held.quarantined.insert(path.clone());
            return;
        }
        held.refused.insert(path.clone());
        let void = judge.decisions.exemption_of_any(&pin.source, path);
        if exemption.is_some() || void.is_some() {
            return lapsed(judge, path, file, exemption, void);
        }
    }
    if runs {
        return format_executes(judge, pin, path, file, &found);
    }
    for found in &found {
        finding(judge, path, found);
    }
}

/// A file whose exemption is over, or is for other bytes.
fn lapsed(
    judge: &mut Judge<'_>,
    path: &RepoPath,
    file: &Artifact,
    expired: Option<&Exemption>,
    void: Option<&Exemption>,
) {
    let help = format!("{}; or leave the file out with `exclude` in models.toml", judge.exempt(path));
    if let Some(exemption) = expired {
        let words = Words {
            what: "its exemption has expired".to_owned(),
            expected: format!("an exemption that holds on {}", judge.today),
            got: format!("one until {}, owned by {}, ticket {}", exemption.expires, exemption.owner, exemption.ticket),
            help,
        };
        let at = decision(exemption.place.as_ref());
        judge.say_at(&policy::EXEMPTION_EXPIRED, Some(path), at, words);
    } else if let Some(exemption) = void {
        let place = exemption.place.as_ref().map(|place| format!(" ({}:{})", crate::decisions::AUDITS, place.line));
        let words = Words {
            what: "its exemption is for other bytes".to_owned(),
            expected: format!(
                "{}, which {} answers for{}",
                exemption.sha256,
                exemption.owner,
                place.unwrap_or_default()
            ),
            got: file.sha256.to_string(),
            help,
        };
        judge.say(&policy::EXEMPTION_VOID, Some(path), LockKey::File(path), words);
    }
}

fn format_executes(judge: &mut Judge<'_>, pin: &Pin, path: &RepoPath, file: &Artifact, found: &[Found<'_>]) {
    let what = if file.kind == FileKind::Pickle {
        "a pickle".to_owned()
    } else {
        format!("{} with a pickle in it", file.kind)
    };
    let got = if found.is_empty() { what } else { format!("{what}, with {}", listed(found)) };
    let expected = match judge.policy.formats {
        Formats::DataOnly => "a format that holds data only, or an exemption for exactly these bytes",
        Formats::Scanned => "nothing found in it, or an exemption for exactly these bytes",
    };
    let words = Words {
        what: "it can run code when it is loaded".to_owned(),
        expected: expected.to_owned(),
        got,
        help: format!(
            "{}leave it out with `exclude` in models.toml, then `modelpin lock`; or {}",
            judge.convert(pin, path, file),
            judge.exempt(path)
        ),
    };
    judge.say(&policy::FORMAT_EXECUTES, Some(path), LockKey::File(path), words);
}

/// The rules, a few of them.
fn listed(found: &[Found<'_>]) -> String {
    list_up_to(3, found.iter().map(|found| code(found.id)))
}

fn finding(judge: &mut Judge<'_>, path: &RepoPath, found: &Found<'_>) {
    let (name, id) = (judge.name(), found.id);
    // An exemption is for what would be refused.
    let (expected, out) = match found.level {
        Level::Deny => {
            let of_folders = judge.is_flat && found.rule.about_folder;
            let why = if of_folders {
                ", since files of a `flat:` target lie where people work"
            } else {
                ", or an exemption for exactly these bytes"
            };
            let out = "leave it out with `exclude` in models.toml, then `modelpin lock`";
            (why, format!("{out}; or {}", judge.exempt(path)))
        }
        _ => ("", format!("`{id} = \"deny\"` or `\"allow\"` below `[policy.rules]` in models.toml settles it")),
    };
    let words = Words {
        what: found.rule.says.to_owned(),
        expected: format!("a file in which the scan finds nothing{expected}"),
        got: format!("`{id}`"),
        help: format!("`modelpin scan {name}` shows where; {out}"),
    };
    judge.say(found.rule, Some(path), LockKey::InTable("findings", path.as_str()), words);
}

impl Judge<'_> {
    /// The command that makes data of a pickle, where its result has a place to go.
    fn convert(&self, pin: &Pin, path: &RepoPath, file: &Artifact) -> String {
        let place = result_path(path).filter(|place| !pin.files().contains_key(place));
        match place.filter(|_| file.kind == FileKind::Pickle) {
            Some(_) => {
                let (name, file) = (self.name(), file_word(path.as_str()));
                format!("`modelpin convert {name} {file}` makes safetensors of it, where it holds tensors only; or ")
            }
            None => String::new(),
        }
    }

    /// The command that lets a file in, with the words that only a person knows left to fill in.
    fn exempt(&self, path: &RepoPath) -> String {
        let (name, file) = (self.name(), file_word(path.as_str()));
        format!(
            "`modelpin exempt {name} {file} --reason WHY --owner WHO --ticket TICKET --expires 90d` lets these bytes into the quarantine"
        )
    }
}
