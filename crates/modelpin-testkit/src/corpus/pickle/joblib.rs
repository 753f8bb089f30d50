//! Arrays of objects in joblib's files: pickles of their own, with a memo of their own.

use super::super::build::{Pickle, zlib};
use super::super::{Expect, Item};
use super::layout::wrapper;

/// An array of one object as joblib from 1.5 on writes it after its wrapper (protocol 5, every value remembered), with
/// this object in it.
fn array(object: &[u8]) -> Vec<u8> {
    let names = Pickle::proto(5).short_text("numpy._core.multiarray").raw([0x94]).short_text("_reconstruct");
    let names = names.raw(b"\x94\x93\x94").short_text("numpy").raw([0x94]).short_text("ndarray").raw(b"\x94\x93\x94");
    let made = names.raw(b"K\0\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x01\x85\x94h\x03").short_text("dtype");
    let dtype = made.raw(b"\x94\x93\x94").short_text("O8").raw(b"\x94\x89\x88\x87\x94R\x94(K\x03").short_text("|");
    let dtype = dtype.raw(b"\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94b\x89]\x94");
    dtype.raw(object).raw(b"at\x94b").stop()
}

/// An array of objects in an array of objects: it recalls the names from the memo.
fn deeper(object: &[u8]) -> Vec<u8> {
    let inner = Pickle::default().raw(b"h\x02h\x05h\x06h\x07\x87R(K\x01h\x0ah\x0f\x89]");
    array(&inner.raw(object).raw("atb").0)
}

/// Files whose own memo holds other things than that of the array: numbers, tuples, classes, objects, texts.
fn outer() -> Vec<(&'static str, Pickle)> {
    let fill = |value: &[u8]| {
        (0..24_u8).fold(Pickle::proto(4).raw("]"), |pickle, key| pickle.raw(value).raw([b'q', key, b'a']))
    };
    let class = Pickle::default().stack_global("sklearn.preprocessing._data", "StandardScaler").0;
    let object = [class.as_slice(), &[b')', 0x81]].concat();
    vec![
        ("numbers", fill(b"K\x07")),
        ("tuples", fill(b"K\x07\x85")),
        ("texts", fill(b"\x8c\x05shape")),
        ("lists", fill(b"]")),
        ("classes", fill(&class)),
        ("objects", fill(&object)),
        ("dtypes", fill(&Pickle::default().stack_global("numpy", "dtype").0)),
        ("array-classes", fill(&Pickle::default().stack_global("numpy", "ndarray").0)),
        ("nothing", Pickle::proto(4).raw("]")),
    ]
}

const QUIET: &[&str] = &[
    "pickle-broken",
    "pickle-call-shape",
    "pickle-computed-call",
    "pickle-computed-name",
    "pickle-dangerous-global",
    "pickle-write-target",
];

/// Both writers of the old form: with the length padded to 19 bytes, and one more space.
fn old(length: &str, space: &str, content: &[u8]) -> Vec<u8> {
    [b"ZF", format!("{length:<19}{space}").as_bytes(), &zlib(content)].concat()
}

pub(super) fn items() -> Vec<Item> {
    let item = |name: String, expect, bytes: Vec<u8>| {
        Item::new(format!("pickle-joblib-{name}"), expect, "model.joblib", bytes)
    };
    let text = b"\x8c\x01a";
    let system = Pickle::default().stack_global("os", "system").short_text("id").raw([0x85, b'R']).0;
    let mut items = Vec::new();
    for (name, before) in outer() {
        let honest = if matches!(name, "classes" | "objects" | "texts") { Expect::Review } else { Expect::Safe };
        let file = |inner: Vec<u8>| wrapper(before.clone(), &[1], "O8", true).raw(inner).raw("a");
        let twice = wrapper(file(array(text)), &[1], "O8", true).raw(deeper(text)).raw("a");
        items.push(item(format!("objects-over-{name}"), honest, file(array(text)).stop()).quiet(QUIET));
        items.push(item(format!("objects-deeper-over-{name}"), honest, file(deeper(text)).stop()).quiet(QUIET));
        items.push(item(format!("objects-twice-over-{name}"), honest, twice.stop()).quiet(QUIET));
        for (depth, inner) in [("hostile", array(&system)), ("hostile-deeper", deeper(&system))] {
            let bad = item(format!("objects-{depth}-over-{name}"), Expect::Dangerous, file(inner).stop());
            items.push(bad.fires(&["pickle-dangerous-global"]));
        }
    }
    let value = b"\x80\x02}q\0X\x01\0\0\0aq\x01K\x01s.";
    let bad = Pickle::proto(2).global("os", "system").text("id").raw([0x85, b'R']).stop();
    let length = |bytes: &[u8]| format!("{:#x}", bytes.len());
    items.extend([
        item("old".into(), Expect::Safe, old(&length(value), "", value)).quiet(&["unknown-format", "trailing-bytes"]),
        item("old-wide".into(), Expect::Safe, old(&length(value), " ", value)).quiet(&["unknown-format"]),
        item("old-hostile".into(), Expect::Dangerous, old(&length(&bad), "", &bad)).fires(&["pickle-dangerous-global"]),
        item("old-hostile-wide".into(), Expect::Dangerous, old(&length(&bad), " ", &bad)),
        item("old-hostile-length".into(), Expect::Dangerous, old("+1_0", "", &bad)),
        item("old-hostile-text".into(), Expect::Dangerous, old("0x14", "", b"cos\nsystem\n(S'id'\ntR.")),
        Item::new("pickle-old-joblib-named-pkl", Expect::Dangerous, "model.pkl", old(&length(&bad), "", &bad)),
        // joblib takes the size of an item from the code, whatever the state of the dtype has.
        item("item-size-of-state".into(), Expect::Dangerous, {
            let start = wrapper(Pickle::proto(2), &[1], "f8", false).0;
            let state = start.windows(4).position(|four| four == b"NNNJ").unwrap_or_default() + 4;
            let mut start = start;
            start.splice(state..state + 4, 300_i32.to_le_bytes());
            let filler = [vec![0; 8], b"0".to_vec(), bad[2..bad.len() - 1].to_vec(), b"0N.".to_vec()].concat();
            [start, filler, vec![0; 300], b".".to_vec()].concat()
        })
        .fires(&["pickle-dangerous-global"]),
    ]);
    items
}
