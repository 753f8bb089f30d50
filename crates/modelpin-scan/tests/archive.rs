//! Laws of archives: wrapping, nesting or adding never makes a verdict better, and no damage makes the scanner
//! stop in another way than with a report.

use modelpin_scan::{Format, Limits, Source, Verdict, scan};
use modelpin_testkit::corpus::all;
use modelpin_testkit::corpus::build::{Tar, Zip, crc32, gzip, lz4, state_dict, torch_zip};
use std::time::{Duration, Instant};

/// Files larger than this take too long to be packed in every way.
const SMALL: usize = 32 << 10;

fn verdict(bytes: &[u8], path: &str) -> Verdict {
    // Some of the items use up the depth by themselves.
    scan(bytes, path, &Limits { depth: 12, ..Limits::default() }).verdict()
}

/// Whether loaders of the format stop reading at its end, so that junk after it changes nothing for them.
fn stops_at_its_end(bytes: &[u8], path: &str) -> bool {
    let format = scan(bytes, path, &Limits::default()).format;
    matches!(format, Format::Pickle | Format::Zip | Format::Tar | Format::Gzip | Format::Xz | Format::SevenZip)
}

/// Ways to pack a file of that name.
fn wrapped(name: &str, bytes: &[u8]) -> Vec<(&'static str, String, Vec<u8>)> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let pickle = state_dict(&[("w", "0", &[2])]);
    vec![
        ("zip", "a.zip".to_owned(), Zip::of(&[("notes.txt", b"text\n"), (name, bytes)])),
        ("tar", "a.tar".to_owned(), Tar::default().file(base, bytes).bytes()),
        ("gzip", format!("{name}.gz"), gzip(bytes)),
        ("twice", "a.tar.gz".to_owned(), gzip(&Tar::default().file("b.zip", Zip::of(&[(name, bytes)])).bytes())),
        ("storage", "m.pt".to_owned(), torch_zip(&pickle, &[("0", &[0; 8]), ("9", bytes)]).bytes()),
        ("junk behind", name.to_owned(), [bytes, &[0xaa; 3000]].concat()),
    ]
}

#[test]
fn wrapping_never_improves_a_verdict() {
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
            if (way == "storage" && needs_name) || (way == "junk behind" && !stops_at_its_end(bytes, path)) {
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

/// Some readers take the end of the file for the end of the frame, others refuse it.
#[test]
fn an_lz4_frame_without_an_end_mark_is_not_safe() {
    let frame = lz4(b"text\n");
    assert_eq!(verdict(&frame, "notes.txt.lz4"), Verdict::Safe);
    assert_eq!(verdict(&frame[..frame.len() - 4], "notes.txt.lz4"), Verdict::Review);
}

/// A file with so much tensor data that reading it would be noticed.
struct Large {
    head: Vec<u8>,
    data: u64,
    tail: Vec<u8>,
}

impl Source for Large {
    fn size(&self) -> u64 {
        self.head.len() as u64 + self.data + self.tail.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> std::io::Result<usize> {
        let (head, tail) = (self.head.len() as u64, self.head.len() as u64 + self.data);
        if at < head {
            self.head.as_slice().read_at(at, into)
        } else if at >= tail {
            self.tail.as_slice().read_at(at - tail, into)
        } else {
            let count = into.len().min(usize::try_from(tail - at).unwrap_or(usize::MAX));
            assert!(count <= 128 << 10, "tensor data is read");
            into[..count].fill(0xaa);
            Ok(count)
        }
    }
}

/// The fields that are in local headers and in the directory.
fn fields(crc: u32, size: u32, name: &str, extra: usize) -> Vec<u8> {
    let mut to = [45_u16.to_le_bytes(), [0, 8], [0; 2], [0; 2], [0; 2]].concat();
    for number in [crc, size, size] {
        to.extend(number.to_le_bytes());
    }
    to.extend((name.len() as u16).to_le_bytes());
    to.extend((extra as u16).to_le_bytes());
    to
}

/// A torch file with one tensor of almost 8 GiB, with 64-bit lengths and offsets as torch writes them.
fn large() -> Large {
    let count = 2_000_000_000_i32;
    let data = u64::from(count.unsigned_abs()) * 4;
    let pickle = state_dict(&[("w", "0", &[count])]);
    let (first, second, third) = ("archive/data.pkl", "archive/data/0", "archive/version");
    let mut head = [b"PK\x03\x04".to_vec(), fields(crc32(&pickle), pickle.len() as u32, first, 0)].concat();
    head.extend(first.as_bytes());
    head.extend(&pickle);
    let at = head.len() as u32;
    let wide = [b"\x01\0\x10\0".as_slice(), &data.to_le_bytes(), &data.to_le_bytes()].concat();
    head.extend([b"PK\x03\x04".to_vec(), fields(7, u32::MAX, second, wide.len())].concat());
    head.extend(second.as_bytes());
    head.extend(&wide);
    let place = head.len() as u64 + data;
    let mut tail = [b"PK\x03\x04".to_vec(), fields(crc32(b"3\n"), 2, third, 0)].concat();
    tail.extend(third.as_bytes());
    tail.extend(b"3\n");
    let start = place + (tail.len() as u64);
    let far = [b"\x01\0\x08\0".as_slice(), &place.to_le_bytes()].concat();
    let entries = [
        (first, fields(crc32(&pickle), pickle.len() as u32, first, 0), 0, Vec::new()),
        (second, fields(7, u32::MAX, second, wide.len()), at, wide),
        (third, fields(crc32(b"3\n"), 2, third, far.len()), u32::MAX, far),
    ];
    for (name, fields, at, extra) in entries {
        tail.extend(b"PK\x01\x02\x2d\x03");
        tail.extend(fields);
        tail.extend([0; 10]);
        tail.extend(at.to_le_bytes());
        tail.extend(name.as_bytes());
        tail.extend(extra);
    }
    let end = place + tail.len() as u64;
    tail.extend(b"PK\x06\x06");
    tail.extend(44_u64.to_le_bytes());
    tail.extend([0x2d, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [3, 3, end - start, start] {
        tail.extend(number.to_le_bytes());
    }
    tail.extend([b"PK\x06\x07\0\0\0\0".as_slice(), &end.to_le_bytes(), &1_u32.to_le_bytes()].concat());
    tail.extend(b"PK\x05\x06\0\0\0\0\x03\0\x03\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    Large { head, data, tail }
}

#[test]
fn tensor_data_is_never_read() {
    let report = scan(&large(), "pytorch_model.bin", &Limits::default());
    assert_eq!(report.verdict(), Verdict::Safe, "{:#?}", report.findings);
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
fn damaged_archives_never_panic() {
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
