//! Safetensors.

use crate::corpus::build::{Zip, call, state_dict};
use crate::corpus::{Expect, Item};

const RULE: &[&str] = &["safetensors-malformed"];

/// A file of this header and data, with the length before them.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// A header padded with blanks to a multiple of eight, as the library writes it.
fn padded(header: &str) -> String {
    let blanks = header.len().next_multiple_of(8) - header.len();
    format!("{header}{}", " ".repeat(blanks))
}

/// The entry of one tensor.
fn entry(name: &str, dtype: &str, shape: &[u64], from: u64, to: u64) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{from},{to}]}}"#)
}

/// A header of these entries.
fn header(entries: &[String]) -> String {
    padded(&format!("{{{}}}", entries.join(",")))
}

/// An honest file of one tensor.
fn small() -> Vec<u8> {
    file(&header(&[entry("w", "F32", &[2, 3], 0, 24)]), &[0; 24])
}

fn safe(name: &str, bytes: Vec<u8>) -> Item {
    Item::new(format!("tensor-safetensors-{name}"), Expect::Safe, "model.safetensors", bytes).quiet(&[
        "safetensors-malformed",
        "trailing-bytes",
        "polyglot",
        "name-disagrees",
    ])
}

fn broken(name: &str, bytes: Vec<u8>) -> Item {
    Item::new(format!("tensor-safetensors-{name}"), Expect::Suspect, "model.safetensors", bytes).fires(RULE)
}

pub(super) fn items() -> Vec<Item> {
    [honest(), layouts(), headers(), behind()].into_iter().flatten().collect()
}

/// One tensor of each type, one after another.
fn every_type() -> Vec<u8> {
    let types: [(&str, u64); 22] = [
        ("BOOL", 8),
        ("F4", 4),
        ("F6_E2M3", 6),
        ("F6_E3M2", 6),
        ("U8", 8),
        ("I8", 8),
        ("F8_E5M2", 8),
        ("F8_E4M3", 8),
        ("F8_E8M0", 8),
        ("F8_E4M3FNUZ", 8),
        ("F8_E5M2FNUZ", 8),
        ("I16", 16),
        ("U16", 16),
        ("F16", 16),
        ("BF16", 16),
        ("I32", 32),
        ("U32", 32),
        ("F32", 32),
        ("C64", 64),
        ("F64", 64),
        ("I64", 64),
        ("U64", 64),
    ];
    let (mut entries, mut at) = (Vec::new(), 0);
    for (dtype, bits) in types {
        let size = 8 * bits / 8;
        entries.push(entry(dtype, dtype, &[2, 4], at, at + size));
        at += size;
    }
    file(&header(&entries), &vec![0; at as usize])
}

fn honest() -> Vec<Item> {
    let layers: Vec<String> = (0..2000)
        .map(|layer| entry(&format!("model.layers.{layer}.mlp.weight"), "BF16", &[1, 1], layer * 2, layer * 2 + 2))
        .collect();
    let metadata = r#""__metadata__":{"format":"pt","ss_tag_frequency":"{\"a\": {\"b\": 1}}"}"#.to_owned();
    let long = format!(r#""__metadata__":{{"modelspec.thumbnail":"data:image/png;base64,{}"}}"#, "A".repeat(200_000));
    let weight = || entry("w", "F16", &[1], 0, 2);
    vec![
        safe("plain", small()),
        safe("every-type", every_type()),
        safe("metadata", file(&header(&[metadata, weight()]), &[0; 2])),
        safe("long-metadata", file(&header(&[long, weight()]), &[0; 2])),
        safe("empty-metadata", file(&header(&[r#""__metadata__":{}"#.to_owned(), weight()]), &[0; 2])),
        safe("no-tensors", file("{}", &[])),
        safe("scalar", file(&header(&[entry("logit_scale", "F32", &[], 0, 4)]), &[0; 4])),
        safe(
            "empty-tensors",
            file(
                &header(&[
                    entry("a", "F32", &[0, 4], 0, 0),
                    entry("b", "F32", &[1], 0, 4),
                    entry("c", "I64", &[0], 4, 4),
                ]),
                &[0; 4],
            ),
        ),
        safe("any-order", file(&header(&[entry("b", "F32", &[1], 4, 8), entry("a", "F32", &[1], 0, 4)]), &[0; 8])),
        safe("many-tensors", file(&header(&layers), &vec![0; 4000])),
        safe("no-padding", file(&format!("{{{}}}", entry("abc", "U8", &[3], 0, 3)), &[1, 2, 3])),
        safe(
            "spaced-json",
            file("{ \"a\" : { \"shape\" : [ 1 ] , \"data_offsets\" : [0, 1], \"dtype\":\"I8\" } }  ", &[7]),
        ),
        safe("unicode-names", file(&header(&[entry("层.重み", "U8", &[1], 0, 1)]), &[7])),
        Item::new("tensor-safetensors-in-folder", Expect::Safe, "unet/diffusion_pytorch_model.safetensors", small()),
        Item::new("tensor-safetensors-data-like-a-pickle", Expect::Safe, "model.safetensors", {
            let data = call("os", "system", "true");
            let length = data.len() as u64;
            file(&header(&[entry("w", "U8", &[length], 0, length)]), &data)
        })
        .quiet(RULE),
    ]
}

fn layouts() -> Vec<Item> {
    let two = |first: (u64, u64), second: (u64, u64), data: usize| {
        let one = |name, (from, to): (u64, u64)| entry(name, "U8", &[to - from], from, to);
        file(&header(&[one("a", first), one("b", second)]), &vec![0; data])
    };
    let one = |entry: String, data: usize| file(&header(&[entry]), &vec![0; data]);
    vec![
        broken("overlap", two((0, 8), (4, 12), 12)),
        broken("same-bytes-twice", two((0, 8), (0, 8), 8)),
        broken("hole", two((0, 8), (12, 16), 16)),
        broken("hole-at-start", one(entry("a", "U8", &[4], 4, 8), 8)),
        broken("past-end", one(entry("a", "F32", &[100], 0, 400), 40)),
        broken("shape-too-small", one(entry("a", "F32", &[1], 0, 8), 8)),
        broken("shape-overflow", one(entry("a", "F32", &[1 << 40, 1 << 40], 0, 8), 8)),
        broken("bits-overflow", one(entry("a", "F64", &[1 << 61], 0, 8), 8)),
        broken("half-a-byte", one(entry("a", "F4", &[3], 0, 1), 1)),
        broken("offsets-backwards", one(entry("a", "U8", &[4], 8, 4), 8)),
        broken("unknown-type", one(entry("a", "F128", &[1], 0, 16), 16)),
        broken("lower-case-type", one(entry("a", "f32", &[1], 0, 4), 4)),
        broken("empty-tensor-in-the-middle", two((0, 8), (4, 4), 8)),
    ]
}

fn headers() -> Vec<Item> {
    let raw = |header: &str| file(header, &[0; 4]);
    let weight = entry("w", "F32", &[1], 0, 4);
    vec![
        broken("key-twice", raw(&header(&[weight.clone(), weight.clone()]))),
        broken("key-twice-by-escape", raw(&header(&[weight.clone(), weight.replace("\"w\"", "\"\\u0077\"")]))),
        broken("field-twice", raw(r#"{"w":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#)),
        broken("shape-twice", raw(r#"{"w":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,4]}}"#)),
        broken("metadata-twice", raw(&header(&[r#""__metadata__":{},"__metadata__":{}"#.to_owned(), weight.clone()]))),
        broken("metadata-key-twice", raw(&header(&[r#""__metadata__":{"a":"1","a":"2"}"#.to_owned(), weight.clone()]))),
        broken("metadata-number", raw(&header(&[r#""__metadata__":{"a":1}"#.to_owned(), weight.clone()]))),
        broken("metadata-object", raw(&header(&[r#""__metadata__":{"a":{"b":"c"}}"#.to_owned(), weight.clone()]))),
        broken("field-missing", raw(r#"{"w":{"dtype":"F32","shape":[1]}}"#)),
        broken("field-unknown", raw(r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"url":"x"}}"#)),
        broken("three-offsets", raw(r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#)),
        broken("negative-shape", raw(r#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#)),
        broken("fraction-shape", raw(r#"{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#)),
        broken("number-too-long", raw(r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}"#)),
        broken("not-json", raw("{\"w\":}  ")),
        broken("two-documents", raw(&format!("{{{weight}}} {{}}"))),
        broken("padded-with-nul", raw(&format!("{{{weight}}}\0\0"))),
        broken("nested-deep", raw(&format!("{{\"w\":{}{}}}", "{\"a\":".repeat(200), "}".repeat(200)))),
        broken("lists-deep", raw(&format!("{{\"w\":{{\"x\":{}{}}}}}", "[".repeat(3000), "]".repeat(3000)))),
        broken("header-longer-than-file", [&u64::from(u32::MAX).to_le_bytes()[..], b"{\"w\":{}}"].concat()),
        broken("header-of-all-lengths", [&u64::MAX.to_le_bytes()[..], b"{\"w\":{}}"].concat()),
        broken("header-length-zero", [&[0; 8][..], b"{}"].concat()),
        Item::new("tensor-safetensors-cut", Expect::Suspect, "model.safetensors", {
            let mut bytes = small();
            bytes.truncate(40);
            bytes
        })
        .fires(RULE),
        Item::new("tensor-safetensors-list", Expect::Suspect, "model.safetensors", raw("[1,2,3]")),
        Item::new("tensor-safetensors-empty-header", Expect::Suspect, "model.safetensors", [0; 8]),
    ]
}

/// What follows the data, and what is no safetensors file at all.
fn behind() -> Vec<Item> {
    let behind = |name: &str, expect, bytes: &[u8]| {
        let bytes = [small(), bytes.to_vec()].concat();
        Item::new(format!("tensor-safetensors-then-{name}"), expect, "model.safetensors", bytes)
    };
    let zip = Zip::of(&[("archive/data.pkl", &call("os", "system", "true")), ("archive/version", b"3\n")]);
    let pickle = call("os", "system", "true");
    // The length is also a text opcode of 0x0b55 bytes' worth: `U`, 11 bytes, then whatever the JSON spells.
    let opcodes = {
        let text = entry("a", "U8", &[4], 0, 4);
        let header = format!("{{{text}}}{}", " ".repeat(0x0b55 - text.len() - 2));
        file(&header, &[0; 4])
    };
    vec![
        behind("zeros", Expect::Suspect, &[0; 64]).fires(&["trailing-bytes"]),
        behind("text", Expect::Suspect, b"# notes\n").fires(&["trailing-bytes"]),
        behind("pickle", Expect::Dangerous, &pickle).fires(&["trailing-bytes", "polyglot"]),
        behind("state-dict", Expect::Dangerous, &state_dict(&[("w", "0", &[1])])).fires(&["polyglot"]),
        behind("program", Expect::Dangerous, &[b"\x7fELF".as_slice(), &[0; 64]].concat()).fires(&["trailing-bytes"]),
        behind("zip", Expect::Dangerous, &zip).fires(&["polyglot"]),
        behind("safetensors", Expect::Suspect, &small()).fires(&["trailing-bytes"]),
        behind("many-safetensors", Expect::Suspect, &small().repeat(12)).fires(&["trailing-bytes", "over-budget"]),
        Item::new("tensor-safetensors-is-pickle", Expect::Dangerous, "model.safetensors", pickle)
            .fires(&["disguised-executable"]),
        Item::new("tensor-safetensors-is-zip", Expect::Dangerous, "model.safetensors", zip)
            .fires(&["disguised-executable"]),
        Item::new("tensor-safetensors-named-bin", Expect::Suspect, "pytorch_model.bin", opcodes)
            .fires(&["name-disagrees"]),
    ]
}
