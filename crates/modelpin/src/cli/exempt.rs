//! `modelpin exempt`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use modelpin_ops::verbs::exempt::{Exempted, Options, run};
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::lockfile::{Day, PrintableText};
use modelpin_schema::manifest::policy::Days;
use modelpin_schema::output::decisions as document;
use modelpin_schema::text::list_up_to;
use modelpin_schema::{Name, Ticket, visible};
use std::collections::BTreeSet;

/// Allow specific refused files until a date
///
/// Adds an exemption to models.audits.toml for each file, bound to its SHA-256: it does not count for other bytes,
/// nor after the date. It covers files that can run code when they are loaded, and whatever the scanner found in
/// them. Such files are installed to the quarantine, never into the target. There are no wildcards, and an exemption
/// can last one year (366 days) at most.
#[derive(Debug, clap::Args)]
#[command(
    // As clap makes it, broken so that it fits a screen.
    override_usage = "modelpin exempt [OPTIONS] --reason <TEXT> --owner <WHO> --ticket <ID>
                       --expires <DATE|30d> <NAME> <FILE>...",
    after_help = "Example:
  modelpin exempt legacy pytorch_model.bin --reason 'no safetensors yet' \\
    --owner ml-platform --ticket SEC-4410 --expires 30d"
)]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// The files, by their paths in models.lock
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Why the files are needed
    #[arg(long, value_name = "TEXT")]
    reason: PrintableText,
    /// Who is responsible for the exemption
    #[arg(long, value_name = "WHO")]
    owner: PrintableText,
    /// The issue in which it was agreed
    #[arg(long, value_name = "ID")]
    ticket: Ticket,
    /// The last day, as a date, or as days or weeks from today
    #[arg(long, value_name = "DATE|30d")]
    expires: String,
    /// Who approved it, if not the owner
    #[arg(long, value_name = "WHO")]
    approver: Option<PrintableText>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let expires = day(&self.expires, workspace.today)?;
        let Self { name, files, reason, owner, ticket, approver, output, .. } = self;
        let options = Options { name, files, reason, owner, approver, ticket, expires };
        let exempted = block_on(run(&mut workspace, &online, &options))?;
        exempted.iter().for_each(|exempted| note(context, &options, exempted));
        context.reporter.note("commit models.audits.toml; `modelpin sync` then installs the files to the quarantine");
        Ok(match output.format {
            Format::Text => CommandOutput::nothing(),
            Format::Json => CommandOutput::data(&document::Exempted {
                exemptions: exempted.iter().map(|exempted| data(&options, exempted)).collect(),
            }),
        })
    }
}

/// What the file imports, by models.lock and by the scan.
fn imports(exempted: &Exempted) -> BTreeSet<String> {
    let scanned = exempted.report.iter().flat_map(|report| &report.facts.globals);
    exempted.globals.iter().map(ToString::to_string).chain(scanned.map(|global| visible(global))).collect()
}

/// The rules of the scanner's findings.
fn rules(exempted: &Exempted) -> BTreeSet<String> {
    exempted.report.iter().flat_map(|report| &report.findings).map(|finding| finding.rule.id.to_owned()).collect()
}

fn data(options: &Options, exempted: &Exempted) -> document::Exemption {
    document::Exemption {
        name: options.name.to_string(),
        path: exempted.exemption.file.to_string(),
        sha256: exempted.exemption.sha256.hex(),
        expires: options.expires.to_string(),
        renews: exempted.before.map(|day| day.to_string()),
        verdict: exempted.report.as_ref().map(|report| report.verdict().word().to_owned()),
        rules: rules(exempted).into_iter().collect(),
        imports: imports(exempted).into_iter().collect(),
    }
}

fn note(context: &Context, options: &Options, exempted: &Exempted) {
    let Exempted { exemption, before, report, .. } = exempted;
    let before = before.map(|day| format!(" (it was {day})")).unwrap_or_default();
    let Options { name, expires, .. } = options;
    context
        .reporter
        .note(&format!("`{name}`: `{}` ({}) is exempted until {expires}{before}", exemption.file, exemption.sha256));
    match report {
        Some(report) => {
            context.reporter.note(&format!("  scanner: {} ({})", report.verdict(), report.format.word()));
        }
        None => context.reporter.note("  the file is not on this machine, so it was not scanned"),
    }
    let imports = imports(exempted);
    let rules = rules(exempted);
    if !imports.is_empty() {
        context.reporter.note(&format!("  imports: {}", list_up_to(12, imports)));
    }
    if !rules.is_empty() {
        context.reporter.note(&format!("  findings: {}; `modelpin scan {name}` shows more", list_up_to(12, rules)));
    }
}

fn day(text: &str, today: Day) -> Result<Day, Failure> {
    let days = text.parse::<Days>().map(|days| today.plus(days.0));
    days.or_else(|_| text.parse()).map_err(|_| {
        Refusal::new(ErrorClass::Usage, "invalid value for `--expires`")
            .expected("a date, days or weeks, as in `2027-01-31`, `30d` or `12w`")
            .got(format!("`{}`", visible(text)))
            .why("every exemption needs an expiry date")
            .help("run it again with `--expires 30d`")
            .into()
    })
}
