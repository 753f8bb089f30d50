//! `modelpin certify`.

use super::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::Failure;
use modelpin_ops::verbs::certify::{Certified, Options, run};
use modelpin_schema::audits::Criteria;
use modelpin_schema::lockfile::PrintableText;
use modelpin_schema::{Digest, Name};

/// Record that somebody read the code of an entry and vouches for it
///
/// What is certified is what `modelpin review` showed on this machine, or what `--digest` names; other code than that is
/// refused. Adds an audit to models.audits.toml, bound to the digest of all code files, those of other repos that `auto_map` leads
/// to included: one changed byte, and it counts no more. Commit the file, and let somebody who may decide review the change.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin certify bot --criteria safe-to-run                  what `modelpin review bot` showed on this machine
  modelpin certify bot --criteria safe-to-run --digest $DIGEST    what was read elsewhere, as `modelpin review` named it
  modelpin certify bot --criteria safe-to-run --who 'Jo Doe <jo@acme.example>' --notes 'no network, no files'
  modelpin certify bot --criteria safe-to-run --delta          only the change since the last audit was read")]
pub struct Args {
    /// The entry
    name: Name,
    /// What is vouched for: `safe-to-run`, which is that the code does nothing but what the model needs
    #[arg(long)]
    criteria: Criteria,
    /// Only the change since the last certified digest was read
    #[arg(long)]
    delta: bool,
    /// The digest of the code that was read, as `modelpin review` prints it; without it, what it showed on this machine
    #[arg(long, value_name = "DIGEST")]
    digest: Option<Digest>,
    /// Who read it; git's `user.name <user.email>`, where it is not given
    #[arg(long, value_name = "WHO")]
    who: Option<PrintableText>,
    /// What they have to say
    #[arg(long, value_name = "TEXT")]
    notes: Option<PrintableText>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let Self { name, criteria, delta, digest, who, notes } = self;
        let options = Options { name: name.clone(), criteria, who, notes, delta, digest };
        let Certified { audit, from, people, required } = block_on(run(&mut workspace, &online, options))?;
        let (own, foreign, who) = (audit.files.len(), audit.foreign.len(), &audit.who);
        let what = match (from, own, foreign) {
            (None, 1, 0) => "its code file".to_owned(),
            (None, _, 0) => format!("its {own} code files"),
            (None, 0, 1) => "the code file that it takes from another repo".to_owned(),
            (None, 0, _) => format!("the {foreign} code files that it takes from other repos"),
            (None, ..) => {
                format!("its {own} code file{}, and {foreign} of other repos", if own == 1 { "" } else { "s" })
            }
            (Some(by), ..) => format!("the change of its code since {}, which {by} certified", by.audit.digest),
        };
        context.reporter.note(&format!("`{name}`: {who} certified {what}, as {}: {}", audit.criteria, audit.digest));
        let missing = u64::from(required.get()).saturating_sub(people as u64);
        context.reporter.note(&match missing {
            0 => "commit models.audits.toml; `modelpin sync` then lets the code in".to_owned(),
            _ => format!(
                "{people} of {required} people certified it: commit models.audits.toml; the code stays out until {missing} more {}",
                if missing == 1 { "does" } else { "do" }
            ),
        });
        Ok(CommandOutput::ok(String::new()))
    }
}
