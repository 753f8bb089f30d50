//! A request taken apart, the repo that it asks for, and the ways to answer it.

use crate::state::State;
use crate::stored::{Kind, Stored};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

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
            // Under a name without an owner the Hub gives content at once; only its API redirects.
            if len == 1
                && asked.segments.first().is_some_and(|first| first != "api")
                && let Some(repo) = state.repos.get(&(kind, now.clone()))
            {
                return visible(state, asked, repo).map(|()| (repo, below));
            }
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
pub(super) fn decode(text: &str) -> String {
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
