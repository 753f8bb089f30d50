//! `modelpin lock`.

use super::block_on;
use super::change::Subject;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use crate::render::changes;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::{RepoId, Ticket};

/// Make models.lock answer models.toml, without touching a pin that already does
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin lock
  modelpin lock --ticket SEC-4410     and the ticket that every changed pin will name
  modelpin lock --dry-run             the ticket, nothing written
  modelpin lock --check               fail (exit 3) if the lock does not answer the manifest; no network

What the policy refuses is locked all the same, so that somebody can decide, and exits with 5; what no decision
about the bytes could settle (a licence, a publisher, an edge that came with another commit) is not written.")]
pub struct Args {
    /// Change nothing; fail if the lock does not answer the manifest
    #[arg(long, conflicts_with_all = ["ticket", "dry_run", "allow_source"])]
    check: bool,
    /// The ticket that every changed pin will name
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Let a pin that moves take code, parts or a base from this repo, from which it took none before; may be given several
    /// times
    #[arg(long, value_name = "ORG/REPO")]
    allow_source: Vec<RepoId>,
    /// Show the ticket and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        if self.check {
            context.project()?.locked()?;
            context.reporter.note("models.lock answers models.toml");
            return Ok(CommandOutput::ok(changes::of_lock(&[], self.format)));
        }
        let workspace = Subject::of(context, self.dry_run)?;
        let online = context.online(&workspace)?;
        let (ticket, accept) = (self.ticket, self.allow_source.into_iter().collect());
        let command = super::change::again("lock", Vec::new(), ticket.as_ref());
        let options = LockOptions { ticket, dry_run: self.dry_run, accept, command };
        let planned = block_on(verbs::lock::plan(&workspace, &online, &options))?;
        let locked = workspace.finish(planned)?;
        if locked.changes.is_empty() {
            context.reporter.note("models.lock answers models.toml already");
        }
        Ok(super::change::locked(context, locked, self.format, self.dry_run))
    }
}
