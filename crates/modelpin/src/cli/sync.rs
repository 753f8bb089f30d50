//! `modelpin sync`.

use super::{Format, Said, block_on};
use crate::context::Context;
use crate::render::{bytes, document, ticket};
use crate::vars;
use clap::builder::BoolishValueParser;
use modelpin_ops::Failure;
use modelpin_ops::verbs::sync::{self, Mode, Synced};
use serde_json::json;

/// Make the target exactly what models.lock says
///
/// Files that are missing come from the store, a mirror or the Hub, in that order, and are placed when all of
/// them are proven; files that changed are repaired; files that the lock does not know are removed. A pin
/// never moves. When nothing is missing, no socket is opened and no content is read.
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
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let mut project = context.project()?;
        let mut session = context.session(&project)?;
        if self.frozen {
            session.hub = None;
        }
        let asked = self.locked || self.frozen;
        if !asked && vars::is_ci() {
            context.reporter.note("note: CI is set, so this is `sync --locked`");
        }
        let mode = if asked || vars::is_ci() { Mode::Locked } else { Mode::Write };
        let synced = block_on(sync::run(&session, &mut project, &context.hf_cache(), Context::today()?, mode))?;
        if self.format == Format::Json {
            return Ok(Said::ok(data(&synced)));
        }
        context.reporter.note(&summary(&synced));
        Ok(Said::ok(ticket::render(&synced.changes, super::TicketFormat::Text)))
    }
}

fn summary(synced: &Synced) -> String {
    let Synced { entries, files, brought, removed, .. } = synced;
    let whole = format!("{entries} entries, {files} files, {} in {}", bytes(synced.bytes), synced.target.display());
    let mut news = Vec::new();
    if *brought > 0 {
        news.push(format!("{brought} files proven and placed"));
    } else if !synced.published.is_empty() {
        news.push("links and refs put right".to_owned());
    }
    if *removed > 0 {
        news.push(format!("{removed} strangers removed"));
    }
    if news.is_empty() { format!("in sync: {whole}") } else { format!("synced: {} ({whole})", news.join(", ")) }
}

fn data(synced: &Synced) -> String {
    let published: Vec<&str> = synced.published.iter().map(modelpin_schema::Name::as_str).collect();
    let value = json!({
        "target": synced.target.display().to_string(),
        "entries": synced.entries,
        "files": synced.files,
        "bytes": synced.bytes,
        "published": published,
        "placed-files": synced.brought,
        "removed-strangers": synced.removed,
        "hashed-bytes": synced.hashed,
    });
    document("sync", &value)
}
