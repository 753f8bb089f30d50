//! `modelpin update`.

use super::args::{ChangeArgs, EntryArgs, SourceArgs};
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::verbs::update::{self, Selection};
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::Requested;
use modelpin_schema::shell_word;
use modelpin_schema::text::count;

/// Move pins to the newest revision that models.toml allows
///
/// No other command moves a pin. Without names, all entries are updated.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin update                              all entries
  modelpin update chat --ticket SEC-4410       one; record the issue in its pin
  modelpin update chat --precise v1.2.3        to this tag or commit
  modelpin update --dry-run --format markdown  for a pull request
  modelpin update chat --allow-source acme/code")]
pub struct Args {
    #[command(flatten)]
    entries: EntryArgs,
    /// Move the entry to this branch, tag or full commit; do not change models.toml
    #[arg(long, value_name = "REV", value_parser = precise)]
    precise: Option<Requested>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

fn precise(text: &str) -> Result<Requested, String> {
    if text.starts_with("version:") {
        return Err("expected a branch, tag or full commit".to_owned());
    }
    text.parse().map_err(|error: modelpin_schema::Invalid| error.to_string())
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let names = self.entries.names;
        if self.precise.is_some() && names.len() != 1 {
            return Err(Refusal::new(ErrorClass::Usage, "`--precise` needs exactly one entry")
                .expected("one NAME")
                .got(count(names.len(), "name"))
                .help("run `modelpin update NAME --precise REV`")
                .into());
        }
        let ChangeArgs { ticket, dry_run, output } = self.change;
        let workspace = Opened::new(context, dry_run)?;
        let online = context.online(&workspace)?;
        let mut words: Vec<String> = names.iter().map(ToString::to_string).collect();
        words.extend(self.precise.iter().map(|precise| format!("--precise {}", shell_word(&precise.to_string()))));
        let command = change::command_line("update", words, ticket.as_ref());
        let lock_options = LockOptions { ticket, dry_run, accept: self.source.into_set(), command };
        let selection = Selection { names, precise: self.precise };
        let planned = block_on(update::plan(&workspace, &online, &selection, &lock_options))?;
        let locked = workspace.finish(planned)?;
        if locked.changes.is_empty() {
            context.reporter.note("all pins are up to date with models.toml");
        }
        Ok(change::finish(context, locked, output.format, dry_run))
    }
}
