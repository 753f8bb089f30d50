//! Files that convert, against results that were written by hand.

use crate::build::{Tensor, big, bytes, deflated, dict, object, old, zip};
use crate::{converted, plan, safetensors};
use modelpin_scan::convert::WriteError;
use modelpin_scan::{Limits, Source, convert};
use modelpin_testkit::corpus::build::{Member, deflate, torch_zip};
use std::io;

/// Two tensors of floats, and their storages.
fn two() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let object = dict(&[("w", Tensor::new("0", &[2, 3]).opcodes()), ("b", Tensor::new("1", &[3]).opcodes())]);
    (object, bytes(24), bytes(12))
}

const TWO: &str = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[12,36]}}"#;

#[test]
fn an_archive_bit_for_bit() {
    let (object, w, b) = two();
    let expected = safetensors(TWO, &[&b[..], &w].concat());
    assert_eq!(converted(&zip(&object, &[("0", &w), ("1", &b)])), expected);
    assert_eq!(converted(&deflated(&object, &[("0", &w), ("1", &b)])), expected);
}

#[test]
fn a_legacy_file_bit_for_bit() {
    let (object, w, b) = two();
    let expected = safetensors(TWO, &[&b[..], &w].concat());
    assert_eq!(converted(&old(&object, &[("0", 4, &w), ("1", 4, &b)])), expected);
    assert_eq!(converted(&old(&object, &[("1", 4, &b), ("0", 4, &w)])), expected);
    let of = |key, size: &[i32]| Tensor { view: b"N".to_vec(), ..Tensor::new(key, size) }.opcodes();
    let object = dict(&[("w", of("0", &[2, 3])), ("b", of("1", &[3]))]);
    assert_eq!(converted(&old(&object, &[("0", 4, &w), ("1", 4, &b)])), expected);
}

/// An old file names a view of a storage as a storage of its own.
#[test]
fn a_legacy_file_with_a_view() {
    let view = [b"(X\x01\0\0\0vK\x02K\x04t".as_slice()].concat();
    let object = dict(&[("w", Tensor { view, ..Tensor::new("0", &[3]).within(8, 1) }.opcodes())]);
    let expected = safetensors(
        r#"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
        &bytes(32)[12..24],
    );
    assert_eq!(converted(&old(&object, &[("0", 4, &bytes(32))])), expected);
}

/// Class or dtype of torch, the name in safetensors, bytes of an element, bytes of a word.
const CLASSES: [(&str, &str, usize, usize); 11] = [
    ("DoubleStorage", "F64", 8, 8),
    ("FloatStorage", "F32", 4, 4),
    ("HalfStorage", "F16", 2, 2),
    ("BFloat16Storage", "BF16", 2, 2),
    ("LongStorage", "I64", 8, 8),
    ("IntStorage", "I32", 4, 4),
    ("ShortStorage", "I16", 2, 2),
    ("CharStorage", "I8", 1, 1),
    ("ByteStorage", "U8", 1, 1),
    ("BoolStorage", "BOOL", 1, 1),
    ("ComplexFloatStorage", "C64", 8, 4),
];

fn one(dtype: &str, data: &[u8], count: usize) -> Vec<u8> {
    let shape = format!(r#""w":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":[0,{}]}}"#, data.len());
    safetensors(&format!(r#"{{"__metadata__":{{"format":"pt"}},{shape}}}"#), data)
}

#[test]
fn every_class_of_storages() {
    for (class, dtype, item, word) in CLASSES {
        let data = if dtype == "BOOL" { vec![0, 1, 1] } else { bytes(3 * item) };
        let object = dict(&[("w", Tensor::new("0", &[3]).class(class).opcodes())]);
        assert_eq!(converted(&zip(&object, &[("0", &data)])), one(dtype, &data, 3), "{class}");
        assert_eq!(converted(&old(&object, &[("0", item, &data)])), one(dtype, &data, 3), "{class}");
        let turned: Vec<u8> = data.chunks(word).flat_map(|word| word.iter().rev().copied()).collect();
        assert_eq!(converted(&big(&object, &[("0", &turned)])), one(dtype, &data, 3), "{class}");
    }
}

#[test]
fn every_dtype_that_has_no_class() {
    for (name, dtype, item) in [
        ("uint16", "U16", 2),
        ("uint32", "U32", 4),
        ("uint64", "U64", 8),
        ("float8_e4m3fn", "F8_E4M3", 1),
        ("float8_e5m2", "F8_E5M2", 1),
        ("float8_e4m3fnuz", "F8_E4M3FNUZ", 1),
        ("float8_e5m2fnuz", "F8_E5M2FNUZ", 1),
        ("float8_e8m0fnu", "F8_E8M0", 1),
        ("float64", "F64", 8),
        ("float32", "F32", 4),
        ("float16", "F16", 2),
        ("bfloat16", "BF16", 2),
        ("int64", "I64", 8),
        ("int32", "I32", 4),
        ("int16", "I16", 2),
        ("int8", "I8", 1),
        ("uint8", "U8", 1),
        ("complex64", "C64", 8),
    ] {
        let data = bytes(6 * item);
        let tensor = Tensor { dtype: Some(name), module: "torch.storage", ..Tensor::new("0", &[3]) };
        let tensor = tensor.class("UntypedStorage").within(6 * item as i32, 2);
        let file = zip(&dict(&[("w", tensor.opcodes())]), &[("0", &data)]);
        assert_eq!(converted(&file), one(dtype, &data[2 * item..5 * item], 3), "{name}");
    }
}

/// The order is that of the format's library: by type, the widest first, then by name.
#[test]
fn tensors_are_in_the_order_of_the_safetensors_library() {
    let names = ["I64", "F64", "C64", "F32", "I32", "BF16", "F16", "I16", "I8", "U8", "BOOL"];
    let tensors: Vec<(&str, Vec<u8>)> = CLASSES
        .iter()
        .map(|(class, dtype, ..)| (*dtype, Tensor { key: dtype, ..Tensor::new("", &[1]) }.class(class).opcodes()))
        .collect();
    let data: Vec<(&str, Vec<u8>)> = CLASSES.iter().map(|(_, dtype, item, _)| (*dtype, vec![1; *item])).collect();
    let data: Vec<(&str, &[u8])> = data.iter().map(|(key, data)| (*key, &data[..])).collect();
    let result = converted(&zip(&dict(&tensors), &data));
    let text = String::from_utf8_lossy(&result);
    let places: Vec<usize> = names.iter().map(|name| text.find(&format!("\"{name}\":{{")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn tensors_without_elements_or_dimensions() {
    let empty = Tensor::new("1", &[0, 3]);
    let object = dict(&[("e", empty.opcodes()), ("s", Tensor::new("0", &[]).opcodes())]);
    let expected = r#"{"__metadata__":{"format":"pt"},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
    assert_eq!(converted(&zip(&object, &[("0", &[1, 2, 3, 4]), ("1", b"")])), safetensors(expected, &[1, 2, 3, 4]));
}

/// Takes so many bytes and no more.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.0);
        self.0 -= count;
        if count == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_output_ends_writing() {
    let (object, w, b) = two();
    let file = zip(&object, &[("0", &w), ("1", &b)]);
    let plan = plan(&file).unwrap();
    for room in 0..plan.size() as usize {
        let broke = plan.write(&mut Full(room)).unwrap_err();
        assert!(
            matches!(&broke, WriteError::Output(error) if error.kind() == io::ErrorKind::StorageFull),
            "{room}: {broke}"
        );
    }
    plan.write(&mut Full(plan.size() as usize)).unwrap();
}

/// A file that is cut after it was inspected, or cannot be read any more.
struct Cut<'c>(&'c [u8], std::cell::Cell<Option<u64>>);

impl Source for Cut<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        match self.1.get() {
            None => self.0.read_at(at, into),
            Some(0) => Err(io::Error::other("the disk is gone")),
            Some(end) => self.0[..end as usize].read_at(at, into),
        }
    }
}

#[test]
fn a_truncated_source_ends_writing() {
    let transposed = Tensor::new("0", &[3, 2]).stride(&[1, 3]).opcodes();
    for object in [two().0, dict(&[("w", transposed), ("b", Tensor::new("1", &[3]).opcodes())])] {
        let (w, b) = (bytes(24), bytes(12));
        for file in [zip(&object, &[("0", &w), ("1", &b)]), old(&object, &[("0", 4, &w), ("1", 4, &b)])] {
            let source = Cut(&file, None.into());
            let plan = plan(&source).unwrap();
            let middle = file.windows(24).position(|window| window == w).unwrap() + 10;
            for (end, said) in [(middle, "its storage ends early"), (0, "the disk is gone")] {
                source.1.set(Some(end as u64));
                let broke = plan.write(&mut Vec::new()).unwrap_err();
                assert!(matches!(&broke, WriteError::Source(why) if why.contains(said)), "{broke}");
            }
        }
    }
}

/// Of a deflated storage everything is read, so that its length and its checksum are known.
#[test]
fn a_damaged_compressed_storage_ends_writing() {
    let part = Tensor::new("0", &[100]).within(1000, 300).opcodes();
    let broke = |change: &dyn Fn(&mut Member)| {
        let mut storage = Member::deflated("archive/data/0", &bytes(4000));
        change(&mut storage);
        let file = torch_zip(&object(&dict(&[("w", part.clone())])), &[]).with(storage).bytes();
        let plan = plan(&file).map_err(|refused| refused.to_string())?;
        plan.write(&mut Vec::new()).map_err(|broke| broke.to_string())
    };
    let said = |why: &str| Err(format!("the checkpoint could not be read: tensor `w`: its storage {why}"));
    assert_eq!(broke(&|_| {}), Ok(()));
    let wrong = said("does not match its checksum");
    assert_eq!(broke(&|storage| storage.crc ^= 1), wrong);
    // The end of the result is inspected before it is written, and so what does not inflate is seen.
    let unreadable = Err("the scan did not find the result safe: it is review: unreadable".to_owned());
    assert_eq!(broke(&|storage| storage.stored[0] = 7), unreadable);
    let short = deflate(&bytes(1500));
    assert_eq!(broke(&|storage| storage.stored.clone_from(&short)), unreadable);
    let short = deflate(&bytes(3996));
    assert_eq!(broke(&|storage| storage.stored.clone_from(&short)), said("ends early"));
    let long = deflate(&bytes(4001));
    let more = said("is longer than declared");
    assert_eq!(broke(&|storage| storage.stored.clone_from(&long)), more);
}

#[test]
fn booleans_have_to_be_0_or_1() {
    let object = dict(&[("w", Tensor::new("0", &[3]).class("BoolStorage").opcodes())]);
    let file = zip(&object, &[("0", &[0, 1, 2])]);
    let broke = plan(&file).unwrap().write(&mut Vec::new()).unwrap_err();
    let said = "the checkpoint could not be read: tensor `w`: a boolean is neither 0 nor 1";
    assert_eq!(broke.to_string(), said);
}

#[test]
fn limits_are_kept() {
    let (object, w, b) = two();
    let file = zip(&object, &[("0", &w), ("1", &b)]);
    for steps in [0, 10, 60] {
        let limits = Limits { steps, ..Limits::default() };
        assert!(convert::convert(&file, "model.bin", &limits).is_err(), "{steps}");
    }
}
