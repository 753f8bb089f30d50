//! `modelpin check`.

use super::args::OutputArgs;
use super::scan::explain;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::ReportFormat;
use crate::output::CommandOutput;
use crate::render::check;
use modelpin_ops::verbs::check::{Checked, run};
use modelpin_ops::{Failure, Workspace};
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Days;

/// Check the locked files against the policy, offline
///
/// The policy is applied to models.toml, models.lock and models.audits.toml. Files present on this machine are
/// rescanned, and facts missing from models.lock are errors. For files not present the recorded facts are trusted.
/// Nothing is downloaded or written. Without a `[policy]` table the strict defaults apply.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:
  modelpin check                            everything that is locked
  modelpin check --format github            in CI: annotations on the lines
  modelpin check --format sarif             in CI: for code scanning
  modelpin check --expiring 30d             exemptions that expire in 30 days
  modelpin check --as-of 2030-01-01         what will be refused on that day
  modelpin check --explain format-executes  what a rule means and what to do",
    after_long_help = "Examples:
  modelpin check                                 everything that is locked
  modelpin check --format github                 in CI: annotations on the lines of models.lock
  modelpin check --format sarif > check.sarif    in CI: for code scanning
  modelpin check --expiring 30d                  exemptions that expire within 30 days
  modelpin check --as-of 2030-01-01              what will be refused on that day
  modelpin check --explain format-executes       what a rule means and what to do

Exit codes:
- 0: nothing is refused; there may be warnings
- 3: models.lock is stale
- 4: models.lock contradicts itself, the Hub, or an earlier lock, or the history is incomplete
- 5: the policy refuses something"
)]
pub struct Args {
    /// Only list exemptions that expire within this time, as in `30d` or `4w`
    #[arg(long, value_name = "TIME")]
    expiring: Option<Days>,
    /// Check as if it were this day, as YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// Explain a rule instead of checking
    #[arg(long, value_name = "RULE", conflicts_with_all = ["expiring", "as_of", "format"])]
    explain: Option<String>,
    #[command(flatten)]
    output: OutputArgs<ReportFormat>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        if let Some(rule) = &self.explain {
            return explain("check", rule);
        }
        let workspace = context.workspace()?;
        let today = self.as_of.unwrap_or(workspace.today);
        let mut checked = run(&Workspace { today, ..workspace }, self.expiring.map(|days| days.0))?;
        name_files(&mut checked, context);
        let exit = if checked.evaluation.denied().next().is_some() { Exit::Policy } else { Exit::Ok };
        let format = self.output.format;
        let all = context.globals.verbose > 0;
        let output = match format {
            ReportFormat::Json => CommandOutput::data(&check::data(&checked)).with(check::problems(&checked)),
            ReportFormat::Text if context.globals.quiet => CommandOutput::text(check::errors(&checked, all)),
            _ => CommandOutput::formed(check::render(&checked, format, all), format.form()),
        };
        Ok(output.exit(exit))
    }
}

/// Names the project's files as they are called where the command was given.
fn name_files(checked: &mut Checked, context: &Context) {
    let expiring = checked.expiring.iter_mut().flatten().map(|expiring| &mut expiring.violation);
    for violation in checked.evaluation.violations.iter_mut().chain(expiring) {
        if let Some(at) = &mut violation.at {
            at.file = context.called(&at.file);
        }
    }
}
