//! `modelpin exclude`.

use super::args::ChangeArgs;
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::{Name, Pattern};

/// Leave files of an entry out and pin it again
///
/// The patterns are added to the entry's `exclude` in models.toml. The pin stays at its commit. `*` also matches `/`; quote the pattern, so that the shell does not replace it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin exclude chat 'original/*'
  modelpin exclude chat '*.md' 'images/*' --ticket SEC-4410
  modelpin exclude chat '*.md' --dry-run    show the changes, write nothing")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// The files that match one of these
    #[arg(required = true, value_name = "GLOB")]
    patterns: Vec<Pattern>,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let ChangeArgs { ticket, dry_run, output } = self.change;
        let workspace = Opened::new(context, dry_run)?;
        let online = context.online(&workspace)?;
        let lock_options = LockOptions { ticket, dry_run, ..LockOptions::default() };
        let plan = verbs::exclude::plan(&workspace, &online, &self.name, &self.patterns, &lock_options);
        let planned = block_on(plan)?;
        let locked = workspace.finish(planned)?;
        Ok(change::finish_installable(context, locked, output.format, dry_run))
    }
}
