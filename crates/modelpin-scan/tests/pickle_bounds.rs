//! Hostile pickles end in time, with a finding.

use modelpin_scan::{Limits, Verdict, scan};
use std::time::{Duration, Instant};

/// Scans within a tenth of the usual steps, and holds the time that it took against what that may be on a slow machine.
fn bounded(bytes: Vec<u8>) -> Verdict {
    let limits = Limits { steps: 5_000_000, ..Limits::default() };
    let since = Instant::now();
    let verdict = scan(&bytes, "model.pkl", &limits).verdict();
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    verdict
}

#[test]
fn a_large_state_set_repeatedly_is_bounded() {
    let mut bytes = b"\x80\x02}q\x00(".to_vec();
    for n in 0..100_000_u32 {
        bytes.extend(b"X\x04\0\0\0");
        bytes.extend(format!("{:04x}", n & 0xffff).bytes());
        bytes.push(b'N');
    }
    bytes.extend(b"ucmy_project\nModel\n)\x81");
    bytes.extend(b"h\x00b".repeat(100_000));
    bytes.push(b'.');
    assert!(bounded(bytes) >= Verdict::Review);
}

#[test]
fn a_long_text_passed_repeatedly_is_bounded() {
    let mut bytes = b"\x80\x02cmy_project\nModel\nq\x01X\x00\xff\0\0".to_vec();
    bytes.extend(vec![b'c'; 0xff00]);
    bytes.extend(b"\x85q\x00");
    bytes.extend(b"h\x01h\x00R0".repeat(100_000));
    bytes.push(b'.');
    assert!(bounded(bytes) >= Verdict::Review);
}

#[test]
fn a_long_name_imported_repeatedly_is_bounded() {
    let mut bytes = b"\x80\x04X\x00\xff\0\0".to_vec();
    bytes.extend(vec![b'c'; 0xff00]);
    bytes.extend(b"q\x00");
    bytes.extend(b"h\x00h\x00\x930".repeat(100_000));
    bytes.push(b'.');
    assert!(bounded(bytes) >= Verdict::Review);
}

#[test]
fn declared_lengths_beyond_the_end() {
    for head in [&b"\x80\x04\x8e"[..], b"\x80\x04\x8d", b"\x80\x05\x96", b"\x80\x04\x95"] {
        let bytes = [head, &[0xff; 8], b"N."].concat();
        assert_eq!(bounded(bytes), Verdict::Dangerous);
    }
}
