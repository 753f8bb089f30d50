//! What an evaluation under way knows, and how it reports a violation.

use crate::location::in_manifest;
use crate::{Decisions, ProjectPolicy, Violation};
use modelpin_rules::Rule;
use modelpin_schema::lockfile::{Day, LineIndex, LockKey};
use modelpin_schema::manifest::Policy;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::refusal::Line;
use modelpin_schema::{LOCK, Name, RepoPath};

/// The parts of a violation that differ each time its rule is violated.
pub(crate) struct Message {
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) help: Vec<String>,
}

/// An evaluation under way.
pub(crate) struct Evaluator<'a> {
    pub(crate) project: ProjectPolicy<'a>,
    pub(crate) policy: &'a Policy,
    pub(crate) decisions: &'a Decisions,
    pub(crate) today: Day,
    lines: LineIndex<'a>,
    /// The entry that is evaluated; none for what is about no single entry.
    pub(crate) name: Option<Name>,
    pub(crate) violations: Vec<Violation>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(project: ProjectPolicy<'a>, lines: LineIndex<'a>, decisions: &'a Decisions, today: Day) -> Self {
        let policy = &project.manifest.policy;
        Self { project, policy, decisions, today, lines, name: None, violations: Vec::new() }
    }

    /// Reports a violation by the entry that is evaluated, at a line of the lock.
    pub(crate) fn report(&mut self, rule: &'static Rule, path: Option<&RepoPath>, spot: LockKey<'_>, message: Message) {
        let line = self.name.as_ref().and_then(|name| self.lines.line(name, spot));
        let at = line.map(|line| Line { file: LOCK.to_owned(), line });
        self.report_at(rule, path, at, message);
    }

    /// Reports a violation at a line of any file.
    pub(crate) fn report_at(
        &mut self,
        rule: &'static Rule,
        path: Option<&RepoPath>,
        at: Option<Line>,
        message: Message,
    ) {
        let level = self.project.level(rule);
        if level == Level::Allow {
            return;
        }
        let Message { what, expected, got, help } = message;
        let name = self.name.clone();
        let path = path.cloned();
        self.violations.push(Violation { rule, level, name, path, at, what, expected, got, help });
    }

    /// The entry's name for a command, or a placeholder.
    pub(crate) fn name(&self) -> String {
        self.name.as_ref().map_or_else(|| "NAME".to_owned(), ToString::to_string)
    }

    /// ` (models.toml:12)`, where the manifest sets a key of `[policy]`.
    pub(crate) fn set_by(&self, key: &str) -> String {
        in_manifest(self.policy.place(key))
    }
}
