//! `modelpin add`.

use super::args::ChangeArgs;
use super::change::{self, Opened};
use super::online::block_on;
use crate::ask;
use crate::context::Context;
use crate::format::{ChangeFormat, ReportFormat};
use crate::output::CommandOutput;
use crate::render::scan;
use modelpin_ops::verbs::add::Asked;
use modelpin_ops::verbs::lock::{LockOptions, Locked};
use modelpin_ops::verbs::scan::Scanned;
use modelpin_ops::{ErrorClass, Failure, Refusal, verbs};
use modelpin_schema::{Filter, Name, Pattern, RepoId, RepoKind, Variant};

/// Add a model or dataset to models.toml and pin it
///
/// Where models.toml has the repo already, its entry gets the patterns and the variant that are given, and is locked
/// again at the same commit. A repo of several variants of the same weights, such as the quantizations of a GGUF repo,
/// needs a choice: on a terminal you are asked for it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin add sentence-transformers/all-MiniLM-L6-v2
  modelpin add acme/chat-7b@v1.2.0 --name chat
  modelpin add acme/chat-7b --version '^1.2' --include '*.safetensors'
  modelpin add acme/chat-7b --exclude 'original/*'    (of an entry that is there)
  modelpin add acme/chat-gguf:Q4_K_M                  take one of several variants
  modelpin add acme/lora --adapter-of chat
  modelpin add acme/faq --dataset --ticket SEC-4410
  modelpin add acme/chat-7b --name next --dry-run       what would be locked, and what a scan of it finds")]
pub struct Args {
    /// The repo; after an `@`, the branch, tag or commit to follow [default: main]; after a `:`, the variant
    #[arg(value_name = "ORG/REPO[@REV][:VARIANT]")]
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
    /// Take this variant of several: a quantization, a precision, a model
    #[arg(long, visible_alias = "quant", value_name = "NAME", conflicts_with = "all")]
    variant: Option<Variant>,
    /// Take every variant
    #[arg(long)]
    all: bool,
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
        let mut asked = self.asked()?;
        let (locked, scanned) = match locked(context, &asked, &lock_options) {
            Err(failure) if failure.class() == ErrorClass::Usage && may_ask(context, &asked, format) => {
                let Some(variant) = chosen(context, &asked)? else { return Err(failure) };
                asked.filter.variant = Some(variant);
                locked(context, &asked, &lock_options)?
            }
            result => result?,
        };
        if let Some(scanned) = scanned.as_ref().filter(|_| format == ChangeFormat::Text) {
            context.reporter.print(&scan::render(scanned, ReportFormat::Text, context.globals.verbose > 0));
        }
        let problems = scanned.iter().flat_map(scan::problems).collect();
        Ok(change::finish_installable(context, locked, format, dry_run).with(problems))
    }

    fn asked(self) -> Result<Asked, Failure> {
        let Typed { repo, revision, variant } = typed(&self.repo);
        let repo: RepoId =
            repo.parse().map_err(|error: modelpin_schema::Invalid| refuse(error.to_string(), &error.got))?;
        let requested = match (revision, &self.version) {
            (Some(_), Some(_)) => {
                return Err(refuse("`@REV` and `--version` exclude each other".to_owned(), "both"));
            }
            (None, Some(version)) => Some(modelpin_schema::revision::version(version)),
            (Some(revision), None) if revision.starts_with("version:") => {
                return Err(refuse("a version requirement is given with `--version REQ`".to_owned(), "`@version:`"));
            }
            (Some(revision), None) => Some(revision.parse()),
            (None, None) => None,
        };
        let requested = requested.transpose().map_err(|error| refuse(error.to_string(), &error.got))?;
        let variant = match (variant, self.variant, self.all) {
            (Some(_), Some(_), _) => {
                return Err(refuse("`:VARIANT` and `--variant` exclude each other".to_owned(), "both"));
            }
            (Some(_), None, true) => {
                return Err(refuse("`:VARIANT` and `--all` exclude each other".to_owned(), "both"));
            }
            (Some(variant), None, false) => {
                Some(variant.parse().map_err(|error: modelpin_schema::Invalid| refuse(error.to_string(), &error.got))?)
            }
            (None, variant, false) => variant,
            (None, _, true) => Some(Variant::all()),
        };
        let kind = if self.dataset { RepoKind::Dataset } else { RepoKind::Model };
        let filter = Filter { include: self.include, exclude: self.exclude, variant };
        Ok(Asked { kind, repo, requested, name: self.name, filter, adapter_of: self.adapter_of })
    }
}

/// The parts of `ORG/REPO@REV:VARIANT`.
struct Typed<'a> {
    repo: &'a str,
    revision: Option<&'a str>,
    variant: Option<&'a str>,
}

/// Takes the word apart. Neither a repo nor the name of a ref can have a `:` in it (git-check-ref-format), so that the
/// first one ends them; an address keeps its own, and is refused as one.
fn typed(word: &str) -> Typed<'_> {
    let (repo, revision) = word.split_once('@').map_or((word, None), |(repo, revision)| (repo, Some(revision)));
    // `@version:^1.2` is how models.lock spells a requirement.
    if word.contains("://") || revision.is_some_and(|revision| revision.starts_with("version:")) && !repo.contains(':')
    {
        return Typed { repo, revision, variant: None };
    }
    let (reference, variant) = word.split_once(':').map_or((word, None), |(word, variant)| (word, Some(variant)));
    let (repo, revision) =
        reference.split_once('@').map_or((reference, None), |(repo, revision)| (repo, Some(revision)));
    Typed { repo, revision, variant }
}

fn refuse(what: String, got: &str) -> Failure {
    let help = "run `modelpin add ORG/REPO`; `modelpin help add` shows the other forms";
    let expected = "a repo on the Hub, as in `acme/chat-7b@v1.2` or `acme/chat-gguf:Q4_K_M`";
    Refusal::new(ErrorClass::Usage, what).expected(expected).got(got).why("nothing was changed").help(help).into()
}

/// What changes in the lock, and, where nothing is written, what a scan finds in the files that would be locked.
fn locked(context: &Context, asked: &Asked, options: &LockOptions) -> Result<(Locked, Option<Scanned>), Failure> {
    let workspace = Opened::new(context, options.dry_run)?;
    let online = context.online(&workspace)?;
    let planned = block_on(verbs::add::plan(&workspace, &online, asked, options))?;
    let scanned = if options.dry_run { block_on(verbs::add::scan(&online, &planned, asked))? } else { None };
    Ok((workspace.finish(planned)?, scanned))
}

/// Whether somebody is there who could choose one of several variants, and has not.
fn may_ask(context: &Context, asked: &Asked, format: ChangeFormat) -> bool {
    let is_open = asked.filter.include.is_empty() && asked.filter.variant.is_none();
    is_open && format == ChangeFormat::Text && !context.globals.quiet && ask::is_possible()
}

/// What somebody chooses of the variants; none where there is nothing to choose.
///
/// # Errors
/// Nothing chosen; whatever keeps the variants from being listed.
fn chosen(context: &Context, asked: &Asked) -> Result<Option<Variant>, Failure> {
    // Nothing is held while a person thinks.
    let workspace = context.workspace()?;
    let online = context.online(&workspace)?;
    let offered = block_on(verbs::add::alternatives(&workspace, &online, asked))?;
    offered.map(|offered| ask::variant(&asked.repo, &offered)).transpose()
}

#[cfg(test)]
mod tests {
    use super::{Typed, typed};

    #[test]
    fn a_word_has_three_parts() {
        let parts = |word: &'static str| {
            let Typed { repo, revision, variant } = typed(word);
            (repo, revision.unwrap_or("-"), variant.unwrap_or("-"))
        };
        for (word, expected) in [
            ("gpt2", ("gpt2", "-", "-")),
            ("gpt2:Q4_0", ("gpt2", "-", "Q4_0")),
            ("a/b", ("a/b", "-", "-")),
            ("a/b@v1", ("a/b", "v1", "-")),
            ("a/b:Q4_K_M", ("a/b", "-", "Q4_K_M")),
            ("a/b@refs/pr/1:Q4_K_M", ("a/b", "refs/pr/1", "Q4_K_M")),
            ("a/b@x@y:z", ("a/b", "x@y", "z")),
            ("a/b:x@y", ("a/b", "-", "x@y")),
            ("a/b:x:y", ("a/b", "-", "x:y")),
            ("a/b:", ("a/b", "-", "")),
            ("a/b@version:^1", ("a/b", "version:^1", "-")),
            ("https://host/a/b", ("https://host/a/b", "-", "-")),
        ] {
            assert_eq!(parts(word), expected, "{word}");
        }
    }
}
