//! `modelpin sync`.

use crate::context::Context;
use crate::format::{ChangeFormat, Format};
use crate::output::CommandOutput;
use crate::render::{bytes, changes as report, document, withheld};
use crate::vars;
use clap::builder::BoolishValueParser;
use modelpin_ops::Failure;
use modelpin_ops::verbs::sync::{self, Mode, Outcome, Synced};
use modelpin_policy::Withheld;
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::text::count;
use modelpin_schema::{Name, RepoPath};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Make the target exactly what models.lock says
///
/// Files that are missing come from the store, a mirror or the Hub, in that order, and are placed when all of
/// them are proven; files that changed are repaired; files that the lock does not know are removed. A pin
/// never moves. When nothing is missing, no socket is opened and no content is read.
///
/// What the policy refuses is not placed (exit 5), and what it no longer lets in is removed. Code that nobody
/// certified is withheld: in the store, for `review`, and not in the target. Files that an exemption lets in go to
/// `.modelpin/quarantine`, which only `exec --jail` reaches. In the place of a file that was converted, its result is; where
/// nobody has that, it is made again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin sync               also answers a changed models.toml, as `lock` does
  modelpin sync --locked      in CI: refuse a lock that does not answer models.toml (exit 3)
  modelpin sync --frozen      and open no socket")]
pub struct Args {
    /// Refuse a lock that is missing or does not answer models.toml
    #[arg(long, env = "MODELPIN_LOCKED", value_parser = BoolishValueParser::new())]
    locked: bool,
    /// --locked and --offline
    #[arg(long)]
    frozen: bool,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
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
            context.reporter.note("note: CI is set, so this is `sync --locked`");
        }
        let mode = if asked || vars::is_ci() { Mode::Locked } else { Mode::Write };
        let Outcome { changes, result } = sync::run(&mut workspace, &online, mode);
        let synced = match result {
            Ok(synced) => synced,
            Err(refused) => {
                // A person reads first what changed in the lock, and last why it does not come in.
                if self.format == Format::Text && !changes.is_empty() {
                    let stdout = report::of_lock(&changes, ChangeFormat::Text);
                    let _ = CommandOutput::ended(stdout, refused.class().into()).print();
                }
                return Err(refused);
            }
        };
        if self.format == Format::Json {
            return Ok(CommandOutput::ok(data(&synced)));
        }
        let never = workspace.project.manifest.policy.remote_code == RemoteCode::Never;
        synced
            .withheld
            .iter()
            .flat_map(|(name, kept)| withheld::lines(name, kept, never))
            .for_each(|line| context.reporter.note(&line));
        if synced.warnings > 0 {
            context
                .reporter
                .note(&format!("policy: {}; `modelpin check` lists them", count(synced.warnings, "warning")));
        }
        context.reporter.note(&summary(&synced));
        Ok(CommandOutput::ok(report::of_lock(&changes, ChangeFormat::Text)))
    }
}

fn summary(synced: &Synced) -> String {
    let Synced { entries, files, placed, removed, .. } = synced;
    let whole = format!("{entries} entries, {files} files, {} in {}", bytes(synced.bytes), synced.target.display());
    let mut news = Vec::new();
    if *placed > 0 {
        news.push(format!("{placed} files proven and placed"));
    } else if !synced.published.is_empty() {
        news.push("links and refs put right".to_owned());
    }
    if *removed > 0 {
        news.push(format!("{removed} strangers removed"));
    }
    if news.is_empty() { format!("in sync: {whole}") } else { format!("synced: {} ({whole})", news.join(", ")) }
}

fn data(synced: &Synced) -> String {
    let published: Vec<&str> = synced.published.iter().map(Name::as_str).collect();
    let value = json!({
        "target": synced.target.display().to_string(),
        "entries": synced.entries,
        "files": synced.files,
        "bytes": synced.bytes,
        "published": published,
        "placed-files": synced.placed,
        "removed-strangers": synced.removed,
        "hashed-bytes": synced.hashed,
        "judged-files": synced.scanned,
        "withheld": files_of(&synced.withheld, |withheld| &withheld.uncertified),
        "quarantined": files_of(&synced.withheld, |withheld| &withheld.quarantined),
        "replaced": files_of(&synced.withheld, |withheld| &withheld.replaced),
        "warnings": synced.warnings,
    });
    document("sync", &value)
}

/// Files that stay out of the target, by entry.
fn files_of(withheld: &BTreeMap<Name, Withheld>, which: impl Fn(&Withheld) -> &BTreeSet<RepoPath>) -> Value {
    let entries = withheld.iter().filter(|(_, withheld)| !which(withheld).is_empty());
    let paths = |withheld: &Withheld| which(withheld).iter().map(|path| Value::from(path.as_str())).collect();
    Value::Object(entries.map(|(name, withheld)| (name.to_string(), paths(withheld))).collect::<Map<_, Value>>())
}
