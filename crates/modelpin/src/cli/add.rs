//! `modelpin add`.

use super::block_on;
use super::change::Subject;
use crate::context::Context;
use crate::format::ChangeFormat;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::{ErrorClass, Failure, Refusal, verbs};
use modelpin_schema::manifest::edit::NewEntry;
use modelpin_schema::{Filter, Name, Pattern, RepoId, RepoKind, Requested, Ticket};

/// Declare a model or dataset and pin it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin add sentence-transformers/all-MiniLM-L6-v2
  modelpin add acme/chat-7b@v1.2.0 --name chat
  modelpin add acme/chat-7b --version '^1.2' --include '*.safetensors' --include '*.json'
  modelpin add acme/lora --adapter-of chat
  modelpin add acme/faq --dataset --ticket SEC-4410")]
pub struct Args {
    /// The repo, and after an `@` the branch, tag or full commit to follow (main)
    #[arg(value_name = "ORG/REPO[@REV]")]
    repo: String,
    /// A version requirement instead of a revision, answered by the newest vX.Y.Z tag that it allows
    #[arg(long, value_name = "REQ")]
    version: Option<String>,
    /// The entry's name; made from the repo's, where it is not given
    #[arg(long)]
    name: Option<Name>,
    /// Only files that match this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    include: Vec<Pattern>,
    /// No files that match this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<Pattern>,
    /// The entry that this one is an adapter of
    #[arg(long, value_name = "NAME", conflicts_with = "dataset")]
    adapter_of: Option<Name>,
    /// The repo is a dataset
    #[arg(long)]
    dataset: bool,
    /// The ticket that the pin will name
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Show the ticket and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: ChangeFormat,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let (format, dry_run) = (self.format, self.dry_run);
        let options = LockOptions { ticket: self.ticket.clone(), dry_run, ..LockOptions::default() };
        let entry = self.entry()?;
        let workspace = Subject::of(context, dry_run)?;
        let online = context.online(&workspace)?;
        let planned = block_on(verbs::add::plan(&workspace, &online, &entry, &options))?;
        let locked = workspace.finish(planned)?;
        if !dry_run && locked.refused.is_empty() {
            context.reporter.note("`modelpin sync` brings the files");
        }
        Ok(super::change::locked(context, locked, format, dry_run))
    }

    fn entry(self) -> Result<NewEntry, Failure> {
        let refuse = |what: String, got: &str| {
            let help = "`modelpin add ORG/REPO` is the plain form; `modelpin help add` shows the others";
            Failure::from(
                Refusal::new(ErrorClass::Usage, what)
                    .expected("a repo on the Hub, as in `acme/chat-7b@v1.2`")
                    .got(got)
                    .why("nothing was changed")
                    .help(help),
            )
        };
        let (repo, revision) = match self.repo.split_once('@') {
            Some((repo, revision)) => (repo, Some(revision)),
            None => (self.repo.as_str(), None),
        };
        let repo: RepoId =
            repo.parse().map_err(|error: modelpin_schema::Invalid| refuse(error.to_string(), &error.got))?;
        let requested = match (revision, &self.version) {
            (Some(_), Some(_)) => {
                return Err(refuse("`@REV` and `--version` are two answers to one question".to_owned(), "both"));
            }
            (None, Some(version)) => modelpin_schema::revision::version(version),
            (Some(revision), None) if revision.starts_with("version:") => {
                return Err(refuse("use `--version REQ` for a requirement".to_owned(), "`@version:`"));
            }
            (Some(revision), None) => revision.parse(),
            (None, None) => Ok(Requested::main()),
        };
        let requested = requested.map_err(|error| refuse(error.to_string(), &error.got))?;
        let name = match self.name {
            Some(name) => name,
            None => Name::for_repo(repo.name()).ok_or_else(|| {
                refuse("no name can be made of the repo's; give one with `--name`".to_owned(), repo.name())
            })?,
        };
        let kind = if self.dataset { RepoKind::Dataset } else { RepoKind::Model };
        let filter = Filter { include: self.include, exclude: self.exclude };
        Ok(NewEntry { kind, name, repo, requested, filter, adapter_of: self.adapter_of })
    }
}
