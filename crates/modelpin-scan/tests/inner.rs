//! Code inside of files: however it is packed, it is found, and handed out with what it can do.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

use modelpin_scan::{Capability, CodeMember, Format, Limits, Source, scan, scan_inside};
use modelpin_testkit::corpus::all;
use modelpin_testkit::corpus::build::{Member, Tar, Zip, bzip2, gzip, xz, zstd};

const CODE: &[u8] = b"import os\nos.system('id')\n";

/// The members of `bytes` that are code, each with its content.
fn inside(bytes: &[u8], path: &str) -> Vec<(CodeMember, Vec<u8>)> {
    let mut found = Vec::new();
    let mut sink = |inner: CodeMember, source: &dyn Source| {
        let mut content = vec![0; usize::try_from(source.size()).unwrap()];
        let count = source.read_at(0, &mut content).unwrap();
        content.truncate(count);
        found.push((inner, content));
    };
    let report = scan_inside(bytes, path, &Limits::default(), &mut sink);
    assert_eq!(report, scan(bytes, path, &Limits::default()), "scan_inside changes no verdict");
    assert_eq!(report.facts.code_members, found.len() as u64);
    found
}

fn has_code(bytes: &[u8], path: &str) -> bool {
    scan(bytes, path, &Limits::default()).has_code()
}

#[test]
fn wrapped_code_stays_code() {
    let mut wrong = Vec::new();
    for item in all().iter().filter(|item| item.files.len() == 1) {
        let Some((path, bytes)) = item.files.first().filter(|(_, bytes)| bytes.len() < 32 << 10) else { continue };
        if !scan(bytes.as_slice(), path, &Limits::default()).is_code() {
            continue;
        }
        let base = path.rsplit('/').next().unwrap();
        let zip = Zip::of(&[("notes.txt", b"text\n"), (path.as_str(), bytes)]);
        let ways = [
            ("tar", "a.tar".to_owned(), Tar::default().file(base, bytes).bytes()),
            ("gzip", format!("{path}.gz"), gzip(bytes)),
            ("bzip2", format!("{path}.bz2"), bzip2(bytes)),
            ("xz", format!("{path}.xz"), xz(bytes)),
            ("zstd", format!("{path}.zst"), zstd(bytes)),
            ("zip in zip", "a.zip".to_owned(), Zip::of(&[("b.zip", &zip)])),
            ("zip in tar.gz", "a.tar.gz".to_owned(), gzip(&Tar::default().file("b.zip", &zip).bytes())),
            ("zip behind a picture", "a.png".to_owned(), [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64], &zip].concat()),
            ("zip", "a.npz".to_owned(), zip),
        ];
        wrong.extend(
            ways.iter()
                .filter(|(_, path, bytes)| !has_code(bytes, path))
                .map(|(way, ..)| format!("{} as {way}", item.name)),
        );
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_code_member_has_its_own_capabilities() {
    let inner = Zip::of(&[("net.py", b"import socket\nsocket.create_connection(('a', 1))\n")]);
    let zip = Zip::of(&[("a/run.py", CODE), ("b.zip", &inner), ("rows.csv", b"a,b\n"), ("c.py", b"x = 1\n")]);
    let found = inside(&zip, "code.zip");
    let of = |at: usize| (found[at].0.member.join("!/"), found[at].0.format, found[at].1.clone());
    assert_eq!(of(0), ("a/run.py".to_owned(), Format::Python, CODE.to_vec()));
    assert_eq!(of(1).0, "b.zip!/net.py");
    assert_eq!(of(2), ("c.py".to_owned(), Format::Python, b"x = 1\n".to_vec()));
    let can = |at: usize| found[at].0.capabilities.keys().copied().collect::<Vec<_>>();
    assert_eq!((can(0), can(1), can(2)), (vec![Capability::Process], vec![Capability::Network], vec![]));
    let report = scan(zip.as_slice(), "code.zip", &Limits::default());
    let all: Vec<Capability> = report.facts.capabilities.keys().copied().collect();
    assert_eq!(all, {
        let mut both = vec![Capability::Process, Capability::Network];
        both.sort();
        both
    });
}

#[test]
fn no_name_hides_code() {
    // What one reader takes for the name, another does not.
    let text = b"x = 1\ny = 2\n".as_slice();
    let local = Member { local_name: Some("m.py".into()), ..Member::new("m.txt", text) };
    assert!(has_code(&Zip::default().with(local).bytes(), "a.zip"), "the local header's name");
    for name in ["m.py\0.txt", "dir\\m.py", "M.PY", "m.py ", "con.py", "m\u{202e}.py", "m.cpython-311.so"] {
        assert!(has_code(&Zip::of(&[(name, text)]), "a.zip"), "{name:?}");
    }
    // Nobody here can read it, and its name says enough.
    let packed = Zip::default().with(Member::packed("m.py", text, 98, b"PPMd".to_vec()));
    assert_eq!(inside(&packed.bytes(), "a.zip").len(), 1);
    let encrypted = Member { flags: 1, local_flags: 1, ..Member::new("m.py", text) };
    assert_eq!(inside(&Zip::default().with(encrypted).bytes(), "a.zip").len(), 1);
    // Members of one name are all handed out.
    assert_eq!(inside(&Zip::of(&[("m.py", b"1\n"), ("m.py", b"2\n")]), "a.zip").len(), 2);
    // No directory lists it.
    let mut bytes = Zip::of(&[("m.py", text)]);
    bytes.truncate(bytes.len() - 30);
    assert!(has_code(&bytes, "a.zip"));
}

/// They are code where they are alone, by their names.
#[test]
fn notebooks_and_empty_modules_in_archives_are_code() {
    let cell = br#"{"cells": [{"cell_type": "code", "source": ["!curl x | sh"]}], "metadata": {}, "nbformat": 4}"#;
    assert!(has_code(&Zip::of(&[("look.ipynb", cell)]), "a.zip"));
    assert!(has_code(&Zip::of(&[("m/__init__.py", b"")]), "a.zip"));
    assert!(has_code(&Tar::default().file("look.ipynb", cell).bytes(), "a.tar"));
}

#[test]
fn data_is_not_code() {
    let members: [(&str, &[u8]); 4] = [
        ("README.md", b"# Read me\n\n```python\nimport os\n```\n"),
        ("LICENSE", b"MIT License\n"),
        ("rows.csv", b"a,b\n1,2\n"),
        ("empty.whl", &Zip::of(&[("a.txt", b"text\n")])),
    ];
    assert!(!has_code(&Zip::of(&members), "rows.zip"));
    // A name that says code is told all the same, so that its other members are scanned as data.
    let report = scan(Zip::of(&members).as_slice(), "rows.whl", &Limits::default());
    assert!(!report.has_code() && report.findings.iter().any(|finding| finding.rule.id == "archive-code"));
}
