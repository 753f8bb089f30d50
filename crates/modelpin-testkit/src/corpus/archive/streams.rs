//! Compressed streams, and archives that are not unpacked.

use super::{Item, bad, bad_weights};
use crate::corpus::Expect::{Dangerous, Review, Suspect};
use crate::corpus::build::{Tar, Zip};
use crate::corpus::build::{bzip2, gzip, lz4, lzma, xz, zlib, zstd};

pub(super) fn items() -> Vec<Item> {
    [streams(), opaque()].into_iter().flatten().collect()
}

/// A hostile pickle as an LZMA stream that declares a dictionary of so many bytes.
fn dictionary_of(bytes: u32) -> Vec<u8> {
    let mut stream = lzma(&bad());
    stream[1..5].copy_from_slice(&bytes.to_le_bytes());
    stream
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
    // Some readers take a block without content for the end of the frame.
    let frame = lz4(&bad());
    let empty_block = [&frame[..7], &[1, 0, 0, 0, 0], &frame[7..]].concat();
    let deep = (0..6).fold(bad(), |inner, _| gzip(&inner));
    vec![
        item("gzip", "model.pkl.gz", gzip(&bad())),
        item("bzip2", "model.pkl.bz2", bzip2(&bad())),
        item("xz", "model.pkl.xz", xz(&bad())),
        item("lzma", "model.pkl.lzma", lzma(&bad())),
        item("lzma-dictionary-4k", "model.joblib", dictionary_of(4096)),
        item("lzma-dictionary-odd", "model.joblib", dictionary_of(0x0001_2300)),
        item("lzma-dictionary-large", "model.pkl.lzma", dictionary_of(1 << 30)),
        item("lzma-dictionary-all", "model.joblib", dictionary_of(0xffff_ff00)),
        item("lzma-dictionary-none", "model.joblib", dictionary_of(0)),
        item("lzma-dictionary-in-tar", "data.tar", Tar::default().file("m.joblib", dictionary_of(4096)).bytes()),
        item("zstd", "model.pkl.zst", zstd(&bad())),
        item("zstd-skippable", "model.pkl.zst", [zstd(b""), skipped].concat()),
        item("lz4", "model.joblib", lz4(&bad())),
        item("lz4-empty-block", "model.joblib", empty_block),
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
        suspect("lz4-cut", "notes.txt.lz4", lz4(b"text\n")[..12].to_vec()),
        suspect("lz4-broken", "a.joblib", b"\x04\x22\x4d\x18\x60\x40\x82\xff\xff\xff\x7f".to_vec()),
    ]
}

/// Archives that are not unpacked: 7z, RAR.
fn opaque() -> Vec<Item> {
    let rar = b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5\x0a\x01\x05\x06\0".to_vec();
    // The header of a 7z archive without members; whatever it says, nothing behind it is read as 7z.
    let seven = [b"7z\xbc\xaf\x27\x1c\0\x04\x8d\x9b\xd5\x0f".as_slice(), &[0; 20]].concat();
    let holding = [seven.clone(), bad()].concat();
    let item =
        |name: &str, expect, path: &str, bytes: Vec<u8>| Item::new(format!("archive-{name}"), expect, path, bytes);
    vec![
        item("7z", Review, "model.7z", holding.clone()).fires(&["archive-opaque"]).quiet(&["hidden-weights"]),
        item("7z-empty", Review, "notes.7z", seven.clone()).fires(&["archive-opaque"]),
        item("7z-cut", Review, "notes.7z", seven[..8].to_vec()).fires(&["archive-opaque"]),
        item("7z-weights", Dangerous, "pytorch_model.bin", holding.clone()).fires(&["hidden-weights"]),
        item("7z-in-zip", Review, "model.zip", Zip::of(&[("a.7z", &holding)])).fires(&["archive-opaque"]),
        item("7z-in-gzip", Review, "model.7z.gz", gzip(&holding)).fires(&["archive-opaque"]),
        item("7z-and-zip", Dangerous, "model.7z", [seven, bad_weights()].concat()).fires(&["polyglot"]),
        item("rar", Review, "model.rar", rar.clone()).fires(&["archive-opaque"]),
        item("rar-weights", Dangerous, "model.pt", rar).fires(&["hidden-weights"]),
    ]
}
