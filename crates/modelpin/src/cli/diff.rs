//! `modelpin diff`.

use super::{Said, TicketFormat};
use crate::context::Context;
use crate::render::ticket;
use modelpin_ops::Failure;
use modelpin_ops::verbs::diff::{Against, run};
use std::path::PathBuf;

/// Show the change ticket between two locks
///
/// The newer one is the project's own. A word that begins with `./`, `../` or `/`, or ends in `.lock`, is a file; any other is
/// a revision, whatever files there are. Git is asked about the project's own folder, whatever `GIT_DIR` and its like say;
/// nothing that the repository configures runs, and nothing is fetched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin diff                                    against the last commit
  modelpin diff origin/main --format markdown      for a pull request
  modelpin diff ../release/models.lock             against a file
  modelpin diff --file old.lock                    against a file of any name")]
pub struct Args {
    /// The older lock: a git revision, or a file
    #[arg(default_value = "HEAD", value_name = "REV|FILE")]
    against: String,
    /// The older lock, in this file
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    file: Option<PathBuf>,
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
        let against = self
            .file
            .map_or_else(|| Against::said(&self.against), Against::File)
            .from(context.globals.directory.as_deref());
        let compared = run(&project, &against)?;
        if !compared.had_lock {
            context.reporter.note(&format!("{against} has no models.lock, so that nothing was locked"));
        } else if compared.changes.is_empty() {
            context.reporter.note(&format!("models.lock is that of {against}"));
        }
        Ok(Said::ok(ticket::render(&compared.changes, self.format)))
    }
}
