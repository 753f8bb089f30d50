//! `modelpin vendor`.

use super::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::{bytes, document};
use modelpin_ops::{Failure, verbs};
use modelpin_schema::shell_word;
use serde_json::json;
use std::path::PathBuf;

/// Copy all locked files into a directory that the lock can be synced from
///
/// The directory holds each file once, by its SHA-256, with a SHA256SUMS beside them. Name it in models.toml
/// as a `[[mirror]]`, and `sync` tries it before the Hub; its bytes are proven like any others.
///
/// It is a directory for nothing else: one that a link leads out of the project, that is not apart from the target, the
/// store or `.modelpin`, that is in `.git`, or that has another SHA256SUMS is refused, and nothing is written.
///
/// What the lock no longer wants is removed from a directory that was made on this machine, and from no other.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin vendor vendor\n  modelpin vendor ../usb && (cd ../usb && sha256sum --check SHA256SUMS)"
)]
pub struct Args {
    /// The directory
    dir: PathBuf,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let dir = context.dir()?.join(&self.dir);
        let done = block_on(verbs::vendor::run(&workspace, &online, &dir))?;
        if self.format == Format::Json {
            let value = json!({
                "files": done.files,
                "bytes": done.bytes,
                "copied": done.copied,
                "removed": done.removed,
                "foreign": done.foreign,
            });
            return Ok(CommandOutput::ok(document("vendored", &value)));
        }
        let shown = self.dir.display();
        context.reporter.note(&format!(
            "vendored {} files, {} in {shown} ({} copied, {} removed)",
            done.files,
            bytes(done.bytes),
            done.copied,
            done.removed
        ));
        if done.foreign > 0 {
            context.reporter.note(&format!(
                "{} files in {shown} are not in models.lock and stay: their folder was not made here. `rm -r {}/blobs`, then `modelpin vendor {}`, makes it anew",
                done.foreign,
                shell_word(&shown.to_string()),
                shell_word(&shown.to_string()),
            ));
        }
        if let Some(advice) = workspace.project.mirror_advice(&dir, &online.mirrors) {
            context.reporter.note(&format!("to sync from it, {advice}"));
        }
        Ok(CommandOutput::ok(String::new()))
    }
}
