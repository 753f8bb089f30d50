//! `modelpin scan`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::ReportFormat;
use crate::output::CommandOutput;
use crate::render::{rule, scan};
use clap::{ValueEnum, ValueHint};
use modelpin_ops::Failure;
use modelpin_ops::refusal::usage;
use modelpin_ops::verbs::scan::{Options, Verdict, need_hub, need_project, run};
use modelpin_schema::RepoKind;
use modelpin_schema::fault::nearest;
use std::ffi::OsString;

/// Scan model files for code, without running them
///
/// Each file is called safe, review or dangerous by its content, not by its name. Safe means that every byte that a
/// loader could execute or interpret was followed to its end and was on a list of what is known to be harmless. Nothing
/// is executed, imported or unpickled. A clean scan is not an approval.
///
/// An argument is an entry of models.lock, or else a file or folder, in a project or not; `./NAME` is always a path.
/// Without arguments all entries are scanned. Files that are not in the target, because they are refused, withheld or
/// were never synced, come from the cache, a mirror or the Hub: they are verified against models.lock and go into the
/// cache, never into the target. For paths, nothing is downloaded or written.
///
/// `ORG/REPO` that is no such path is a repo on the Hub, before anything of it is added or downloaded: its files are read
/// by ranges, as far as headers, directories of archives, pickles, code and texts reach. What a range does not show is
/// reported as `not-read`, and nothing that is found counts as a decision or is remembered. The files are those that
/// `modelpin add` would lock; `--all-files` takes all of the repo.
///
/// Findings that a decision accepts are listed separately and do not fail the command: certified code and exempted
/// files, as long as they have exactly the bytes of the decision, and rules that the policy allows. Whether the policy
/// accepts everything is what `modelpin check` shows.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:
  modelpin scan                            all locked models and datasets
  modelpin scan chat -v                    one of them, safe files too
  modelpin scan ~/Downloads/model.bin      any file or folder
  modelpin scan acme/chat-7b@v1.2.0        a repo on the Hub, before it is added
  modelpin scan --fail-on dangerous        do not fail for files to review
  modelpin scan --format sarif             in CI: for code scanning
  modelpin scan --explain pickle-broken    what a rule means and what to do",
    after_long_help = "Examples:
  modelpin scan                                 all locked models and datasets
  modelpin scan chat -v                         one of them, safe and accepted files too
  modelpin scan ~/Downloads/model.bin           any file or folder, outside of any project too
  modelpin scan acme/chat-7b@v1.2.0             a repo on the Hub, before it is added; nothing is downloaded to stay
  modelpin scan acme/faq --dataset --all-files  every file of a dataset on the Hub
  modelpin scan --fail-on dangerous             in CI: files to review do not fail the job
  modelpin scan --format sarif > scan.sarif     in CI: for code scanning
  modelpin scan --format github                 in CI: annotations on the lines of models.lock
  modelpin scan --explain pickle-broken         what a rule means and what to do

Exit codes:
- 0: every file is safe, or accepted by a decision
- 2: there is nothing to scan
- 5: a file is dangerous or has to be reviewed
- 7: the Hub does not serve the repo"
)]
pub struct Args {
    /// Entries of models.lock, files or folders, or repos on the Hub; all entries by default
    #[arg(value_name = "NAME|PATH|ORG/REPO[@REV]", value_hint = ValueHint::AnyPath)]
    words: Vec<OsString>,
    /// Repos on the Hub are datasets
    #[arg(long, requires = "words")]
    dataset: bool,
    /// Scan every file of a repo on the Hub, not only those that `modelpin add` would lock
    #[arg(long, requires = "words")]
    all_files: bool,
    /// Fail (exit 5) from this verdict on
    #[arg(long, value_enum, default_value = "review", value_name = "VERDICT")]
    fail_on: FailOn,
    /// Explain a rule instead of scanning
    #[arg(long, value_name = "RULE", conflicts_with_all = ["words", "fail_on", "format"])]
    explain: Option<String>,
    #[command(flatten)]
    output: OutputArgs<ReportFormat>,
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
        let jobs = context.globals.jobs.get();
        let reporter = context.reporter.clone();
        let hub = match &online {
            Some(online) => online.hub.clone(),
            None if need_hub(&dir, &self.words) => context.hub_without_project()?,
            None => None,
        };
        let kind = if self.dataset { RepoKind::Dataset } else { RepoKind::Model };
        let options = Options { dir, words: self.words, hub, kind, all_files: self.all_files, jobs, reporter };
        let scanned = block_on(run(workspace.as_ref().zip(online.as_ref()), &options))?;
        let exit = if scanned.verdict() >= self.fail_on.verdict() { Exit::Policy } else { Exit::Ok };
        let format = self.output.format;
        let all = context.globals.verbose > 0;
        if matches!(format, ReportFormat::Sarif) {
            scan::read(&scanned).iter().for_each(|line| context.reporter.note(line));
        }
        let output = match format {
            ReportFormat::Json => CommandOutput::data(&scan::data(&scanned)).with(scan::problems(&scanned)),
            ReportFormat::Text if context.globals.quiet && exit == Exit::Ok => CommandOutput::nothing(),
            _ => CommandOutput::formed(scan::render(&scanned, format, all), format.form()),
        };
        Ok(output.exit(exit))
    }
}

/// The page of a rule, of the scan or of the policy; `verb` is the command that was asked for it.
pub(super) fn explain(verb: &str, word: &str) -> Result<CommandOutput, Failure> {
    let known = modelpin_rules::find(word).ok_or_else(|| {
        let similar = nearest(word, modelpin_rules::all().map(|rule| rule.id));
        usage::unknown_rule(verb, &modelpin_schema::visible(word), similar)
    })?;
    Ok(CommandOutput::text(rule::text(known)))
}
