//! `modelpin why`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::why::{data, file_text, text};
use modelpin_ops::project::MANIFEST;
use modelpin_ops::verbs::why::{self, file};
use modelpin_ops::{Failure, Project};
use modelpin_schema::Name;

/// Show why an entry is locked, or why a file is locked or left out
///
/// For an entry this shows the line of models.toml that names it, and the shortest paths to it from each entry of
/// models.toml that depends on it. For a file of its repo it shows the rule that locks it or leaves it out, and the
/// command that changes that. Of files that are left out, models.lock names those that could run code; for others the
/// listing of the locked commit is read from the Hub.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin why chat
  modelpin why chat pytorch_model.bin    why this file is locked or left out
  modelpin why chat onnx/model.onnx --format json")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// A file of its repo
    #[arg(value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let project = context.project()?;
        let why = why::run(&project, &self.name)?;
        let manifest = context.called(MANIFEST);
        let file = match &self.path {
            Some(path) => Some(self.file(context, &project, path)?),
            None => None,
        };
        Ok(match (self.output.format, &file) {
            (Format::Text, None) => CommandOutput::text(text(&why, &manifest)),
            (Format::Text, Some(file)) => CommandOutput::text(file_text(file)),
            (Format::Json, file) => CommandOutput::data(&data(&why, file.as_ref(), &manifest)),
        })
    }

    fn file<'a>(&self, context: &Context, project: &'a Project, path: &str) -> Result<file::FileWhy<'a>, Failure> {
        if let Some(known) = file::from_lock(project, &self.name, path)? {
            return Ok(known);
        }
        let online = context.online(&context.workspace()?)?;
        block_on(file::from_listing(project, &online, &self.name, path))
    }
}
