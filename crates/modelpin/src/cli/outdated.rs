//! `modelpin outdated`.

use super::args::{EntryArgs, OutputArgs};
use super::online::block_on;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::outdated::{data, text};
use modelpin_ops::Failure;
use modelpin_ops::verbs::outdated::{self, Kind};

/// List pins with a newer revision upstream
///
/// It also lists locked bytes that the locked commit does not have (exit 4), pins whose commit is gone, repos that
/// were renamed, replaced or removed, and locked files that the Hub's own scanners flag. Nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin outdated
  modelpin outdated chat --exit-code    exit 10 if anything is listed")]
pub struct Args {
    #[command(flatten)]
    entries: EntryArgs,
    /// Exit with 10 if anything is listed
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let online = context.online(&workspace)?;
        let news = block_on(outdated::run(&workspace, &online, &self.entries.names))?;
        if news.is_empty() {
            context.reporter.note("all pins are up to date with models.toml");
        }
        let output = match self.output.format {
            Format::Text => CommandOutput::text(text(&news)),
            Format::Json => CommandOutput::data(&data(&news)),
        };
        Ok(output.exit(match &*news {
            news if news.iter().any(|news| matches!(news.kind, Kind::OtherBytes { .. })) => Exit::Integrity,
            [_, ..] if self.exit_code => Exit::Outdated,
            _ => Exit::Ok,
        }))
    }
}
