//! Archives of very many members: data sets come in them.

use modelpin_scan::{Limits, Verdict, scan};
use modelpin_testkit::corpus::build::{Member, Tar, Zip};
use std::time::{Duration, Instant};

/// An archive of so many members, each with `content`. From 65,535 on, readers count them themselves.
fn zip(count: u32, content: &[u8]) -> Vec<u8> {
    let mut zip = Zip { count: Some(u16::try_from(count).unwrap_or(u16::MAX)), ..Zip::default() };
    zip.members = (0..count).map(|n| Member::new(&format!("train/{n:012}.txt"), content)).collect();
    zip.bytes()
}

#[test]
fn datasets_with_many_members_are_accepted() {
    let texts = scan(&zip(10_500, b"a cat\n"), "captions.zip", &Limits::default());
    assert_eq!(texts.verdict(), Verdict::Safe, "{:#?}", texts.findings);
    let mut tar = Tar::default();
    for n in 0..10_500 {
        tar = tar.file(&format!("{n:06}.txt"), b"a cat\n");
    }
    let shard = scan(&tar.bytes(), "shard-000000.tar", &Limits::default());
    assert_eq!(shard.verdict(), Verdict::Safe, "{:#?}", shard.findings);
}

#[test]
fn a_cut_member_list_reports_only_the_limit() {
    let report = scan(&zip(50, b"a cat\n"), "captions.zip", &Limits { entries: 20, ..Limits::default() });
    let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["over-budget"], "{:#?}", report.findings);
}

#[test]
fn many_members_are_listed_quickly() {
    let bytes = zip(200_000, b"");
    let start = Instant::now();
    let report = scan(&bytes, "empty.zip", &Limits::default());
    assert!(start.elapsed() < Duration::from_secs(90), "{:?}", start.elapsed());
    assert!(report.spent.steps < 5_000_000, "{} steps", report.spent.steps);
    assert_eq!(report.verdict(), Verdict::Safe, "{:#?}", report.findings);
}
