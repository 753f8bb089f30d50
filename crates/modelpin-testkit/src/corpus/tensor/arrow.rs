//! Arrow, as a stream and as a file.

use crate::corpus::{Expect, Item};

/// The name of a type that is a pickle.
const PICKLED: &[u8] = b"arrow.py_extension_type";

/// A message of an Arrow stream: a table of FlatBuffers with its kind and the length of its body, then the body.
fn message(kind: u8, names: &[u8], body: &[u8]) -> Vec<u8> {
    let mut table = 16_u32.to_le_bytes().to_vec();
    // The fields: their size, that of the table, and where kind and length stand in it.
    table.extend([12_u16, 20, 0, 4, 0, 8].iter().flat_map(|field| field.to_le_bytes()));
    table.extend(12_u32.to_le_bytes());
    table.extend([kind, 0, 0, 0]);
    table.extend((body.len() as u64).to_le_bytes());
    table.extend(names);
    table.resize(table.len().next_multiple_of(8), 0);
    [&[0xff; 4][..], &(table.len() as u32).to_le_bytes(), &table, body].concat()
}

pub(super) fn stream(names: &[u8]) -> Vec<u8> {
    [message(1, names, b""), message(3, b"", &[7; 64]), vec![0xff; 4], vec![0; 4]].concat()
}

/// The same as Arrow wrote it before 0.15: nothing before the lengths.
fn legacy(names: &[u8]) -> Vec<u8> {
    let mut schema = message(1, names, b"");
    // The length and what it counts fill eight bytes each time.
    schema.extend([0; 4]);
    let length = (schema.len() - 8) as u32;
    [&length.to_le_bytes()[..], &schema[8..], &0_u32.to_le_bytes()].concat()
}

/// A file: a stream between marks, with the schema once more behind it.
fn file(names: &[u8], footer: &[u8]) -> Vec<u8> {
    let mark = b"ARROW1";
    [mark, &[0; 2][..], &stream(names), footer, &(footer.len() as u32).to_le_bytes(), mark].concat()
}

pub(super) fn items() -> Vec<Item> {
    let pickled = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("tensor-arrow-{name}"), Expect::Dangerous, path, bytes).fires(&["parquet-pickled-type"])
    };
    let safe = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("tensor-arrow-{name}"), Expect::Safe, path, bytes).quiet(&[
            "parquet-pickled-type",
            "trailing-bytes",
            "unknown-format",
            "name-disagrees",
        ])
    };
    let long = [vec![b' '; 5 << 20], PICKLED.to_vec(), vec![b' '; 5 << 20]].concat();
    let open = stream(b"text");
    let open = open[..open.len() - 8].to_vec();
    let compressed = [message(1, b"text", b""), message(2, b"words", &[1; 32]), message(3, b"lz4", &[7; 64])].concat();
    vec![
        safe("stream-of-dictionaries", "cache.arrow", compressed),
        safe("stream-without-an-end", "cache.arrow", open),
        safe("stream-of-old", "old.arrow", legacy(b"text")),
        safe("file", "table.arrow", file(b"text", b"text")),
        safe("feather", "table.feather", file(b"text", b"text")),
        safe("metadata", "table.arrow", stream(b"ARROW:extension:name arrow.json pandas {}")),
        pickled("stream-pickled", "a.arrow", stream(PICKLED)),
        pickled("stream-pickled-of-old", "a.arrow", legacy(PICKLED)),
        pickled("stream-pickled-without-a-name", "cache-0", stream(PICKLED)),
        pickled("stream-pickled-next", "a.arrow", [stream(b"text"), stream(PICKLED)].concat()),
        pickled("stream-pickled-far", "a.arrow", stream(&long)),
        pickled("file-pickled", "a.feather", file(PICKLED, b"text")),
        pickled("file-pickled-in-the-footer", "a.arrow", file(b"text", PICKLED)),
        pickled("file-pickled-far", "a.arrow", file(&long, b"text")),
        Item::new("tensor-arrow-streams", Expect::Suspect, "a.arrow", [stream(b"a"), stream(b"b")].concat())
            .fires(&["trailing-bytes"]),
        Item::new("tensor-arrow-stream-and-bytes", Expect::Suspect, "a.arrow", [stream(b"a"), vec![9; 9]].concat())
            .fires(&["trailing-bytes"]),
        Item::new("tensor-arrow-body-cut", Expect::Suspect, "a.arrow", {
            let all = [message(1, b"text", b""), message(3, b"", &[7; 640])].concat();
            all[..all.len() - 99].to_vec()
        })
        .fires(&["truncated"]),
        Item::new("tensor-arrow-file-cut", Expect::Suspect, "a.arrow", file(b"text", b"text")[..80].to_vec())
            .fires(&["truncated"]),
        Item::new("tensor-arrow-file-footer", Expect::Suspect, "a.arrow", {
            let mut all = file(b"text", b"text");
            let at = all.len() - 10;
            all[at..at + 4].copy_from_slice(&[0xff; 4]);
            all
        })
        .fires(&["truncated"]),
    ]
}
