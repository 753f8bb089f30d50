//! Zip archives that are no torch files.

use super::{Item, bad, bad_weights, npy, npy_objects};
use crate::corpus::Expect::{Dangerous, Review, Suspect};
use crate::corpus::build::{Member, Zip};
use crate::corpus::build::{bzip2, lzma_raw, xz, zstd};

fn one(name: &str, bytes: &[u8]) -> Vec<u8> {
    Zip::of(&[("README.md", b"# notes\n"), (name, bytes)])
}

/// A member with a Unix mode.
fn special(name: &str, mode: u32, target: &str) -> Member {
    Member { attributes: mode << 16, ..Member::new(name, target) }
}

pub(super) fn items() -> Vec<Item> {
    [names(), ambiguous(), methods(), kinds(), bombs()].into_iter().flatten().collect()
}

/// Where members land.
fn names() -> Vec<Item> {
    let escape = |name: &str, member: &str| {
        Item::new(format!("archive-zip-{name}"), Dangerous, "data.zip", one(member, b"text\n"))
            .fires(&["archive-escape"])
    };
    let with = |members: Vec<Member>| Zip { members, ..Zip::default() }.bytes();
    let link = with(vec![special("latest", 0o120_777, "v1/model.txt"), Member::new("v1/model.txt", "text\n")]);
    let out = with(vec![special("out", 0o120_777, "../../etc/passwd")]);
    let through = with(vec![special("d", 0o120_777, "e"), Member::new("d/x.txt", "text\n")]);
    let device = with(vec![special("null", 0o020_666, "")]);
    vec![
        escape("slip", "../../.bashrc"),
        escape("slip-inside", "a/../../b.txt"),
        escape("absolute", "/etc/cron.d/x"),
        escape("drive", "C:\\Windows\\x.txt"),
        escape("backslashes", "..\\..\\x.txt"),
        escape("unc", "\\\\host.example\\share\\x.txt"),
        Item::new("archive-zip-link", Suspect, "data.zip", link).fires(&["archive-link"]).quiet(&["archive-escape"]),
        Item::new("archive-zip-link-out", Dangerous, "data.zip", out).fires(&["archive-link", "archive-escape"]),
        Item::new("archive-zip-link-through", Dangerous, "data.zip", through).fires(&["archive-escape"]),
        Item::new("archive-zip-device", Suspect, "data.zip", device).fires(&["archive-link"]),
    ]
}

/// Archives whose readers disagree.
fn ambiguous() -> Vec<Item> {
    let text = || Member::new("a.txt", "text\n");
    let item = |name: &str, zip: &Zip| {
        Item::new(format!("archive-zip-{name}"), Review, "data.zip", zip.bytes())
            .fires(&["zip-ambiguous"])
            .quiet(&["torch-zip-ambiguous"])
    };
    let zip = |member: Member| Zip::default().with(member).with(Member::new("b.txt", "more\n"));
    let hidden =
        zip(text()).with(Member { hidden: true, ..Member::new("c.pkl", bad()) }).with(Member::new("d.txt", "x\n"));
    vec![
        item("local-name", &zip(Member { local_name: Some("b2.txt".to_owned()), ..text() })),
        item("twice", &zip(text()).with(text())),
        item("case", &zip(text()).with(Member::new("A.TXT", "other\n"))),
        item("checksum", &zip(Member { crc: 1, ..text() })),
        item("gap", &zip(Member { descriptor: b"??".to_vec(), ..text() })),
        item("count", &Zip { count: Some(1), ..zip(text()) }),
        Item::new("archive-zip-hidden", Dangerous, "data.zip", hidden.bytes()).fires(&["zip-ambiguous"]),
        Item::new(
            "archive-zip-encrypted",
            Review,
            "data.zip",
            zip(Member { flags: 1, local_flags: 1, ..text() }).bytes(),
        )
        .fires(&["archive-opaque"]),
        Item::new("archive-zip-no-directory", Suspect, "data.zip", {
            let mut bytes = zip(text()).bytes();
            bytes.truncate(80);
            bytes
        })
        .fires(&["truncated"]),
    ]
}

/// Compression methods.
fn methods() -> Vec<Item> {
    let item = |name: &str, method: u16, stored: Vec<u8>| {
        let zip = Zip::default().with(Member::packed("model.pkl", &bad(), method, stored));
        Item::new(format!("archive-zip-{name}"), Dangerous, "model.zip", zip.bytes())
    };
    let (properties, raw) = lzma_raw(&bad());
    let lzma = [[9, 20, 5, 0].as_slice(), &properties, &raw].concat();
    let mut marked = Member::packed("model.pkl", &bad(), 14, lzma);
    (marked.flags, marked.local_flags) = (2, 2);
    let unknown = Zip::default().with(Member::packed("model.pkl", &bad(), 98, b"PPMd".to_vec()));
    let broken = Zip::default().with(Member::packed("model.pkl", &bad(), 8, b"\xff\xff\xff\xff".to_vec()));
    let lies = Zip::default().with(Member { size: 3, ..Member::deflated("model.pkl", &bad()) });
    vec![
        Item::new(
            "archive-zip-deflate",
            Dangerous,
            "model.zip",
            Zip::default().with(Member::deflated("m", &bad())).bytes(),
        ),
        item("bzip2", 12, bzip2(&bad())),
        item("zstd", 93, zstd(&bad())),
        item("xz", 95, xz(&bad())),
        Item::new("archive-zip-lzma", Dangerous, "model.zip", Zip::default().with(marked).bytes()),
        Item::new("archive-zip-ppmd", Review, "model.zip", unknown.bytes()).fires(&["archive-opaque"]),
        Item::new("archive-zip-broken", Suspect, "model.zip", broken.bytes()).fires(&["archive-damaged"]),
        Item::new("archive-zip-size-lies", Dangerous, "model.zip", lies.bytes()).fires(&["zip-ambiguous"]),
    ]
}

/// What archives are for.
fn kinds() -> Vec<Item> {
    let keras = Zip::of(&[
        ("metadata.json", br#"{"keras_version": "3.0.0"}"#),
        ("config.json", br#"{"module":"keras.layers","class_name":"Lambda","config":{"function":{"class_name":"__lambda__","config":{"code":"4wE="}}},"registered_name":null}"#),
    ]);
    let skops = Zip::of(&[
        ("schema.json", br#"{"__class__":"system","__module__":"posix","__loader__":"FunctionNode","content":{}}"#),
        ("a.npy", &npy()),
    ]);
    let mar = Zip::of(&[
        ("MAR-INF/MANIFEST.json", br#"{"model":{"handler":"handler.py","modelName":"m"},"archiverVersion":"0.8.1"}"#),
        ("handler.py", b"import subprocess\nsubprocess.run(['true'])\n"),
    ]);
    let wheel = Zip::of(&[
        ("pkg/__init__.py", b"import os\nos.system('true')\n"),
        ("pkg-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n"),
    ]);
    vec![
        Item::new("archive-keras-lambda", Dangerous, "model.keras", keras.clone()),
        Item::new("archive-keras-lambda-renamed", Dangerous, "model.zip", keras),
        Item::new("archive-skops-function", Dangerous, "model.skops", skops.clone()),
        Item::new("archive-skops-renamed", Dangerous, "model.zip", skops),
        Item::new("archive-mar", Dangerous, "model.mar", mar).fires(&["archive-code"]),
        Item::new("archive-wheel", Dangerous, "pkg-1.0-py3-none-any.whl", wheel).fires(&["archive-code"]),
        Item::new("archive-npz-objects", Dangerous, "a.npz", Zip::of(&[("a.npy", &npy_objects(&bad()))])),
        Item::new("archive-npz-pickle", Dangerous, "a.npz", Zip::of(&[("a.npy", &npy()), ("b.npy", &bad())])),
        Item::new("archive-zip-in-zip", Dangerous, "a.zip", one("b.zip", &one("c.pkl", &bad())))
            .quiet(&["archive-depth", "zip-ambiguous"]),
        Item::new("archive-zip-torch", Dangerous, "a.zip", one("pytorch_model.bin", &bad_weights())),
    ]
}

/// Archives that cost more than they weigh.
fn bombs() -> Vec<Item> {
    let blanks = vec![b' '; 5 << 20];
    let ratio = Zip::default().with(Member::deflated("blanks.yaml", &blanks)).bytes();
    let inner = (0..6).fold(bad(), |inner, _| Zip::of(&[("x.zip", &inner)]));
    let near = (0..2).fold(Zip::of(&[("x.txt", b"x\n")]), |inner, _| Zip::of(&[("x.zip", &inner), ("y.txt", b"y\n")]));
    let mut members: Vec<Member> = (0..12_000).map(|at| Member::new(&format!("{at}.txt"), "a\n")).collect();
    let many = Zip { members: members.clone(), ..Zip::default() };
    members.insert(0, Member::new("model.pkl", bad()));
    let crowd = Zip { members, ..Zip::default() };
    vec![
        Item::new("archive-bomb-ratio", Suspect, "a.zip", ratio).fires(&["over-budget"]),
        Item::new("archive-bomb-depth", Suspect, "a.zip", inner).fires(&["archive-depth"]),
        Item::new("archive-nested-little", crate::corpus::Expect::Safe, "a.zip", near).quiet(&["archive-depth"]),
        Item::new("archive-crowd", Dangerous, "a.zip", crowd.bytes()).fires(&["pickle-dangerous-global"]),
        Item::new("archive-many", crate::corpus::Expect::Safe, "a.zip", many.bytes()).quiet(&["over-budget"]),
    ]
}
