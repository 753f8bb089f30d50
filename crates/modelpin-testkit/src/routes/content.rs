//! Content: `resolve`, the resolve cache that small files redirect to, and the CDN of the large ones.

use super::exchange::{Asked, answer, encode, find, refuse, set};
use crate::Fault;
use crate::sparse::Sparse;
use crate::state::State;
use crate::stored::{self, File, Kind, Stored};
use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use std::io::{Read as _, Seek as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// `/{repo}/resolve/{revision}/{path}`: a redirect for most files, content for a few small ones.
pub(crate) fn resolve(state: &mut State, asked: &Asked, kind: Kind, rest: &[&str]) -> Response {
    let signature = sign(state);
    let (repo, below) = match find(state, asked, kind, rest) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let ["resolve", revision, path @ ..] = below else {
        return refuse(404, None, "Sorry, we can't find the page you are looking for.");
    };
    if let Some(refusal) = gate(state, asked, repo) {
        return refusal;
    }
    let path = path.join("/");
    let Some((commit, found)) = repo.resolve(revision) else {
        return refuse(404, Some("RevisionNotFound"), "Invalid rev id");
    };
    let commit = if state.faults.contains(&Fault::CommitMismatch) { "0".repeat(40) } else { commit.to_owned() };
    let Some(file) = found.files.get(&path) else {
        let mut response = refuse(404, Some("EntryNotFound"), "Entry not found");
        set(response.headers_mut(), "x-repo-commit", &commit);
        return response;
    };
    if state.faults.contains(&Fault::EndlessRedirect) {
        return answer(307, &[("location", &asked.path)], Body::empty());
    }
    let place: String = path.split('/').map(encode).collect::<Vec<_>>().join("/");
    let id = &repo.id;
    let inner = format!("{}/{id}/{}/{place}", kind.plural(), commit);
    let etag = etag(state, file);
    let mut common = vec![("x-repo-commit", commit.as_str())];
    if !state.faults.contains(&Fault::NoLinkedHeaders) {
        common.push(("x-linked-etag", etag.as_str()));
    }
    match &file.lfs {
        Some((sha256, _)) => {
            let hash = state.xet.as_ref().and_then(|(_, hashes)| hashes.get(sha256));
            let link =
                format!("<{}/api/{}/{id}/xet-read-token/{commit}>; rel=\"xet-auth\"", state.endpoint, kind.plural());
            if let Some(hash) = hash {
                common.extend([("x-xet-hash", hash.as_str()), ("link", link.as_str())]);
            }
            let to = match (&state.cdn_url, &file.body) {
                (Some(url), stored::Body::Disk { served, .. }) => format!("{url}/{served}"),
                _ => format!("{}/{inner}?Signature={signature}", state.cdn),
            };
            let size = (file.size + u64::from(state.faults.contains(&Fault::WrongLinkedSize))).to_string();
            if !state.faults.contains(&Fault::NoLinkedHeaders) {
                common.push(("x-linked-size", &size));
            }
            common.push(("location", &to));
            answer(302, &common, Body::from("Found. Redirecting"))
        }
        // The real Hub answers a few small files at once.
        None if path.ends_with("README.md") || path.ends_with(".yaml") => {
            let file = file.clone();
            let mut response = body(state, asked, &path, &file, &etag);
            set(response.headers_mut(), "x-repo-commit", &commit);
            response
        }
        None => {
            let to = format!("/api/resolve-cache/{inner}");
            common.push(("location", &to));
            answer(307, &common, Body::from("Temporary Redirect. Redirecting"))
        }
    }
}

/// The SHA-256 of a large file, the git blob id of a small one.
fn etag(state: &State, file: &File) -> String {
    let weak = if state.faults.contains(&Fault::WeakEtag) { "W/" } else { "" };
    let id = file.lfs.as_ref().map_or_else(|| hex::encode(file.oid), |(sha256, _)| sha256.clone());
    format!("{weak}\"{id}\"")
}

/// A gated repo shows its listing to everyone and its content to the admitted.
pub(super) fn gate(state: &State, asked: &Asked, repo: &Stored) -> Option<Response> {
    repo.gate?;
    let restricted = format!("Access to model {} is restricted", repo.id);
    let (status, message) = match asked.token() {
        Some(token) if repo.granted.iter().any(|granted| granted == token) => return None,
        Some(token) if state.tokens.contains(token) && repo.pending.iter().any(|pending| pending == token) => {
            (403, format!("Your request to access model {} is awaiting a review from the repo authors.", repo.id))
        }
        Some(token) if state.tokens.contains(token) => {
            let page = format!("{}/{}", state.endpoint, repo.id);
            (403, format!("{restricted} and you are not in the authorized list. Visit {page} to ask for access."))
        }
        _ => {
            (401, format!("{restricted}. You must have access to it and be authenticated to access it. Please log in."))
        }
    };
    Some(refuse(status, Some("GatedRepo"), &message))
}

/// `/api/resolve-cache/{kind}s/{repo}/{commit}/{path}`.
pub(crate) fn cached(state: &mut State, asked: &Asked, kind: Kind, rest: &[&str]) -> Response {
    let mut response = serve(state, asked, kind, rest);
    // The Python client takes the commit from the last hop.
    if let Some(commit) = rest.iter().find(|part| part.len() == 40) {
        set(response.headers_mut(), "x-repo-commit", commit);
    }
    response
}

/// The signature of the next address on the CDN.
fn sign(state: &mut State) -> String {
    if !state.faults.iter().any(|fault| matches!(fault, Fault::Expires(_))) {
        return "secret".to_owned();
    }
    state.signatures.push(0);
    format!("secret-{}", state.signatures.len() - 1)
}

/// Why the CDN does not serve, if it does not.
fn unserved(state: &mut State, asked: &Asked) -> Option<Response> {
    for fault in &state.faults {
        match fault {
            Fault::Crowded { bodies, status, headers } if state.sending.load(Ordering::Relaxed) >= *bodies => {
                return Some(answer(*status, headers, Body::from("too many at once")));
            }
            Fault::Expires(most) => {
                let number = asked.query("Signature").and_then(|text| text.strip_prefix("secret-")?.parse().ok());
                let uses = number.and_then(|number: usize| state.signatures.get_mut(number))?;
                *uses += 1;
                if *uses > *most {
                    return Some(answer(403, &[], Body::from("Request has expired")));
                }
            }
            _ => {}
        }
    }
    None
}

/// `/{kind}s/{repo}/{commit}/{path}` on the CDN.
pub(crate) fn cdn(state: &mut State, asked: &Asked) -> Response {
    if let Some(refusal) = unserved(state, asked) {
        return refusal;
    }
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [word, rest @ ..] if let Some(kind) = Kind::named(word) => serve(state, asked, kind, rest),
        _ => answer(403, &[], Body::from("no such object")),
    }
}

fn serve(state: &mut State, asked: &Asked, kind: Kind, rest: &[&str]) -> Response {
    let file = [2, 1].into_iter().find_map(|len| {
        let (id, below) = rest.split_at_checked(len)?;
        let repo = state.repos.get(&(kind, id.join("/")))?;
        let (commit, path) = below.split_first()?;
        let path = path.join("/");
        let (_, commit) = repo.resolve(commit).or_else(|| repo.resolve("main"))?;
        commit.files.get(&path).map(|file| (path, file.clone()))
    });
    match file {
        Some((path, file)) => {
            let etag = etag(state, &file);
            body(state, asked, &path, &file, &etag)
        }
        None => refuse(404, Some("EntryNotFound"), "Entry not found"),
    }
}

/// The body of a file, whole or the part that a range asks for, with all faults of the file.
fn body(state: &mut State, asked: &Asked, path: &str, file: &File, etag: &str) -> Response {
    if let stored::Body::Sparse(sparse) = &file.body {
        return sparse_body(state, asked, sparse, etag);
    }
    let bytes = match load(&file.body) {
        Ok(bytes) => faulty(state, path, bytes),
        Err(error) => return refuse(500, None, &error.to_string()),
    };
    let total = bytes.len();
    let range = asked.header("range").filter(|_| !state.faults.contains(&Fault::IgnoreRange));
    let part = range.and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        let from: usize = from.parse().ok()?;
        Some((from, to.parse::<usize>().ok().map_or(total, |to| (to + 1).min(total))))
    });
    if let Some((from, _)) = part
        && from >= total
    {
        return answer(416, &[("content-range", &format!("bytes */{total}"))], Body::empty());
    }
    let (from, to) = part.unwrap_or((0, total));
    let shift = usize::from(part.is_some() && state.faults.contains(&Fault::WrongRange));
    let (mut more, mut said) = (0, total);
    for fault in state.faults.iter().filter(|_| part.is_some()) {
        match fault {
            Fault::WrongTotal(faulty, total) if *faulty == path => said = *total,
            Fault::WrongLength(faulty, bytes) if *faulty == path => more = *bytes,
            _ => {}
        }
    }
    let shown = bytes.slice(from..to.saturating_add_signed(more).min(total));
    let mut headers = vec![("etag".to_owned(), etag.to_owned()), ("accept-ranges".to_owned(), "bytes".to_owned())];
    headers.push(("content-length".to_owned(), shown.len().to_string()));
    if part.is_some() {
        headers.push(("content-range".to_owned(), format!("bytes {}-{}/{said}", from + shift, to - 1 + shift)));
    }
    if state.faults.contains(&Fault::Gzip) && file.lfs.is_none() {
        headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let status = if part.is_some() { 206 } else { 200 };
    if asked.method == Method::HEAD {
        return answer(status, &headers, Body::empty());
    }
    answer(status, &headers, paced(state, path, from, shown))
}

/// The body of a file that is in no memory, whole or the part that a range asks for. Of the faults, it may ignore ranges.
fn sparse_body(state: &State, asked: &Asked, sparse: &Sparse, etag: &str) -> Response {
    let total = sparse.size;
    let range = asked.header("range").filter(|_| !state.faults.contains(&Fault::IgnoreRange));
    let part = range.and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some((from.parse::<u64>().ok()?, to.parse::<u64>().ok().map_or(total, |to| (to + 1).min(total))))
    });
    let (from, to) = part.unwrap_or((0, total));
    let (length, shown) = ((to - from).to_string(), format!("bytes {from}-{}/{total}", to - 1));
    let mut headers = vec![("etag", etag), ("accept-ranges", "bytes"), ("content-length", length.as_str())];
    if part.is_some() {
        headers.push(("content-range", &shown));
    }
    let status = if part.is_some() { 206 } else { 200 };
    if asked.method == Method::HEAD {
        return answer(status, &headers, Body::empty());
    }
    let sparse = sparse.clone();
    let pieces = stream::unfold(from, move |at| {
        let piece = (at < to).then(|| (at + (64 << 10)).min(to));
        let piece = piece.map(|next| (Ok::<_, std::io::Error>(sparse.slice(at, next)), next));
        async move { piece }
    });
    answer(status, &headers, Body::from_stream(pieces))
}

fn load(body: &stored::Body) -> std::io::Result<Bytes> {
    match body {
        stored::Body::Memory(bytes) => Ok(bytes.clone()),
        stored::Body::Sparse(sparse) => Ok(sparse.slice(0, sparse.size)),
        stored::Body::Disk { file, .. } => {
            let mut file = std::fs::File::open(file)?;
            file.rewind()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes.into())
        }
    }
}

fn faulty(state: &State, path: &str, bytes: Bytes) -> Bytes {
    let mut bytes = bytes;
    for fault in &state.faults {
        match fault {
            Fault::FlipByte(faulty) if *faulty == path => {
                let mut flipped = bytes.to_vec();
                if let Some(byte) = flipped.last_mut() {
                    *byte ^= 1;
                }
                bytes = flipped.into();
            }
            Fault::ServeOther(faulty, other) if *faulty == path => bytes = other.clone().into(),
            _ => {}
        }
    }
    bytes
}

/// A body that begins at byte `from` of its file, cut or slow where that was asked for.
fn paced(state: &mut State, path: &str, from: usize, bytes: Bytes) -> Body {
    let (mut whole, mut rate) = (bytes.len(), None);
    for fault in &mut state.faults {
        match fault {
            Fault::Cut { path: faulty, at, times } if *faulty == path && *times > 0 => {
                *times -= 1;
                whole = whole.min(*at);
            }
            Fault::CutAt { path: faulty, at, times }
                if *faulty == path && *times > 0 && (from..from + bytes.len()).contains(at) =>
            {
                *times -= 1;
                whole = whole.min(*at - from);
            }
            Fault::Slow(faulty, slow) if *faulty == path => rate = Some(*slow),
            _ => {}
        }
    }
    let crowds = state.faults.iter().any(|fault| matches!(fault, Fault::Crowded { .. }));
    if whole == bytes.len() && rate.is_none() && !crowds {
        return Body::from(bytes);
    }
    let cut = whole < bytes.len();
    let piece = rate.map_or(64 << 10, |rate| rate / 20).max(1);
    let pieces = stream::unfold(
        (bytes.slice(..whole), Some(Sending::new(&state.sending))),
        move |(mut rest, sending)| async move {
            if rest.is_empty() {
                if !cut {
                    return None;
                }
                // The pause lets the first bytes reach the client before the connection goes.
                tokio::time::sleep(Duration::from_millis(30)).await;
                return Some((Err(std::io::Error::other("a cut was asked for")), (rest, sending)));
            }
            if rate.is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let piece = rest.split_to(piece.min(rest.len()));
            // Whoever has the last byte may ask for more before this is polled again.
            let sending = sending.filter(|_| cut || !rest.is_empty());
            Some((Ok(piece), (rest, sending)))
        },
    );
    Body::from_stream(pieces)
}

/// Counts a body while it is being sent.
struct Sending(Arc<AtomicUsize>);

impl Sending {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
