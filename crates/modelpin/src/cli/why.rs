//! `modelpin why`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::why::{data, text};
use modelpin_ops::project::MANIFEST;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Show why an entry is locked
///
/// This shows the line of models.toml that names the entry, and the shortest paths to it from each entry of
/// models.toml that depends on it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin why chat
  modelpin why chat --format json")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let project = context.project()?;
        let why = verbs::why::run(&project, &self.name)?;
        let manifest = context.called(MANIFEST);
        Ok(match self.output.format {
            Format::Text => CommandOutput::text(text(&why, &manifest)),
            Format::Json => CommandOutput::data(&data(&why, &manifest)),
        })
    }
}
