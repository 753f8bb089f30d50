//! `modelpin init`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::output::files::Init;

/// Create models.toml and the lines that git needs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin init
  modelpin -C services/bot init --name support-bot")]
pub struct Args {
    /// The project's name [default: the folder's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let dir = context.dir()?;
        let written = verbs::init::run(&dir, self.name.as_deref())?;
        let written: Vec<String> =
            written.iter().map(|file| file.strip_prefix(&dir).unwrap_or(file).display().to_string()).collect();
        written.iter().for_each(|file| context.reporter.note(&format!("wrote {file}")));
        Ok(match self.output.format {
            Format::Text => CommandOutput::nothing(),
            Format::Json => CommandOutput::data(&Init { written }),
        })
    }
}
