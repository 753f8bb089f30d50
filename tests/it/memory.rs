//! No file and no answer, however made, takes more than 512 MiB, in all threads together.

use crate::sandbox::{Output, Sandbox};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

/// Runs with at most 512 MiB for data, the stacks of threads included.
fn bounded(sandbox: &Sandbox, words: &str, variables: &[(&str, &str)]) -> Output {
    let template = sandbox.command(words);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d 524288; exec \"$0\" \"$@\""]).arg(template.get_program());
    command.args(template.get_args()).current_dir(sandbox.path("")).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    sandbox.finish(command.envs(variables.iter().copied()))
}

/// `unit` between `before` and `after`, `bytes` long or a little less.
fn filled(before: &str, unit: &str, after: &str, bytes: usize) -> String {
    format!("{before}{}{after}", unit.repeat((bytes - before.len() - after.len()) / unit.len()))
}

#[test]
fn files_that_are_judged_side_by_side_share_the_memory() {
    let sandbox = Sandbox::new();
    for (name, text) in [
        // Just within what the values of one document may take, and far beyond it.
        ("within.json", filled("[", "{\"\":0},", "0]", 10 << 20)),
        ("beyond.json", filled("[", "{\"\":0},", "0]", 60 << 20)),
        ("list.py", filled("x = [", "[],", "0]\n", 2 << 20)),
        ("list.jinja", filled("{{ [", "a,", "1] }}", 1 << 20)),
        ("list.yaml", filled("x: [", "[],", "0]\n", 4 << 20)),
    ] {
        for copy in ["a", "b"] {
            sandbox.write(&format!("files/{copy}/{name}"), &text);
        }
    }
    let output = bounded(&sandbox, "scan files --format json", &[]);
    assert!([0, 5].contains(&output.code), "{output}");
    assert_eq!(output.result()["entries"][0]["files"].as_array().unwrap().len(), 10);
    let over = output.diagnostics().iter().filter(|problem| problem.to_string().contains("over-budget")).count();
    assert_eq!(over, 2, "what is beyond is told, and nothing else: {output}");
}

/// A lock of one entry with so many files, whose tree is right.
fn lock(files: usize, more: &str) -> String {
    let sha256 = "5d".repeat(32);
    let paths: Vec<String> = (0..files).map(|at| format!("data/{at:07}.csv")).collect();
    let lines: String = paths.iter().fold(String::new(), |mut lines, path| {
        writeln!(lines, "{sha256}  {path}").unwrap();
        lines
    });
    let tree = crate::imports::sha256(lines.as_bytes());
    let mut text = format!(
        "version = 1\n\n[model.big]\nsource = \"hf:model/acme/big\"\nrequested = \"main\"\nrevision = \"{}\"\ntree = \"sha256:{tree}\"\n{more}\n[model.big.files]\n",
        "ab".repeat(20)
    );
    for path in paths {
        writeln!(text, "\"{path}\" = {{ kind = \"data\", size = 1, sha256 = \"{sha256}\" }}").unwrap();
    }
    text
}

#[test]
fn a_lock_of_50_000_files_is_no_burden_and_a_hostile_one_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models]\nbig = \"acme/big\"\n");
    sandbox.write("models.lock", lock(50_000, ""));
    bounded(&sandbox, "check", &[]).ok().says("50000 files are not on this machine");

    let mut requires = "\n[model.big.requires]\n".to_owned();
    for at in 0..900_000 {
        writeln!(requires, "\"{at:x}\" = \"1\"").unwrap();
    }
    sandbox.write("models.lock", lock(1, &requires));
    bounded(&sandbox, "check", &[]).exits(2).says("more in this lock than in any honest one");
    sandbox.write("models.lock", lock(1, &filled("include = [", "\"a\",", "\"a\"]", 39 << 20)));
    bounded(&sandbox, "check", &[]).exits(2).says("more in this lock than in any honest one");
}

#[test]
fn a_manifest_of_100_000_entries_is_no_burden_and_one_of_tables_is_refused() {
    let sandbox = Sandbox::new();
    let mut entries = "[models]\n".to_owned();
    for at in 0..100_000 {
        writeln!(entries, "m{at} = {{ repo = \"a/{at}\" }}").unwrap();
    }
    sandbox.write("models.toml", &entries);
    bounded(&sandbox, "check", &[]).refused(3).says("models.lock not found");
    // One line for all, and each entry is a fault's place.
    sandbox.write("models.toml", format!("models = {{ {} }}", filled("", "\"M\" = 1, ", "x = 1", 4 << 20)));
    bounded(&sandbox, "check", &[]).exits(2);
    for unit in ["x.a.b.c.d.e = 1\n", "x = {a={a={a={a=1}}}}\n", "[[a.b]]\n"] {
        for file in ["models.toml", "models.audits.toml"] {
            sandbox.write("models.toml", "[models]\nbig = \"acme/big\"\n");
            sandbox.write("models.lock", lock(1, ""));
            sandbox.write("models.audits.toml", "version = 1\n");
            sandbox.write(file, filled("", unit, "", 4 << 20));
            bounded(&sandbox, "check", &[]).exits(2).says(file);
        }
    }
}

/// A Hub that gives `answer` to whoever asks for a repo, until the process ends.
fn hub(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (answer, mut stream) = (answer.clone(), stream.unwrap());
            std::thread::spawn(move || {
                let mut asked = [0; 4096];
                let count = stream.read(&mut asked).unwrap_or(0);
                let refs = format!("{{\"branches\":[{{\"name\":\"main\",\"targetCommit\":\"{}\"}}]}}", "ab".repeat(20));
                let body =
                    if String::from_utf8_lossy(&asked[..count]).contains("/refs") { refs.into_bytes() } else { answer };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                // Whoever has enough hangs up.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            });
        }
    });
    address
}

#[test]
fn no_answer_of_a_hub_fills_the_memory() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models]\na = \"acme/chat\"\nb = \"acme/b\"\nc = \"acme/c\"\nd = \"acme/d\"\n");
    let info = format!("{{\"_id\":\"621ffdc036468d709f17434d\",\"id\":\"acme/chat\",\"sha\":\"{}\"", "ab".repeat(20));
    let row = format!("{{\"type\":\"file\",\"path\":\"x\",\"oid\":\"{}\",\"size\":1}},", "cd".repeat(20));
    for answer in [
        filled(&format!("{info},\"cardData\":{{\"x\":["), "{\"\":0},", "0]}}", 31 << 20),
        filled(&format!("{info},\"cardData\":{{\"license\":["), "\"x\",", "0]}}", 31 << 20),
        filled(&format!("{info},\"siblings\":["), "{},", "{}]}", 70 << 20),
        filled("[", &row, "{}]", 31 << 20),
    ] {
        let address = hub(answer.into_bytes());
        bounded(&sandbox, "lock", &[("HF_ENDPOINT", address.as_str()), ("MODELPIN_RETRY_WAIT", "0.001")]).refused(7);
    }
}
