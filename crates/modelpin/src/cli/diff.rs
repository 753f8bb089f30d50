//! `modelpin diff`.

use super::{Said, TicketFormat};
use crate::context::Context;
use crate::render::ticket;
use modelpin_ops::{Failure, verbs};

/// Show the change ticket between two locks
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin diff                                    against the last commit
  modelpin diff origin/main --format markdown      for a pull request
  modelpin diff ../release/models.lock             against a file")]
pub struct Args {
    /// The older lock: a git revision, or a file
    #[arg(default_value = "HEAD", value_name = "REV|FILE")]
    against: String,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: TicketFormat,
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == TicketFormat::Json
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let project = context.project()?;
        let changes = verbs::diff::run(&project, &self.against)?;
        if changes.is_empty() {
            context.reporter.note(&format!("models.lock is that of {}", self.against));
        }
        Ok(Said::ok(ticket::render(&changes, self.format)))
    }
}
