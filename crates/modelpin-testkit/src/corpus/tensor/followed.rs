//! Formats that run nothing and are followed to their end: netCDF 3, SQLite, vectors of words; archives of objects.

use crate::corpus::{Expect, Item};

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// netCDF of version 1 with a variable of three shorts and one that grows, of which there are two records.
fn netcdf(records: u32, grows: bool) -> Vec<u8> {
    let name = |name: &[u8; 1]| [&words(&[1])[..], name, &[0; 3]].concat();
    let sides = [words(&[10, 2]), name(b"t"), words(&[0]), name(b"x"), words(&[3])].concat();
    let attribute = [words(&[12, 1]), name(b"a"), words(&[2, 5]), b"words\0\0\0".to_vec()].concat();
    let fixed = [name(b"f"), words(&[1, 1]), attribute.clone(), words(&[3, 8])].concat();
    let growing = [name(b"g"), words(&[2, 0, 1]), words(&[0, 0]), words(&[5, 12])].concat();
    let count = 1 + u32::from(grows);
    let front = 8 + sides.len() + attribute.len() + 8 + fixed.len() + 4 + if grows { growing.len() + 4 } else { 0 };
    let mut file = [b"CDF\x01".to_vec(), words(&[records]), sides, attribute, words(&[11, count])].concat();
    file.extend([fixed, words(&[front as u32])].concat());
    if grows {
        file.extend([growing, words(&[front as u32 + 8])].concat());
    }
    file.extend([0, 1, 0, 2, 0, 3, 0, 0]);
    file.extend(vec![0x3f; if grows { 24 } else { 0 }]);
    file
}

/// A database of two pages.
fn sqlite() -> Vec<u8> {
    let mut file = b"SQLite format 3\0\x10\0\x01\x01".to_vec();
    file.resize(8192, 0);
    file[24..32].copy_from_slice(&words(&[7, 2]));
    file[92..96].copy_from_slice(&words(&[7]));
    file
}

/// Two vectors of words.
fn vectors(end: &[u8]) -> Vec<u8> {
    let word = |word: &str| [word.as_bytes(), b" ", &[0xcd, 0xcc, 0x4c, 0xbf].repeat(4), end].concat();
    [b"2 4\n".to_vec(), word("the"), word("straße")].concat()
}

pub(super) fn items() -> Vec<Item> {
    let item = |name: &str, expect, path: &str, bytes: Vec<u8>| {
        Item::new(format!("weights-followed-{name}"), expect, path, bytes)
    };
    let safe = |name: &str, path: &str, bytes: Vec<u8>| {
        item(name, Expect::Safe, path, bytes).quiet(&["unchecked-format", "trailing-bytes", "truncated"])
    };
    let longer = |bytes: Vec<u8>| [bytes, vec![0xab; 400]].concat();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 5].to_vec();
    let pickle = |bytes: Vec<u8>| [&bytes[..], b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R."].concat();
    let archive =
        |member: &str| format!("!<arch>\n{member:<16}0           0     0     100644  4         `\n2.0\n").into_bytes();
    let mut other = netcdf(2, true);
    other[8..12].copy_from_slice(&words(&[11]));
    vec![
        safe("netcdf", "t.nc", netcdf(0, false)),
        safe("netcdf-records", "t.nc", netcdf(2, true)),
        safe("sqlite", "index.db", sqlite()),
        safe("word2vec", "w2v.bin", vectors(b"")),
        safe("word2vec-lines", "w2v.bin", vectors(b"\n")),
        item("netcdf-longer", Expect::Suspect, "t.nc", longer(netcdf(2, true))).fires(&["trailing-bytes"]),
        item("netcdf-cut", Expect::Suspect, "t.nc", cut(netcdf(2, true))).fires(&["truncated"]),
        item("netcdf-many-records", Expect::Suspect, "t.nc", netcdf(1 << 30, true)).fires(&["truncated"]),
        item("netcdf-streaming", Expect::Suspect, "t.nc", netcdf(u32::MAX, true)).fires(&["unchecked-format"]),
        item("netcdf-pickle", Expect::Dangerous, "t.nc", pickle(netcdf(2, true))).fires(&["polyglot"]),
        item("netcdf-other-list", Expect::Suspect, "t.nc", other),
        item("sqlite-longer", Expect::Suspect, "index.db", longer(sqlite())).fires(&["trailing-bytes"]),
        item("sqlite-cut", Expect::Suspect, "index.db", cut(sqlite())).fires(&["truncated"]),
        item("sqlite-pickle", Expect::Dangerous, "index.db", pickle(sqlite())).fires(&["polyglot"]),
        item("word2vec-longer", Expect::Suspect, "w2v.bin", longer(vectors(b""))).fires(&["trailing-bytes"]),
        item("word2vec-cut", Expect::Suspect, "w2v.bin", cut(vectors(b"\n"))).fires(&["truncated"]),
        item("word2vec-pickle", Expect::Dangerous, "w2v.bin", pickle(vectors(b""))).fires(&["polyglot"]),
        item("package", Expect::Review, "tool.deb", archive("debian-binary"))
            .fires(&["native-code"])
            .quiet(&["disguised-executable"]),
        item("archive", Expect::Review, "objects.ar", archive("a.o/")).quiet(&["disguised-executable"]),
        item("archive-as-text", Expect::Dangerous, "notes.txt", archive("a.o/")).fires(&["disguised-executable"]),
    ]
}
