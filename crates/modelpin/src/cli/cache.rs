//! `modelpin cache`.

use super::{Format, Said};
use crate::context::Context;
use crate::render::{bytes, document};
use clap::Subcommand;
use modelpin_ops::{Failure, verbs};
use serde_json::json;

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
    /// List what is in it
    Ls {
        /// Text or data
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Remove what this project does not lock, chunks for later files, and what unfinished runs left
    ///
    /// Outside a project nothing is locked, so everything goes. Synced targets keep their files.
    Prune {
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
    },
    /// Hash everything in it
    Verify,
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        matches!(self.what, What::Ls { format: Format::Json })
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let store = context.store()?;
        match self.what {
            What::Dir => Ok(Said::ok(format!("{}\n", store.root().display()))),
            What::Ls { format } => {
                let listed = verbs::cache::list(&store, context.project_if_any()?.as_ref())?;
                Ok(Said::ok(list(&listed, format)))
            }
            What::Prune { dry_run } => {
                let pruned = verbs::cache::prune(&store, context.project_if_any()?.as_ref(), dry_run)?;
                let verb = if dry_run { "would remove" } else { "removed" };
                context.reporter.note(&format!(
                    "{verb} {} files, {} unfinished ones and {} with chunks, {}",
                    pruned.blobs,
                    pruned.parts,
                    pruned.chunks,
                    bytes(pruned.bytes)
                ));
                Ok(Said::ok(String::new()))
            }
            What::Verify => {
                let count = verbs::cache::verify(&store)?;
                context.reporter.note(&format!("verified {count} files in the store"));
                Ok(Said::ok(String::new()))
            }
        }
    }
}

fn list(listed: &[verbs::cache::Listed], format: Format) -> String {
    if format == Format::Json {
        let data = |listed: &verbs::cache::Listed| {
            let used = listed.used.as_ref().map(|(name, path)| json!({ "name": name.as_str(), "path": path.as_str() }));
            json!({ "sha256": listed.blob.digest.hex(), "size": listed.blob.size, "used": used })
        };
        return document("blobs", &listed.iter().map(data).collect());
    }
    let line = |listed: &verbs::cache::Listed| {
        let used = listed.used.as_ref().map(|(name, path)| format!("  {name}: {path}")).unwrap_or_default();
        format!("{}  {:>10}{used}\n", listed.blob.digest.hex(), bytes(listed.blob.size))
    };
    listed.iter().map(line).collect()
}
