//! `modelpin lock`.

use super::{Said, TicketFormat, block_on};
use crate::context::Context;
use crate::render::ticket;
use modelpin_ops::{Failure, verbs};

/// Make models.lock answer models.toml, without touching a pin that already does
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin lock\n  modelpin lock --check     fail (exit 3) if the lock does not answer the manifest; no network"
)]
pub struct Args {
    /// Change nothing; fail if the lock does not answer the manifest
    #[arg(long)]
    check: bool,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: TicketFormat,
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == TicketFormat::Json
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let mut project = context.project()?;
        if self.check {
            project.locked()?;
            context.reporter.note("models.lock answers models.toml");
            return Ok(Said::ok(ticket::render(&[], self.format)));
        }
        let session = context.session(&project)?;
        let changes = block_on(verbs::lock::run(&session, &mut project))?;
        if changes.is_empty() {
            context.reporter.note("models.lock answers models.toml already");
        }
        Ok(Said::ok(ticket::render(&changes, self.format)))
    }
}
