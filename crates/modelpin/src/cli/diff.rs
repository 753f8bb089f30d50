//! `modelpin diff`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use crate::render::changes::{Around, data, render};
use modelpin_ops::Failure;
use modelpin_ops::verbs::diff::{Against, Compared, run};
use std::path::PathBuf;

/// Show what changed in the lock, the manifest and the decisions
///
/// The newer state is the project as it is: models.toml, models.lock and models.audits.toml. Whatever allows more,
/// withholds less, or has another origin than before comes first, marked with `!`. With a revision, all three files are
/// compared with those of that commit; with a file, only the lock. An argument that begins with `./`, `../` or `/`, or
/// ends in `.lock`, is a file; any other is a revision, whatever files there are. Git is asked about the project's own
/// folder, whatever `GIT_DIR` and similar variables say; nothing that the repository configures is run, and nothing is
/// fetched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin diff                                  against the last commit
  modelpin diff origin/main --format markdown    for a pull request
  modelpin diff ../release/models.lock           against a file
  modelpin diff --file old.lock                  against a file of any name")]
pub struct Args {
    /// The older state: a git revision, or a file with a lock
    #[arg(default_value = "HEAD", value_name = "REV|FILE")]
    against: String,
    /// The older lock, in this file
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    file: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs<ChangeFormat>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let against = self
            .file
            .map_or_else(|| Against::parse(&self.against), Against::File)
            .from(context.globals.directory.as_deref());
        let Compared { report, had_lock, only_lock, folder, undecided } = run(&context.workspace()?, &against)?;
        if only_lock {
            context.reporter.note(
                "note: only models.lock is compared with a file; compare with a revision to see \
                changes of models.toml and models.audits.toml",
            );
        }
        if !had_lock {
            context.reporter.note(&format!("{against} has no models.lock"));
        } else if report.is_empty() {
            let files = if only_lock { "models.lock" } else { "models.toml, models.lock and models.audits.toml" };
            context.reporter.note(&format!("no changes in {files} since {against}"));
        }
        let around = Around { folder, undecided, is_asked: true, ..Around::default() };
        Ok(match self.output.format {
            ChangeFormat::Json => CommandOutput::data(&data(&report, &around)),
            format => CommandOutput::text(render(&report, &around, format)),
        })
    }
}
