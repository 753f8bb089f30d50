//! What the targets that judge files have in common.

use modelpin_scan::{Limits, Report, Verdict, scan};
use std::time::{Duration, Instant};

/// Judges `bytes` under `path` within limits that keep the fuzzer quick, and checks what has to hold for any
/// bytes: it ends in time, and nothing that was found is called safe.
pub fn judge(bytes: &[u8], path: &str) -> Report {
    let limits = Limits {
        steps: 2_000_000,
        stack: 100_000,
        memo: 100_000,
        built: 100_000,
        entries: 1000,
        inflated: 16 << 20,
        held: 4 << 20,
        document: 256 << 10,
        json: 1 << 20,
        time: Duration::from_secs(2),
        ..Limits::default()
    };
    let since = Instant::now();
    let report = scan(bytes, path, &limits);
    // Twice the limit, for the clock is asked now and then only.
    assert!(since.elapsed() < 2 * limits.time, "{path} took {:?}", since.elapsed());
    assert_eq!(report.verdict() == Verdict::Safe, report.findings.iter().all(|finding| finding.rule.severity.word() == "note"));
    report
}
