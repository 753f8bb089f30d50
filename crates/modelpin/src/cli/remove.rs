//! `modelpin remove`.

use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use crate::render::changes;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Take an entry out of models.toml and models.lock
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin remove faq\n  modelpin remove chat support-lora\n\nThe files stay in the target until the next `modelpin sync`."
)]
pub struct Args {
    /// The entries
    #[arg(required = true, value_name = "NAME")]
    names: Vec<Name>,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let changes = verbs::remove::run(&mut workspace, &self.names)?;
        Ok(CommandOutput::ok(changes::of_lock(&changes, self.format)))
    }
}
