//! The corpus: attacks are seen, honest files are let through, every rule fires and is quiet where it should.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

use modelpin_rules::Category;
use modelpin_scan::{Limits, Report, Verdict, cross_check, scan};
use modelpin_testkit::corpus::{Expect, Item, all};
use std::collections::{BTreeMap, BTreeSet};

/// The reports of all files of an item, by path.
fn judge(item: &Item) -> BTreeMap<String, Report> {
    let limits = Limits::default();
    let mut reports: BTreeMap<String, Report> =
        item.files.iter().map(|(path, bytes)| (path.clone(), scan(bytes, path, &limits))).collect();
    cross_check(&mut reports);
    reports
}

fn verdict(reports: &BTreeMap<String, Report>) -> Verdict {
    reports.values().map(Report::verdict).max().unwrap()
}

/// The items of one family, or all of them: `CORPUS=pickle cargo test -p modelpin-scan --test corpus`.
fn items() -> Vec<Item> {
    let family = std::env::var("CORPUS").unwrap_or_default();
    all().into_iter().filter(|item| item.name.starts_with(&family)).collect()
}

fn shown(reports: &BTreeMap<String, Report>) -> String {
    let lines = reports.iter().flat_map(|(path, report)| {
        let head = format!("  {path}: {} ({})", report.verdict(), report.format.word());
        std::iter::once(head).chain(report.findings.iter().map(|finding| {
            format!("    {} [{}] {} {}", finding.rule.id, finding.member.join(" > "), finding.at, finding.evidence)
        }))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_item_gets_its_verdict() {
    let mut wrong = Vec::new();
    for item in items() {
        let reports = judge(&item);
        let verdict = verdict(&reports);
        let fired: BTreeSet<&str> =
            reports.values().flat_map(|report| &report.findings).map(|finding| finding.rule.id).collect();
        let fine = match item.expect {
            Expect::Safe => verdict == Verdict::Safe,
            Expect::Review => verdict == Verdict::Review,
            Expect::Suspect => verdict >= Verdict::Review,
            Expect::Dangerous => verdict == Verdict::Dangerous,
        };
        let missing: Vec<_> = item.fires.iter().filter(|rule| !fired.contains(*rule)).collect();
        let loud: Vec<_> = item.quiet.iter().filter(|rule| fired.contains(*rule)).collect();
        if !fine || !missing.is_empty() || !loud.is_empty() {
            wrong.push(format!(
                "{}: expected {:?}, got {verdict}; silent: {missing:?}; loud: {loud:?}\n{}",
                item.name,
                item.expect,
                shown(&reports)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} items\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_fires_somewhere_and_is_quiet_somewhere() {
    let items = all();
    let names: BTreeSet<&str> = modelpin_rules::of(Category::Scan).map(|rule| rule.id).collect();
    let fires: BTreeSet<&str> = items.iter().flat_map(|item| item.fires.iter().copied()).collect();
    let quiet: BTreeSet<&str> = items.iter().flat_map(|item| item.quiet.iter().copied()).collect();
    let unknown: Vec<&&str> = fires.union(&quiet).filter(|rule| !names.contains(**rule)).collect();
    assert!(unknown.is_empty(), "no rules: {unknown:?}");
    // Two are about files that cannot be opened: `tests/it/scan.rs` makes such. One is about files on a Hub: `not_read.rs`.
    let elsewhere = ["link-out", "not-read", "unreadable"];
    let names: BTreeSet<&str> = names.into_iter().filter(|rule| !elsewhere.contains(rule)).collect();
    let silent: Vec<&&str> = names.difference(&fires).collect();
    assert!(silent.is_empty(), "no item on which they fire: {silent:?}");
    let loud: Vec<&&str> = names.difference(&quiet).collect();
    assert!(loud.is_empty(), "no item on which they are quiet: {loud:?}");
}

#[test]
fn the_corpus_is_as_large_as_it_says() {
    let items = all();
    let names: BTreeSet<&str> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names.len(), items.len(), "names are given once");
    let honest = items.iter().filter(|item| matches!(item.expect, Expect::Safe | Expect::Review)).count();
    assert!(items.len() >= 250, "{} items", items.len());
    assert!(honest >= 80, "{honest} honest items");
}
