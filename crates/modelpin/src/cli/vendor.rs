//! `modelpin vendor`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::bytes;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::output::files::Vendored;
use modelpin_schema::shell_word;
use modelpin_schema::text::count;
use std::path::PathBuf;

/// Copy all locked files to a directory to sync from
///
/// The directory holds each file once, by its SHA-256, and a SHA256SUMS. Name it in models.toml as a `[[mirror]]`, and
/// `sync` tries it before the Hub; its files are verified like any others.
///
/// Use the directory for nothing else. It is refused, and nothing is written, if it leads out of the project through a
/// link, if it overlaps the target, the cache or `.modelpin`, if it is in `.git`, or if it has another SHA256SUMS.
///
/// Files that models.lock no longer lists are removed from a directory that was made on this machine, and from no
/// other.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin vendor vendor
  modelpin vendor ../usb && (cd ../usb && sha256sum --check SHA256SUMS)")]
pub struct Args {
    /// The directory
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let dir = context.dir()?.join(&self.dir);
        let done = block_on(verbs::vendor::run(&workspace, &online, &dir))?;
        if self.output.format == Format::Json {
            return Ok(CommandOutput::data(&Vendored {
                files: done.files,
                bytes: done.bytes,
                copied: done.copied,
                removed: done.removed,
                untracked: done.foreign,
            }));
        }
        let shown = self.dir.display().to_string();
        let changed = [(done.copied, "copied"), (done.removed, "removed")].into_iter().filter(|(many, _)| *many > 0);
        let changed: Vec<String> = changed.map(|(many, what)| format!("{many} {what}")).collect();
        let changed = if changed.is_empty() { "up to date".to_owned() } else { changed.join(", ") };
        context.reporter.note(&format!(
            "vendored {}, {} in {shown} ({changed})",
            count(done.files, "file"),
            bytes(done.bytes)
        ));
        if done.foreign > 0 {
            let untracked = count(done.foreign, "untracked file");
            let word = shell_word(&shown);
            context.reporter.note(&format!(
                "note: {untracked} kept, because {shown} was not made on this machine; to make it again: `rm -r \
                 {word}/blobs`, then `modelpin vendor {word}`"
            ));
        }
        if let Some(advice) = workspace.project.mirror_advice(&dir, &online.mirrors) {
            context.reporter.print(&format!("to sync from it, {advice}"));
        }
        Ok(CommandOutput::nothing())
    }
}
