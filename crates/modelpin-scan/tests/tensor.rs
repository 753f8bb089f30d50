//! Files of tensors and graphs that were damaged at random: the scanners neither stop the program nor take long.

use modelpin_scan::{Limits, Verdict, scan};
use modelpin_testkit::corpus::{Expect, Item, all};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// The first file of every item of the two families, where it is not large.
fn files() -> Vec<(String, Vec<u8>)> {
    let is_ours = |item: &Item| item.name.starts_with("tensor-") || item.name.starts_with("graph-");
    let files = all().into_iter().filter(is_ours).filter_map(|item| item.files.into_iter().next());
    files.filter(|(_, bytes)| bytes.len() < 20_000).collect()
}

fn in_time(bytes: &[u8], path: &str) -> Verdict {
    let since = Instant::now();
    let verdict = scan(bytes, path, &Limits::default()).verdict();
    assert!(since.elapsed() < Duration::from_secs(5), "{path} took {:?}", since.elapsed());
    verdict
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A few bytes are changed, the end is cut off, a piece is repeated.
    #[test]
    fn damaged_files_are_judged(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        again in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    ) {
        thread_local! {
            static FILES: Vec<(String, Vec<u8>)> = files();
        }
        let (path, mut bytes) = FILES.with(|files| pick.get(files).clone());
        for (at, value) in changes {
            if let Some(byte) = (!bytes.is_empty()).then(|| at.index(bytes.len())).and_then(|at| bytes.get_mut(at)) {
                *byte = value;
            }
        }
        if let Some((from, to)) = again {
            let piece = bytes.get(from.index(bytes.len() + 1)..).unwrap_or_default().to_vec();
            let at = to.index(bytes.len() + 1);
            bytes.splice(at..at, piece);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        in_time(&bytes, &path);
    }

    /// Any bytes at all after each of the magics.
    #[test]
    fn any_bytes_are_judged(
        start in prop::sample::select(vec![
            &b"GGUF\x03\0\0\0"[..], b"GGUF\0\0\0\x03", b"\x08\0\0\0\0\0\0\0{", b"\x18\0\0\0TFL3", b"PAR1", b"\x08\x08\x3a\x20",
            b"\x08\x01\x12\x40\x12\x20", b"\x0a\x10\x0a\x01x\x12\x03", b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
        path in prop::sample::select(vec!["model.onnx", "saved_model.pb", "model.safetensors", "a.index", "x"]),
    ) {
        in_time(&[start, &rest].concat(), path);
    }
}

/// An honest file stays what it is, whatever it is called.
#[test]
fn honest_files_stay_honest_under_other_names() {
    for item in all().into_iter().filter(|item| item.expect == Expect::Safe && item.files.len() == 1) {
        let is_ours = item.name.starts_with("tensor-") || item.name.starts_with("graph-");
        for (_, bytes) in item.files.iter().filter(|_| is_ours) {
            assert_ne!(in_time(bytes, "model.bin"), Verdict::Dangerous, "{}", item.name);
        }
    }
}
