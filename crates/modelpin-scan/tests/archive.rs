//! Laws of archives: wrapping, nesting or adding never makes a verdict better, and no damage makes the scanner
//! stop in another way than with a report.

use modelpin_scan::{Limits, Verdict, scan};
use modelpin_testkit::corpus::all;
use modelpin_testkit::corpus::build::{Tar, Zip, bzip2, gzip, seven_zip, state_dict, torch_zip, xz, zstd};
use std::time::{Duration, Instant};

/// Files larger than this take too long to be packed in every way.
const SMALL: usize = 64 << 10;

fn verdict(bytes: &[u8], path: &str) -> Verdict {
    scan(bytes, path, &Limits::default()).verdict()
}

/// Ways to pack a file of that name.
fn wrapped(name: &str, bytes: &[u8]) -> Vec<(&'static str, String, Vec<u8>)> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let pickle = state_dict(&[("w", "0", &[2])]);
    vec![
        ("zip", "a.zip".to_owned(), Zip::of(&[("notes.txt", b"text\n"), (name, bytes)])),
        ("tar", "a.tar".to_owned(), Tar::default().file(base, bytes).bytes()),
        ("7z", "a.7z".to_owned(), seven_zip(&[(base, bytes)]).bytes()),
        ("gzip", format!("{name}.gz"), gzip(bytes)),
        ("bzip2", format!("{name}.bz2"), bzip2(bytes)),
        ("xz", format!("{name}.xz"), xz(bytes)),
        ("zstd", format!("{name}.zst"), zstd(bytes)),
        ("twice", "a.tar.gz".to_owned(), gzip(&Tar::default().file("b.zip", Zip::of(&[(name, bytes)])).bytes())),
        ("storage", "m.pt".to_owned(), torch_zip(&pickle, &[("0", &[0; 8]), ("9", bytes)]).bytes()),
        ("junk behind", name.to_owned(), [bytes, &[0xaa; 3000]].concat()),
    ]
}

#[test]
fn nothing_that_is_wrapped_gets_better() {
    let mut wrong = Vec::new();
    for item in all().iter().filter(|item| item.files.len() == 1) {
        let Some((path, bytes)) = item.files.first().filter(|(_, bytes)| bytes.len() < SMALL) else {
            continue;
        };
        let bare = verdict(bytes, path);
        if bare != Verdict::Dangerous {
            continue;
        }
        // A storage has no name to go by.
        let needs_name = verdict(bytes, "9") < bare;
        for (way, name, packed) in wrapped(path, bytes) {
            if way == "storage" && needs_name {
                continue;
            }
            let now = verdict(&packed, &name);
            if now < bare {
                wrong.push(format!("{} as {way}: {now}", item.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// A generator of numbers that are random enough here (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap_or_default()
    }
}

#[test]
fn no_damage_stops_the_scanner() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for item in all().iter().filter(|item| item.name.starts_with("archive-")) {
        for (path, bytes) in item.files.iter().filter(|(_, bytes)| bytes.len() < 8 << 10) {
            for _ in 0..12 {
                let mut bytes = bytes.clone();
                for _ in 0..=random.below(4) {
                    let at = random.below(bytes.len());
                    match random.below(4) {
                        0 => bytes.truncate(at),
                        1 => bytes.splice(at..at, [0xff; 4]).for_each(drop),
                        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.below(256) as u8),
                    }
                }
                let start = Instant::now();
                let _ = scan(&bytes, path, &Limits::default());
                assert!(start.elapsed() < Duration::from_secs(5), "{}: {bytes:02x?}", item.name);
            }
        }
    }
}
