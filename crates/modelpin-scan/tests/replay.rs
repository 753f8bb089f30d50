//! Tar archives that inflate to more than is held: compressed, each is scanned like the plain one, to its end.

use modelpin_rules::file::OVER_BUDGET;
use modelpin_scan::{Limits, Report, Verdict, scan};
use modelpin_testkit::corpus::build::{Member, Tar, Zip, bzip2, gzip, xz, zstd};

/// Limits that the archives here are beyond.
fn small() -> Limits {
    Limits { held: 64 << 10, ..Limits::default() }
}

/// Bytes without a pattern, and without `ff`.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 251) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn picture(seed: u64, length: usize) -> Vec<u8> {
    let head = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".as_slice();
    [head, &noise(seed, length), b"\xff\xd9"].concat()
}

/// A set of pictures, and a table that no window holds.
fn set(pictures: usize) -> Tar {
    let table = b"name,label,and some more\n".repeat(4_000);
    let set = (0..pictures)
        .fold(Tar::default(), |set, at| set.file(&format!("train/{at}.jpg"), picture(at as u64 + 1, 4_000 + at * 977)));
    set.file("train.csv", table).file("one.json", b"{\"a\": 1}")
}

const PICKLE: &[u8] = b"cos\nsystem\n(S'id'\ntR.";

/// Archives of all sorts.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let zip = Zip::of(&[("run.py", b"import os\nos.system('id')\n")]);
    let packed = Zip::default().with(Member::deflated("rows.csv", &b"a,b\n".repeat(6_000))).bytes();
    let mut cut = set(12).file("a.jpg", picture(3, 4000)).0;
    cut.truncate(cut.len() - 3000);
    vec![
        ("pictures", set(12).bytes()),
        ("no end mark", set(12).0),
        ("cut", cut),
        ("a pickle at its end", set(12).file("x.pkl", PICKLE).bytes()),
        ("a pickle by no name", set(12).file("x.jpg", PICKLE).bytes()),
        ("code at its end", set(12).file("x.py", b"import os\nos.system('id')\n").bytes()),
        (
            "code before",
            Tar::default().file("x.py", b"import os\nos.system('id')\n").file("a.tar", set(9).bytes()).bytes(),
        ),
        ("archives", set(9).file("b.zip", &zip).file("c.zip", packed).file("d.tar", set(3).bytes()).bytes()),
        (
            "an archive at the end of a table",
            set(9).file("t.csv", [b"a,b\n".repeat(30_000), zip.clone()].concat()).bytes(),
        ),
        ("an archive behind", [set(12).bytes(), zip].concat()),
        ("a pickle behind", [set(12).bytes(), PICKLE.to_vec()].concat()),
        ("no header", [set(12).0, noise(7, 3000)].concat()),
        ("names twice", set(9).file("train.csv", b"a,b\n").bytes()),
        ("two lengths", set(9).pax("size", "36000").file("a.bin", noise(9, 72_000)).bytes()),
        ("a link", set(9).entry("l", b'2', "/etc", b"").file("l/x.jpg", picture(4, 9000)).bytes()),
    ]
}

/// What was found, without the layer that is `wrapped` around it.
fn found(report: &Report, wrapped: usize) -> Vec<String> {
    let mut found: Vec<String> = report
        .findings
        .iter()
        // Which says the names of all layers.
        .map(|finding| {
            let evidence = if finding.rule.id == "archive-code" { "" } else { &finding.evidence };
            let member = finding.member.iter().skip(wrapped).cloned().collect::<Vec<_>>().join("!/");
            format!("{} {member} {} {evidence}", finding.rule.id, finding.at)
        })
        .collect();
    found.sort();
    found
}

type Pack = fn(&[u8]) -> Vec<u8>;

#[test]
fn compressed_archives_are_scanned_like_plain_ones() {
    let ways: [(&str, Pack); 4] = [("gz", gzip), ("bz2", bzip2), ("xz", xz), ("zst", zstd)];
    let mut wrong = Vec::new();
    for (name, plain) in archives() {
        assert!(plain.len() as u64 > small().held * 2, "{name}");
        let expected = scan(&plain, "a.tar", &small());
        for (suffix, pack) in ways {
            let report = scan(&pack(&plain), &format!("a.tar.{suffix}"), &small());
            let (now, then) = (found(&report, 1), found(&expected, 0));
            if now != then || report.verdict() != expected.verdict() {
                wrong.push(format!("{name}.{suffix}:\n  packed {now:#?}\n  plain {then:#?}"));
            }
        }
        let zip = Zip::default().with(Member::deflated("a.tar", &plain)).bytes();
        let (now, then) = (found(&scan(&zip, "a.zip", &small()), 1), found(&expected, 0));
        if now != then {
            wrong.push(format!("{name} in a zip:\n  packed {now:#?}\n  plain {then:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn honest_archives_are_safe_and_trailing_content_is_found() {
    for (name, plain) in archives() {
        let report = scan(&gzip(&plain), "a.tgz", &small());
        let expected = match name {
            "pictures" | "no end mark" => Verdict::Safe,
            "cut" | "no header" | "names twice" | "two lengths" => Verdict::Review,
            _ => Verdict::Dangerous,
        };
        assert_eq!(report.verdict(), expected, "{name}: {report:#?}");
    }
}

/// Beyond the limits that files are scanned with.
#[test]
fn large_archives_are_scanned_to_the_end() {
    let mut set = (0..6).fold(Tar::default(), |set, at| set.file(&format!("{at}.jpg"), picture(at + 1, 5 << 20)));
    set = set.file("rows.csv", b"name,value,and some more\n".repeat(900_000));
    let honest = scan(&stored(&set.clone().bytes()), "a.tar.gz", &Limits::default());
    assert_eq!(honest.verdict(), Verdict::Safe, "{honest:?}");
    let hostile = scan(&stored(&set.file("z.jpg", PICKLE).bytes()), "a.tar.gz", &Limits::default());
    assert_eq!(hostile.verdict(), Verdict::Dangerous, "{hostile:?}");
}

/// Anyone who makes the scan go back and forth is stopped, and that is all that is said.
#[test]
fn repeated_backward_reads_reach_the_limit() {
    // No window holds one of them, and each is searched more than once.
    let large = (0..20).fold(Tar::default(), |set, at| set.file(&format!("{at}.csv"), b"a,b\n".repeat(60_000)));
    let packed = gzip(&large.bytes());
    let enough = scan(&packed, "a.tar.gz", &small());
    assert_eq!(enough.verdict(), Verdict::Safe, "{enough:?}");
    let limits = Limits { inflated: enough.spent.inflated / 2, ..small() };
    let report = scan(&packed, "a.tar.gz", &limits);
    let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == OVER_BUDGET.id), "{report:?}");
    // Not even the first time.
    let plain =
        scan(&gzip(&set(12).file("x.pkl", PICKLE).bytes()), "a.tar.gz", &Limits { inflated: 100 << 10, ..small() });
    let rules: Vec<&str> = plain.findings.iter().map(|finding| finding.rule.id).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == OVER_BUDGET.id), "{plain:?}");
}

/// gzip without compression, which is quick to make.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let count = bytes.chunks(0xffff).len();
    for (at, chunk) in bytes.chunks(0xffff).enumerate() {
        packed.push(u8::from(at + 1 == count));
        packed.extend((chunk.len() as u16).to_le_bytes());
        packed.extend((!(chunk.len() as u16)).to_le_bytes());
        packed.extend(chunk);
    }
    packed.extend(modelpin_testkit::corpus::build::crc32(bytes).to_le_bytes());
    packed.extend((bytes.len() as u32).to_le_bytes());
    packed
}
