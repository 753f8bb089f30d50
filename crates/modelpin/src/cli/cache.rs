//! `modelpin cache`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::out::Form;
use crate::output::CommandOutput;
use crate::render::bytes;
use clap::Subcommand;
use modelpin_ops::Store;
use modelpin_ops::online::waiting_for;
use modelpin_ops::verbs::cache::{Cleaned, Listed};
use modelpin_ops::{Failure, verbs};
use modelpin_schema::output::cache::{Dir, File, List, Pruned, Used, Verified};
use modelpin_schema::shell_word;
use modelpin_schema::text::count;
use modelpin_schema::visible;
use std::path::Path;

/// Manage the cache of downloaded files
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin cache dir
  modelpin cache ls --format json
  modelpin cache prune --dry-run
  modelpin cache verify")]
pub struct Args {
    #[command(subcommand)]
    command: Part,
}

/// The subcommands of `cache`.
#[derive(Debug, Subcommand)]
enum Part {
    /// Print the path of the cache
    Dir {
        #[command(flatten)]
        output: OutputArgs<Format>,
    },
    /// List the files in the cache, and the projects that use them
    Ls {
        #[command(flatten)]
        output: OutputArgs<Format>,
    },
    /// Remove files that no known project locks, chunks, and unfinished downloads
    ///
    /// The cache knows every project that was locked or synced on this machine, and keeps the files that its
    /// models.lock and its imports name, wherever the command is run. A project whose folder is gone is forgotten.
    /// While the files of a project cannot be read, no locked file is removed. The command waits for other processes
    /// that use the cache. Synced targets keep their files.
    Prune {
        /// Show what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        output: OutputArgs<Format>,
    },
    /// Verify the SHA-256 of every file in the cache
    Verify {
        #[command(flatten)]
        output: OutputArgs<Format>,
    },
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let store = context.store()?;
        match self.command {
            Part::Dir { output } => {
                let path = store.root().display().to_string();
                Ok(match output.format {
                    Format::Text => CommandOutput::formed(format!("{path}\n"), Form::Exact),
                    Format::Json => CommandOutput::data(&Dir { path }),
                })
            }
            Part::Ls { output } => {
                let listed = verbs::cache::list(&store, context.project_if_any()?.as_ref())?;
                Ok(match output.format {
                    Format::Text => CommandOutput::text(listed.iter().map(line).collect()),
                    Format::Json => CommandOutput::data(&List { files: listed.iter().map(file).collect() }),
                })
            }
            Part::Prune { dry_run, output } => prune(context, &store, dry_run, output.format),
            Part::Verify { output } => {
                let files = verbs::cache::verify(&store)?;
                context.reporter.note(&format!("verified {} in the cache", count(files, "file")));
                Ok(match output.format {
                    Format::Text => CommandOutput::nothing(),
                    Format::Json => CommandOutput::data(&Verified { files }),
                })
            }
        }
    }
}

fn prune(context: &Context, store: &Store, dry_run: bool, format: Format) -> Result<CommandOutput, Failure> {
    let project = context.project_if_any()?;
    let waiting = |holder| context.reporter.note(&waiting_for(holder, "uses the cache"));
    let Cleaned { pruned, gone, unread } = verbs::cache::prune(store, project.as_ref(), dry_run, &waiting)?;
    for dir in &unread {
        context.reporter.note(&format!(
            "note: no locked file is removed, because the files of the project `{}` cannot be read; `modelpin -C {} \
             check` shows why",
            shown(dir),
            shell_word(&dir.to_string_lossy())
        ));
    }
    for dir in &gone {
        let verb = if dry_run { "would forget" } else { "forgot" };
        context.reporter.note(&format!("{verb} the project `{}`: its folder is gone", shown(dir)));
    }
    let kinds = [(pruned.blobs, "file"), (pruned.parts, "unfinished download"), (pruned.chunks, "chunk file")];
    let removed: Vec<String> =
        kinds.into_iter().filter(|(many, _)| *many > 0).map(|(many, word)| count(many, word)).collect();
    context.reporter.note(&match (removed.is_empty(), dry_run) {
        (true, _) => "nothing to remove".to_owned(),
        (false, true) => format!("would remove {} ({})", removed.join(", "), bytes(pruned.bytes)),
        (false, false) => format!("removed {} ({})", removed.join(", "), bytes(pruned.bytes)),
    });
    Ok(match format {
        Format::Text => CommandOutput::nothing(),
        Format::Json => CommandOutput::data(&Pruned {
            dry_run,
            files: pruned.blobs,
            unfinished: pruned.parts,
            chunks: pruned.chunks,
            bytes: pruned.bytes,
            forgotten: gone.iter().map(|dir| shown(dir)).collect(),
            unreadable: unread.iter().map(|dir| shown(dir)).collect(),
        }),
    })
}

fn shown(dir: &Path) -> String {
    visible(&dir.display().to_string())
}

fn file(listed: &Listed) -> File {
    File {
        sha256: listed.blob.digest.hex(),
        size: listed.blob.size,
        used: listed.used.as_ref().map(|(name, path)| Used { name: name.to_string(), path: path.to_string() }),
        projects: listed.projects.iter().map(|dir| shown(dir)).collect(),
    }
}

fn line(listed: &Listed) -> String {
    let used = match (&listed.used, listed.projects.as_slice()) {
        (Some((name, path)), _) => format!("  {name}: {path}"),
        (None, [one]) => format!("  in {}", shown(one)),
        (None, [one, others @ ..]) => format!("  in {} and {} more", shown(one), others.len()),
        (None, []) => String::new(),
    };
    format!("{}  {:>10}{used}\n", listed.blob.digest.hex(), bytes(listed.blob.size))
}
