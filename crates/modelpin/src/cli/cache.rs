//! `modelpin cache`.

use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::{bytes, document};
use clap::Subcommand;
use modelpin_ops::online::waiting_for;
use modelpin_ops::verbs::cache::Cleaned;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::shell_word;
use modelpin_schema::visible;
use serde_json::json;
use std::path::Path;

/// Look after the store
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin cache dir\n  modelpin cache ls --format json\n  modelpin cache prune --dry-run\n  modelpin cache verify"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// The parts of `cache`.
#[derive(Debug, Subcommand)]
enum What {
    /// Print where the store is
    Dir,
    /// List what is in it, and which known projects use it
    Ls {
        /// Text or data
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Remove what no known project locks, chunks for later files, and what unfinished runs left
    ///
    /// The store knows every project that was locked or synced on this machine, and keeps what its models.lock and its
    /// imports name, wherever the command is given. A project whose folder is gone is forgotten. As long as the files of one
    /// cannot be read, no locked file is removed. Whoever uses the store meanwhile is waited for. Synced targets keep their
    /// files.
    Prune {
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
    },
    /// Hash everything in it
    Verify,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let store = context.store()?;
        match self.what {
            What::Dir => Ok(CommandOutput::exact(format!("{}\n", store.root().display()))),
            What::Ls { format } => {
                let listed = verbs::cache::list(&store, context.project_if_any()?.as_ref())?;
                Ok(CommandOutput::ok(list(&listed, format)))
            }
            What::Prune { dry_run } => {
                let project = context.project_if_any()?;
                let waiting = |holder| context.reporter.note(&waiting_for(holder, "uses the store"));
                let Cleaned { pruned, gone, unread } =
                    verbs::cache::prune(&store, project.as_ref(), dry_run, &waiting)?;
                for dir in &unread {
                    context.reporter.note(&format!(
                        "what `{}` needs cannot be read, so no file is removed that it may lock; `modelpin -C {} check` says why",
                        shown(dir),
                        shell_word(&dir.to_string_lossy())
                    ));
                }
                for dir in &gone {
                    let verb = if dry_run { "would forget" } else { "forgot" };
                    context.reporter.note(&format!("{verb} `{}`, which is gone", shown(dir)));
                }
                let verb = if dry_run { "would remove" } else { "removed" };
                context.reporter.note(&format!(
                    "{verb} {} files, {} unfinished ones and {} with chunks, {}",
                    pruned.blobs,
                    pruned.parts,
                    pruned.chunks,
                    bytes(pruned.bytes)
                ));
                Ok(CommandOutput::ok(String::new()))
            }
            What::Verify => {
                let count = verbs::cache::verify(&store)?;
                context.reporter.note(&format!("verified {count} files in the store"));
                Ok(CommandOutput::ok(String::new()))
            }
        }
    }
}

fn shown(dir: &Path) -> String {
    visible(&dir.display().to_string())
}

fn list(listed: &[verbs::cache::Listed], format: Format) -> String {
    if format == Format::Json {
        let data = |listed: &verbs::cache::Listed| {
            let used = listed.used.as_ref().map(|(name, path)| json!({ "name": name.as_str(), "path": path.as_str() }));
            let projects: Vec<String> = listed.projects.iter().map(|dir| shown(dir)).collect();
            json!({ "sha256": listed.blob.digest.hex(), "size": listed.blob.size, "used": used, "projects": projects })
        };
        return document("blobs", &listed.iter().map(data).collect());
    }
    let line = |listed: &verbs::cache::Listed| {
        let used = match (&listed.used, listed.projects.as_slice()) {
            (Some((name, path)), _) => format!("  {name}: {path}"),
            (None, [one]) => format!("  in {}", shown(one)),
            (None, [one, others @ ..]) => format!("  in {} and {} more", shown(one), others.len()),
            (None, []) => String::new(),
        };
        format!("{}  {:>10}{used}\n", listed.blob.digest.hex(), bytes(listed.blob.size))
    };
    listed.iter().map(line).collect()
}
