//! Measurements and scenes, and texts and pickles that begin like them.

use crate::corpus::{Expect, Item};

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn idx() -> Vec<u8> {
    let sides = [2_u32, 3, 3].map(u32::to_be_bytes).concat();
    [b"\0\0\x08\x03".to_vec(), sides, vec![7; 18]].concat()
}

fn nifti() -> Vec<u8> {
    let mut file = 348_u32.to_le_bytes().to_vec();
    file.resize(344, 0);
    [&file[..], b"n+1\0\0\0\0\0", &[5; 64]].concat()
}

fn dicom() -> Vec<u8> {
    [&[0; 128][..], b"DICM\x02\0\0\0UL\x04\0\x04\0\0\0", &[9; 64]].concat()
}

fn ply(data: &[u8]) -> Vec<u8> {
    let head = "ply\nformat binary_little_endian 1.0\ncomment x\nelement vertex 2\nproperty float x\nend_header\n";
    [head.as_bytes(), data].concat()
}

fn las() -> Vec<u8> {
    let mut file = b"LASF".to_vec();
    file.resize(227, 0);
    file[24..26].copy_from_slice(&[1, 2]);
    file[94..96].copy_from_slice(&227_u16.to_le_bytes());
    file[96..100].copy_from_slice(&227_u32.to_le_bytes());
    [file, vec![3; 60]].concat()
}

fn imatrix() -> Vec<u8> {
    let name = b"blk.0.attn_q.weight";
    [words(&[1, name.len() as u32]), name.to_vec(), words(&[5, 4]), vec![0x3f; 16], words(&[5])].concat()
}

fn matlab_4() -> Vec<u8> {
    let array = [words(&[0, 2, 3, 0, 2]), b"x\0".to_vec(), vec![0; 48]].concat();
    [array.clone(), array].concat()
}

pub(super) fn items() -> Vec<Item> {
    let whole = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("tensor-science-{name}"), Expect::Safe, path, bytes).quiet(&["unknown-format"])
    };
    let front = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("tensor-science-{name}"), Expect::Review, path, bytes)
            .fires(&["unchecked-format"])
            .quiet(&["unknown-format"])
    };
    let exr = [b"\x76\x2f\x31\x01\x02\0\0\0channels\0chlist\0".as_slice(), &[0; 80]].concat();
    vec![
        whole("idx", "train-images-idx3-ubyte", idx()),
        whole("matlab-4", "data.mat", matlab_4()),
        front("nifti", "brain.nii", nifti()),
        front("dicom", "scan.dcm", dicom()),
        front("ply", "points.ply", ply(&[0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])),
        front("exr", "depth.exr", exr),
        front("las", "points.las", las()),
        front("imatrix", "imatrix.dat", imatrix()),
        Item::new(
            "tensor-science-idx-cut",
            Expect::Suspect,
            "train-labels-idx1-ubyte",
            [b"\0\0\x08\x01\0\0\xff\xff".as_slice(), &[0xfe; 80]].concat(),
        )
        .fires(&["unknown-format"]),
        Item::new("tensor-science-short-config", Expect::Suspect, "config.json", wide("{\"_target_\":\"os.system\"}"))
            .quiet(&["unchecked-format"]),
    ]
}

/// UTF-16 without a mark, as Python's reader of JSON takes it.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
