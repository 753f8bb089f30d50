//! `modelpin sync`.

use super::args::OutputArgs;
use super::change;
use crate::context::Context;
use crate::format::{ChangeFormat, Format};
use crate::output::CommandOutput;
use crate::render::{bytes, withheld};
use crate::vars;
use clap::builder::BoolishValueParser;
use modelpin_ops::Failure;
use modelpin_ops::verbs::sync::{self, Mode, Outcome, Synced};
use modelpin_policy::Withheld;
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::output::files as document;
use modelpin_schema::text::count;
use modelpin_schema::{Name, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Download, verify and install exactly what models.lock lists
///
/// Missing files come from the cache, a mirror or the Hub, in that order, and are installed when all of them are
/// verified. Changed files are repaired, and files that models.lock does not list are removed. A pin never moves. If
/// nothing is missing, there is no network access and no file is read.
///
/// What the policy refuses is not installed (exit 5), or is removed. Code that is not certified is withheld: it is in
/// the cache, for `review`, and not in the target. Files with an exemption go to `.modelpin/quarantine`, which only
/// `exec --jail` reaches. A converted file is replaced by its result, which is made again if it is missing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin sync             update a stale models.lock first, as `lock` does
  modelpin sync --locked    in CI: fail (exit 3) if models.lock is stale
  modelpin sync --frozen    the same, offline")]
pub struct Args {
    /// Fail if models.lock is missing or stale
    ///
    /// It is the default where `CI` is set. Environment: `MODELPIN_LOCKED`
    #[arg(long, env = "MODELPIN_LOCKED", hide_env = true, value_parser = BoolishValueParser::new())]
    locked: bool,
    /// The same as `--locked --offline`
    #[arg(long)]
    frozen: bool,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut workspace = context.writable_workspace()?;
        let mut online = context.online(&workspace)?;
        if self.frozen {
            online.hub = None;
        }
        let asked = self.locked || self.frozen;
        if !asked && vars::is_ci() {
            context.reporter.note("note: CI is set, so this is `modelpin sync --locked`");
        }
        let mode = if asked || vars::is_ci() { Mode::Locked } else { Mode::Write };
        let Outcome { changes, result } = sync::run(&mut workspace, &online, mode);
        let report = change::report(&changes, ChangeFormat::Text);
        let synced = match result {
            Ok(synced) => synced,
            // A person reads first what changed in the lock, and last why it is not installed.
            Err(failure) if self.output.format == Format::Text => return Ok(report.failing(failure)),
            Err(failure) => return Err(failure),
        };
        if self.output.format == Format::Json {
            return Ok(CommandOutput::data(&data(&synced)));
        }
        let never = workspace.project.manifest.policy.remote_code == RemoteCode::Never;
        for line in synced.withheld.iter().flat_map(|(name, kept)| withheld::lines(name, kept, never)) {
            context.reporter.note(&line);
        }
        if synced.warnings > 0 {
            let warnings = count(synced.warnings, "warning");
            context.reporter.note(&format!("policy: {warnings}; `modelpin check` lists them"));
        }
        context.reporter.note(&summary(&synced));
        Ok(report)
    }
}

/// What was done, and what is installed now.
fn summary(synced: &Synced) -> String {
    let entries = count(synced.entries, "entry");
    let files = count(synced.files, "file");
    let size = bytes(synced.bytes);
    let whole = format!("{entries}, {files}, {size} in {}", synced.target.display());
    let mut done = Vec::new();
    if synced.placed > 0 {
        done.push(format!("{} verified and installed", count(synced.placed, "file")));
    } else if !synced.published.is_empty() {
        done.push("links and refs repaired".to_owned());
    }
    if synced.removed > 0 {
        done.push(format!("removed {}", count(synced.removed, "untracked file")));
    }
    if done.is_empty() { format!("up to date: {whole}") } else { format!("synced: {} ({whole})", done.join(", ")) }
}

fn data(synced: &Synced) -> document::Sync {
    document::Sync {
        target: synced.target.display().to_string(),
        entries: synced.entries,
        files: synced.files,
        bytes: synced.bytes,
        published: synced.published.iter().map(Name::to_string).collect(),
        installed_files: synced.placed,
        removed_files: synced.removed,
        hashed_bytes: synced.hashed,
        scanned_files: synced.scanned,
        withheld: files_of(&synced.withheld, |withheld| &withheld.uncertified),
        quarantined: files_of(&synced.withheld, |withheld| &withheld.quarantined),
        replaced: files_of(&synced.withheld, |withheld| &withheld.replaced),
        warnings: synced.warnings,
    }
}

/// Files that stay out of the target, by entry.
fn files_of(
    withheld: &BTreeMap<Name, Withheld>,
    which: impl Fn(&Withheld) -> &BTreeSet<RepoPath>,
) -> BTreeMap<String, Vec<String>> {
    let entries = withheld.iter().filter(|(_, withheld)| !which(withheld).is_empty());
    entries
        .map(|(name, withheld)| (name.to_string(), which(withheld).iter().map(RepoPath::to_string).collect()))
        .collect()
}
