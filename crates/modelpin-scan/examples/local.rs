#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let since = std::time::Instant::now();
        let report = modelpin_scan::scan(&bytes, &path, &modelpin_scan::Limits::default());
        println!("{path}: {} ({}) {:?}", report.verdict(), report.format.word(), since.elapsed());
        for f in report.findings.iter().take(12) {
            println!("   {} [{}] {} {}", f.rule.id, f.member.join(" > "), f.at, f.evidence);
        }
    }
}
