//! `/api/{models|datasets}/…`.

use super::content;
use super::exchange::{Asked, answer, data, find, refuse, set};
use crate::Fault;
use crate::state::State;
use crate::stored::{Commit, File, Kind, Stored};
use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn route(state: &mut State, asked: &Asked, kind: Kind, rest: &[&str]) -> Response {
    let response = match find(state, asked, kind, rest) {
        Err(response) => return *response,
        Ok((repo, below)) => match below {
            [] => info(asked, repo, "main"),
            ["revision", revision] => info(asked, repo, revision),
            ["refs"] => refs(asked, repo),
            ["commits", revision] => commits(asked, repo, revision),
            ["tree", revision] => tree(state, asked, repo, revision, ""),
            ["tree", revision, path @ ..] => tree(state, asked, repo, revision, &path.join("/")),
            ["paths-info", revision] if asked.method == Method::POST => paths_info(state, asked, repo, revision),
            ["scan"] => data(&scan(repo)),
            ["xet-read-token", revision] => xet_token(state, repo, revision),
            ["auth-check"] => content::gate(state, asked, repo).unwrap_or_else(|| answer(200, &[], Body::empty())),
            _ => return refuse(404, None, "Sorry, we can't find the page you are looking for."),
        },
    };
    let has_owner = matches!(rest.get(2), Some(&("revision" | "refs")));
    if has_owner || matches!(rest.get(1), Some(&("revision" | "refs"))) {
        move_branch(state, kind, &rest.iter().take(1 + usize::from(has_owner)).copied().collect::<Vec<_>>().join("/"));
    }
    response
}

/// A token for the Xet storage, another each time; for one that is nowhere, where there is none.
fn xet_token(state: &State, repo: &Stored, revision: &str) -> Response {
    if repo.resolve(revision).is_none() {
        return no_revision(revision);
    }
    let store = state.xet.as_ref().map_or(&state.cdn, |(store, _)| store);
    let ends = state.faults.iter().find_map(|fault| match fault {
        Fault::XetTokenEnds(seconds) => Some(*seconds),
        _ => None,
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let expiry = now.saturating_add_signed(ends.unwrap_or(900));
    let given = state.requests.iter().filter(|request| request.path.contains("/xet-read-token/")).count();
    let token = format!("testkit-xet-token-{given}");
    let mut response = data(&json!({ "casUrl": store, "accessToken": token, "exp": expiry }));
    set(response.headers_mut(), "x-xet-cas-url", store);
    set(response.headers_mut(), "x-xet-access-token", &token);
    set(response.headers_mut(), "x-xet-token-expiration", &expiry.to_string());
    response
}

/// What the Hub says of an owner; owners of repos are users unless they were made organizations.
pub(crate) fn owner(state: &State, name: &str, organization: bool) -> Response {
    let has_repos = state.repos.keys().any(|(_, id)| id.split_once('/').is_some_and(|(owner, _)| owner == name));
    let verified = state.organizations.get(name);
    match (organization, verified) {
        (true, Some(verified)) => {
            data(&json!({ "name": name, "fullname": name, "avatarUrl": "", "isVerified": verified }))
        }
        (false, None) if has_repos => data(
            &json!({ "_id": "0".repeat(24), "user": name, "fullname": name, "type": "user", "isPro": false, "avatarUrl": "", "createdAt": date(0) }),
        ),
        _ => refuse(404, None, "This user or organization does not exist"),
    }
}

/// Moves `main` now that somebody has asked what it is.
fn move_branch(state: &mut State, kind: Kind, id: &str) {
    let to = state.faults.iter().find_map(|fault| match fault {
        Fault::MoveAfterAsking(to) => Some(to.clone()),
        _ => None,
    });
    if let (Some(to), Some(repo)) = (to, state.repos.get_mut(&(kind, id.to_owned()))) {
        repo.branches.insert("main".to_owned(), to);
    }
}

fn no_revision(revision: &str) -> Response {
    refuse(404, Some("RevisionNotFound"), &format!("Invalid rev id: {}", revision.escape_default()))
}

fn info(asked: &Asked, repo: &Stored, revision: &str) -> Response {
    let Some((id, commit)) = repo.resolve(revision) else { return no_revision(revision) };
    let blobs = asked.query("blobs").is_some_and(|on| on == "true");
    let sibling = |(path, file): (&String, &File)| {
        let mut sibling = json!({ "rfilename": path });
        if blobs {
            sibling["size"] = file.size.into();
            sibling["blobId"] = hex::encode(file.oid).into();
            if let Some((sha256, pointer)) = &file.lfs {
                sibling["lfs"] = json!({ "sha256": sha256, "size": file.size, "pointerSize": pointer });
            }
        }
        sibling
    };
    let mut value = json!({
        "_id": repo.uid, "id": repo.id, "modelId": repo.id, "author": repo.id.split_once('/').map(|(owner, _)| owner),
        "sha": id, "lastModified": date(commit.day), "createdAt": date(0), "private": repo.private, "disabled": repo.disabled,
        "gated": repo.gate.map_or(json!(false), |gate| json!(format!("{gate:?}").to_lowercase())),
        "downloads": 0, "likes": 0, "tags": [], "cardData": repo.card,
        "siblings": commit.files.iter().map(sibling).collect::<Vec<_>>(),
    });
    if asked.query("securityStatus").is_some() {
        value["securityRepoStatus"] = scan(repo);
    }
    data(&value)
}

fn date(day: u64) -> String {
    let (mut month, mut day) = (0, day);
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while day >= lengths[month % 12] {
        day -= lengths[month % 12];
        month += 1;
    }
    format!("{}-{:02}-{:02}T00:00:00.000Z", 2026 + month / 12, month % 12 + 1, day + 1)
}

fn refs(asked: &Asked, repo: &Stored) -> Response {
    let named = |kind: &str, (name, commit): (&String, &String)| json!({ "name": name, "ref": format!("refs/{kind}/{name}"), "targetCommit": commit });
    let mut value = json!({
        "branches": repo.branches.iter().map(|pair| named("heads", pair)).collect::<Vec<_>>(),
        "tags": repo.tags.iter().map(|pair| named("tags", pair)).collect::<Vec<_>>(),
        "converts": repo.converts.iter().map(|pair| named("convert", pair)).collect::<Vec<_>>(),
    });
    if asked.query("include_prs").is_some() {
        let pull = |(number, commit): (&u64, &String)| json!({ "name": number.to_string(), "ref": format!("refs/pr/{number}"), "targetCommit": commit });
        value["pullRequests"] = repo.pulls.iter().map(pull).collect();
    }
    data(&value)
}

fn commits(asked: &Asked, repo: &Stored, revision: &str) -> Response {
    let Some((id, _)) = repo.resolve(revision) else { return no_revision(revision) };
    let (mut history, mut next) = (Vec::new(), Some(id.to_owned()));
    while let Some((id, commit)) = next.and_then(|id| repo.commits.get_key_value(&id)) {
        history.push(json!({ "id": id, "title": format!("Commit {}", commit.day), "message": "", "authors": [{ "user": "testkit" }], "date": date(commit.day) }));
        next = commit.parent.clone();
    }
    let number = |key: &str, default: usize| asked.query(key).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (page, limit) = (number("p", 0), number("limit", 50).max(1));
    let shown: Vec<Value> = history.iter().skip(page * limit).take(limit).cloned().collect();
    let mut response = data(&shown.into());
    set(response.headers_mut(), "x-total-count", &history.len().to_string());
    response
}

fn scan(repo: &Stored) -> Value {
    let issues: Vec<Value> = repo.flags.iter().map(|(path, level)| json!({ "path": path, "level": level })).collect();
    json!({ "scansDone": true, "filesWithIssues": issues })
}

fn entry(state: &State, path: &str, file: &File, expand: bool) -> Value {
    let has = |fault: Fault| state.faults.contains(&fault);
    let path_is =
        |fault: fn(&Fault) -> Option<&'static str>| state.faults.iter().filter_map(fault).any(|faulty| faulty == path);
    let wrong_hash = path_is(|fault| match fault {
        Fault::WrongListedHash(path) => Some(*path),
        _ => None,
    });
    let wrong_size = path_is(|fault| match fault {
        Fault::WrongListedSize(path) => Some(*path),
        _ => None,
    });
    let size = if wrong_size { file.size + 1 } else { file.size };
    let oid = if wrong_hash && file.lfs.is_none() { "ab".repeat(20) } else { hex::encode(file.oid) };
    let mut value = json!({ "type": "file", "oid": oid, "size": size, "path": path });
    if let Some((sha256, pointer)) = &file.lfs {
        let sha256 = if wrong_hash { "ab".repeat(32) } else { sha256.clone() };
        value["lfs"] = json!({ "oid": sha256, "size": size, "pointerSize": pointer });
    }
    if has(Fault::RedactedXetHash) {
        value["xetHash"] = "*".repeat(64).into();
    }
    if expand {
        value["lastCommit"] = Value::Null;
        value["securityFileStatus"] = json!({ "status": "safe", "avScan": null, "pickleImportScan": null });
    }
    if has(Fault::UnknownEntry) {
        value["type"] = "unknown".into();
    }
    value
}

fn tree(state: &State, asked: &Asked, repo: &Stored, revision: &str, below: &str) -> Response {
    let Some((_, commit)) = repo.resolve(revision) else { return no_revision(revision) };
    let on = |key: &str| asked.query(key).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
    let mut listed = list(state, commit, below, on("recursive"), on("expand"));
    if listed.is_empty() && !below.is_empty() {
        return refuse(404, Some("EntryNotFound"), "Entry not found");
    }
    for fault in &state.faults {
        if let Fault::HostilePath(path) = fault {
            listed.push(
                json!({ "type": "file", "oid": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "size": 0, "path": path }),
            );
        }
    }
    let from: usize = asked.query("cursor").and_then(|text| text.parse().ok()).unwrap_or(0);
    let limit = asked.query("limit").and_then(|text| text.parse().ok()).unwrap_or(state.page).max(1);
    let page: Vec<Value> = listed.iter().skip(from).take(limit).cloned().collect();
    let mut response = data(&page.into());
    let next = |origin: &str, cursor: usize| {
        let rest: String =
            asked.query.split('&').filter(|pair| !pair.starts_with("cursor=")).collect::<Vec<_>>().join("&");
        format!("<{origin}{}?{rest}&cursor={cursor}>; rel=\"next\"", asked.path)
    };
    if state.faults.contains(&Fault::NextPageElsewhere) {
        set(response.headers_mut(), "link", &next(&state.cdn, 1));
    } else if state.faults.contains(&Fault::EndlessPages) {
        set(response.headers_mut(), "link", &next(&state.endpoint, 0));
    } else if from + limit < listed.len() {
        set(response.headers_mut(), "link", &next(&state.endpoint, from + limit));
    }
    response
}

fn list(state: &State, commit: &Commit, below: &str, recursive: bool, expand: bool) -> Vec<Value> {
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let inside = |path: &str| path.strip_prefix(&prefix).is_some_and(|rest| recursive || !rest.contains('/'));
    let folders = commit.folders.iter().filter(|(path, _)| inside(path));
    let folders =
        folders.map(|(path, oid)| json!({ "type": "directory", "oid": hex::encode(oid), "size": 0, "path": path }));
    let files =
        commit.files.iter().filter(|(path, _)| inside(path)).map(|(path, file)| entry(state, path, file, expand));
    folders.chain(files).collect()
}

/// As JSON, or as the form that the Python client sends.
fn paths_info(state: &State, asked: &Asked, repo: &Stored, revision: &str) -> Response {
    let Some((_, commit)) = repo.resolve(revision) else { return no_revision(revision) };
    let paths: Vec<String> = match serde_json::from_slice::<Value>(&asked.body) {
        Ok(value) => match &value["paths"] {
            Value::String(path) => vec![path.clone()],
            paths => paths.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        },
        Err(_) => {
            let form = String::from_utf8_lossy(&asked.body).replace('+', "%20");
            form.split('&').filter_map(|pair| pair.strip_prefix("paths=")).map(super::decode).collect()
        }
    };
    let found = paths.iter().filter_map(|path| commit.files.get(path).map(|file| entry(state, path, file, false)));
    data(&found.collect())
}
