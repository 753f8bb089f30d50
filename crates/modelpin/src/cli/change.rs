//! What the commands that change models.lock have in common: `add`, `lock`, `update` and `convert`.

use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use crate::render::{changes, diagnostic, withheld};
use modelpin_ops::verbs::lock::{Locked, Planned};
use modelpin_ops::{Failure, Refusals, Workspace, WritableWorkspace};
use modelpin_schema::Ticket;
use modelpin_schema::changes::Change;
use modelpin_schema::output::Level;
use modelpin_schema::shell_word;
use modelpin_schema::text::{choose, count};
use std::ops::Deref;

/// The workspace of a command that can be asked to write nothing.
pub(crate) enum Opened {
    /// Read only: it waits for no other process.
    ReadOnly(Workspace),
    /// No other process changes it meanwhile.
    Writable(WritableWorkspace),
}

impl Opened {
    pub(crate) fn new(context: &Context, dry_run: bool) -> Result<Self, Failure> {
        if dry_run { context.workspace().map(Self::ReadOnly) } else { context.writable_workspace().map(Self::Writable) }
    }

    /// Writes what was planned, unless nothing is to be written.
    pub(crate) fn finish(self, planned: Planned) -> Result<Locked, Failure> {
        match self {
            Self::ReadOnly(_) => Ok(planned.locked),
            Self::Writable(mut workspace) => planned.write(&mut workspace),
        }
    }
}

impl Deref for Opened {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        match self {
            Self::ReadOnly(workspace) => workspace,
            Self::Writable(workspace) => workspace,
        }
    }
}

/// The changes of models.lock, and then what the policy refuses of it.
pub(crate) fn finish(context: &Context, mut locked: Locked, format: ChangeFormat, dry_run: bool) -> CommandOutput {
    context.locate(&mut locked.warned);
    let warnings = diagnostic::refusals(&locked.warned, Level::Warning);
    context.reporter.print(&diagnostic::problems(&warnings, false));
    if dry_run && !locked.changes.is_empty() {
        context.reporter.note("nothing was written (--dry-run)");
    }
    let output = report_of(&locked.changes, locked.left_out, format).with(warnings);
    let Some(refusals) = Refusals::new(locked.refused) else { return output };
    let output = output.failing(refusals.into());
    if dry_run {
        return output;
    }
    output.noting(
        "note: the refused items were recorded in models.lock for review; `modelpin sync` will not install them \
         until they are approved",
    )
}

/// As [`finish`], with what the next `sync` will do.
pub(crate) fn finish_installable(
    context: &Context,
    mut locked: Locked,
    format: ChangeFormat,
    dry_run: bool,
) -> CommandOutput {
    let outlook = std::mem::take(&mut locked.outlook);
    if !dry_run && locked.refused.is_empty() {
        let entries = &outlook.withheld;
        let lines = entries.iter().flat_map(|(name, withheld)| withheld::lines(name, withheld, false));
        lines.for_each(|line| context.reporter.note(&line));
        for (name, files) in &outlook.unscanned {
            context.reporter.note(&format!(
                "`{name}`: {} {} scanned when `modelpin sync` downloads {}; it records in models.lock what is found, \
                 which `modelpin sync --locked` does not",
                count(*files, "file"),
                choose(*files, "is", "are"),
                choose(*files, "it", "them"),
            ));
        }
        let other = if entries.is_empty() { "" } else { "other " };
        if outlook.installed > 0 {
            context.reporter.note(&format!("`modelpin sync` installs the {other}files"));
        }
    }
    finish(context, locked, format, dry_run)
}

/// The changes of models.lock in a format.
pub(crate) fn report(changes: &[Change], format: ChangeFormat) -> CommandOutput {
    report_of(changes, changes::LeftOut::new(), format)
}

/// The changes of models.lock in a format, with what is left out of the entries whose listings were read.
fn report_of(changes: &[Change], left_out: changes::LeftOut, format: ChangeFormat) -> CommandOutput {
    match format {
        ChangeFormat::Json => CommandOutput::data(&changes::data_of_lock(changes, left_out)),
        ChangeFormat::Text => CommandOutput::report(changes::of_lock(changes, left_out, format)),
        ChangeFormat::Markdown | ChangeFormat::Html => CommandOutput::text(changes::of_lock(changes, left_out, format)),
    }
}

/// A command as it would be typed again, for advice; `words` are fit for a shell.
pub(crate) fn command_line(verb: &str, words: Vec<String>, ticket: Option<&Ticket>) -> String {
    let ticket = ticket.map(|ticket| format!("--ticket {}", shell_word(ticket.as_str())));
    [format!("modelpin {verb}")].into_iter().chain(words).chain(ticket).collect::<Vec<_>>().join(" ")
}
