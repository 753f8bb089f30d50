//! MessagePack: arrays of numbers and of objects, extensions, and pickles in them.

use crate::corpus::{Expect, Item};

/// A pickle that calls `os.system`, in the text protocol and in a binary one.
const HOSTILE: &[u8] = b"cos\nsystem\n(S'id'\ntR.";
const HOSTILE_BINARY: &[u8] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.";

/// A pickle of a list of numbers and texts.
const HONEST: &[u8] = b"\x80\x04]\x94(K\x01\x8c\x01aNe.";

/// A text of up to 255 bytes.
fn text(text: &[u8]) -> Vec<u8> {
    [&[0xd9, text.len() as u8][..], text].concat()
}

/// Up to 255 bytes.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0xc4, bytes.len() as u8][..], bytes].concat()
}

/// A map of up to 15 entries, keys as bytes.
fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let body = entries.iter().flat_map(|(key, value)| [bytes(key.as_bytes()), value.clone()].concat());
    std::iter::once(0x80 | entries.len() as u8).chain(body).collect()
}

const TRUE: u8 = 0xc3;

/// An array as `msgpack_numpy` writes it.
pub(super) fn array(kind: &str, data: &[u8]) -> Vec<u8> {
    let (kind, data) = (bytes(kind.as_bytes()), bytes(data));
    map(&[("nd", vec![TRUE]), ("type", text(b"<f4")), ("kind", kind), ("shape", vec![0x91, 1]), ("data", data)])
}

/// A part of a pipeline of spaCy: a map, in a file without a suffix.
pub(super) fn spacy(array: Vec<u8>) -> Vec<u8> {
    [b"\x82\xa5nodes\x91".to_vec(), array, b"\xa5attrs\x80".to_vec()].concat()
}

/// An extension of up to 255 bytes.
fn extension(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[0xc7, body.len() as u8, kind][..], body].concat()
}

/// A document with one value.
fn document(value: Vec<u8>) -> Vec<u8> {
    [b"\x81\xa6params".to_vec(), value].concat()
}

/// What is read as a hostile pickle, by some reader.
fn hostile() -> Vec<Item> {
    let objects = |kind: Vec<u8>, data: Vec<u8>| map(&[("nd", vec![TRUE]), ("kind", kind), ("data", data)]);
    let wrapped = |kind: &str, data: Vec<u8>| map(&[("nd", vec![TRUE]), ("type", text(b"|u1")), (kind, data)]);
    let letter = bytes(b"O");
    let named = |key: &str, value: Vec<u8>| map(&[(key, value)]);
    let twice = {
        let pairs = [("nd", vec![TRUE]), ("data", bytes(b"N.")), ("kind", letter.clone()), ("data", bytes(HOSTILE))];
        map(&pairs)
    };
    let deep = [vec![0x91; 200], array("O", HOSTILE)].concat();
    let long = [&[0xc6][..], &(HOSTILE.len() as u32).to_be_bytes(), HOSTILE].concat();
    let scalar = map(&[("nd", vec![0xc2]), ("type", text(b"S1")), ("data", letter.clone())]);
    let items = [
        ("array", array("O", HOSTILE)),
        ("array-binary", array("O", HOSTILE_BINARY)),
        ("array-of-texts", objects(text(b"O"), text(HOSTILE))),
        ("array-data-first", map(&[("data", bytes(HOSTILE)), ("kind", letter.clone()), ("nd", vec![TRUE])])),
        ("array-data-twice", twice),
        ("array-long-form", objects(letter.clone(), long)),
        ("array-by-type", map(&[("nd", vec![TRUE]), ("type", text(b"|O")), ("data", bytes(HOSTILE))])),
        ("array-in-an-array", objects(letter.clone(), wrapped("data", bytes(HOSTILE)))),
        ("array-of-a-made-kind", objects(scalar, bytes(HOSTILE))),
        ("array-deep", deep),
        ("bytes", named("state", bytes(HOSTILE_BINARY))),
        ("bytes-called-pickle", named("__pickle__", bytes(HOSTILE))),
        ("bytes-in-a-list", [vec![0x92, 0x01], bytes(HOSTILE_BINARY)].concat()),
        ("extension", extension(42, HOSTILE)),
        ("extension-of-flax", extension(1, HOSTILE_BINARY)),
        ("extension-fixed", [&[0xd8, 5][..], b"cos\ngetpid\n)R..."].concat()),
    ];
    let items = items.map(|(name, value)| {
        Item::new(format!("weights-msgpack-{name}"), Expect::Dangerous, "w.msgpack", document(value))
            .fires(&["pickle-dangerous-global"])
    });
    let spacy = Item::new("weights-msgpack-spacy", Expect::Dangerous, "ner/model", spacy(array("O", HOSTILE)))
        .fires(&["msgpack-pickled-array", "pickle-dangerous-global"]);
    items.into_iter().chain([spacy]).collect()
}

pub(super) fn items() -> Vec<Item> {
    let safe = [
        ("numbers", spacy(array("f", &[1; 4]))),
        ("number", document(map(&[("nd", vec![0xc2]), ("type", text(b"<f4")), ("data", bytes(&[0; 4]))]))),
        ("complex", document(map(&[("complex", vec![TRUE]), ("data", text(b"(3+4j)"))]))),
        ("kind-is-a-word", document(map(&[("name", text(b"kind")), ("O", text(b"data"))]))),
        ("time", document([vec![0xd6, 0xff], vec![0x65; 4]].concat())),
        ("time-long", document(extension(0xff, &[1; 12]))),
        ("bytes-like-a-pickle", document(map(&[("data", bytes(b"\x80\x03\xff\xfe\x00\x01\x02"))]))),
    ];
    let safe = safe.map(|(name, bytes)| {
        Item::new(format!("weights-msgpack-{name}"), Expect::Safe, "w.msgpack", bytes)
            .quiet(&["msgpack-pickled-array", "unscanned-format"])
    });
    let honest = document(array("O", HONEST));
    let others = [
        Item::new("weights-msgpack-honest-objects", Expect::Review, "w.msgpack", honest)
            .fires(&["msgpack-pickled-array"]),
        Item::new("weights-msgpack-honest-bytes", Expect::Review, "w.msgpack", document(bytes(HONEST)))
            .fires(&["msgpack-pickled-array"]),
        Item::new("weights-msgpack-unknown-extension", Expect::Suspect, "w.msgpack", document(extension(42, b"?????")))
            .fires(&["unscanned-format"]),
        Item::new("weights-msgpack-key", Expect::Suspect, "w.msgpack", [vec![0x81], map(&[]), vec![1]].concat())
            .fires(&["unscanned-format"]),
        Item::new("weights-msgpack-deep", Expect::Suspect, "w.msgpack", vec![0x91; 100_000]),
        Item::new("weights-msgpack-cut", Expect::Suspect, "w.msgpack", array("O", b"N.")[..20].to_vec())
            .fires(&["truncated"]),
        Item::new("weights-msgpack-long", Expect::Suspect, "w.msgpack", b"\x81\xa1x\xc6\xff\xff\xff\xff\x00".to_vec())
            .fires(&["truncated"]),
        Item::new("weights-msgpack-many", Expect::Suspect, "w.msgpack", b"\xdd\xff\xff\xff\xff\xc0".to_vec())
            .fires(&["truncated"]),
    ];
    safe.into_iter().chain(others).chain(hostile()).collect()
}
