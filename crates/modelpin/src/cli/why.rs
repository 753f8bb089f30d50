//! `modelpin why`.

use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render;
use modelpin_ops::project::MANIFEST;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Show for which entries of models.toml an entry is locked
///
/// From each entry of models.toml that leads to it, the shortest ways; and the line of models.toml, where that names it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  modelpin why chat\n  modelpin why chat --format json")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let project = context.project()?;
        let why = verbs::why::run(&project, &self.name)?;
        let manifest = context.called(MANIFEST);
        Ok(CommandOutput::ok(match self.format {
            Format::Text => render::why::text(&why, &manifest),
            Format::Json => render::why::json(&why, &manifest),
        }))
    }
}
