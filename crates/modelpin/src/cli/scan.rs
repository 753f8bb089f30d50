//! `modelpin scan`.

use super::block_on;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::ReportFormat;
use crate::output::CommandOutput;
use crate::render::scan::{render, rule};
use clap::{ValueEnum, ValueHint};
use modelpin_ops::Failure;
use modelpin_ops::refusal::usage;
use modelpin_ops::verbs::scan::{Options, Verdict, need_project, run};
use modelpin_schema::fault::nearest;
use std::ffi::OsString;

/// Judge model files without running them
///
/// Each file is called safe, review or dangerous by its content, not by its name. Safe means: every byte that a
/// loader could execute or interpret was followed to its end and was on a list of what is known to be harmless.
/// Nothing is executed, imported or unpickled. A scan that finds nothing is no approval.
///
/// A word is an entry of models.lock, or else a file or folder, in a project or not; `./WORD` is always a path.
/// Without a word, all entries are scanned: as they are in the target, and what is not there, because it is refused,
/// withheld or was never synced, by its bytes from the store, a mirror or the Hub. Those are proven by the lock and go into
/// the store, never into the target. Paths are only read.
///
/// What was decided about a locked file is told apart and fails no job: code that somebody certified, files that are
/// exempted, as long as they have exactly the bytes of the decision, and rules that the policy allows. Whether the policy
/// lets everything in is what `modelpin check` answers.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin scan                                 all locked models and datasets
  modelpin scan chat -v                         one of them, with what is safe or decided
  modelpin scan ~/Downloads/model.bin           any file or folder, outside of any project too
  modelpin scan --fail-on dangerous             in CI: what is only to be reviewed does not fail the job
  modelpin scan --format sarif > scan.sarif     in CI: for code scanning
  modelpin scan --format github                 in CI: findings on the lines of models.lock
  modelpin scan --explain pickle-broken         what a rule means, and what to do

Exits with 0 when all is safe or decided, 5 when something else is to be reviewed or is dangerous, 2 when there is nothing to scan.")]
pub struct Args {
    /// Entries of models.lock, files, folders
    #[arg(value_name = "NAME|PATH", value_hint = ValueHint::AnyPath)]
    words: Vec<OsString>,
    /// From which verdict on the exit code is 5
    #[arg(long, value_enum, default_value = "review", value_name = "VERDICT")]
    fail_on: FailOn,
    /// Print what a rule means instead of scanning
    #[arg(long, value_name = "RULE", conflicts_with_all = ["words", "fail_on", "format"])]
    explain: Option<String>,
    /// The findings' form
    #[arg(long, value_enum, default_value = "text")]
    format: ReportFormat,
}

/// The verdicts that can fail a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Whatever is not safe
    Review,
    /// Only what is dangerous
    Dangerous,
}

impl FailOn {
    fn verdict(self) -> Verdict {
        match self {
            Self::Review => Verdict::Review,
            Self::Dangerous => Verdict::Dangerous,
        }
    }
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        if let Some(rule) = &self.explain {
            return explain("scan", rule);
        }
        let dir = context.dir()?;
        let project = if need_project(&dir, &self.words) { context.project_if_any()? } else { None };
        let workspace = project.map(|project| context.workspace_of(project)).transpose()?;
        let online = workspace.as_ref().map(|workspace| context.online(workspace)).transpose()?;
        let (jobs, reporter) = (context.globals.jobs.get(), context.reporter.clone());
        let options = Options { dir, words: self.words, jobs, reporter };
        let scanned = block_on(run(workspace.as_ref().zip(online.as_ref()), &options))?;
        let exit = if scanned.verdict() >= self.fail_on.verdict() { Exit::Policy } else { Exit::Ok };
        let stdout = render(&scanned, self.format, context.globals.verbose > 0);
        Ok(CommandOutput { form: self.format.form(), ..CommandOutput::ended(stdout, exit) })
    }
}

/// The page of a rule, of the scan or of the policy; `verb` is the command that was asked for it.
pub(super) fn explain(verb: &str, word: &str) -> Result<CommandOutput, Failure> {
    let known = modelpin_rules::find(word).ok_or_else(|| {
        let meant = nearest(word, modelpin_rules::all().map(|rule| rule.id));
        usage::unknown_rule(verb, &modelpin_schema::visible(word), meant)
    })?;
    Ok(CommandOutput::ok(rule::text(known)))
}
