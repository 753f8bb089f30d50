//! `modelpin tree`.

use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Show what is pinned, and what leads to what
///
/// Below each entry of models.toml stands what it leads to: its base, foreign code, parts from other repos. `(*)` is an
/// entry that is shown with all below it further up.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  modelpin tree\n  modelpin tree -i chat     who needs it?")]
pub struct Args {
    /// Only this entry, with all that needs it
    #[arg(short, long, value_name = "NAME")]
    invert: Option<Name>,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let project = context.project()?;
        let nodes = verbs::tree::run(&project, self.invert.as_ref())?;
        Ok(CommandOutput::ok(match self.format {
            Format::Text => render::tree::text(&nodes),
            Format::Json => render::tree::json(&nodes),
        }))
    }
}
