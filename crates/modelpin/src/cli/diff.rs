//! `modelpin diff`.

use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use crate::render::changes::{Around, render};
use modelpin_ops::Failure;
use modelpin_ops::verbs::diff::{Against, Compared, run};
use std::path::PathBuf;

/// Show the change ticket between two states of the project
///
/// The newer one is the project as it is: models.toml, models.lock and models.audits.toml. What lets in more, holds back less or
/// is of another origin than before comes first, with a `!`. With a revision, all three files are compared with those of
/// that commit; with a file, only the lock. A word that begins with `./`, `../` or `/`, or ends in `.lock`, is a file; any other is
/// a revision, whatever files there are. Git is asked about the project's own folder, whatever `GIT_DIR` and its like say;
/// nothing that the repository configures runs, and nothing is fetched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin diff                                    against the last commit
  modelpin diff origin/main --format markdown      for a pull request
  modelpin diff ../release/models.lock             against a file
  modelpin diff --file old.lock                    against a file of any name")]
pub struct Args {
    /// What is older: a git revision, or a file with a lock
    #[arg(default_value = "HEAD", value_name = "REV|FILE")]
    against: String,
    /// The older lock, in this file
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    file: Option<PathBuf>,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let against = self
            .file
            .map_or_else(|| Against::said(&self.against), Against::File)
            .from(context.globals.directory.as_deref());
        let Compared { ticket, had_lock, only_lock, folder, undecided } = run(&context.workspace()?, &against)?;
        if only_lock {
            context.reporter.note("note: a file holds a lock alone; what changed in models.toml and models.audits.toml is shown against a revision");
        }
        if !had_lock {
            context.reporter.note(&format!("{against} has no models.lock, so that nothing was locked"));
        } else if ticket.is_empty() {
            let others = if only_lock { "" } else { ", and so are models.toml and models.audits.toml" };
            context.reporter.note(&format!("models.lock is that of {against}{others}"));
        }
        let around = Around { folder, undecided, is_asked: true };
        Ok(CommandOutput::ok(render(&ticket, &around, self.format)))
    }
}
