//! `modelpin tree`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::tree::{data, text};
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Show entries and their dependencies
///
/// Below each entry of models.toml are its dependencies: its base, code of other repos, parts from other repos. `(*)`
/// marks an entry that is shown with its dependencies further up.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin tree
  modelpin tree -i chat    what depends on `chat`")]
pub struct Args {
    /// Only show this entry, and what depends on it
    #[arg(short, long, value_name = "NAME")]
    invert: Option<Name>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let project = context.project()?;
        let nodes = verbs::tree::run(&project, self.invert.as_ref())?;
        Ok(match self.output.format {
            Format::Text => CommandOutput::text(text(&nodes)),
            Format::Json => CommandOutput::data(&data(&nodes)),
        })
    }
}
