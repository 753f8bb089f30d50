//! `modelpin convert`.

use super::block_on;
use super::change::Subject;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use modelpin_ops::Failure;
use modelpin_ops::convert::Made;
use modelpin_ops::verbs::convert::{self, Conversion, Options};
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_schema::{Name, Ticket};
use std::collections::BTreeMap;

/// Let safetensors stand in the place of a pickle, without unpickling it
///
/// The tensors of the file are copied into safetensors, byte for byte; nothing of it is run. A file that holds anything
/// else is refused, with the reason. models.lock then records the SHA-256 of the source, that of the result, and the number
/// of the converter; `sync` places the result where loaders look for it, and the source nowhere.
///
/// The same converter makes the same bytes of the same source, so whoever has the source can make the result again: on a
/// machine that has neither, `sync` does. To run it twice changes nothing, and fails (exit 4) if something else comes out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin convert legacy pytorch_model.bin --dry-run             the ticket, nothing written
  modelpin convert legacy pytorch_model.bin --ticket SEC-4410     and the ticket that the pin will name
  modelpin convert legacy pytorch_model.bin --undo                the pickle counts again")]
pub struct Args {
    /// The entry
    name: Name,
    /// Its file, by its path in models.lock
    file: String,
    /// Take the conversion out of models.lock
    #[arg(long)]
    undo: bool,
    /// The ticket that the pin will name
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Show the ticket and leave models.lock as it is
    #[arg(long)]
    dry_run: bool,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = Subject::of(context, self.dry_run)?;
        let online = context.online(&workspace)?;
        let what = Options { name: self.name, file: self.file, undo: self.undo };
        let options = LockOptions { ticket: self.ticket, dry_run: self.dry_run, ..LockOptions::default() };
        let Conversion { from, to, made, planned } = block_on(convert::plan(&workspace, &online, &what, &options))?;
        let locked = workspace.finish(planned)?;
        let (name, from, to) = (&what.name, &from, &to);
        let note = |line: &str| context.reporter.note(line);
        match &made {
            None => note(&format!("`{name}`: `{from}` is no longer replaced by `{to}`")),
            Some(made) => {
                note(&format!("`{name}`: `{from}` -> `{to}`: {}", summary(made)));
                let alias = |(name, kept): (&String, &String)| format!("`{name}` is `{kept}`");
                let lost = |(what, why): (&String, &String)| format!("left out: `{what}`: {why}");
                listed(&made.aliases, alias)
                    .into_iter()
                    .chain(listed(&made.dropped, lost))
                    .for_each(|line| note(&line));
                if locked.changes.is_empty() {
                    note("models.lock records exactly this already");
                }
            }
        }
        Ok(super::change::locked(context, locked, self.format, self.dry_run))
    }
}

fn summary(made: &Made) -> String {
    let count = |many: u64, one: &str, more: &str| format!("{many} {}", if many == 1 { one } else { more });
    format!(
        "{}, {}, {}",
        count(made.tensors, "tensor", "tensors"),
        count(made.aliases.len() as u64, "name for another's tensor", "names for another's tensor"),
        count(made.dropped.len() as u64, "thing left out", "things left out")
    )
}

/// A line for each, a few of them.
fn listed(all: &BTreeMap<String, String>, line: impl Fn((&String, &String)) -> String) -> Vec<String> {
    const SHOWN: usize = 10;
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(|one| format!("  {}", line(one))).collect();
    if all.len() > SHOWN {
        lines.push(format!("  … and {} more", all.len() - SHOWN));
    }
    lines
}
