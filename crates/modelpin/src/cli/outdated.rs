//! `modelpin outdated`.

use super::block_on;
use crate::context::Context;
use crate::exit::Exit;
use crate::format::Format;
use crate::out::one_line;
use crate::output::CommandOutput;
use crate::render::document;
use modelpin_ops::verbs::outdated::{self, Kind, News};
use modelpin_ops::{Failure, Refusal};
use modelpin_schema::Name;
use serde_json::{Value, json};

/// Show what upstream has that the lock has not
///
/// Also: locked bytes that the locked commit does not have (exit 4), pins whose commit is gone, repos that were renamed,
/// replaced or removed, and locked files that the Hub's own scanners flag. Nothing is changed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin outdated\n  modelpin outdated chat --exit-code      exit 10 if there is news, for a scheduled job"
)]
pub struct Args {
    /// The entries; all, where none is given
    #[arg(value_name = "NAME")]
    names: Vec<Name>,
    /// Exit 10 if there is any news
    #[arg(long)]
    exit_code: bool,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let online = context.online(&workspace)?;
        let news = block_on(outdated::run(&workspace, &online, &self.names))?;
        if news.is_empty() {
            context.reporter.note("every pin is what its wish means today");
        }
        let stdout = match self.format {
            Format::Text => news.iter().map(text).collect(),
            Format::Json => document("news", &news.iter().map(data).collect()),
        };
        let exit = match &*news {
            news if news.iter().any(|news| matches!(news.kind, Kind::OtherBytes { .. })) => Exit::Integrity,
            [_, ..] if self.exit_code => Exit::Outdated,
            _ => Exit::Ok,
        };
        Ok(CommandOutput::ended(stdout, exit))
    }
}

fn text(news: &News) -> String {
    let News { name, kind } = news;
    let what = match kind {
        Kind::Newer { requested, locked, latest, tag } => {
            let tag = tag.as_ref().map(|tag| format!(" ({tag})")).unwrap_or_default();
            format!(
                "`{requested}` is {} now{tag}, locked is {}; `modelpin update {name}` moves it",
                latest.short(),
                locked.short()
            )
        }
        Kind::Gone { locked } => {
            format!("the locked commit {} is gone upstream; keep a copy with `modelpin vendor DIR`", locked.short())
        }
        Kind::OtherBytes { path, locked, listed } => format!(
            "`{path}` is not what the locked commit has: locked is {locked}, the Hub has {listed}; find out who changed models.lock"
        ),
        Kind::RepoGone => "the repo is gone or hidden; keep a copy with `modelpin vendor DIR`".to_owned(),
        Kind::Renamed { to } => format!("the repo is now called `{to}`"),
        Kind::Refused(refusal) => Refusal { name: None, ..refusal.clone() }.to_string(),
        Kind::Flagged { path, level } => format!("the Hub's scanners call `{path}` {level}"),
    };
    format!("{}\n", one_line(&format!("{name}: {what}")))
}

fn data(news: &News) -> Value {
    let name = news.name.as_str();
    match &news.kind {
        Kind::Newer { requested, locked, latest, tag } => json!({
            "name": name, "news": "newer", "requested": requested, "locked": locked.hex(), "latest": latest.hex(),
            "tag": tag.as_ref().map(ToString::to_string),
        }),
        Kind::Gone { locked } => {
            json!({ "name": name, "news": "commit-gone", "locked": locked.hex() })
        }
        Kind::OtherBytes { path, locked, listed } => json!({
            "name": name, "news": "other-bytes", "path": path.as_str(), "locked": locked, "listed": listed,
        }),
        Kind::RepoGone => json!({ "name": name, "news": "repo-gone" }),
        Kind::Renamed { to } => json!({ "name": name, "news": "renamed", "to": to.as_str() }),
        Kind::Refused(refusal) => json!({
            "name": name, "news": "refused", "what": refusal.what, "expected": refusal.expected, "got": refusal.got,
            "exit-code": Exit::from(refusal.class).code(),
        }),
        Kind::Flagged { path, level } => {
            json!({ "name": name, "news": "flagged", "path": path, "level": level })
        }
    }
}
