//! Compressed streams and 7z archives.

use super::{Item, Zip, bad, bad_weights};
use crate::corpus::Expect::{Dangerous, Review, Suspect};
use crate::corpus::build::{bzip2, gzip, lz4, lzma, seven_zip, xz, zlib, zstd};

pub(super) fn items() -> Vec<Item> {
    [streams(), seven()].into_iter().flatten().collect()
}

fn streams() -> Vec<Item> {
    let item = |name: &str, path: &str, bytes: Vec<u8>| Item::new(format!("archive-{name}"), Dangerous, path, bytes);
    let suspect = |name: &str, path: &str, bytes: Vec<u8>| Item::new(format!("archive-{name}"), Suspect, path, bytes);
    let text = gzip(b"text\n");
    let mut sum = gzip(b"text\n");
    let at = sum.len() - 5;
    sum[at] ^= 1;
    let dictionary = b"\x28\xb5\x2f\xfd\x23\x2a\0\0\0\x04\x21\0\0text".to_vec();
    let skipped = [b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec(), zstd(&bad())].concat();
    let deep = (0..6).fold(bad(), |inner, _| gzip(&inner));
    vec![
        item("gzip", "model.pkl.gz", gzip(&bad())),
        item("bzip2", "model.pkl.bz2", bzip2(&bad())),
        item("xz", "model.pkl.xz", xz(&bad())),
        item("lzma", "model.pkl.lzma", lzma(&bad())),
        item("zstd", "model.pkl.zst", zstd(&bad())),
        item("zstd-skippable", "model.pkl.zst", [zstd(b""), skipped].concat()),
        item("lz4", "model.joblib", lz4(&bad())),
        item("joblib-zlib", "model.joblib", zlib(&bad())),
        item("joblib-gzip", "model.joblib", gzip(&bad())),
        item("joblib-xz", "model.joblib", xz(&bad())),
        item("gzip-second", "model.pkl.gz", [gzip(b""), gzip(&bad())].concat()),
        item("gzip-behind", "notes.txt.gz", [text.clone(), bad()].concat()).fires(&["trailing-bytes"]),
        item("gzip-renamed", "model.pt", gzip(&bad())).fires(&["name-disagrees"]),
        item("gzip-of-zip", "weights.gz", gzip(&bad_weights())),
        item("gzip-cut-pickle", "model.pkl.gz", gzip(&bad())[..gzip(&bad()).len() - 8].to_vec())
            .fires(&["archive-damaged"]),
        suspect("gzip-checksum", "notes.txt.gz", sum).fires(&["archive-damaged"]),
        suspect("gzip-cut", "notes.txt.gz", text[..12].to_vec()),
        suspect("gzip-deep", "a.gz", deep).fires(&["archive-depth"]),
        suspect("gzip-bomb", "a.yaml.gz", gzip(&vec![b' '; 5 << 20])).fires(&["over-budget"]),
        suspect("zstd-dictionary", "a.txt.zst", dictionary).fires(&["archive-opaque"]),
        suspect("lz4-broken", "a.joblib", b"\x04\x22\x4d\x18\x60\x40\x82\xff\xff\xff\x7f".to_vec()),
    ]
}

fn seven() -> Vec<Item> {
    let files: &[(&str, &[u8])] = &[("notes.txt", b"text\n"), ("model.pkl", &bad())];
    let archive = seven_zip(files);
    let mut packed = archive.clone();
    packed.packed_header = true;
    let mut stored = archive.clone();
    stored.coder = (vec![0], Vec::new());
    stored.stream = stored.files.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    let mut encrypted = archive.clone();
    encrypted.coder = (vec![6, 0xf1, 7, 1], vec![0x13, 7]);
    let mut escaping = archive.clone();
    escaping.files[0].0 = "../notes.txt".to_owned();
    let cut = archive.bytes()[..40].to_vec();
    let zip = Zip::of(&[("a.7z", &archive.bytes())]);
    vec![
        Item::new("archive-7z", Dangerous, "model.7z", archive.bytes()).quiet(&["hidden-weights", "archive-opaque"]),
        Item::new("archive-7z-packed-header", Dangerous, "model.7z", packed.bytes()),
        Item::new("archive-7z-stored", Dangerous, "model.7z", stored.bytes()),
        Item::new("archive-7z-escape", Dangerous, "model.7z", escaping.bytes()).fires(&["archive-escape"]),
        Item::new("archive-7z-weights", Dangerous, "pytorch_model.bin", archive.bytes()).fires(&["hidden-weights"]),
        Item::new("archive-7z-in-zip", Dangerous, "model.zip", zip),
        Item::new("archive-7z-encrypted", Review, "model.7z", encrypted.bytes()).fires(&["archive-opaque"]),
        Item::new("archive-7z-cut", Suspect, "model.7z", cut).fires(&["truncated"]),
        Item::new(
            "archive-rar",
            Review,
            "model.rar",
            b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5\x0a\x01\x05\x06\0".as_slice(),
        )
        .fires(&["archive-opaque"]),
        Item::new("archive-rar-weights", Dangerous, "model.pt", b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5".as_slice())
            .fires(&["hidden-weights"]),
    ]
}
