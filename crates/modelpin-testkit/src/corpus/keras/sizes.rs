//! Datasets that declare more than is stored of them, and honest ones that were never filled.

use crate::corpus::build::{Hdf5, Value, Zip};
use crate::corpus::{Expect, Item};

const FLOAT: [u8; 20] = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

/// Nowhere.
const NO: u64 = u64::MAX;

fn space(sides: &[u64]) -> Vec<u8> {
    [vec![1, sides.len() as u8, 0, 0, 0, 0, 0, 0], sides.iter().flat_map(|side| side.to_le_bytes()).collect()].concat()
}

fn space_2(sides: &[u64]) -> Vec<u8> {
    [vec![2, sides.len() as u8, 0, 1], sides.iter().flat_map(|side| side.to_le_bytes()).collect()].concat()
}

fn text(width: u32) -> Vec<u8> {
    [&[0x13, 0, 0, 0][..], &width.to_le_bytes()].concat()
}

/// A dataset with these three messages.
fn dataset(space: Vec<u8>, kind: &[u8], layout: Vec<u8>) -> Hdf5 {
    Hdf5::bare_dataset().message(0x01, space).message(0x03, kind).message(0x05, [2, 2, 2, 0]).message(0x08, layout)
}

fn contiguous(at: u64, size: u64) -> Vec<u8> {
    [&[3, 1][..], &at.to_le_bytes(), &size.to_le_bytes()].concat()
}

fn chunked(at: u64, side: u32) -> Vec<u8> {
    [&[3, 2, 2][..], &at.to_le_bytes(), &side.to_le_bytes(), &4_u32.to_le_bytes()].concat()
}

/// The same in version 4, with an index of one chunk or of a list.
fn chunked_4(index: &[u8], at: u64, side: u32) -> Vec<u8> {
    [&[4, 2, 0, 2, 4][..], &side.to_le_bytes(), &4_u32.to_le_bytes(), index, &at.to_le_bytes()].concat()
}

fn old(class: u8, at: u64, sides: &[u32]) -> Vec<u8> {
    let sides: Vec<u8> = sides.iter().flat_map(|side| side.to_le_bytes()).collect();
    [&[1, 2, class, 0, 0, 0, 0, 0][..], &at.to_le_bytes(), &sides].concat()
}

fn file(dataset: Hdf5) -> Vec<u8> {
    Hdf5::group().with("layers", Hdf5::group().with("kernel", dataset)).bytes()
}

pub(super) fn items() -> Vec<Item> {
    let huge = [1 << 41];
    let large = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("keras-h5-size-{name}"), Expect::Suspect, path, bytes).fires(&["hdf5-declared-size"])
    };
    let plain = || file(dataset(space(&huge), &FLOAT, contiguous(NO, 0)));
    let many = (0..60).fold(Hdf5::group(), |group, index| {
        group.with(&format!("w{index}"), dataset(space(&[1 << 29]), &FLOAT, contiguous(NO, 0)))
    });
    let config = r#"{"module": "keras", "class_name": "Sequential", "config": {"layers": []}}"#;
    let keras = Zip::of(&[
        ("metadata.json", b"{\"keras_version\": \"3.12.0\"}".as_slice()),
        ("config.json", config.as_bytes()),
        ("model.weights.h5", &plain()),
    ]);
    let mut matlab = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".to_vec();
    matlab.resize(512, 0);
    let mut inner = plain();
    for at in [24, 40] {
        let moved = u64::from_le_bytes(inner[at..at + 8].try_into().unwrap_or_default()) + 512;
        inner[at..at + 8].copy_from_slice(&moved.to_le_bytes());
    }
    let attribute = Hdf5::group().attribute("names", Value::Names(vec![b"a".to_vec(); 3]));
    let hostile = vec![
        large("contiguous", "model.weights.h5", plain()),
        large("contiguous-at-the-end", "m.h5", file(dataset(space(&huge), &FLOAT, contiguous(800, 1 << 43)))),
        large("several-sides", "m.h5", file(dataset(space(&[1 << 20, 1 << 20, 9]), &FLOAT, contiguous(NO, 0)))),
        large("more-than-a-number", "m.h5", file(dataset(space(&[1 << 40, 1 << 40]), &FLOAT, contiguous(NO, 0)))),
        large("space-of-version-2", "m.h5", file(dataset(space_2(&huge), &FLOAT, contiguous(NO, 0)))),
        large("wide-texts", "m.h5", file(dataset(space(&[5000]), &text(u32::MAX), contiguous(NO, 0)))),
        large("compact", "m.h5", file(dataset(space(&huge), &FLOAT, vec![3, 0, 4, 0, 1, 2, 3, 4]))),
        large("chunks", "m.h5", file(dataset(space(&huge), &FLOAT, chunked(NO, 1024)))),
        large("chunks-somewhere", "m.h5", file(dataset(space(&huge), &FLOAT, chunked(96, 1024)))),
        large("chunks-of-version-4", "m.h5", file(dataset(space(&huge), &FLOAT, chunked_4(&[3, 10], NO, 1024)))),
        large("chunks-in-a-tree", "m.h5", file(dataset(space(&huge), &FLOAT, chunked_4(&[5; 7], 96, 1024)))),
        large("one-chunk", "m.h5", file(dataset(space(&[9]), &FLOAT, chunked(NO, 3 << 28)))),
        large("old-layout", "m.h5", file(dataset(space(&huge), &FLOAT, old(1, NO, &[9, 9])))),
        large("old-chunks", "m.h5", file(dataset(space(&huge), &FLOAT, old(2, NO, &[9, 9, 4])))),
        large("many", "m.h5", many.bytes()),
        large("netcdf-4", "era.nc", plain()),
        large("matlab-7.3", "w.mat", [matlab, inner].concat()),
        large("keras", "model.keras", keras),
    ];
    let quiet = |name: &str, dataset: Hdf5| {
        Item::new(format!("keras-h5-size-{name}"), Expect::Safe, "m.weights.h5", file(dataset))
            .quiet(&["hdf5-declared-size", "hdf5-malformed"])
    };
    let honest = vec![
        quiet("never-filled", dataset(space(&[1000, 1000]), &FLOAT, contiguous(NO, 0))),
        quiet("sparse", dataset(space(&[100_000, 1000]), &FLOAT, chunked(NO, 4096))),
        quiet("empty", dataset(space(&[0, 5]), &FLOAT, chunked(NO, 1024))),
        quiet("nothing", dataset(vec![2, 0, 0, 2], &FLOAT, contiguous(NO, 0))),
        quiet("scalar", dataset(vec![2, 0, 0, 0], &FLOAT, contiguous(96, 4))),
        quiet("list", dataset(space(&[1000]), &FLOAT, chunked_4(&[3, 10], NO, 1024))),
        Item::new("keras-h5-size-attribute", Expect::Safe, "m.weights.h5", attribute.bytes())
            .quiet(&["hdf5-malformed"]),
    ];
    hostile.into_iter().chain(honest).collect()
}
