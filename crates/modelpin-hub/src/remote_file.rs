//! A file of a commit, and where it is served: the redirect from the Hub to a CDN is asked for once.

use crate::Error;
use crate::endpoint::{follow, shown};
use crate::hub::Hub;
use crate::request::{Answer, ByteRange, Purpose};
use modelpin_schema::text::visible;
use modelpin_schema::{CommitId, RepoPath, Source};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_RANGE, HeaderMap, HeaderName, LOCATION};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;
use url::Url;

/// A file of a commit.
pub(crate) struct RemoteFile {
    pub(crate) hub: Hub,
    pub(crate) source: Source,
    pub(crate) commit: CommitId,
    pub(crate) path: RepoPath,
    /// Its size in bytes, as the listing says.
    pub(crate) size: u64,
    known: Mutex<Known>,
    whole: AtomicBool,
}

/// Where a file is: addresses that may be signed, and are not shown.
#[derive(Default)]
struct Known {
    /// Where the Hub redirected to, until that address is used.
    offered: Option<Url>,
    /// Where it was served last.
    served: Option<Url>,
}

/// Whether a server may send the whole file where a range was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FullResponse {
    /// It may: bytes that were not asked for are skipped.
    Accept,
    /// It may not: several ranges of one file would each bring all of it.
    Reject,
}

/// An answer with bytes of a file.
pub(crate) struct OpenedRange {
    pub(crate) answer: Answer,
    /// Its first byte in the file.
    pub(crate) begins: u64,
    /// The byte after its last one.
    pub(crate) ends: u64,
}

impl RemoteFile {
    pub(crate) fn new(hub: Hub, source: Source, commit: CommitId, path: RepoPath, size: u64) -> Self {
        Self { hub, source, commit, path, size, known: Mutex::default(), whole: AtomicBool::new(false) }
    }

    /// Whether the server has sent the whole file where a range was asked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// Asks for the bytes from `from` to `end`. An answer may begin earlier or end later only where it is the whole file.
    pub(crate) async fn open(&self, from: u64, end: u64, whole: FullResponse) -> Result<OpenedRange, Error> {
        let end = (end < self.size).then_some(end);
        let part = (from > 0 || end.is_some()).then_some(ByteRange { from, end });
        let answer = self.ask(part, whole).await.map_err(|error| error.of_revision(&self.commit.hex()))?;
        self.check_commit(&answer.first)?;
        let response = &answer.response;
        let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(encoding) = header(CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(Error::Encoding { url: shown(response.url()), encoding: visible(encoding) });
        }
        let (begins, ends) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let ends = end.unwrap_or(self.size);
                self.check_range(header(CONTENT_RANGE).unwrap_or_default(), from, ends)?;
                (from, ends)
            }
            StatusCode::RANGE_NOT_SATISFIABLE => return Err(self.length(format!("no more than {from}"))),
            _ => (0, self.size),
        };
        let announced = response.content_length().map(|length| begins.saturating_add(length));
        if let Some(total) = announced.filter(|total| *total != ends) {
            return Err(self.length(total.to_string()));
        }
        Ok(OpenedRange { answer, begins, ends })
    }

    /// What the Hub says of the file, which tells also where it is served.
    pub(crate) async fn offer(&self) -> Result<HeaderMap, Error> {
        let url = self.hub.endpoint().resolve(&self.source, &self.commit.hex(), &self.path)?;
        let mut known = self.known.lock().await;
        let response = self.hub.get(Purpose::Offer, url, None).await?.response;
        self.check_commit(response.headers())?;
        if response.status().is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            known.offered = Some(follow(response.url(), location)?);
        }
        Ok(response.headers().clone())
    }

    fn check_commit(&self, headers: &HeaderMap) -> Result<(), Error> {
        match headers.get("x-repo-commit") {
            Some(commit) if commit.as_bytes() != self.commit.hex().as_bytes() => Err(Error::CommitMismatch {
                asked: self.commit,
                got: visible(&String::from_utf8_lossy(commit.as_bytes())),
            }),
            _ => Ok(()),
        }
    }

    /// Asks where the file was served last, and the Hub where that is unknown or refused: such an address
    /// expires.
    async fn ask(&self, part: Option<ByteRange>, whole: FullResponse) -> Result<Answer, Error> {
        let mut refused: Vec<Url> = Vec::new();
        loop {
            let mut known = self.known.lock().await;
            self.fits(whole)?;
            // After one refusal, an address that another request was given meanwhile is tried.
            let again = known.served.clone().filter(|url| refused.len() < 2 && !refused.contains(url));
            let Some(url) = again else {
                // Other requests for it wait here.
                let offered = known.offered.take();
                let resolve = || self.hub.endpoint().resolve(&self.source, &self.commit.hex(), &self.path);
                let url = offered.clone().map_or_else(resolve, Ok)?;
                let answer = self.hub.ask(Purpose::Body, url, part).await?;
                if offered.is_some() && is_refusal(&answer) {
                    continue;
                }
                let answer = self.hub.classified(Purpose::Body, answer).await?;
                known.served = Some(answer.response.url().clone());
                return self.noted(answer, part, whole);
            };
            drop(known);
            let answer = self.hub.ask(Purpose::Body, url.clone(), part).await?;
            if !is_refusal(&answer) {
                let answer = self.hub.classified(Purpose::Body, answer).await?;
                return self.noted(answer, part, whole);
            }
            refused.push(url);
        }
    }

    /// Notes an answer that is the whole file although a range was asked for.
    fn noted(&self, answer: Answer, part: Option<ByteRange>, whole: FullResponse) -> Result<Answer, Error> {
        if part.is_some() && answer.response.status() == StatusCode::OK {
            self.whole.store(true, Ordering::Relaxed);
        }
        self.fits(whole).map(|()| answer)
    }

    fn fits(&self, whole: FullResponse) -> Result<(), Error> {
        if whole == FullResponse::Reject && self.is_whole() {
            return Err(self.length("the whole file for a range".to_owned()));
        }
        Ok(())
    }

    /// Of `bytes 7-9/10`: the part that was asked for, of a whole of the right length.
    fn check_range(&self, range: &str, from: u64, ends: u64) -> Result<(), Error> {
        let parsed = range.strip_prefix("bytes ").and_then(|range| {
            let (part, total) = range.split_once('/')?;
            let (begin, last) = part.split_once('-')?;
            Some((
                begin.trim().parse::<u64>().ok()?,
                last.trim().parse::<u64>().ok()?,
                total.trim().parse::<u64>().ok(),
            ))
        });
        match parsed {
            Some((begin, last, total))
                if begin == from
                    && last.checked_add(1) == Some(ends)
                    && total.is_none_or(|total| total == self.size) =>
            {
                Ok(())
            }
            _ => Err(self.length(format!("the part `{}`", visible(range)))),
        }
    }

    pub(crate) fn length(&self, got: String) -> Error {
        Error::Length { expected: self.size, got }
    }
}

/// Whether a signed address has expired.
fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.response.status().as_u16(), 401 | 403 | 404 | 410)
}
