//! `modelpin check`.

use super::scan::explain;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::ReportFormat;
use crate::output::CommandOutput;
use crate::render::check::render;
use modelpin_ops::verbs::check::{Checked, run};
use modelpin_ops::{Failure, Workspace};
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Days;

/// Check whether what is locked may come in, without a network
///
/// The policy is judged over models.toml, models.lock and models.audits.toml. Bytes that are on this machine are
/// looked at, and what models.lock hides of them is refused; of the others it is believed. Nothing is fetched or
/// written. Without a `[policy]` table the strict defaults hold.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin check                                 everything that is locked
  modelpin check --format github                 in CI: refusals on the lines of models.lock
  modelpin check --format sarif > check.sarif    in CI: for code scanning
  modelpin check --expiring 30d                  exemptions that lapse within 30 days
  modelpin check --as-of 2030-01-01              what will be refused on that day
  modelpin check --explain format-executes       what a rule means, and what to do

Exits with 0 when the policy holds, also with warnings, 5 when it refuses something, 3 when models.lock is stale, 4 when it
contradicts itself, has other bytes or files under a commit than the Hub told this machine or than an earlier models.lock of
the project had, or where that history is there and cannot be read in full.")]
pub struct Args {
    /// Only list the exemptions that lapse within this time, as `30d` or `4w`
    #[arg(long, value_name = "DAYS")]
    expiring: Option<Days>,
    /// Judge as if it were this day, as YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// Print what a rule means instead of checking
    #[arg(long, value_name = "RULE", conflicts_with_all = ["expiring", "as_of", "format"])]
    explain: Option<String>,
    /// The report's form
    #[arg(long, value_enum, default_value = "text")]
    format: ReportFormat,
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
        let stdout = render(&checked, self.format, context.globals.verbose > 0);
        Ok(CommandOutput { form: self.format.form(), ..CommandOutput::ended(stdout, exit) })
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
