//! Requests in, answers out, as the real Hub gives them.

mod api;
mod content;
mod exchange;
mod listener;

use crate::Fault;
use crate::state::{Recorded, State, lock};
use crate::stored::Kind;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use exchange::{Asked, answer, decode, set};
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
