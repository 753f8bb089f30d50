//! `modelpin certify`.

use super::args::OutputArgs;
use super::online::block_on;
use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use modelpin_ops::Failure;
use modelpin_ops::verbs::certify::{Certified, Options, run};
use modelpin_schema::audits::Criteria;
use modelpin_schema::lockfile::PrintableText;
use modelpin_schema::output::decisions as document;
use modelpin_schema::text::count;
use modelpin_schema::{Digest, Name};

/// Record that you read the code of an entry and vouch for it
///
/// This certifies the code that `modelpin review` showed on this machine, or the one with the digest of `--digest`,
/// and no other. It adds an audit to models.audits.toml, bound to the digest of all code files, those of other repos
/// that `auto_map` names included: if one byte changes, the audit no longer counts. Commit the file, and have the
/// change reviewed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin certify bot --criteria safe-to-run
  modelpin certify bot --criteria safe-to-run --digest \"$DIGEST\"
  modelpin certify bot --criteria safe-to-run --notes 'no network, no files'
  modelpin certify bot --criteria safe-to-run --delta")]
pub struct Args {
    /// The entry
    #[arg(value_name = "NAME")]
    name: Name,
    /// What you vouch for: `safe-to-run`
    ///
    /// `safe-to-run` means that the code does nothing but what the model needs.
    #[arg(long, value_name = "CRITERIA")]
    criteria: Criteria,
    /// You read only the change since the last certified code
    #[arg(long)]
    delta: bool,
    /// The digest of the code that you read elsewhere, as `modelpin review` prints it
    #[arg(long, value_name = "DIGEST")]
    digest: Option<Digest>,
    /// Who read it (default: git's `user.name <user.email>`)
    #[arg(long, value_name = "WHO")]
    who: Option<PrintableText>,
    /// Notes for other readers
    #[arg(long, value_name = "TEXT")]
    notes: Option<PrintableText>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let online = context.online(&workspace)?;
        let Self { name, criteria, delta, digest, who, notes, output } = self;
        let options = Options { name: name.clone(), criteria, who, notes, delta, digest };
        let certified = block_on(run(&mut workspace, &online, options))?;
        let Certified { audit, from, people, required } = &certified;
        context.reporter.note(&format!(
            "`{name}`: {} certified {} as {}: {}",
            audit.who,
            code(&certified),
            audit.criteria,
            audit.digest
        ));
        let missing = required.get() as usize - (*people).min(required.get() as usize);
        context.reporter.note(&match missing {
            0 => "commit models.audits.toml; `modelpin sync` then installs the code".to_owned(),
            _ => format!(
                "commit models.audits.toml; {people} of {required} people certified the code, and it is withheld \
                 until {missing} more {}",
                if missing == 1 { "does" } else { "do" }
            ),
        });
        Ok(match output.format {
            Format::Text => CommandOutput::nothing(),
            Format::Json => CommandOutput::data(&document::Certified {
                name: name.to_string(),
                digest: audit.digest.to_string(),
                criteria: audit.criteria.word().to_owned(),
                who: audit.who.to_string(),
                since: from.as_ref().map(|from| from.audit.digest.to_string()),
                files: audit.files.len(),
                foreign_files: audit.foreign.len(),
                people: *people,
                required: required.get(),
            }),
        })
    }
}

/// The code that was certified.
fn code(certified: &Certified) -> String {
    let own = certified.audit.files.len();
    let foreign = certified.audit.foreign.len();
    if let Some(by) = &certified.from {
        return format!("the change of its code since {}, which {by} certified", by.audit.digest);
    }
    match (own, foreign) {
        (_, 0) => format!("its {}", count(own, "code file")),
        (0, _) => format!("{} that it takes from other repos", count(foreign, "code file")),
        (..) => format!("its {}, and {foreign} of other repos", count(own, "code file")),
    }
}
