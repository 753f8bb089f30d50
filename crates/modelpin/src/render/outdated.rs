//! What changed upstream.

use crate::exit::Exit;
use crate::out::line;
use modelpin_ops::Refusal;
use modelpin_ops::verbs::outdated::{Kind, UpstreamChange};
use modelpin_schema::output::pins::{self, Outdated, What};

/// One line each, for people.
#[must_use]
pub fn text(news: &[UpstreamChange]) -> String {
    let mut out = String::new();
    for UpstreamChange { name, kind } in news {
        line(&mut out, format_args!("{name}: {}", sentence(name.as_str(), kind)));
    }
    out
}

fn sentence(name: &str, kind: &Kind) -> String {
    match kind {
        Kind::Newer { requested, locked, latest, tag } => {
            let tag = tag.as_ref().map(|tag| format!(" ({tag})")).unwrap_or_default();
            let locked = locked.short();
            let latest = latest.short();
            format!("locked {locked}, newest {latest}{tag} for `{requested}`; `modelpin update {name}` updates it")
        }
        Kind::Gone { locked } => {
            format!("the locked commit {} is gone upstream; keep a copy with `modelpin vendor DIR`", locked.short())
        }
        Kind::OtherBytes { path, locked, listed } => format!(
            "`{path}` is not the file of the locked commit: locked {locked}, on the Hub {listed}; find out who \
             changed models.lock"
        ),
        Kind::RepoGone => "the repo is gone or private; keep a copy with `modelpin vendor DIR`".to_owned(),
        Kind::Renamed { to } => format!("the repo was renamed to `{to}`"),
        Kind::Refused(refusal) => Refusal { name: None, ..refusal.clone() }.to_string(),
        Kind::Flagged { path, level } => format!("the Hub's scanners flag `{path}` as {level}"),
    }
}

/// For programs.
#[must_use]
pub fn data(news: &[UpstreamChange]) -> Outdated {
    let news = news.iter().map(|news| pins::News { name: news.name.to_string(), what: what(&news.kind) });
    Outdated { news: news.collect() }
}

fn what(kind: &Kind) -> What {
    match kind {
        Kind::Newer { requested, locked, latest, tag } => What::Newer {
            requested: requested.clone(),
            locked: locked.hex(),
            latest: latest.hex(),
            tag: tag.as_ref().map(ToString::to_string),
        },
        Kind::Gone { locked } => What::CommitGone { locked: locked.hex() },
        Kind::OtherBytes { path, locked, listed } => {
            What::OtherBytes { path: path.to_string(), locked: locked.clone(), listed: listed.clone() }
        }
        Kind::RepoGone => What::RepoGone,
        Kind::Renamed { to } => What::Renamed { to: to.to_string() },
        Kind::Refused(refusal) => What::Refused {
            what: refusal.what.clone(),
            expected: refusal.expected.clone(),
            got: refusal.got.clone(),
            exit_code: Exit::from(refusal.class).code(),
        },
        Kind::Flagged { path, level } => What::Flagged { path: path.clone(), level: level.clone() },
    }
}
