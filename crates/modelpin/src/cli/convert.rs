//! `modelpin convert`.

use super::args::ChangeArgs;
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::Failure;
use modelpin_ops::convert::Made;
use modelpin_ops::verbs::convert::{self, Conversion, Done, Options};
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_schema::Name;
use modelpin_schema::lockfile::Finder;
use modelpin_schema::text::{choose, count};
use std::collections::BTreeMap;

/// Convert pickles to safetensors, without unpickling them
///
/// The tensors of a file are copied into safetensors, byte for byte; no code in it is run. A file that holds anything
/// else is refused, with the reason, and then nothing is converted. models.lock records the SHA-256 of each source and
/// of its result, and the version of the converter. `sync` installs the results where loaders look for them, and does
/// not install the sources.
///
/// Without FILE, every pickle is converted of which loaders look for the safetensors, such as `pytorch_model.bin`, unless
/// models.lock records that it holds something else than tensors. Shards are converted together with their index: to
/// name one of them is to name all.
///
/// The same converter makes the same bytes from the same source, so `sync` converts again on a machine that does not
/// have the result. Converting again changes nothing, and fails (exit 4) if the result differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin convert legacy    every pickle of which a loader finds the safetensors
  modelpin convert legacy pytorch_model.bin --dry-run
  modelpin convert legacy pytorch_model.bin --ticket SEC-4410
  modelpin convert legacy pytorch_model.bin --undo")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// The files, by their paths in models.lock [default: all of which a loader finds the safetensors]
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Remove the conversions from models.lock
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
        let options = Options { name: self.name, files: self.files, undo: self.undo };
        let lock_options = LockOptions { ticket, dry_run, ..LockOptions::default() };
        let Conversion { groups, completed, skipped, planned } =
            block_on(convert::plan(&workspace, &online, &options, &lock_options))?;
        let locked = workspace.finish(planned)?;
        let name = &options.name;
        for index in &completed {
            context.reporter.note(&format!("`{name}`: all shards of `{index}` are converted together"));
        }
        for group in &groups {
            describe(context, name, group);
        }
        for (path, why) in skipped.iter().take(SHOWN) {
            context.reporter.note(&format!("`{name}`: not converted: `{path}`: {why}"));
        }
        if skipped.len() > SHOWN {
            context.reporter.note(&format!("`{name}`: {} more files are not converted", skipped.len() - SHOWN));
        }
        if !options.undo && locked.changes.is_empty() {
            context.reporter.note("models.lock is up to date");
        }
        Ok(change::finish(context, locked, output.format, dry_run))
    }
}

/// How many of many things are shown.
const SHOWN: usize = 10;

/// Notes what became of the files of a group: of a family, what became of all shards together.
fn describe(context: &Context, name: &Name, group: &[Done]) {
    let Some((last, shards)) = group.split_last() else { return };
    let Done { from, to, finder, made } = last;
    let Some(made) = made else {
        return context.reporter.note(&format!("`{name}`: `{from}` is no longer replaced by `{to}`"));
    };
    // An index has the tensors of its shards, and says what else it named.
    let parts = || shards.iter().filter_map(|shard| shard.made.as_ref()).chain([made]);
    let together = |of: fn(&Made) -> &BTreeMap<String, String>| -> BTreeMap<String, String> {
        parts().flat_map(|made| of(made).clone()).collect()
    };
    let (aliases, dropped) = (together(|made| &made.aliases), together(|made| &made.dropped));
    let summary = summary(made.tensors, shards.len(), aliases.len(), dropped.len());
    context.reporter.note(&format!("`{name}`: `{from}` -> `{to}`: {summary}"));
    list(context, &aliases, |name, kept| format!("`{name}` is `{kept}`"));
    list(context, &dropped, |what, why| format!("left out: `{what}`: {why}"));
    match finder {
        Finder::Loader => {}
        Finder::Person => {
            context.reporter.note(&format!(
                "  choose `{}` where `{}` was chosen before",
                to.file_name(),
                from.file_name()
            ));
        }
        Finder::Nobody => context.reporter.note(&format!(
            "  a loader that opens `{}` by its name does not find `{}`; --undo removes the conversion",
            from.file_name(),
            to.file_name()
        )),
    }
}

/// How much was converted, without what there was none of.
fn summary(tensors: u64, shards: usize, aliases: usize, dropped: usize) -> String {
    let mut parts = vec![count(tensors, "tensor")];
    if shards > 0 {
        parts = vec![format!("{} in {}", count(tensors, "tensor"), count(shards, "shard"))];
    }
    for (many, one, more) in [
        (aliases, "name for another's tensor", "names for another's tensor"),
        (dropped, "thing left out", "things left out"),
    ] {
        parts.extend((many > 0).then(|| format!("{many} {}", choose(many, one, more))));
    }
    parts.join(", ")
}

/// Notes a few of them, one a line.
fn list(context: &Context, all: &BTreeMap<String, String>, line: impl Fn(&str, &str) -> String) {
    for (key, value) in all.iter().take(SHOWN) {
        context.reporter.note(&format!("  {}", line(key, value)));
    }
    if all.len() > SHOWN {
        context.reporter.note(&format!("  … and {} more", all.len() - SHOWN));
    }
}
