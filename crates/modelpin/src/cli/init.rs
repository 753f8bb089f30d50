//! `modelpin init`.

use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::{Failure, verbs};

/// Start a project: models.toml, and the lines that git needs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  modelpin init\n  modelpin -C services/bot init --name support-bot")]
pub struct Args {
    /// The project's name; the folder's, where it is not given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let dir = context.dir()?;
        let written = verbs::init::run(&dir, self.name.as_deref())?;
        for file in written {
            let shown = file.strip_prefix(&dir).unwrap_or(&file);
            context.reporter.note(&format!("wrote {}", shown.display()));
        }
        Ok(CommandOutput::ok(String::new()))
    }
}
