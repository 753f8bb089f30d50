//! The test Hub is what it says it is: git's own ids, the protocol's own answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

use modelpin_testkit::{Content, Fault, Gate, Hub, make};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One request on a connection of its own.
fn ask(server: &str, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let address = server.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}").unwrap();
    let mut bytes = Vec::new();
    // A body that is cut ends in an error, after what came.
    let _ = stream.read_to_end(&mut bytes);
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Answer { status, headers, body: bytes[split + 4..].to_vec() }
}

fn get(hub: &Hub, path: &str) -> Answer {
    ask(hub.endpoint(), "GET", path, "", "")
}

fn git(dir: &Path, words: &[&str], input: &[u8], seconds: u64) -> String {
    let date = format!("{seconds} +0000");
    let who = [("NAME", "modelpin testkit"), ("EMAIL", "testkit@localhost"), ("DATE", date.as_str())];
    let mut command = Command::new("git");
    for (key, value) in who {
        command.env(format!("GIT_AUTHOR_{key}"), value).env(format!("GIT_COMMITTER_{key}"), value);
    }
    let mut child = command.args(words).current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn commits_have_the_ids_that_git_gives_them() {
    let hub = Hub::start();
    let repo = hub.model("acme/chat");
    let weights = make::weights(300);
    let first = repo.commit(&[
        ("a-b", Content::git("1")),
        ("a/b.json", Content::git("{}")),
        ("a/c/d", Content::git("x")),
        ("w.bin", Content::lfs(&weights)),
    ]);
    let second = repo.remove(&["a/c/d"]);

    let dir = tempfile::tempdir().unwrap();
    let run = |words: &[&str], input: &[u8]| git(dir.path(), words, input, 1_767_225_600);
    run(&["init", "-q"], b"");
    let blob = |bytes: &[u8]| run(&["hash-object", "-w", "--stdin"], bytes);
    let (one, json, x) = (blob(b"1"), blob(b"{}"), blob(b"x"));
    let sha256 = &get(&hub, "/api/models/acme/chat/tree/main?recursive=true")
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["path"] == "w.bin")
        .unwrap()["lfs"]["oid"]
        .as_str()
        .unwrap()
        .to_owned();
    let pointer = blob(
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {}\n", weights.len()).as_bytes(),
    );
    let tree = |lines: String| run(&["mktree"], lines.as_bytes());
    let c = tree(format!("100644 blob {x}\td\n"));
    let a = tree(format!("100644 blob {json}\tb.json\n040000 tree {c}\tc\n"));
    let root = tree(format!("100644 blob {one}\ta-b\n040000 tree {a}\ta\n100644 blob {pointer}\tw.bin\n"));
    let message = |day: usize| format!("Commit {day} of {}\n", repo.uid());
    assert_eq!(run(&["commit-tree", &root], message(0).as_bytes()), first);
    let a = tree(format!("100644 blob {json}\tb.json\n"));
    let root = tree(format!("100644 blob {one}\ta-b\n040000 tree {a}\ta\n100644 blob {pointer}\tw.bin\n"));
    assert_eq!(
        git(dir.path(), &["commit-tree", &root, "-p", &first], message(1).as_bytes(), 1_767_225_600 + 86_400),
        second
    );
}

fn served() -> (Hub, modelpin_testkit::Repo, String) {
    let hub = Hub::start();
    let repo = hub.model("acme/chat");
    let commit = repo.commit(&[
        ("README.md", Content::git("# hi\n")),
        ("a/config.json", Content::git("{}")),
        ("w.bin", Content::lfs("0123456789")),
    ]);
    repo.tag("v1", &commit);
    repo.pull_request(3, &commit);
    (hub, repo, commit)
}

#[test]
fn the_api_answers_as_the_protocol_says() {
    let (hub, repo, commit) = served();
    hub.organization("acme", true);
    let info = get(&hub, "/api/models/acme/chat").json();
    assert_eq!(
        (&info["id"], &info["sha"], &info["_id"]),
        (&"acme/chat".into(), &commit.clone().into(), &repo.uid().into())
    );
    assert_eq!(get(&hub, "/api/models/acme/chat/revision/refs%2Fpr%2F3").json()["sha"], commit.as_str());
    let refs = get(&hub, "/api/models/acme/chat/refs?include_prs=1").json();
    assert_eq!(
        (&refs["branches"][0]["name"], &refs["tags"][0]["targetCommit"]),
        (&"main".into(), &commit.clone().into())
    );
    assert_eq!(refs["pullRequests"][0]["ref"], "refs/pr/3");
    let commits = get(&hub, "/api/models/acme/chat/commits/main?limit=1");
    assert_eq!(
        (commits.headers["x-total-count"].as_str(), &commits.json()[0]["date"]),
        ("1", &"2026-01-01T00:00:00.000Z".into())
    );
    let flat: Vec<Value> = serde_json::from_value(get(&hub, "/api/models/acme/chat/tree/main").json()).unwrap();
    assert_eq!(
        flat.iter().map(|entry| entry["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["directory", "file", "file"]
    );
    let below = get(&hub, "/api/models/acme/chat/tree/main/a").json();
    assert_eq!(below[0]["path"], "a/config.json");
    let asked =
        ask(hub.endpoint(), "POST", "/api/models/acme/chat/paths-info/main", "", r#"{"paths":["w.bin","none"]}"#)
            .json();
    assert_eq!((asked.as_array().unwrap().len(), &asked[0]["lfs"]["size"]), (1, &10.into()));
    let form =
        ask(hub.endpoint(), "POST", "/api/models/acme/chat/paths-info/main", "", "paths=a%2Fconfig.json&expand=False")
            .json();
    assert_eq!(form[0]["path"], "a/config.json");
    assert_eq!(get(&hub, "/api/models/acme/chat/scan").json()["scansDone"], true);
    assert_eq!(get(&hub, "/api/models/acme/chat/auth-check").status, 200);
    let token = get(&hub, "/api/models/acme/chat/xet-read-token/main");
    assert_eq!(token.headers["x-xet-access-token"], token.json()["accessToken"].as_str().unwrap());
    assert_eq!(get(&hub, "/api/organizations/acme/overview").json()["isVerified"], true);
    assert_eq!(get(&hub, "/api/users/acme/overview").status, 404);
    hub.space("acme/demo").commit(&[("app.py", Content::git("1"))]);
    assert_eq!(get(&hub, "/api/spaces/acme/demo/revision/main").status, 200);
    assert_eq!(get(&hub, "/spaces/acme/demo/resolve/main/app.py").status, 307);
    hub.model("gpt2").commit(&[("a.json", Content::git("1"))]);
    assert_eq!(get(&hub, "/api/models/gpt2/revision/main").status, 200);
    assert!(get(&hub, "/api/models/gpt2").headers.contains_key("ratelimit"));
}

#[test]
fn pages_follow_one_another() {
    let (hub, _, _) = served();
    let (mut path, mut seen) = ("/api/models/acme/chat/tree/main?recursive=true&limit=2".to_owned(), 0);
    loop {
        let page = get(&hub, &path);
        seen += page.json().as_array().unwrap().len();
        let Some(link) = page.headers.get("link") else { break };
        path = link.trim_start_matches('<').split('>').next().unwrap().strip_prefix(hub.endpoint()).unwrap().to_owned();
    }
    assert_eq!(seen, 4);
}

#[test]
fn content_comes_in_the_three_ways_of_the_real_hub() {
    let (hub, _, commit) = served();
    let text = get(&hub, "/acme/chat/resolve/main/a/config.json");
    assert_eq!((text.status, text.headers["x-repo-commit"].as_str()), (307, commit.as_str()));
    let cached = get(&hub, &text.headers["location"]);
    assert_eq!((cached.status, cached.body.as_slice()), (200, b"{}".as_slice()));
    let large = get(&hub, "/acme/chat/resolve/main/w.bin");
    assert_eq!((large.status, large.headers["x-linked-size"].as_str()), (302, "10"));
    let place = large.headers["location"].strip_prefix(hub.cdn_endpoint()).unwrap();
    let part = ask(hub.cdn_endpoint(), "GET", place, "range: bytes=4-6\r\n", "");
    assert_eq!(
        (part.status, part.body.as_slice(), part.headers["content-range"].as_str()),
        (206, b"456".as_slice(), "bytes 4-6/10")
    );
    assert_eq!(ask(hub.cdn_endpoint(), "GET", place, "range: bytes=10-\r\n", "").status, 416);
    let readme = ask(hub.endpoint(), "HEAD", "/acme/chat/resolve/main/README.md", "", "");
    assert_eq!((readme.status, readme.headers["content-length"].as_str(), readme.body.len()), (200, "5", 0));
    assert!(hub.requests().iter().any(|request| request.cdn && request.headers.contains_key("range")));
}

#[test]
fn refusals_are_those_of_the_real_hub() {
    let (hub, repo, _) = served();
    hub.know_token("good");
    let code = |answer: &Answer| (answer.status, answer.headers.get("x-error-code").cloned().unwrap_or_default());
    let with =
        |path: &str, token: &str| ask(hub.endpoint(), "GET", path, &format!("authorization: Bearer {token}\r\n"), "");
    assert_eq!(code(&get(&hub, "/api/models/acme/none")), (401, String::new()));
    assert_eq!(code(&with("/api/models/acme/none", "good")), (404, "RepoNotFound".into()));
    assert_eq!(
        with("/api/models/acme/chat", "bad").headers["x-error-message"],
        "Invalid credentials in Authorization header"
    );
    assert_eq!(code(&get(&hub, "/api/models/acme/chat/revision/none")), (404, "RevisionNotFound".into()));
    assert_eq!(code(&get(&hub, "/acme/chat/resolve/main/none")), (404, "EntryNotFound".into()));
    repo.gate(Gate::Auto);
    assert_eq!(get(&hub, "/api/models/acme/chat").status, 200, "what a gated repo is stays readable");
    assert_eq!(code(&get(&hub, "/acme/chat/resolve/main/w.bin")), (401, "GatedRepo".into()));
    assert_eq!(code(&with("/acme/chat/resolve/main/w.bin", "good")), (403, "GatedRepo".into()));
    repo.grant("good");
    assert_eq!(with("/acme/chat/resolve/main/w.bin", "good").status, 302);
    let moved = repo.rename("acme/chat-2");
    assert_eq!(
        get(&hub, "/api/models/acme/chat/revision/main").headers["location"],
        "/api/models/acme/chat-2/revision/main"
    );
    assert_eq!(get(&hub, "/api/models/ACME/chat-2/refs").status, 307, "another case is another name");
    moved.disable();
    assert_eq!(get(&hub, "/api/models/acme/chat-2").headers["x-error-message"], "Access to this resource is disabled.");
}

#[test]
fn faults_do_what_they_are_called() {
    let (hub, _, _) = served();
    let place = get(&hub, "/acme/chat/resolve/main/w.bin").headers["location"]
        .strip_prefix(hub.cdn_endpoint())
        .unwrap()
        .to_owned();
    let body = || ask(hub.cdn_endpoint(), "GET", &place, "", "");
    hub.fault(Fault::FlipByte("w.bin"));
    assert_eq!(body().body, b"0123456788");
    hub.heal();
    hub.fault(Fault::Cut { path: "w.bin", at: 3, times: 1 });
    assert!(body().body.len() < 10);
    assert_eq!(body().body, b"0123456789");
    hub.fault(Fault::WeakEtag);
    hub.fault(Fault::NoLinkedHeaders);
    assert!(body().headers["etag"].starts_with("W/\""));
    assert!(!get(&hub, "/acme/chat/resolve/main/w.bin").headers.contains_key("x-linked-size"));
    hub.heal();
    hub.fault(Fault::WrongLinkedSize);
    hub.fault(Fault::RedactedXetHash);
    assert_eq!(get(&hub, "/acme/chat/resolve/main/w.bin").headers["x-linked-size"], "11");
    assert_eq!(get(&hub, "/api/models/acme/chat/tree/main").json()[1]["xetHash"], "*".repeat(64));
    hub.heal();
    hub.fault(Fault::Status { path: "/refs", status: 503, times: 1, headers: vec![("retry-after", "1")] });
    assert_eq!(get(&hub, "/api/models/acme/chat/refs").headers["retry-after"], "1");
    assert_eq!(get(&hub, "/api/models/acme/chat/refs").status, 200);
}
