//! Compressed pickles that inflate to far more than their size, or than is held in memory.

use modelpin_scan::{Limits, Report, Verdict, scan};
use modelpin_testkit::corpus::build::{Pickle, bzip2, gzip, lzma, xz, zlib, zstd};
use std::collections::BTreeSet;

const SIZE: i32 = 1 << 20;

/// A dictionary with two large arrays of zeros, and what `between` adds between them.
fn zeros(between: Pickle) -> Vec<u8> {
    let array = |pickle: Pickle| pickle.text("mask").bytes(&vec![0; SIZE as usize]).raw("s");
    let pickle = array(Pickle::proto(4).raw("}"));
    array(pickle.raw(between.0)).stop()
}

fn streams(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("m.joblib", zlib(bytes)),
        ("m.pkl.gz", gzip(bytes)),
        ("m.pkl.bz2", bzip2(bytes)),
        ("m.pkl.xz", xz(bytes)),
        ("m.pkl.lzma", lzma(bytes)),
        ("m.pkl.zst", zstd(bytes)),
    ]
}

/// As many bytes in memory as half of one array has.
fn limits() -> Limits {
    Limits { held: 1 << 19, ..Limits::default() }
}

fn rules(report: &Report) -> BTreeSet<&'static str> {
    report.findings.iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn what_is_not_held_is_inflated_again() {
    for (name, bytes) in streams(&zeros(Pickle::default())) {
        let report = scan(&bytes, name, &limits());
        assert_eq!(report.verdict(), Verdict::Safe, "{name}: {:?}", report.findings);
    }
}

#[test]
fn an_attack_between_zeros_is_seen() {
    let system = Pickle::default().text("x").global("os", "system").text("id").raw([0x85, b'R', b's']);
    for (name, bytes) in streams(&zeros(system)) {
        assert_eq!(scan(&bytes, name, &limits()).verdict(), Verdict::Dangerous, "{name}");
    }
}

#[test]
fn a_limit_that_is_reached_is_all_that_is_said() {
    for inflated in [1 << 18, 1 << 20, 3 << 19] {
        for (name, bytes) in streams(&zeros(Pickle::default())) {
            let report = scan(&bytes, name, &Limits { inflated, ..limits() });
            assert_eq!(rules(&report), BTreeSet::from(["over-budget"]), "{name}, {inflated}");
        }
    }
}
