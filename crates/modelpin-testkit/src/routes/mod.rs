//! Requests in, answers out, as the real Hub gives them.

mod api;
mod content;
mod listener;

use crate::Fault;
use crate::repo::{Kind, Stored};
use crate::state::{Recorded, State, lock};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// Serves both listeners until told to stop. Connections that are still open then are dropped.
pub(crate) fn serve(
    hub: std::net::TcpListener,
    cdn: std::net::TcpListener,
    state: Arc<Mutex<State>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        for (listener, is_cdn) in [(hub, false), (cdn, true)] {
            let state = state.clone();
            listener.set_nonblocking(true).expect("a listener that does not block");
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let listener = listener::Choosy::new(listener, is_cdn, state.clone());
            let answer = move |request: Request| {
                let state = state.clone();
                async move { handle(&state, is_cdn, request).await }
            };
            tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        }
        let _ = stopped.await;
    });
    runtime.shutdown_background();
}

/// A request, taken apart.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The path as it was encoded.
    pub(crate) path: String,
    /// Its segments, each decoded after the split, as a revision may hold a slash.
    pub(crate) segments: Vec<String>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn query(&self, key: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key).then(|| decode(value))
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }
}

async fn handle(state: &Arc<Mutex<State>>, cdn: bool, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let asked = Asked {
        method: parts.method,
        segments: path.trim_start_matches('/').split('/').map(decode).collect(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
    };
    let mut state = lock(state);
    let id = state.requests.len();
    let headers = asked
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    state.requests.push(Recorded {
        cdn,
        method: asked.method.to_string(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        headers: headers.collect(),
    });
    let mut response = match faulty_status(&mut state, &asked.path) {
        Some(response) => response,
        None if cdn => content::cdn(&mut state, &asked),
        None => route(&mut state, &asked),
    };
    let headers = response.headers_mut();
    set(headers, "x-request-id", &format!("testkit-{id}"));
    if !headers.contains_key("ratelimit") {
        set(headers, "ratelimit", "\"api\";r=499;t=300");
    }
    set(headers, "ratelimit-policy", "\"fixed window\";\"api\";q=500;w=300");
    response
}

fn faulty_status(state: &mut State, path: &str) -> Option<Response> {
    for fault in &mut state.faults {
        match fault {
            Fault::Status { path: part, status, times, headers } if *times > 0 && path.contains(*part) => {
                *times -= 1;
                return Some(answer(*status, headers, Body::from("a fault was asked for")));
            }
            Fault::BadJson(part) if path.contains(*part) => {
                return Some(answer(200, &[("content-type", "application/json")], Body::from("<html>")));
            }
            _ => {}
        }
    }
    None
}

fn route(state: &mut State, asked: &Asked) -> Response {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    let named = |word: &str| Kind::named(word);
    match segments.as_slice() {
        ["api", "users", name, "overview"] => api::owner(state, name, false),
        ["api", "organizations", name, "overview"] => api::owner(state, name, true),
        ["api", "resolve-cache", word, rest @ ..] if let Some(kind) = named(word) => {
            content::cached(state, asked, kind, rest)
        }
        ["api", word, rest @ ..] if let Some(kind) = named(word) => api::route(state, asked, kind, rest),
        [word @ ("datasets" | "spaces"), rest @ ..] if let Some(kind) = named(word) => {
            content::resolve(state, asked, kind, rest)
        }
        rest => content::resolve(state, asked, Kind::Model, rest),
    }
}

/// The repo that a path begins with, and the rest of the path; or where the repo is now; or why not.
pub(crate) fn find<'a, 'b>(
    state: &'a State,
    asked: &Asked,
    kind: Kind,
    rest: &'b [&'b str],
) -> Result<(&'a Stored, &'b [&'b str]), Box<Response>> {
    for len in [2, 1] {
        let Some((id, below)) = rest.split_at_checked(len) else { continue };
        let id = id.join("/");
        let moved = state.renamed.get(&(kind, id.clone())).cloned();
        let other_case = || {
            state
                .repos
                .keys()
                .find(|(known, name)| *known == kind && *name != id && name.eq_ignore_ascii_case(&id))
                .map(|(_, name)| name.clone())
        };
        if let Some(repo) = state.repos.get(&(kind, id.clone())) {
            return visible(state, asked, repo).map(|()| (repo, below));
        }
        if let Some(now) = moved.or_else(other_case) {
            let to = asked.path.replacen(&id, &now, 1);
            let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
            return Err(Box::new(answer(307, &[("location", &format!("{to}{query}"))], Body::empty())));
        }
    }
    Err(hidden(asked).into())
}

fn visible(state: &State, asked: &Asked, repo: &Stored) -> Result<(), Box<Response>> {
    let known = asked.token().is_some_and(|token| state.tokens.contains(token));
    if asked.token().is_some() && !state.tokens.is_empty() && !known {
        return Err(refuse(401, None, "Invalid credentials in Authorization header").into());
    }
    if repo.disabled {
        return Err(refuse(403, None, "Access to this resource is disabled.").into());
    }
    if repo.private && !known {
        return Err(hidden(asked).into());
    }
    Ok(())
}

/// Anonymous callers cannot tell a missing repo from a private one.
fn hidden(asked: &Asked) -> Response {
    if asked.token().is_some() {
        refuse(404, Some("RepoNotFound"), "Repository not found")
    } else {
        refuse(401, None, "Invalid username or password.")
    }
}

pub(crate) fn refuse(status: u16, code: Option<&str>, message: &str) -> Response {
    let mut headers = vec![("x-error-message", message), ("content-type", "application/json")];
    headers.extend(code.map(|code| ("x-error-code", code)));
    answer(status, &headers, Body::from(json!({ "error": message }).to_string()))
}

pub(crate) fn data(value: &Value) -> Response {
    answer(200, &[("content-type", "application/json; charset=utf-8")], Body::from(value.to_string()))
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    for (name, value) in headers {
        set(response.headers_mut(), name, value);
    }
    response
}

pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
    headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
}

/// Percent-decodes one segment.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(|hex| hex::decode(hex).ok());
        match escaped {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes one segment.
pub(crate) fn encode(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
