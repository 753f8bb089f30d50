//! Trouble with the Hub, and repos that are not what they were.

use super::content::{self, Origin};
use super::{ErrorClass, Failure, Refusal};
use modelpin_hub::{Error, Hub, Unusable};
use modelpin_schema::lockfile::code::{MAX_FOREIGN, MAX_FOREIGN_FILES};
use modelpin_schema::{CommitId, Name, Pin, RepoId, RepoPath, RepoUid, Source};

fn refusal(what: String, expected: &str, got: String, why: &str, help: String) -> Refusal {
    Refusal::new(ErrorClass::Upstream, what).expected(expected).got(got).why(why).help(help)
}

/// What to type where a run was offline and needs not be.
const ONLINE: &str = "run it again without `--offline`, `MODELPIN_OFFLINE` and `HF_HUB_OFFLINE`; `modelpin env` sets the last, so run it \
                      in a shell that did not `eval` that";

/// An entry that has to be looked up, without a network.
#[must_use]
pub fn offline(name: &Name) -> Refusal {
    let what = "it has to be looked up on the Hub, and this run is offline".to_owned();
    refusal(
        what,
        "a network",
        "none".to_owned(),
        "what a branch or tag means today is known nowhere else",
        ONLINE.into(),
    )
    .entry(name)
}

/// A file that is nowhere on this machine, without a network.
#[must_use]
pub fn offline_file(name: &Name, path: &RepoPath) -> Refusal {
    let what = "it is neither in the store nor in a mirror, and this run is offline".to_owned();
    let help = "run `modelpin sync` once with a network, or add a `[[mirror]]` that `modelpin vendor` made".to_owned();
    refusal(what, "the file's bytes", "none".to_owned(), "a tree with a hole in it is no locked tree", help)
        .entry(name)
        .file(path)
}

/// A repo whose files are needed, without a network.
#[must_use]
pub fn refused_offline(source: &Source) -> Refusal {
    let what = format!("`{source}` is needed, and this run is offline");
    refusal(what, "a network", "none".to_owned(), "its files are nowhere else", ONLINE.to_owned())
}

/// A repo that code is taken from, and that has none.
#[must_use]
pub fn no_code(source: &Source) -> Refusal {
    refusal(
        format!("`{source}` has no Python file"),
        "the code that configuration names there",
        "none".to_owned(),
        "whoever puts it there later decides what runs",
        "have it corrected upstream, then run this again".to_owned(),
    )
}

/// Code in more repos than anybody could read.
#[must_use]
pub fn tangled() -> Refusal {
    Refusal {
        class: ErrorClass::Policy,
        ..refusal(
            "its code is in more repos and files than are followed".to_owned(),
            &format!("code of at most {MAX_FOREIGN} other repos, with {MAX_FOREIGN_FILES} files"),
            "more".to_owned(),
            "no digest would cover all that runs",
            "`ignored-dependencies = [\"ORG/REPO\"]` below `[policy]` in models.toml locks it without a repo"
                .to_owned(),
        )
    }
}

/// An endpoint that cannot be used at all.
#[must_use]
pub fn bad_endpoint(error: &Error) -> Refusal {
    Refusal {
        class: ErrorClass::Usage,
        ..refusal(
            error.to_string(),
            "an address without a password, such as `https://huggingface.co`, and certificates that can be read",
            "something else".to_owned(),
            "no question can be sent there",
            "correct `HF_ENDPOINT`, `[hub] endpoint` in models.toml, or `SSL_CERT_FILE`".to_owned(),
        )
    }
}

/// What a person gave as the token could be none. What it is stays unsaid.
fn unusable_token(unusable: &Unusable) -> Refusal {
    let Unusable { found, why } = unusable;
    Refusal {
        class: ErrorClass::Usage,
        ..refusal(
            format!("{found} is set to what is no token, or holds none: {why}"),
            "the token alone, as in `hf_…`, on one line",
            "something else, which is not shown".to_owned(),
            "without it, the Hub would answer as to somebody else",
            "correct or unset it; `modelpin` then goes on from what is proven. `HF_HUB_DISABLE_IMPLICIT_TOKEN=1` sends none"
                .to_owned(),
        )
    }
}

/// A repo with another identity than the locked one.
#[must_use]
pub fn replaced(source: &Source, locked: &RepoUid, got: Option<&RepoUid>) -> Refusal {
    Refusal {
        class: ErrorClass::Identity,
        ..refusal(
            format!("`{source}` is another repo than the one that was locked"),
            &format!("repo-id {locked}"),
            got.map_or_else(|| "no identity at all".to_owned(), |got| format!("repo-id {got}")),
            "somebody deleted the repo, and whoever registered the name since may serve anything under it",
            "find out who owns it now; to trust the new one, `modelpin remove NAME` and `modelpin add` it again"
                .to_owned(),
        )
    }
}

/// A repo that another owner answers for.
#[must_use]
pub fn other_owner(source: &Source, now: &RepoId) -> Refusal {
    Refusal {
        class: ErrorClass::Identity,
        ..refusal(
            format!("`{source}` belongs to another owner now"),
            &format!("a repo of `{}`", source.repo.owner().unwrap_or(source.repo.as_str())),
            format!("`{now}`"),
            "the lock was reviewed for another publisher",
            format!("if you trust the new owner, write `repo = \"{now}\"` in models.toml, then `modelpin lock`"),
        )
    }
}

/// What the Hub's client could not do with `source`, in five parts.
#[must_use]
pub fn refused(source: &Source, error: Error) -> Failure {
    let upstream = |what: String, expected: &str, got: String, why: &str, help: String| {
        Failure::from(refusal(what, expected, got, why, help))
    };
    let mirrors = "a pin is no archive: bytes that are in the store or a mirror still sync; `modelpin outdated` shows what is there now";
    match error {
        Error::Gated { message, authenticated } => upstream(
            format!("`{source}` is gated"),
            "access to its files",
            message,
            "its owner decides who may download it",
            if authenticated {
                "ask for access on the repo's page, with the account of this token, then run this again".to_owned()
            } else {
                "set `HF_TOKEN` to a token of an account that has access".to_owned()
            },
        ),
        Error::Disabled => upstream(
            format!("`{source}` was disabled by the Hub"),
            "a repo that is served",
            "Access to this resource is disabled.".to_owned(),
            "the Hub takes repos down for malware or law",
            "find out why before you use a copy of it; `modelpin remove NAME` takes it out of the project".to_owned(),
        ),
        Error::BadToken => upstream(
            "the Hub does not accept the token".to_owned(),
            "a token that it knows",
            "invalid credentials".to_owned(),
            "with a wrong token even public repos are refused",
            "correct `HF_TOKEN` (or the file that `HF_TOKEN_PATH` names), or unset it for public repos".to_owned(),
        ),
        Error::NotFoundOrPrivate { authenticated } => upstream(
            format!("the Hub shows no repo `{source}`"),
            "a repo of that name",
            "not found, or private".to_owned(),
            "a name that is free can be registered by anyone tomorrow",
            if authenticated {
                "check the name, and that the token's account may see it; a dataset needs `--dataset`".to_owned()
            } else {
                "check the name (a dataset needs `--dataset`); for a private repo set `HF_TOKEN`".to_owned()
            },
        ),
        Error::RevisionGone { revision } => upstream(
            format!("`{source}` has no revision `{revision}`"),
            "a branch, tag or commit of the repo",
            "none of that name".to_owned(),
            "somebody removed it, or rewrote the repo's history",
            mirrors.to_owned(),
        ),
        Error::EntryGone => upstream(
            format!("`{source}` has no such file at the locked commit"),
            "the file",
            "none".to_owned(),
            "a commit never loses a file by itself",
            mirrors.to_owned(),
        ),
        Error::RateLimited { wait } => upstream(
            "the Hub limits the rate of requests".to_owned(),
            "an answer",
            format!("a request to wait {} s", wait.as_secs()),
            "asking on would only make the wait longer",
            "run it again later; with `HF_TOKEN` the limits are higher, and a warm sync asks nothing".to_owned(),
        ),
        other => other_trouble(source, other),
    }
}

fn other_trouble(source: &Source, error: Error) -> Failure {
    match error {
        Error::Length { expected, got } => content::size(&Origin::Hub, expected, &format!("{got} bytes")).into(),
        Error::CommitMismatch { asked, got } => content::commit(&asked, &got).into(),
        Error::Hostile { what, got } => content::hostile(what, &got).into(),
        Error::BadEndpoint { .. } | Error::BadCertificates { .. } => bad_endpoint(&error).into(),
        Error::UnusableToken(unusable) => unusable_token(&unusable).into(),
        other => {
            let help =
                "check the network, the proxy and `HF_ENDPOINT`, then run it again: it goes on from what is proven"
                    .to_owned();
            let why = "without an answer nothing can be looked up or fetched";
            refusal(format!("the Hub gave no usable answer about `{source}`"), "an answer", chain(&other), why, help)
                .into()
        }
    }
}

/// An error with everything that caused it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    modelpin_schema::text::visible(&text)
}

/// Why a repo or revision is gone: if another repo stands under the name, that is the news.
pub async fn gone_or_replaced(hub: &Hub, source: &Source, previous: Option<&Pin>, error: Error) -> Failure {
    let locked = previous.and_then(|pin| pin.hub.repo_id.as_ref());
    match is_replaced(hub, source, locked, &error).await {
        Some(refusal) => refusal.into(),
        None => refused(source, error),
    }
}

/// Why a locked file cannot be had.
pub async fn file_refused(
    hub: &Hub,
    source: &Source,
    commit: &CommitId,
    locked: Option<&RepoUid>,
    error: Error,
) -> Failure {
    if let Some(refusal) = is_replaced(hub, source, locked, &error).await {
        return refusal.into();
    }
    match error {
        Error::RevisionGone { .. } => refused(source, Error::RevisionGone { revision: commit.hex() }),
        error => refused(source, error),
    }
}

async fn is_replaced(hub: &Hub, source: &Source, locked: Option<&RepoUid>, error: &Error) -> Option<Refusal> {
    let gone = matches!(error, Error::RevisionGone { .. } | Error::EntryGone | Error::NotFoundOrPrivate { .. });
    let locked = locked.filter(|_| gone)?;
    let now = hub.repo(source, "main").await.ok()?;
    (now.uid.as_ref() != Some(locked)).then(|| replaced(source, locked, now.uid.as_ref()))
}
