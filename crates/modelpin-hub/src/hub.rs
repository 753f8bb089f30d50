//! The clients, and one question to a Hub with its answer.

use crate::document;
use crate::endpoint::{Endpoint, follow, is_here, shown};
use crate::lanes::{Crowd, Lane, Lanes};
use crate::pace::Pace;
use crate::pieces::Window;
use crate::retry::{self, RETRIES, is_passing};
use crate::wire::Complaint;
use crate::xet::Accesses;
use crate::{Error, Token};
use modelpin_schema::text::visible;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, LOCATION, RANGE};
use reqwest::{Certificate, Client, Method, Response, StatusCode};
use std::fs::File;
use std::io::Read as _;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;
use url::Url;

/// The most redirects that one request follows.
const MAX_REDIRECTS: usize = 10;
/// The most memory of all listings of a run, in bytes: a million files with ordinary names.
const MAX_LISTINGS: usize = 256 << 20;
/// The most bytes of an error's body that are read.
const MAX_COMPLAINT: usize = 64 << 10;

/// The most bytes of a file of certificates that are read.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// Someone who hears why a request waits.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// How to talk to a Hub.
#[derive(Clone)]
pub struct Config {
    /// The Hub's address.
    pub endpoint: Endpoint,
    /// The token, which its own origin gets and nobody else.
    pub token: Option<Token>,
    /// What is to be said before the Hub is asked for the first time.
    pub first: Option<String>,
    /// The file of the certificates to trust instead of the system's. The TLS library would take one that is not there,
    /// or has none in it, for no certificates at all.
    pub ca_file: Option<PathBuf>,
    /// How long an answer of the API may take.
    pub etag_timeout: Duration,
    /// How long a download may be without a byte.
    pub download_timeout: Duration,
    /// Who we are.
    pub user_agent: String,
    /// The longest wait that a server may ask for.
    pub patience: Duration,
    /// The first wait where the server says nothing.
    pub backoff: Duration,
    /// How many connections carry content at once.
    pub connections: NonZeroUsize,
    /// The bytes of content a second, over all connections; none for as many as come.
    pub rate: Option<NonZeroU64>,
    /// The bytes of one piece of a large file.
    pub piece: NonZeroUsize,
    /// Hears why a request waits.
    pub notice: Option<Notice>,
}

/// Connections, where nobody says how many.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
/// A piece, where nobody says how large: long enough that a request costs little beside it.
const PIECE: NonZeroUsize = NonZeroUsize::MIN.saturating_add((3 << 20) - 1);

impl Config {
    /// How to talk to `endpoint`, anonymously, where nobody says more.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            token: None,
            first: None,
            ca_file: None,
            etag_timeout: Duration::from_secs(10),
            download_timeout: Duration::from_secs(10),
            user_agent: concat!("modelpin/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: Duration::from_secs(60),
            backoff: Duration::from_secs(1),
            connections: CONNECTIONS,
            rate: None,
            piece: PIECE,
            notice: None,
        }
    }
}

/// A Hub. Cheap to clone; its clients are built when the first request needs them, since loading
/// certificates takes longer than a whole warm run.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    config: Config,
    /// By what they are for and whether that is on this machine.
    clients: [Mutex<Option<Client>>; 4],
    first: Once,
    lanes: Lanes,
    pace: Option<Pace>,
    window: Window,
    accesses: Accesses,
    /// The memory of all listings so far, in bytes.
    listings: AtomicUsize,
}

/// An answer to a request.
pub(crate) struct Answer {
    /// The last of a chain of redirects.
    pub(crate) response: Response,
    /// The headers of the first.
    pub(crate) first: HeaderMap,
    /// What lets its body come.
    pub(crate) lane: Option<Lane>,
}

/// A part of a body, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Its first byte.
    pub(crate) from: u64,
    /// The byte behind its last; none where it goes on to the end.
    pub(crate) end: Option<u64>,
}

/// What a request is for, which decides its client and its limits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A small JSON answer: HTTP/2 will do.
    Api,
    /// Content: HTTP/1.1, a connection each, since HTTP/2 would put all files through one window.
    Body,
    /// What the Hub says of content, without the content: a redirect to another server is the answer.
    Offer,
    /// A document that is no Hub's: it never gets the token, wherever it is.
    Foreign,
}

impl Purpose {
    /// Whether it is about content, and shares its connections.
    fn is_content(self) -> bool {
        matches!(self, Self::Body | Self::Offer)
    }
}

impl Hub {
    /// A Hub with this configuration. No socket is opened yet.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn new(config: Config) -> Result<Self, Error> {
        if let Some(path) = &config.ca_file
            && let Err(error) = File::open(path)
        {
            return Err(bad_certificates(path, error.to_string()));
        }
        let lanes = Lanes::new(config.connections.get());
        let pace = config.rate.map(Pace::new);
        let window = Window::new(config.piece.get(), config.connections.get());
        let (clients, first, accesses) = (Default::default(), Once::new(), Accesses::default());
        Ok(Self(Arc::new(Inner {
            config,
            clients,
            first,
            lanes,
            pace,
            window,
            accesses,
            listings: AtomicUsize::new(0),
        })))
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.0.config.endpoint
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn pace(&self) -> Option<&Pace> {
        self.0.pace.as_ref()
    }

    pub(crate) fn window(&self) -> &Window {
        &self.0.window
    }

    pub(crate) fn accesses(&self) -> &Accesses {
        &self.0.accesses
    }

    /// The client for a purpose and an address, which is built once, whoever else needs it meanwhile: reading the
    /// system's certificates is what costs.
    fn client(&self, purpose: Purpose, url: &Url) -> Result<Client, Error> {
        let here = is_here(url);
        let [api, body, api_here, body_here] = &self.0.clients;
        let cell = match (purpose.is_content(), here) {
            (false, false) => api,
            (true, false) => body,
            (false, true) => api_here,
            (true, true) => body_here,
        };
        let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*cell {
            return Ok(client.clone());
        }
        let config = &self.0.config;
        let builder = Client::builder()
            .user_agent(&config.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(config.etag_timeout);
        let builder = if purpose.is_content() {
            builder.http1_only().read_timeout(config.download_timeout).pool_max_idle_per_host(64)
        } else {
            builder.timeout(config.etag_timeout.saturating_mul(6)).read_timeout(config.etag_timeout)
        };
        let builder = match &config.ca_file {
            Some(path) => builder.tls_certs_only(certificates(path)?),
            None => builder,
        };
        // What is on this machine is asked there: a proxy would be handed what may only be said here.
        let builder = if here { builder.no_proxy() } else { builder };
        Ok(cell.insert(builder.build().map_err(Error::Client)?).clone())
    }

    /// GETs `url`, following redirects by the law and trying again while that may help. Whatever is no
    /// success in the end is an error. `part` asks for these bytes only.
    pub(crate) async fn get(&self, purpose: Purpose, url: Url, part: Option<Part>) -> Result<Answer, Error> {
        let answer = self.ask(purpose, url, part).await?;
        self.judged(purpose, answer).await
    }

    pub(crate) async fn judged(&self, purpose: Purpose, answer: Answer) -> Result<Answer, Error> {
        let response = self.judge(purpose, answer.response).await?;
        Ok(Answer { response, ..answer })
    }

    /// As [`Hub::get`], but whatever a server answers that no other try could change is an answer.
    pub(crate) async fn ask(&self, purpose: Purpose, url: Url, part: Option<Part>) -> Result<Answer, Error> {
        let (mut failures, mut answers) = (0, u64::MAX);
        loop {
            let mut lane = None;
            let tried = self.once(purpose, url.clone(), part, &mut lane).await;
            if tried.as_ref().is_ok_and(|(response, _)| !is_passing(response.status().as_u16())) {
                lane.iter().for_each(Lane::answered);
                return tried.map(|(response, first)| Answer { response, first, lane });
            }
            // What only says that there are too many of us at once is no failure. There are fewer each time.
            let crowd = lane.as_ref().map_or(Crowd::Alone, Lane::complain);
            failures += u32::from(crowd == Crowd::Alone);
            // Nor is a connection that was not had while the server answers on others.
            let others = lane.as_ref().map_or(0, Lane::answers);
            if tried.is_err() && std::mem::replace(&mut answers, others) < others {
                failures = 0;
            }
            let attempt = failures.max(1);
            let wait = match tried {
                Ok((response, first)) => {
                    let status = response.status();
                    let wait = retry::wait(status.as_u16(), response.headers(), attempt, self.0.config.backoff);
                    let limited = status == StatusCode::TOO_MANY_REQUESTS && failures > RETRIES;
                    if wait > self.0.config.patience || limited {
                        return Err(Error::RateLimited { wait });
                    }
                    if failures > RETRIES {
                        return Ok(Answer { response, first, lane });
                    }
                    wait
                }
                Err(Error::Unreachable { url, source }) if failures > RETRIES.min(3) || source.is_builder() => {
                    return Err(Error::Unreachable { url, source });
                }
                Err(Error::Unreachable { .. }) => retry::backoff(attempt, self.0.config.backoff),
                Err(error) => return Err(error),
            };
            drop(lane);
            let who = if purpose == Purpose::Foreign { shown(&url) } else { "the Hub".to_owned() };
            match crowd {
                Crowd::Fewer(limit) => self.fewer(limit),
                Crowd::Alone if failures > 0 => {
                    let seconds = wait.as_secs_f32().ceil();
                    self.notice(&format!("{who} does not answer now; asking again in {seconds} s"));
                }
                Crowd::Alone | Crowd::Known => {}
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// An error as it may be shown: whoever was sent the token may have said it back.
    pub(crate) fn shown(&self, error: Error) -> Error {
        error.without(self.0.config.token.as_ref())
    }

    /// Text of the Hub's as it may be shown.
    pub(crate) fn struck(&self, text: String) -> String {
        match &self.0.config.token {
            Some(token) => token.struck(text),
            None => text,
        }
    }

    /// Counts the memory of a page of a listing, so that all repos of a run together stay within bounds.
    pub(crate) fn listed(&self, bytes: usize) -> Result<(), String> {
        let before = self.0.listings.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > MAX_LISTINGS {
            return Err(format!("more files, with all repos of this run, than fit into {} MiB", MAX_LISTINGS >> 20));
        }
        Ok(())
    }

    fn notice(&self, text: &str) {
        if let Some(notice) = &self.0.config.notice {
            notice(text);
        }
    }

    /// Tells that a server has fewer connections from now on.
    pub(crate) fn fewer(&self, limit: usize) {
        let plural = if limit == 1 { "" } else { "s" };
        self.notice(&format!("the Hub does not serve so many at once; going on with {limit} connection{plural}"));
    }

    /// One try: the last answer of a chain of redirects, and the headers of the first. `lane` is the last that
    /// was taken.
    async fn once(
        &self,
        purpose: Purpose,
        mut url: Url,
        part: Option<Part>,
        lane: &mut Option<Lane>,
    ) -> Result<(Response, HeaderMap), Error> {
        if purpose != Purpose::Foreign {
            self.0.first.call_once(|| self.0.config.first.iter().for_each(|first| self.notice(first)));
        }
        let mut first = None;
        for _ in 0..=MAX_REDIRECTS {
            let method = if purpose == Purpose::Offer { Method::HEAD } else { Method::GET };
            let mut request =
                self.client(purpose, &url)?.request(method, url.clone()).header(ACCEPT_ENCODING, "identity");
            if purpose == Purpose::Offer {
                // It has no body: content's own limits are too long for it.
                request = request.timeout(self.0.config.etag_timeout);
            }
            if let Some(Part { from, end }) = part {
                let last = end.map(|end| end.saturating_sub(1).to_string()).unwrap_or_default();
                request = request.header(RANGE, format!("bytes={from}-{last}"));
            }
            let token = self.0.config.token.as_ref().filter(|_| purpose != Purpose::Foreign);
            if let Some(header) = token.map(|token| token.header(&url)).transpose()?.flatten() {
                request = request.header(AUTHORIZATION, header);
            }
            if purpose == Purpose::Body {
                // The last one is left before the next is waited for: nobody holds two.
                drop(lane.take());
                *lane = Some(self.0.lanes.enter(&url).await);
            }
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
                Purpose::Foreign => document::follow(&url, location)?,
                Purpose::Api | Purpose::Body | Purpose::Offer => follow(&url, location)?,
            };
            if self.struck(to.as_str().to_owned()) != to.as_str() {
                return Err(Error::Redirect { url: shown(&url), why: "to an address with the token in it" });
            }
            if purpose == Purpose::Offer && !self.endpoint().owns(&to) {
                return Ok((response, headers.clone()));
            }
            url = to;
        }
        Err(Error::Redirect { url: shown(&url), why: "it goes on for ever" })
    }

    /// A success as it is; everything else by its error code first and its status second, as the Hub's own
    /// client decides.
    async fn judge(&self, purpose: Purpose, mut response: Response) -> Result<Response, Error> {
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
            None => complaint(&mut response)
                .await
                .unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason").to_owned()),
        };
        let authenticated = self.0.config.token.is_some();
        Err(match (code.as_deref(), status.as_u16()) {
            (Some("RevisionNotFound"), _) => Error::RevisionGone { revision: String::new() },
            (Some("EntryNotFound"), _) => Error::EntryGone,
            (Some("GatedRepo"), _) => Error::Gated { message, authenticated },
            (Some("RepoNotFound"), _) => Error::NotFoundOrPrivate { authenticated },
            (_, 403) if message == "Access to this resource is disabled." => Error::Disabled,
            (_, 401) if message == "Invalid credentials in Authorization header" => Error::BadToken,
            (_, 401) => Error::NotFoundOrPrivate { authenticated },
            (_, 403) => Error::Forbidden { message },
            (_, status) => Error::Status { url, status, message, request },
        })
    }
}

fn bad_certificates(path: &Path, why: String) -> Error {
    Error::BadCertificates { path: visible(&path.to_string_lossy()), why }
}

/// The certificates in a PEM file.
fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_CERTIFICATES).read_to_end(&mut pem));
    read.map_err(|error| bad_certificates(path, error.to_string()))?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|_| bad_certificates(path, "it is no PEM file".to_owned()))?;
    if found.is_empty() {
        return Err(bad_certificates(path, "there is no certificate in it; expected PEM".to_owned()));
    }
    Ok(found)
}

/// What the body of an error says, shortened.
async fn complaint(response: &mut Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_COMPLAINT {
            return None;
        }
    }
    let text = serde_json::from_slice::<Complaint>(&body).ok().and_then(Complaint::text);
    text.map(|text| visible(&text))
}

/// The whole body of a JSON answer, of at most `max` bytes.
pub(crate) async fn whole(mut response: Response, max: usize) -> Result<Vec<u8>, Error> {
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
