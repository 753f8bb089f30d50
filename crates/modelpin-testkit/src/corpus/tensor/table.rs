//! Parquet, indexes of checkpoints, files of records.

use crate::corpus::build::Proto;
use crate::corpus::{Expect, Item};

/// A checksum as TensorFlow writes it: CRC-32C, masked.
fn masked(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

fn records(all: &[&[u8]]) -> Vec<u8> {
    let record = |data: &&[u8]| {
        let length = (data.len() as u64).to_le_bytes();
        [&length[..], &masked(&length), data, &masked(data)].concat()
    };
    all.iter().flat_map(record).collect()
}

/// A Parquet file with this footer.
fn parquet(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", &[0; 32][..], footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

/// A block of a table: entries that share nothing, one restart, and what stands behind a block.
fn block(entries: &[(&[u8], &[u8])], compression: u8) -> Vec<u8> {
    let mut block = Vec::new();
    for (key, value) in entries {
        Proto::varint(0, &mut block);
        Proto::varint(key.len() as u64, &mut block);
        Proto::varint(value.len() as u64, &mut block);
        block.extend(*key);
        block.extend(*value);
    }
    block.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    block.extend([compression, 0, 0, 0, 0]);
    block
}

fn handle(at: usize, block: &[u8]) -> Vec<u8> {
    let mut handle = Vec::new();
    Proto::varint(at as u64, &mut handle);
    Proto::varint(block.len() as u64 - 5, &mut handle);
    handle
}

/// An index of one tensor in `shards` files.
fn index(shards: u64, entry: &Proto, compression: u8) -> Vec<u8> {
    let header = Proto::default().number(1, shards).bytes(3, Proto::default().number(1, 1));
    let data = block(&[(b"", header.as_ref()), (b"dense/kernel", entry.as_ref())], compression);
    let none = block(&[], 0);
    let blocks = block(&[(b"z", &handle(0, &data))], 0);
    let mut footer = [handle(data.len(), &none), handle(data.len() + none.len(), &blocks)].concat();
    footer.resize(40, 0);
    [data, none, blocks, footer, 0xdb47_7524_8b80_fb57_u64.to_le_bytes().to_vec()].concat()
}

fn tensor() -> Proto {
    let shape = Proto::default().bytes(2, Proto::default().number(1, 4));
    Proto::default().number(1, 1).bytes(2, shape).number(5, 16)
}

pub(super) fn items() -> Vec<Item> {
    let item =
        |name: &str, expect, path: &str, bytes: Vec<u8>| Item::new(format!("tensor-{name}"), expect, path, bytes);
    let event = Proto::default().bytes(3, "brain.Event:2");
    let events = records(&[event.as_ref(), &[8, 1], &[]]);
    let schema = |encoded: &[u8]| [b"\x15\x04\x19\x2cARROW:schema\x18".as_slice(), encoded].concat();
    let path = "variables/variables.index";
    vec![
        item("parquet", Expect::Safe, "data/train-00000-of-00001.parquet", parquet(&schema(b"/////2AAAAAQAAAA")))
            .quiet(&["parquet-malformed", "parquet-pickled-type"]),
        item("parquet-pickled-type", Expect::Dangerous, "train.parquet", parquet(&schema(b"arrow.py_extension_type")))
            .fires(&["parquet-pickled-type"]),
        item(
            "parquet-pickled-type-in-base64",
            Expect::Dangerous,
            "train.parquet",
            parquet(&schema(b"AAAAWFycm93LnB5X2V4dGVuc2lvbl90eXBlAAAA")),
        )
        .fires(&["parquet-pickled-type"]),
        item("parquet-cut", Expect::Suspect, "train.parquet", parquet(&[0; 64])[..50].to_vec()).fires(&["truncated"]),
        item("parquet-long-footer", Expect::Suspect, "train.parquet", {
            [b"PAR1", &[0; 32][..], &u32::MAX.to_le_bytes(), b"PAR1"].concat()
        })
        .fires(&["parquet-malformed"]),
        item("parquet-encrypted", Expect::Suspect, "train.parquet", {
            [b"PAR1", &[0; 32][..], &[8, 0, 0, 0], b"PARE"].concat()
        })
        .fires(&["parquet-malformed"]),
        item("records", Expect::Safe, "data.tfrecord", records(&[b"one", b"", &[7; 300]]))
            .quiet(&["checkpoint-malformed", "unknown-format"]),
        item("events", Expect::Safe, "runs/a/events.out.tfevents.1.host", events.clone()),
        item("events-cut", Expect::Suspect, "events.out.tfevents.1.host", events[..events.len() - 3].to_vec())
            .fires(&["truncated"]),
        item("records-broken", Expect::Suspect, "data.tfrecord", [events, b"something else".to_vec()].concat())
            .fires(&["checkpoint-malformed"]),
        item("checkpoint-index", Expect::Safe, path, index(1, &tensor(), 0))
            .and("variables/variables.data-00000-of-00001", [0x9f; 16])
            .quiet(&["checkpoint-malformed", "file-missing"]),
        item("checkpoint", Expect::Safe, path, index(2, &tensor(), 0))
            .and("variables/variables.data-00000-of-00002", [0x9f; 16])
            .and("variables/variables.data-00001-of-00002", [0xbf; 16])
            .quiet(&["unknown-format"]),
        item("checkpoint-no-tensor", Expect::Suspect, path, index(1, &Proto::default().bytes(9, "x"), 0))
            .fires(&["checkpoint-malformed"]),
        item("checkpoint-compressed", Expect::Suspect, path, index(1, &tensor(), 1)).fires(&["checkpoint-malformed"]),
        item("checkpoint-many-files", Expect::Suspect, path, index(1 << 40, &tensor(), 0))
            .fires(&["checkpoint-malformed"]),
        item("raw-bytes", Expect::Suspect, "variables.data-00000-of-00001", vec![0x9f; 64])
            .fires(&["unchecked-format"]),
    ]
}
