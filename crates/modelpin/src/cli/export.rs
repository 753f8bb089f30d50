//! `modelpin export`.

use crate::context::Context;
use crate::output::CommandOutput;
use clap::ValueEnum;
use modelpin_ops::{Failure, verbs};

/// Print the lock for other tools
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin export --format sha256sums > SHA256SUMS
  modelpin export --format sha256sums \\
    | (cd .modelpin/hub && sha256sum --check)")]
pub struct Args {
    /// Output format
    #[arg(long, value_enum)]
    format: ExportFormat,
}

/// The formats of other tools.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ExportFormat {
    /// For `sha256sum --check`, with paths from the target's folder
    Sha256sums,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        match self.format {
            ExportFormat::Sha256sums => verbs::export::sha256sums(&context.workspace()?).map(CommandOutput::text),
        }
    }
}
