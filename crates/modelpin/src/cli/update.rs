//! `modelpin update`.

use super::block_on;
use super::change::Subject;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::verbs::update::{self, Selection};
use modelpin_ops::{ErrorClass, Failure};
use modelpin_schema::shell_word;
use modelpin_schema::{Name, RepoId, Requested, Ticket};

/// Move pins to what their wishes mean today: the only way in which a pin moves
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin update                                 all entries
  modelpin update chat --ticket SEC-4410          one, and the ticket that its pin will name
  modelpin update chat --precise v1.2.3           to this tag or commit; models.toml stays
  modelpin update --dry-run --format markdown     the ticket for a pull request, nothing written
  modelpin update chat --allow-source acme/code    although it now takes code from there")]
pub struct Args {
    /// The entries; all, where none is given
    #[arg(value_name = "NAME")]
    names: Vec<Name>,
    /// Move the one entry to this branch, tag or full commit
    #[arg(long, value_name = "REV", value_parser = precise)]
    precise: Option<Requested>,
    /// The ticket that every changed pin will name, and every named entry whose pin has none that is allowed
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Let a pin that moves take code, parts or a base from this repo, from which it took none before; may be given several
    /// times
    #[arg(long, value_name = "ORG/REPO")]
    allow_source: Vec<RepoId>,
    /// Show the ticket and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

fn precise(text: &str) -> Result<Requested, String> {
    if text.starts_with("version:") {
        return Err("expected a branch, tag or full commit".to_owned());
    }
    text.parse().map_err(|error: modelpin_schema::Invalid| error.to_string())
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        if self.precise.is_some() && self.names.len() != 1 {
            let got = format!("{} names", self.names.len());
            let (why, help) = ("one revision belongs to one repo", "`modelpin update NAME --precise REV`");
            let what = "`--precise` is about one entry".to_owned();
            return Err(modelpin_ops::refusal::Refusal::new(ErrorClass::Usage, what)
                .expected("one NAME")
                .got(got)
                .why(why)
                .help(help)
                .into());
        }
        let workspace = Subject::of(context, self.dry_run)?;
        let online = context.online(&workspace)?;
        let (ticket, accept) = (self.ticket, self.allow_source.into_iter().collect());
        let mut words: Vec<String> = self.names.iter().map(ToString::to_string).collect();
        words.extend(self.precise.iter().map(|precise| format!("--precise {}", shell_word(&precise.to_string()))));
        let command = super::change::again("update", words, ticket.as_ref());
        let options = LockOptions { ticket, dry_run: self.dry_run, accept, command };
        let selection = Selection { names: self.names, precise: self.precise };
        let planned = block_on(update::plan(&workspace, &online, &selection, &options))?;
        let locked = workspace.finish(planned)?;
        if locked.changes.is_empty() {
            context.reporter.note("every pin is what its wish means today");
        }
        Ok(super::change::locked(context, locked, self.format, self.dry_run))
    }
}
