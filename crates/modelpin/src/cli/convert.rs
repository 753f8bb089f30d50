//! `modelpin convert`.

use super::args::ChangeArgs;
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::Failure;
use modelpin_ops::convert::Made;
use modelpin_ops::verbs::convert::{self, Conversion, Options};
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_schema::Name;
use modelpin_schema::text::{choose, count};
use std::collections::BTreeMap;

/// Convert a pickle to safetensors, without unpickling it
///
/// The tensors of the file are copied into safetensors, byte for byte; no code in it is run. A file that holds anything
/// else is refused, with the reason. models.lock records the SHA-256 of the source and of the result, and the version
/// of the converter. `sync` installs the result where loaders look for it, and does not install the source.
///
/// The same converter makes the same bytes from the same source, so `sync` converts again on a machine that does not
/// have the result. Converting again changes nothing, and fails (exit 4) if the result differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin convert legacy pytorch_model.bin --dry-run
  modelpin convert legacy pytorch_model.bin --ticket SEC-4410
  modelpin convert legacy pytorch_model.bin --undo")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// The file, by its path in models.lock
    #[arg(value_name = "FILE")]
    file: String,
    /// Remove the conversion from models.lock
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let ChangeArgs { ticket, dry_run, output } = self.change;
        let workspace = Opened::new(context, dry_run)?;
        let online = context.online(&workspace)?;
        let options = Options { name: self.name, file: self.file, undo: self.undo };
        let lock_options = LockOptions { ticket, dry_run, ..LockOptions::default() };
        let Conversion { from, to, made, planned } =
            block_on(convert::plan(&workspace, &online, &options, &lock_options))?;
        let locked = workspace.finish(planned)?;
        let name = &options.name;
        match &made {
            None => context.reporter.note(&format!("`{name}`: `{from}` is no longer replaced by `{to}`")),
            Some(made) => {
                context.reporter.note(&format!("`{name}`: `{from}` -> `{to}`: {}", summary(made)));
                list(context, &made.aliases, |name, kept| format!("`{name}` is `{kept}`"));
                list(context, &made.dropped, |what, why| format!("left out: `{what}`: {why}"));
                if locked.changes.is_empty() {
                    context.reporter.note("models.lock is up to date");
                }
            }
        }
        Ok(change::finish(context, locked, output.format, dry_run))
    }
}

/// How much was converted, without what there was none of.
fn summary(made: &Made) -> String {
    let mut parts = vec![count(made.tensors, "tensor")];
    for (many, one, more) in [
        (made.aliases.len(), "name for another's tensor", "names for another's tensor"),
        (made.dropped.len(), "thing left out", "things left out"),
    ] {
        parts.extend((many > 0).then(|| format!("{many} {}", choose(many, one, more))));
    }
    parts.join(", ")
}

/// Notes a few of them, one a line.
fn list(context: &Context, all: &BTreeMap<String, String>, line: impl Fn(&str, &str) -> String) {
    const SHOWN: usize = 10;
    for (key, value) in all.iter().take(SHOWN) {
        context.reporter.note(&format!("  {}", line(key, value)));
    }
    if all.len() > SHOWN {
        context.reporter.note(&format!("  … and {} more", all.len() - SHOWN));
    }
}
