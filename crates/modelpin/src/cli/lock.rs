//! `modelpin lock`.

use super::args::{ChangeArgs, SourceArgs};
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::{Failure, verbs};

/// Bring models.lock in line with models.toml; existing pins stay
///
/// The changes are written even if the policy refuses some of the files, so that they can be reviewed and decided
/// about; the exit code is then 5, and `sync` does not install what is refused. What no decision about the files
/// could settle (a licence, a publisher, a new dependency on another repo) is not written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin lock
  modelpin lock --ticket SEC-4410    record the issue in every changed pin
  modelpin lock --dry-run            show the changes, write nothing
  modelpin lock --check              fail (exit 3) if models.lock is stale")]
pub struct Args {
    /// Only check that models.lock is up to date, offline
    #[arg(long, conflicts_with_all = ["ticket", "dry_run", "allow_source"])]
    check: bool,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let ChangeArgs { ticket, dry_run, output } = self.change;
        if self.check {
            context.project()?.locked()?;
            context.reporter.note("models.lock is up to date with models.toml");
            return Ok(change::report(&[], output.format));
        }
        let workspace = Opened::new(context, dry_run)?;
        let online = context.online(&workspace)?;
        let command = change::command_line("lock", Vec::new(), ticket.as_ref());
        let lock_options = LockOptions { ticket, dry_run, accept: self.source.into_set(), command };
        let planned = block_on(verbs::lock::plan(&workspace, &online, &lock_options))?;
        let locked = workspace.finish(planned)?;
        if locked.changes.is_empty() {
            context.reporter.note("models.lock is up to date with models.toml");
        }
        Ok(change::finish(context, locked, output.format, dry_run))
    }
}
