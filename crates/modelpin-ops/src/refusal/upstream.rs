//! What the Hub does not serve, and repos that are not what they were.

use super::content::{self, Origin};
use super::{ErrorClass, Failure, Refusal};
use modelpin_hub::{Error, Hub, Permission, UnusableToken};
use modelpin_schema::lockfile::code::{MAX_FOREIGN, MAX_FOREIGN_FILES};
use modelpin_schema::lockfile::{DependencyKind, Role, Unpinned};
use modelpin_schema::text::{list, list_up_to};
use modelpin_schema::{CommitId, Name, Pin, RepoId, RepoKind, RepoPath, RepoUid, Source};
use std::collections::BTreeSet;
use std::fmt::Display;

fn upstream(what: impl Display) -> Refusal {
    Refusal::new(ErrorClass::Upstream, what)
}

/// With what to do where a run was offline and need not be.
fn or_online(refusal: Refusal) -> Refusal {
    refusal
        .help("run it again without `--offline`, `MODELPIN_OFFLINE` and `HF_HUB_OFFLINE`")
        .help("`modelpin env` sets `HF_HUB_OFFLINE`, so use a shell that did not `eval` it")
}

/// An entry that has to be looked up, without a network.
#[must_use]
pub fn offline(name: &Name) -> Refusal {
    or_online(upstream("it has to be looked up on the Hub, and this run is offline")).entry(name)
}

/// A file of which there is no copy on this machine, without a network.
#[must_use]
pub fn offline_file(name: &Name, path: &RepoPath) -> Refusal {
    upstream("it is neither in the cache nor in a mirror, and this run is offline")
        .why("without this file the result would not match models.lock")
        .help("run `modelpin sync` once with a network")
        .help("or add a `[[mirror]]` that `modelpin vendor` made")
        .entry(name)
        .file(path)
}

/// A repo whose files are needed, without a network.
#[must_use]
pub fn refused_offline(source: &Source) -> Refusal {
    or_online(upstream(format_args!("files of `{source}` are needed, and this run is offline")))
}

/// A repo that code is needed from, and that has none.
#[must_use]
pub fn no_code(source: &Source) -> Refusal {
    upstream(format_args!("no Python file in `{source}`"))
        .expected("the code that the configuration names there")
        .why("whoever adds it later would decide what runs")
        .help("have it corrected upstream, then run this again")
}

/// A repo that something is needed from, and that has no file of what is needed.
#[must_use]
pub fn nothing_needed(need: &Unpinned) -> Refusal {
    let kinds: BTreeSet<String> = need.required_by.iter().map(|by| format!("`{}`", by.kind)).collect();
    if need.required_by.iter().all(|by| by.kind == DependencyKind::Reference(Role::Code)) {
        return no_code(&need.source);
    }
    upstream(format_args!("no file in `{}` of what its loader reads there ({})", need.source, list(kinds)))
        .expected(format_args!(
            "one of {}",
            list_up_to(8, need.filter.include.iter().map(|pattern| format!("`{pattern}`")))
        ))
        .why("the loader would find nothing there either")
        .help("have it corrected upstream, then run this again")
}

/// Code in more repos than anybody could review.
#[must_use]
pub fn tangled() -> Refusal {
    Refusal::new(ErrorClass::Policy, "its code comes from too many repos and files")
        .expected(format_args!("code of at most {MAX_FOREIGN} other repos, with {MAX_FOREIGN_FILES} files"))
        .got("more than that")
        .why("no digest would cover all the code that runs")
        .help("to lock it without a repo, add `ignored-dependencies = [\"ORG/REPO\"]` to `[policy]` in models.toml")
}

/// An endpoint that cannot be used at all.
#[must_use]
pub fn bad_endpoint(error: &Error) -> Refusal {
    Refusal::new(ErrorClass::Usage, error)
        .expected("an address without a password, such as `https://huggingface.co`, and readable certificates")
        .help("correct `HF_ENDPOINT`, `[hub] endpoint` in models.toml, or `SSL_CERT_FILE`")
}

/// What a user gave as the token cannot be one. It is not shown.
fn unusable_token(unusable: &UnusableToken) -> Refusal {
    let UnusableToken { found, why } = unusable;
    Refusal::new(ErrorClass::Usage, format_args!("the token in {found} cannot be used: {why}"))
        .expected("the token alone, as in `hf_…`, on one line")
        .got("something else, which is not shown")
        .help("correct or unset it")
        .help("or set `HF_HUB_DISABLE_IMPLICIT_TOKEN=1` to send no token")
}

/// A repo with another identity than the locked one.
#[must_use]
pub fn replaced(source: &Source, locked: &RepoUid, got: Option<&RepoUid>) -> Refusal {
    Refusal::new(ErrorClass::Identity, format_args!("`{source}` is not the repo that was locked"))
        .expected(format_args!("repo-id {locked}"))
        .got(got.map_or_else(|| "no repo-id".to_owned(), |got| format!("repo-id {got}")))
        .why("the repo was deleted, and whoever registered the name since may serve anything under it")
        .help("find out who owns it now")
        .help("to trust the new one, run `modelpin remove NAME`, then `modelpin add` it again")
}

/// A repo that belongs to another owner than `known`, its name when it was locked.
#[must_use]
pub fn other_owner(source: &Source, known: &RepoId, now: &RepoId) -> Refusal {
    Refusal::new(ErrorClass::Identity, format_args!("`{source}` belongs to another owner now"))
        .expected(format_args!("a repo of `{}`", known.owner().unwrap_or(known.as_str())))
        .got(format_args!("`{now}`"))
        .why("the lock was reviewed for another publisher")
        .help(format_args!("to trust the new owner, write `repo = \"{now}\"` in models.toml, then run `modelpin lock`"))
}

/// With what to do where something is gone from the Hub.
fn or_mirror(refusal: Refusal) -> Refusal {
    refusal
        .help("run `modelpin outdated` to see what is there now")
        .help("files that are in the cache or a mirror can still be installed with `modelpin sync`")
}

/// A repo whose content is for those only who accepted its conditions.
fn gated(source: &Source, message: String, permission: Permission, endpoint: &str) -> Refusal {
    let endpoint = endpoint.trim_end_matches('/');
    let folder = if source.kind == RepoKind::Dataset { "datasets/" } else { "" };
    let page = format!("{endpoint}/{folder}{}", source.repo);
    let tokens = format!("{endpoint}/settings/tokens");
    let refusal = upstream(format_args!("access to `{source}` is restricted"))
        .expected("the token of an account that accepted the repo's conditions")
        .got(message)
        .why("its owner decides who may download it");
    match permission {
        Permission::NoToken => refusal
            .help(format_args!("log in to the Hub and accept the conditions at {page}"))
            .help(format_args!("then set `HF_TOKEN` to a token of that account from {tokens}, and run this again")),
        Permission::BadToken => {
            refusal.help("the Hub does not accept the token; it may have expired or been revoked").help(format_args!(
                "set `HF_TOKEN` to a token from {tokens}, of an account that accepted the conditions at {page}"
            ))
        }
        Permission::NotListed => refusal
            .help(format_args!("accept the conditions at {page} with the account of the token, then run this again"))
            .help(format_args!("a fine-grained token also needs the permission to read gated repos: {tokens}")),
        Permission::Pending => refusal.help(format_args!(
            "wait until the repo's authors grant the request, which {page} shows, then run this again"
        )),
    }
}

/// What is said of a repo that the Hub does not have, or does not show.
fn not_found(source: &Source) -> String {
    format!("`{source}` not found on the Hub, or private")
}

/// Whether `refusal` says that the Hub does not have `source`, or does not show it.
pub fn is_not_found(refusal: &Refusal, source: &Source) -> bool {
    refusal.class == ErrorClass::Upstream && refusal.what == not_found(source)
}

/// What the Hub's client could not do with `source`.
#[must_use]
pub fn refused(source: &Source, error: Error) -> Failure {
    let refusal = match error {
        Error::Gated { message, permission, endpoint } => gated(source, message, permission, &endpoint),
        Error::Disabled => upstream(format_args!("`{source}` was disabled by the Hub"))
            .got("Access to this resource is disabled.")
            .why("the Hub disables repos for malware or legal reasons")
            .help("find out why before you use a copy of it")
            .help("run `modelpin remove NAME` to take it out of the project"),
        Error::BadToken => upstream("the Hub does not accept the token")
            .why("with an invalid token the Hub denies even public repos")
            .help("correct `HF_TOKEN`, or the file that `HF_TOKEN_PATH` names")
            .help("or unset it for public repos"),
        Error::NotFoundOrPrivate { authenticated } => {
            let refusal = upstream(not_found(source)).help("check the name; for a dataset use `--dataset`");
            if authenticated {
                refusal.help("check that the token's account has access")
            } else {
                refusal.help("for a private repo set `HF_TOKEN`")
            }
        }
        Error::RevisionGone { revision } => {
            let refusal = upstream(format_args!("revision `{revision}` of `{source}` not found"));
            if CommitId::from_hex(&revision).is_ok() {
                or_mirror(refusal.why("it was removed, or the repo's history was rewritten"))
            } else {
                refusal
                    .expected("a branch, tag or commit of the repo")
                    .help(
                        "correct it in `modelpin add`, `--precise` of `modelpin update`, or `revision` in models.toml",
                    )
                    .help("or run `modelpin outdated` to see what is there now, in case it was removed")
            }
        }
        Error::EntryGone => or_mirror(
            upstream(format_args!("file not found in `{source}` at the locked commit"))
                .why("a commit never loses a file by itself"),
        ),
        Error::RateLimited { wait } => upstream("the Hub limits the rate of requests")
            .got(format_args!("a request to wait {} s", wait.as_secs()))
            .help("run it again later")
            .help("set `HF_TOKEN` for higher limits"),
        Error::Length { expected, got } => content::size(&Origin::Hub, expected, &format!("{got} bytes")),
        Error::CommitMismatch { asked, got } => content::commit(&asked, &got),
        Error::Hostile { what, got } => content::hostile(what, &got),
        Error::BadEndpoint { .. } | Error::BadCertificates { .. } => bad_endpoint(&error),
        Error::UnusableToken(unusable) => unusable_token(&unusable),
        other => upstream(format_args!("no usable answer from the Hub about `{source}`"))
            .got(chain(&other))
            .help("check the network, the proxy and `HF_ENDPOINT`, then run it again")
            .help("files that are complete are kept"),
    };
    refusal.into()
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
