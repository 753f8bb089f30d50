//! `modelpin verify`.

use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::{bytes, document};
use modelpin_ops::Depth;
use modelpin_ops::{Failure, verbs};
use serde_json::json;

/// Check the target against models.lock, every byte, without a network
///
/// What is withheld or refused has to be absent, and the quarantine has to be as the exemptions say.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  modelpin verify\n  modelpin verify --fast      names, links and lengths only")]
pub struct Args {
    /// Look at names, links and lengths only
    #[arg(long)]
    fast: bool,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let depth = if self.fast { Depth::Fast } else { Depth::Full };
        let verified = verbs::verify::run(&context.workspace()?, depth)?;
        if self.format == Format::Json {
            let value = json!({
                "entries": verified.entries,
                "files": verified.files,
                "bytes": verified.bytes,
                "every-byte": !self.fast,
                "denied": verified.denied,
            });
            return Ok(CommandOutput::ok(document("verified", &value)));
        }
        let how = if self.fast { "by name and length" } else { "every byte" };
        context.reporter.note(&format!(
            "verified {how}: {} entries, {} files, {}",
            verified.entries,
            verified.files,
            bytes(verified.bytes)
        ));
        if verified.denied > 0 {
            let denied = verified.denied;
            context.reporter.note(&format!(
                "policy: {denied} refusals, which `modelpin check` lists; what it refuses is not there"
            ));
        }
        Ok(CommandOutput::ok(String::new()))
    }
}
