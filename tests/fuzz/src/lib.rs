//! What the targets that judge files have in common.

use modelpin_scan::{Limits, Report, Verdict, convert::convert, scan};

/// Limits that keep the fuzzer quick.
fn limits() -> Limits {
    Limits {
        steps: 2_000_000,
        stack: 100_000,
        memo: 100_000,
        built: 100_000,
        entries: 1000,
        inflated: 16 << 20,
        held: 4 << 20,
        document: 256 << 10,
        json: 1 << 20,
        ..Limits::default()
    }
}

/// Judges `bytes` under `path` and checks what has to hold for any bytes: nothing that was found is called safe. That it ends
/// in time is for the fuzzer to see, which has a limit for one input.
pub fn judge(bytes: &[u8], path: &str) -> Report {
    let limits = limits();
    let report = scan(bytes, path, &limits);
    assert_eq!(report.verdict() == Verdict::Safe, report.findings.iter().all(|finding| finding.rule.severity.word() == "note"));
    report
}

/// Results that are larger than this are not written.
const LARGE: u64 = 4 << 20;

/// Converts `bytes`, and checks what has to hold for any bytes: what converts is safe and stays so, has the size that
/// was announced, and is the same the next time.
pub fn converted(bytes: &[u8]) {
    let Ok(plan) = convert(bytes, "weights.bin", &limits()) else { return };
    assert_eq!(judge(bytes, "weights.bin").verdict(), Verdict::Safe);
    if plan.size() > LARGE {
        return;
    }
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    let is_written = plan.write(&mut once).is_ok();
    assert_eq!(plan.write(&mut twice).is_ok(), is_written);
    assert_eq!(once, twice);
    if is_written {
        assert_eq!(once.len() as u64, plan.size());
        let report = judge(&once, "weights.safetensors");
        assert_eq!(report.verdict(), Verdict::Safe, "{:?}", report.findings);
    }
}
