//! `modelpin verify`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::bytes;
use modelpin_ops::Depth;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::output::files as document;
use modelpin_schema::text::count;

/// Verify every installed byte against models.lock, offline
///
/// Withheld and refused files must be absent, and the quarantine must hold what the exemptions say.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin verify
  modelpin verify --fast    names, links and sizes only")]
pub struct Args {
    /// Only check names, links and sizes
    #[arg(long)]
    fast: bool,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let depth = if self.fast { Depth::Fast } else { Depth::Full };
        let verified = verbs::verify::run(&context.workspace()?, depth)?;
        if self.output.format == Format::Json {
            return Ok(CommandOutput::data(&document::Verified {
                entries: verified.entries,
                files: verified.files,
                bytes: verified.bytes,
                every_byte: !self.fast,
                denied: verified.denied,
            }));
        }
        let how = if self.fast { "names and sizes" } else { "every byte" };
        let entries = count(verified.entries, "entry");
        let files = count(verified.files, "file");
        context.reporter.note(&format!("verified {how} of {entries}, {files}, {}", bytes(verified.bytes)));
        if verified.denied > 0 {
            let refused = count(verified.denied, "refusal");
            context
                .reporter
                .note(&format!("policy: {refused}; `modelpin check` lists them; refused files are not installed"));
        }
        Ok(CommandOutput::nothing())
    }
}
