//! Serves a folder of repos as a Hub, so that a person or any Hub client can try things by hand.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]

use modelpin_testkit::{Hub, corpus, folder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str =
    "usage: modelpin-testkit DIR [--port N] [--cdn-port N] [--cdn-url URL] [--lfs-above BYTES] [--xet URL HASHES]

Serves DIR/models/ORG/NAME/** and DIR/datasets/ORG/NAME/** on 127.0.0.1 until it is stopped. With --xet, large files are
offered through the Xet storage at URL as well, if the file HASHES has them: a line each, SHA-256 and Xet hash.

       modelpin-testkit corpus DIR

Writes the corpus of attacks and honest files to DIR/ITEM/**, with what is expected of each in DIR/expected.tsv.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.as_slice() {
        [word, dir] if word == "corpus" => write_corpus(dir.as_ref()),
        _ => serve(words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn write_corpus(dir: &Path) -> Result<(), String> {
    corpus::write(dir).map_err(|error| format!("cannot write `{}`: {error}", dir.display()))
}

fn serve(words: Vec<String>) -> Result<(), String> {
    let (mut dir, mut port, mut cdn_port, mut cdn_url, mut lfs_above) = (None, 0, 0, None, 100 << 10);
    let mut xet = None;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--port" => port = value()?.parse().map_err(|_| "a port is a number")?,
            "--cdn-port" => cdn_port = value()?.parse().map_err(|_| "a port is a number")?,
            "--cdn-url" => cdn_url = Some(value()?.trim_end_matches('/').to_owned()),
            "--lfs-above" => lfs_above = value()?.parse().map_err(|_| "a size is a number of bytes")?,
            "--xet" => xet = Some((value()?, xet_hashes(value()?.as_ref())?)),
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            _ if dir.is_none() && !word.starts_with('-') => dir = Some(PathBuf::from(&word)),
            _ => return Err(format!("`{word}` is not understood")),
        }
    }
    let dir = dir.ok_or("no folder was given")?;
    let hub = Hub::start_at(port, cdn_port, cdn_url);
    if let Some((cas, hashes)) = xet {
        hub.offer_hashes(&cas, hashes);
    }
    let repos =
        folder::load(&hub, &dir, lfs_above).map_err(|error| format!("cannot read `{}`: {error}", dir.display()))?;
    println!("endpoint {}", hub.endpoint());
    for (repo, commit) in &repos {
        println!("{repo} {commit}");
    }
    if let Some(model) = repos.iter().find_map(|(repo, _)| repo.strip_prefix("models/")) {
        println!("\ntry: HF_ENDPOINT={} modelpin add {model}", hub.endpoint());
    }
    println!("ready");
    loop {
        std::thread::park();
    }
}

/// Xet hashes by SHA-256.
fn xet_hashes(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let hash = |text: &str| {
        let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| text.to_owned())
    };
    let pair = |line: &str| {
        let (sha256, xet) = line.split_once(' ')?;
        Some((hash(sha256)?, hash(xet)?))
    };
    let wrong = |line: &str| format!("`{line}` of `{}` is not a SHA-256 and a Xet hash", path.display());
    text.lines().map(|line| pair(line).ok_or_else(|| wrong(line))).collect()
}
