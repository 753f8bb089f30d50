//! Which files of a repo are taken, by rows: one row a repo as it lies on the Hub, and counter-examples of every rule.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod asked;
mod counter;
mod laws;
mod repos;
mod shelves;

use modelpin_schema::selection::Choice;
use modelpin_schema::{Filter, ListedFile, RepoKind, RepoPath, Selection};
use std::collections::BTreeMap;

/// Paths, separated by spaces: `{a,b}` stands for each, and `#3` for the numbers of three shards.
fn expand(text: &str) -> Vec<String> {
    text.split_whitespace().flat_map(expand_one).collect()
}

fn expand_one(text: &str) -> Vec<String> {
    if let Some((before, rest)) = text.split_once('{') {
        let (words, after) = rest.split_once('}').unwrap();
        return words.split(',').flat_map(|word| expand_one(&format!("{before}{word}{after}"))).collect();
    }
    if let Some((before, rest)) = text.split_once('#') {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (total, after) = rest.split_at(digits);
        let total: u32 = total.parse().unwrap();
        return (1..=total).flat_map(|n| expand_one(&format!("{before}{n:05}-of-{total:05}{after}"))).collect();
    }
    vec![text.to_owned()]
}

fn paths(text: &str) -> Vec<RepoPath> {
    expand(text).iter().map(|path| path.parse().unwrap()).collect()
}

fn listed(paths: &[RepoPath]) -> Vec<ListedFile<'_>> {
    paths.iter().map(|path| ListedFile { path, size: 1000 + path.as_str().len() as u64 }).collect()
}

fn filter(include: &[&str], exclude: &[&str], variant: Option<&str>) -> Filter {
    let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    Filter {
        include: patterns(include),
        exclude: patterns(exclude),
        variant: variant.map(|text| text.parse().unwrap()),
    }
}

/// What is decided about each file: `taken`, or the reason.
fn decided(selection: &Selection<'_>, paths: &[RepoPath]) -> BTreeMap<String, String> {
    let word = |path: &RepoPath| match selection.choice(path) {
        Some(Choice::Taken) => "taken".to_owned(),
        Some(Choice::LeftOut(why)) => why.reason.to_string(),
        None => "not listed".to_owned(),
    };
    paths.iter().map(|path| (path.to_string(), word(path))).collect()
}

/// A repo's files by what should be decided about them, such as `[("taken", "config.json"), ("copy", "pytorch_model.bin")]`.
type Row<'r> = &'r [(&'r str, &'r str)];

/// Compares a repo with its row, and every file that is left out with the file it is beside.
fn check(repo: &str, filter: &Filter, row: Row<'_>) {
    let mut expected = BTreeMap::new();
    for (word, files) in row {
        for path in expand(files) {
            assert!(expected.insert(path.clone(), (*word).to_owned()).is_none(), "{repo}: {path} is there twice");
        }
    }
    let paths: Vec<RepoPath> = expected.keys().map(|path| path.parse().unwrap()).collect();
    let selection = Selection::of(RepoKind::Model, &listed(&paths), filter);
    assert_eq!(decided(&selection, &paths), expected, "{repo}");
    for (path, why) in selection.left_out() {
        if let Some(beside) = why.beside {
            let kept = selection.choice(beside);
            let removed = |choice| matches!(choice, Some(Choice::LeftOut(why)) if why.beside.is_none());
            assert!(kept == Some(Choice::Taken) || removed(kept), "{repo}: {path} is left out beside {beside}");
        }
    }
}

fn check_all(rows: &[(&str, Row<'_>)]) {
    for (repo, row) in rows {
        check(repo, &Filter::default(), row);
    }
}
