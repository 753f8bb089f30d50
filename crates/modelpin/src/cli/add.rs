//! `modelpin add`.

use super::args::ChangeArgs;
use super::change::{self, Opened};
use super::online::block_on;
use crate::context::Context;
use crate::output::CommandOutput;
use modelpin_ops::verbs::lock::LockOptions;
use modelpin_ops::{ErrorClass, Failure, Refusal, verbs};
use modelpin_schema::manifest::edit::NewEntry;
use modelpin_schema::{Filter, Name, Pattern, RepoId, RepoKind, Requested};

/// Add a model or dataset to models.toml and pin it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin add sentence-transformers/all-MiniLM-L6-v2
  modelpin add acme/chat-7b@v1.2.0 --name chat
  modelpin add acme/chat-7b --version '^1.2' --include '*.safetensors'
  modelpin add acme/lora --adapter-of chat
  modelpin add acme/faq --dataset --ticket SEC-4410")]
pub struct Args {
    /// The repo; after an `@`, the branch, tag or commit to follow [default: main]
    #[arg(value_name = "ORG/REPO[@REV]")]
    repo: String,
    /// Follow the newest vX.Y.Z tag that this requirement allows, as in `^1.2`
    #[arg(long, value_name = "REQ")]
    version: Option<String>,
    /// Name the entry [default: made from the repo's name]
    #[arg(long, value_name = "NAME")]
    name: Option<Name>,
    /// Only include files that match this glob; repeatable
    #[arg(long, value_name = "GLOB")]
    include: Vec<Pattern>,
    /// Exclude files that match this glob; repeatable
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<Pattern>,
    /// Add an adapter of this entry
    #[arg(long, value_name = "NAME", conflicts_with = "dataset")]
    adapter_of: Option<Name>,
    /// Add a dataset instead of a model
    #[arg(long)]
    dataset: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let format = self.change.output.format;
        let dry_run = self.change.dry_run;
        let lock_options = LockOptions { ticket: self.change.ticket.clone(), dry_run, ..LockOptions::default() };
        let entry = self.entry()?;
        let workspace = Opened::new(context, dry_run)?;
        let online = context.online(&workspace)?;
        let planned = block_on(verbs::add::plan(&workspace, &online, &entry, &lock_options))?;
        let locked = workspace.finish(planned)?;
        if !dry_run && locked.refused.is_empty() {
            context.reporter.note("`modelpin sync` installs the files");
        }
        Ok(change::finish(context, locked, format, dry_run))
    }

    fn entry(self) -> Result<NewEntry, Failure> {
        let refuse = |what: String, got: &str| {
            let help = "run `modelpin add ORG/REPO`; `modelpin help add` shows the other forms";
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
                return Err(refuse("`@REV` and `--version` exclude each other".to_owned(), "both"));
            }
            (None, Some(version)) => modelpin_schema::revision::version(version),
            (Some(revision), None) if revision.starts_with("version:") => {
                return Err(refuse("a version requirement is given with `--version REQ`".to_owned(), "`@version:`"));
            }
            (Some(revision), None) => revision.parse(),
            (None, None) => Ok(Requested::main()),
        };
        let requested = requested.map_err(|error| refuse(error.to_string(), &error.got))?;
        let name = match self.name {
            Some(name) => name,
            None => Name::for_repo(repo.name())
                .ok_or_else(|| refuse("no entry name can be made from the repo's name".to_owned(), repo.name()))?,
        };
        let kind = if self.dataset { RepoKind::Dataset } else { RepoKind::Model };
        let filter = Filter { include: self.include, exclude: self.exclude, variant: None };
        Ok(NewEntry { kind, name, repo, requested, filter, adapter_of: self.adapter_of })
    }
}
