//! `modelpin exempt`.

use super::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::verbs::exempt::{Exempted, Options, run};
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::lockfile::{Day, PrintableText};
use modelpin_schema::manifest::policy::Days;
use modelpin_schema::text::list_up_to;
use modelpin_schema::{Name, Ticket, visible};
use std::collections::BTreeSet;

/// Let exact files in for a while, although they would be refused
///
/// Adds an exemption to models.audits.toml for each file, bound to its SHA-256: other bytes, or a day that is over, and
/// it counts no more. It covers files that can run code when they are loaded, and whatever the scan found in them. They
/// go to the quarantine, never into the target. There is no wildcard, and no exemption for ever: 366 days at most.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin exempt legacy pytorch_model.bin --reason 'no safetensors yet' --owner ml-platform --ticket SEC-4410 --expires 30d
  modelpin exempt legacy pytorch_model.bin --reason 'still none' --owner ml-platform --ticket SEC-4411 --expires 90d --approver security")]
pub struct Args {
    /// The entry
    name: Name,
    /// Its files, by their paths in models.lock
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: PrintableText,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    owner: PrintableText,
    /// The ticket in which it was agreed to
    #[arg(long)]
    ticket: Ticket,
    /// The last day on which it holds, as a date or as days or weeks from today
    #[arg(long, value_name = "DATE|30d")]
    expires: String,
    /// Who agreed to it, where that is another person
    #[arg(long, value_name = "WHO")]
    approver: Option<PrintableText>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let expires = day(&self.expires, workspace.today)?;
        let Self { name, files, reason, owner, ticket, approver, .. } = self;
        let options = Options { name, files, reason, owner, approver, ticket, expires };
        for exempted in block_on(run(&mut workspace, &online, &options))? {
            tell(context, &options, &exempted);
        }
        context.reporter.note("commit models.audits.toml; `modelpin sync` then brings the files into the quarantine");
        Ok(CommandOutput::ok(String::new()))
    }
}

fn tell(context: &Context, options: &Options, exempted: &Exempted) {
    let Exempted { exemption, before, globals, report } = exempted;
    let before = before.map(|day| format!(" (it was {day})")).unwrap_or_default();
    let Options { name, expires, .. } = options;
    context
        .reporter
        .note(&format!("`{name}`: `{}` ({}) is exempted until {expires}{before}", exemption.file, exemption.sha256));
    let mut imports: BTreeSet<String> = globals.iter().map(ToString::to_string).collect();
    let Some(report) = report else {
        if !imports.is_empty() {
            context.reporter.note(&format!("  by models.lock, it imports {}", listed(&imports)));
        }
        return context
            .reporter
            .note("  its bytes are not on this machine, so that nothing else is known of what they do");
    };
    imports.extend(report.facts.globals.iter().map(|global| visible(global)));
    let verdict = report.verdict();
    context.reporter.note(&format!("  the scan calls it {verdict} ({})", report.format.word()));
    if !imports.is_empty() {
        context.reporter.note(&format!("  it imports {}", listed(&imports)));
    }
    let rules: BTreeSet<String> = report.findings.iter().map(|finding| finding.rule.id.to_owned()).collect();
    if !rules.is_empty() {
        context.reporter.note(&format!("  findings: {}; `modelpin scan {name}` says more", listed(&rules)));
    }
}

/// Some of the words, and how many more there are.
fn listed(words: &BTreeSet<String>) -> String {
    list_up_to(12, words)
}

fn day(text: &str, today: Day) -> Result<Day, Failure> {
    let days = text.parse::<Days>().map(|days| today.plus(days.0));
    days.or_else(|_| text.parse()).map_err(|_| {
        let help = "`--expires 30d`, `--expires 12w`, or a date as in `--expires 2027-01-31`";
        let why = "an exemption without an end is none";
        Refusal::new(ErrorClass::Usage, "`--expires` is no day")
            .expected("a date, days or weeks")
            .got(format!("`{}`", visible(text)))
            .why(why)
            .help(help)
            .into()
    })
}
