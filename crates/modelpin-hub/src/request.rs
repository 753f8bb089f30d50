//! One request with its answer: retries, redirects, and what an error status means.

use crate::endpoint::{follow, follow_secure, shown};
use crate::error::{Error, Permission};
use crate::hub::Hub;
use crate::limiter::{Overload, Permit};
use crate::retry::{self, RETRIES, is_transient};
use crate::wire::ErrorBody;
use modelpin_schema::text::visible;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, LOCATION, RANGE};
use reqwest::{Method, Response, StatusCode};
use url::Url;

/// The most redirects that one request follows.
const MAX_REDIRECTS: usize = 10;
/// The most bytes of an error's body that are read.
const MAX_ERROR_BODY: usize = 64 << 10;

/// An answer to a request.
pub(crate) struct Answer {
    /// The last of a chain of redirects.
    pub(crate) response: Response,
    /// The headers of the first.
    pub(crate) first: HeaderMap,
    /// The right to the connection that its body comes over.
    pub(crate) permit: Option<Permit>,
}

/// A part of a body, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByteRange {
    /// Its first byte.
    pub(crate) from: u64,
    /// The byte after its last one; none for all up to the end.
    pub(crate) end: Option<u64>,
}

/// What a request is for, which decides its client and its limits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A small JSON answer: HTTP/2 will do.
    Api,
    /// Content: HTTP/1.1, a connection each, since HTTP/2 would put all files through one flow-control window.
    Body,
    /// What the Hub says of content, without the content: a redirect to another server is the answer.
    Offer,
    /// A document that is not a Hub's: its server never gets the token, whatever its address is.
    Foreign,
}

impl Purpose {
    /// Whether it is about content, and uses the client for content.
    fn is_content(self) -> bool {
        matches!(self, Self::Body | Self::Offer)
    }
}

impl Hub {
    /// GETs `url`, following the redirects that are allowed and trying again while that may help. A status
    /// that is not a success is an error. `part` asks for these bytes only.
    pub(crate) async fn get(&self, purpose: Purpose, url: Url, part: Option<ByteRange>) -> Result<Answer, Error> {
        let answer = self.ask(purpose, url, part).await?;
        self.classified(purpose, answer).await
    }

    pub(crate) async fn classified(&self, purpose: Purpose, answer: Answer) -> Result<Answer, Error> {
        let response = self.classify(purpose, answer.response).await?;
        Ok(Answer { response, ..answer })
    }

    /// As [`Hub::get`], but an answer that another try would not change is returned whatever its status is.
    pub(crate) async fn ask(&self, purpose: Purpose, url: Url, part: Option<ByteRange>) -> Result<Answer, Error> {
        let (mut failures, mut answers) = (0, u64::MAX);
        loop {
            let mut permit = None;
            let tried = self.once(purpose, url.clone(), part, &mut permit).await;
            if tried.as_ref().is_ok_and(|(response, _)| !is_transient(response.status().as_u16())) {
                permit.iter().for_each(Permit::answered);
                return tried.map(|(response, first)| Answer { response, first, permit });
            }
            // A failure for too many connections does not count: the limit is lower each time.
            let overload = permit.as_ref().map_or(Overload::None, Permit::report_overload);
            failures += u32::from(overload == Overload::None);
            // Nor does a connection that failed while the server answers on others.
            let others = permit.as_ref().map_or(0, Permit::answers);
            if tried.is_err() && std::mem::replace(&mut answers, others) < others {
                failures = 0;
            }
            let attempt = failures.max(1);
            let wait = match tried {
                Ok((response, first)) => {
                    let status = response.status();
                    let wait = retry::wait(status.as_u16(), response.headers(), attempt, self.config().backoff);
                    let limited = status == StatusCode::TOO_MANY_REQUESTS && failures > RETRIES;
                    if wait > self.config().patience || limited {
                        return Err(Error::RateLimited { wait });
                    }
                    if failures > RETRIES {
                        return Ok(Answer { response, first, permit });
                    }
                    wait
                }
                Err(Error::Unreachable { url, source }) if failures > RETRIES.min(3) || source.is_builder() => {
                    return Err(Error::Unreachable { url, source });
                }
                Err(Error::Unreachable { .. }) => retry::backoff(attempt, self.config().backoff),
                Err(error) => return Err(error),
            };
            drop(permit);
            let who = if purpose == Purpose::Foreign { shown(&url) } else { "the Hub".to_owned() };
            match overload {
                Overload::ReducedTo(limit) => self.notice_fewer_connections(limit),
                Overload::None if failures > 0 => {
                    let seconds = wait.as_secs_f32().ceil();
                    self.notice(&format!("{who} does not answer now; asking again in {seconds} s"));
                }
                Overload::None | Overload::Reported => {}
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One try: the last answer of a chain of redirects, and the headers of the first. `permit` is the one that the last
    /// of them holds.
    async fn once(
        &self,
        purpose: Purpose,
        mut url: Url,
        part: Option<ByteRange>,
        permit: &mut Option<Permit>,
    ) -> Result<(Response, HeaderMap), Error> {
        if purpose != Purpose::Foreign {
            self.announce();
        }
        let mut first = None;
        for _ in 0..=MAX_REDIRECTS {
            let method = if purpose == Purpose::Offer { Method::HEAD } else { Method::GET };
            let mut request = self
                .client(purpose.is_content(), &url)?
                .request(method, url.clone())
                .header(ACCEPT_ENCODING, "identity");
            if purpose == Purpose::Offer {
                // It has no body: the time limits of content are too long for it.
                request = request.timeout(self.config().etag_timeout);
            }
            if let Some(ByteRange { from, end }) = part {
                let last = end.map(|end| end.saturating_sub(1).to_string()).unwrap_or_default();
                request = request.header(RANGE, format!("bytes={from}-{last}"));
            }
            let token = self.config().token.as_ref().filter(|_| purpose != Purpose::Foreign);
            if let Some(header) = token.map(|token| token.header(&url)).transpose()?.flatten() {
                request = request.header(AUTHORIZATION, header);
            }
            if purpose == Purpose::Body {
                // The last one is dropped before the next is waited for: no request holds two.
                drop(permit.take());
                *permit = Some(self.limiter().acquire(&url).await);
            }
            self.count_request();
            let response = request
                .send()
                .await
                .map_err(|source| Error::Unreachable { url: shown(&url), source: source.without_url() })?;
            let headers = first.get_or_insert_with(|| response.headers().clone());
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
                let headers = headers.clone();
                return Ok((response, headers));
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let to = match purpose {
                Purpose::Foreign => follow_secure(&url, location)?,
                Purpose::Api | Purpose::Body | Purpose::Offer => follow(&url, location)?,
            };
            if self.redact(to.as_str().to_owned()) != to.as_str() {
                return Err(Error::Redirect { url: shown(&url), why: "to an address with the token in it" });
            }
            if purpose == Purpose::Offer && !self.endpoint().owns(&to) {
                return Ok((response, headers.clone()));
            }
            url = to;
        }
        Err(Error::Redirect { url: shown(&url), why: "too many redirects" })
    }

    /// A success as it is; else an error, by the Hub's error code first and by the status second, as `huggingface_hub`
    /// does.
    async fn classify(&self, purpose: Purpose, mut response: Response) -> Result<Response, Error> {
        let status = response.status();
        let elsewhere = purpose == Purpose::Offer && status.is_redirection();
        if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE || elsewhere {
            return Ok(response);
        }
        let url = shown(response.url());
        if purpose == Purpose::Foreign {
            let message = status.canonical_reason().unwrap_or("no reason").to_owned();
            return Err(Error::Status { url, status: status.as_u16(), message, request: None });
        }
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(visible);
        let (code, said) = (header("x-error-code"), header("x-error-message"));
        let request = ["x-request-id", "x-amzn-trace-id", "x-amz-cf-id"].iter().find_map(|name| header(name));
        let message = match said {
            Some(said) => said,
            None => error_message(&mut response)
                .await
                .unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason").to_owned()),
        };
        let authenticated = self.config().token.is_some();
        Err(match (code.as_deref(), status.as_u16()) {
            (Some("RevisionNotFound"), _) => Error::RevisionGone { revision: String::new() },
            (Some("EntryNotFound"), _) => Error::EntryGone,
            (Some("GatedRepo"), status) => {
                let permission = Permission::of(authenticated, status, &message);
                Error::Gated { message, permission, endpoint: self.endpoint().to_string() }
            }
            (Some("RepoNotFound"), _) => Error::NotFoundOrPrivate { authenticated },
            (_, 403) if message == "Access to this resource is disabled." => Error::Disabled,
            (_, 401) if message == "Invalid credentials in Authorization header" => Error::BadToken,
            (_, 401) => Error::NotFoundOrPrivate { authenticated },
            (_, 403) => Error::Forbidden { message },
            (_, status) => Error::Status { url, status, message, request },
        })
    }
}

/// What the body of an error says, shortened.
async fn error_message(response: &mut Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ERROR_BODY {
            return None;
        }
    }
    let text = serde_json::from_slice::<ErrorBody>(&body).ok().and_then(ErrorBody::text);
    text.map(|text| visible(&text))
}

/// The whole body of a JSON answer, of at most `max` bytes.
pub(crate) async fn read_body(mut response: Response, max: usize) -> Result<Vec<u8>, Error> {
    let url = shown(response.url());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(piece)) if body.len().saturating_add(piece.len()) <= max => body.extend_from_slice(&piece),
            Ok(Some(_)) => {
                return Err(Error::Malformed { url, what: format!("more than {max} bytes") });
            }
            Err(source) => {
                return Err(Error::Unreachable { url, source: source.without_url() });
            }
        }
    }
}
