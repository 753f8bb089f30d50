//! What the commands that change models.lock have in common: `add`, `lock`, `update` and `convert`.

use crate::context::Context;
use crate::exit::Exit;
use crate::format::ChangeFormat;
use crate::out;
use crate::output::CommandOutput;
use crate::render::{changes, failure};
use modelpin_ops::verbs::lock::{Locked, Planned};
use modelpin_ops::{Failure, Refusals, Workspace, WritableWorkspace};
use modelpin_schema::Ticket;
use modelpin_schema::shell_word;
use std::ops::Deref;

/// The project of a verb that can be asked to write nothing.
pub(crate) enum Subject {
    /// Nobody has to wait for whoever only looks.
    Shown(Workspace),
    Changed(WritableWorkspace),
}

impl Subject {
    pub(crate) fn of(context: &Context, dry_run: bool) -> Result<Self, Failure> {
        if dry_run { context.workspace().map(Self::Shown) } else { context.writable_workspace().map(Self::Changed) }
    }

    /// Writes what was planned, unless nothing is to be written.
    pub(crate) fn finish(self, planned: Planned) -> Result<Locked, Failure> {
        match self {
            Self::Shown(_) => Ok(planned.locked),
            Self::Changed(mut workspace) => planned.write(&mut workspace),
        }
    }
}

impl Deref for Subject {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        match self {
            Self::Shown(workspace) => workspace,
            Self::Changed(workspace) => workspace,
        }
    }
}

/// What `add`, `lock`, `update` and `convert` say: the ticket, and behind it what the policy refuses of the lock.
pub(crate) fn locked(context: &Context, mut locked: Locked, format: ChangeFormat, dry_run: bool) -> CommandOutput {
    context.locate(&mut locked.refused);
    context.locate(&mut locked.warned);
    context.reporter.told(&failure::warnings(&locked.warned));
    if dry_run && !locked.changes.is_empty() {
        context.reporter.note("nothing was written (--dry-run)");
    }
    let ticket = changes::of_lock(&locked.changes, format);
    let stdout = match format {
        ChangeFormat::Json => failure::beside(&ticket, &locked.refused),
        ChangeFormat::Text | ChangeFormat::Markdown | ChangeFormat::Html => ticket,
    };
    let Some(refusals) = Refusals::new(locked.refused) else {
        return CommandOutput::ok(stdout);
    };
    // A person reads the ticket first, and last what to type next.
    let refused = Failure::from(refusals);
    match CommandOutput::ended(stdout, refused.class().into()).print() {
        Exit::Unexpected => CommandOutput::ended(String::new(), Exit::Unexpected),
        exit => {
            out::stderr(&failure::human(&refused));
            if !dry_run {
                context.reporter.note(
                "note: what is refused is locked all the same, so that somebody can decide; `sync` brings nothing in until then",
            );
            }
            CommandOutput::ended(String::new(), exit)
        }
    }
}

/// A command as it would be typed again, for advice; `words` are fit for a shell.
pub(crate) fn again(verb: &str, words: Vec<String>, ticket: Option<&Ticket>) -> String {
    let ticket = ticket.map(|ticket| format!("--ticket {}", shell_word(ticket.as_str())));
    [format!("modelpin {verb}")].into_iter().chain(words).chain(ticket).collect::<Vec<_>>().join(" ")
}
