//! Repo, refs, commits, scans: what the API says of a repo.

use crate::endpoint::{encode, shown};
use crate::hub::Hub;
use crate::request::{Purpose, read_body};
use crate::{Error, wire};
use jiff::civil::Date;
use modelpin_schema::text::visible;
use modelpin_schema::{CommitId, RepoId, RepoUid, Revision, Source};
use serde::de::DeserializeOwned;

/// The most bytes of the page of a repo, which names every file of it.
const MAX_REPO: usize = 32 << 20;
/// The most bytes of any other answer: some 50,000 refs.
const MAX_ANSWER: usize = 8 << 20;

/// What the Hub says of a repo at a revision.
#[derive(Debug, Clone)]
pub struct Repo {
    /// Its name by the Hub, which may be another than was asked for.
    pub id: RepoId,
    /// Its unchanging identity, where the server tells it.
    pub uid: Option<RepoUid>,
    /// The commit that the revision is.
    pub commit: CommitId,
    /// The licence that its card declares.
    pub license: Option<String>,
    /// Whether its content is for those only who accepted its conditions.
    pub is_gated: bool,
}

/// A named commit.
#[derive(Debug, Clone)]
pub struct Ref {
    /// The name.
    pub name: Revision,
    /// The commit.
    pub commit: CommitId,
}

/// The refs of a repo. Names that git would not allow are left out: nobody can ask for them.
#[derive(Debug, Clone, Default)]
pub struct Refs {
    /// Branches.
    pub branches: Vec<Ref>,
    /// Tags.
    pub tags: Vec<Ref>,
    /// What the Hub made of a dataset, as `refs/convert/parquet`.
    pub converts: Vec<Ref>,
    /// Pull requests, as `refs/pr/1`.
    pub pull_requests: Vec<Ref>,
}

impl Refs {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Ref> {
        self.branches.iter().chain(&self.tags).chain(&self.converts).chain(&self.pull_requests)
    }

    /// Every ref that `revision` can mean, by its name or by its path: each with its path, as in `refs/tags/v1`.
    #[must_use]
    pub fn meant(&self, revision: &Revision) -> Vec<(String, CommitId)> {
        let folders = [
            ("refs/heads/", &self.branches),
            ("refs/tags/", &self.tags),
            ("", &self.converts),
            ("", &self.pull_requests),
        ];
        let all = folders.iter().flat_map(|(folder, refs)| refs.iter().map(move |named| (folder, named)));
        let paths = all.map(|(folder, named)| (format!("{folder}{}", named.name), named));
        let meant = paths.filter(|(path, named)| named.name == *revision || path == revision.as_str());
        meant.map(|(path, named)| (path, named.commit)).collect()
    }
}

impl Hub {
    /// The repo of `source` at `revision`.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer that is not to be believed.
    pub async fn repo(&self, source: &Source, revision: &str) -> Result<Repo, Error> {
        let answer = async {
            let url = self.endpoint().api(source, &format!("/revision/{}", encode(revision)))?;
            let repo = parse_repo(&self.answer(url, MAX_REPO).await.map_err(|error| error.of_revision(revision))?)?;
            let license = repo.license.map(|license| self.redact(license));
            Ok(Repo { license, ..repo })
        };
        answer.await.map_err(|error| self.shown(error))
    }

    /// The refs of `source`.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer that is not to be believed.
    pub async fn refs(&self, source: &Source, pull_requests: bool) -> Result<Refs, Error> {
        let answer = async {
            let mut url = self.endpoint().api(source, "/refs")?;
            if pull_requests {
                url.set_query(Some("include_prs=1"));
            }
            parse_refs(&self.answer(url, MAX_ANSWER).await?)
        };
        answer.await.map_err(|error| self.shown(error))
    }

    /// The day of `commit`; none where the server does not tell.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering.
    pub async fn commit_date(&self, source: &Source, commit: &CommitId) -> Result<Option<Date>, Error> {
        let answer = async {
            let mut url = self.endpoint().api(source, &format!("/commits/{commit}"))?;
            url.set_query(Some("limit=1"));
            let answer = match self.answer(url.clone(), MAX_ANSWER).await {
                Ok(answer) => answer,
                // A mirror need not have this route.
                Err(Error::EntryGone | Error::Status { status: 404 | 405 | 501, .. }) => return Ok(None),
                Err(error) => return Err(error.of_revision(&commit.hex())),
            };
            let commits: Vec<wire::Commit> = read(&shown(&url), &answer)?;
            let date = commits.first().and_then(|commit| commit.date.as_deref());
            Ok(date
                .and_then(|date| date.parse::<jiff::Timestamp>().ok())
                .map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date()))
        };
        answer.await.map_err(|error| self.shown(error))
    }

    /// The files that the Hub's own scanners flag today, each with their word for it; none where the server
    /// does not tell.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering.
    pub async fn flagged(&self, source: &Source) -> Result<Option<Vec<(String, String)>>, Error> {
        let answer = async {
            let url = self.endpoint().api(source, "/scan")?;
            let answer = match self.answer(url.clone(), MAX_ANSWER).await {
                Ok(answer) => answer,
                Err(Error::EntryGone | Error::Status { status: 404 | 405 | 501, .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            let scan: wire::Scan = read(&shown(&url), &answer)?;
            Ok(Some(
                scan.files_with_issues
                    .into_iter()
                    .map(|issue| (issue.path, self.redact(visible(&issue.level))))
                    .collect(),
            ))
        };
        answer.await.map_err(|error| self.shown(error))
    }

    /// Asks whether the content of `source` may be downloaded; a server that cannot tell does not refuse it.
    ///
    /// # Errors
    /// The Hub refuses it.
    pub async fn check_access(&self, source: &Source) -> Result<(), Error> {
        let url = self.endpoint().api(source, "/auth-check")?;
        match self.answer(url, MAX_ANSWER).await {
            Err(error @ (Error::Gated { .. } | Error::BadToken | Error::Disabled)) => Err(self.shown(error)),
            _ => Ok(()),
        }
    }

    async fn answer(&self, url: url::Url, most: usize) -> Result<Vec<u8>, Error> {
        let response = self.get(Purpose::Api, url, None).await?.response;
        read_body(response, most).await
    }
}

pub(crate) fn read<T: DeserializeOwned>(url: &str, answer: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(answer)
        .map_err(|error| Error::Malformed { url: url.to_owned(), what: visible(&error.to_string()) })
}

/// Reads the answer about a repo.
#[doc(hidden)]
pub fn parse_repo(answer: &[u8]) -> Result<Repo, Error> {
    let info: wire::Info = read("the repo's page", answer)?;
    let id = info.id.parse().map_err(|_| Error::Hostile { what: "an invalid repo id", got: visible(&info.id) })?;
    let uid = info
        .uid
        .map(|uid| uid.parse().map_err(|_| Error::Hostile { what: "an invalid repo identity", got: visible(&uid) }));
    let sha = info
        .sha
        .ok_or_else(|| Error::Malformed { url: "the repo's page".to_owned(), what: "it names no commit".to_owned() })?;
    let license = info.card.license.map(|text| visible(text.trim())).filter(|text| !text.is_empty());
    Ok(Repo { id, uid: uid.transpose()?, commit: commit(&sha)?, license, is_gated: info.gated.0 })
}

pub(crate) fn commit(text: &str) -> Result<CommitId, Error> {
    CommitId::from_hex(text).map_err(|_| Error::Hostile { what: "an invalid commit id", got: visible(text) })
}

/// Reads the answer about refs.
#[doc(hidden)]
pub fn parse_refs(answer: &[u8]) -> Result<Refs, Error> {
    let refs: wire::Refs = read("the repo's refs", answer)?;
    let names = |list: Vec<wire::Ref>, full: bool| -> Result<Vec<Ref>, Error> {
        let mut names = Vec::new();
        for wire::Ref { name, full: path, commit: id } in list {
            let name = if full { path.unwrap_or(name) } else { name };
            if let Ok(name) = name.parse() {
                names.push(Ref { name, commit: commit(&id)? });
            }
        }
        Ok(names)
    };
    Ok(Refs {
        branches: names(refs.branches, false)?,
        tags: names(refs.tags, false)?,
        converts: names(refs.converts, true)?,
        pull_requests: names(refs.pull_requests, true)?,
    })
}
