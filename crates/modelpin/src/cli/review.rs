//! `modelpin review`.

use super::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::pager;
use crate::render::review::render;
use modelpin_ops::Failure;
use modelpin_ops::verbs::diff::Against;
use modelpin_ops::verbs::review::{Selection, remember, run};
use modelpin_schema::Name;
use std::path::PathBuf;

/// Show exactly the code that a model would run
///
/// All code files of the entry, as they are locked: the ones that its digest in models.lock covers, those of other repos
/// that `auto_map` leads to included. Behind an archive with code in it stands that code, file by file, as
/// `ops.whl!/ops/load.py`. The bytes come from the store, and are fetched into it where they are not there, also of files
/// that are withheld or refused; every byte is proven before it is shown, and none is run. What the scan saw stands below
/// the line where it saw it. Characters that act on a terminal, do not show or reorder what shows are spelled out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin review bot                       all code of `bot`
  modelpin review bot --since               what changed since somebody certified it
  modelpin review bot --since HEAD~1        what changed since another lock: a git revision
  modelpin review bot --since ./old.lock    or a file, as `modelpin diff` tells them apart
  modelpin review bot --format json         for programs")]
pub struct Args {
    /// The entry
    name: Name,
    /// Show only the change: since the last certified digest or, where one is given, since another lock
    #[arg(long, value_name = "REV|FILE", num_args = 0..=1)]
    since: Option<Option<String>>,
    /// Show only the change since the lock in this file
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    file: Option<PathBuf>,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Print it all at once, on a terminal too
    #[arg(long)]
    no_pager: bool,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let online = context.online(&workspace)?;
        let selection = match (self.file, self.since) {
            (Some(file), _) => Selection::SinceLock(Against::File(file).from(context.globals.directory.as_deref())),
            (None, Some(Some(word))) => {
                Selection::SinceLock(Against::said(&word).from(context.globals.directory.as_deref()))
            }
            (None, Some(None)) => Selection::SinceCertified,
            (None, None) => Selection::Whole,
        };
        let review = block_on(run(&workspace, &online, &self.name, &selection))?;
        let text = render(&review, self.format);
        let shown = self.format == Format::Text && !self.no_pager && pager::show(&text);
        if self.format == Format::Text {
            remember(&workspace, &review)?;
        }
        Ok(CommandOutput::ok(if shown { String::new() } else { text }))
    }
}
