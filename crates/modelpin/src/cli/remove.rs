//! `modelpin remove`.

use super::args::OutputArgs;
use super::change;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Remove entries from models.toml and models.lock
///
/// Their files stay in the target until the next `modelpin sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin remove faq
  modelpin remove chat support-lora")]
pub struct Args {
    /// The entries
    #[arg(required = true, value_name = "NAME")]
    names: Vec<Name>,
    #[command(flatten)]
    output: OutputArgs<ChangeFormat>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let changes = verbs::remove::run(&mut workspace, &self.names)?;
        Ok(change::report(&changes, self.output.format))
    }
}
