//! `modelpin review`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::pager;
use crate::render::review as render;
use modelpin_ops::Failure;
use modelpin_ops::verbs::diff::Against;
use modelpin_ops::verbs::review::{Selection, remember, run};
use modelpin_schema::Name;
use std::path::PathBuf;

/// Show the code that a model would run
///
/// This shows all locked code files of the entry: those that its digest in models.lock covers, those of other repos
/// that `auto_map` names included. The code files in an archive are shown after it, as in `ops.whl!/ops/load.py`. The
/// files come from the cache, and are downloaded into it if they are missing, also if they are withheld or refused.
/// Every byte is verified before it is shown, and none is run. What the scanner found is shown below the line where it
/// found it. Characters that act on a terminal, do not show, or reorder what shows are spelled out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin review bot                       all code of `bot`
  modelpin review bot --since               what changed since it was certified
  modelpin review bot --since HEAD~1        what changed since a git revision
  modelpin review bot --since ./old.lock    what changed since another lock")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// Only show changes since the last certified code, or since another lock
    #[arg(long, value_name = "REV|FILE", num_args = 0..=1)]
    since: Option<Option<String>>,
    /// Only show changes since the lock in this file
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    file: Option<PathBuf>,
    /// Do not open a pager
    #[arg(long)]
    no_pager: bool,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let online = context.online(&workspace)?;
        let selection = match (self.file, self.since) {
            (Some(file), _) => Selection::SinceLock(Against::File(file).from(context.globals.directory.as_deref())),
            (None, Some(Some(word))) => {
                Selection::SinceLock(Against::parse(&word).from(context.globals.directory.as_deref()))
            }
            (None, Some(None)) => Selection::SinceCertified,
            (None, None) => Selection::Whole,
        };
        let review = block_on(run(&workspace, &online, &self.name, &selection))?;
        if self.output.format == Format::Json {
            return Ok(CommandOutput::data(&render::data(&review)));
        }
        let text = render::text(&review);
        let shown = !self.no_pager && pager::show(&text);
        remember(&workspace, &review)?;
        Ok(if shown { CommandOutput::nothing() } else { CommandOutput::text(text) })
    }
}
