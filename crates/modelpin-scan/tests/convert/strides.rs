//! Tensors whose elements are not contiguous, checked against the formula of strides.

use crate::build::{Tensor, big, bytes, dict, old, zip};
use crate::{converted, safetensors};
use proptest::prelude::*;

/// The elements of a tensor, by the formula: offset plus the sum of index times stride.
fn gathered(storage: &[u8], item: usize, offset: i32, size: &[i32], stride: &[i32]) -> Vec<u8> {
    let mut elements = Vec::new();
    let count: i32 = size.iter().product();
    for number in 0..count {
        let mut rest = number;
        let place = size.iter().zip(stride).rev().fold(offset, |place, (side, step)| {
            let index = rest % side;
            rest /= side;
            place + index * step
        });
        elements.extend(&storage[place as usize * item..][..item]);
    }
    elements
}

fn file_of(data: &[u8], shape: &[i32]) -> Vec<u8> {
    let entry = format!(r#""w":{{"dtype":"F32","shape":{shape:?},"data_offsets":[0,{}]}}"#, data.len());
    safetensors(&format!(r#"{{"__metadata__":{{"format":"pt"}},{entry}}}"#).replace(", ", ","), data)
}

/// A storage, and an object with one tensor in it.
fn one(count: i32, offset: i32, size: &[i32], stride: &[i32]) -> (Vec<u8>, Vec<u8>) {
    let tensor = Tensor::new("0", size).stride(stride).within(count, offset);
    (bytes(count as usize * 4), dict(&[("w", tensor.opcodes())]))
}

fn check(count: i32, offset: i32, size: &[i32], stride: &[i32]) {
    let (storage, object) = one(count, offset, size, stride);
    let expected = file_of(&gathered(&storage, 4, offset, size, stride), size);
    assert!(converted(&zip(&object, &[("0", &storage)])) == expected, "{offset} {size:?} {stride:?}");
    assert!(converted(&old(&object, &[("0", 4, &storage)])) == expected, "{offset} {size:?} {stride:?}");
    let turned: Vec<u8> = storage.chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
    assert!(converted(&big(&object, &[("0", &turned)])) == expected, "{offset} {size:?} {stride:?}");
}

#[test]
fn views_of_every_kind() {
    check(6, 0, &[3, 2], &[1, 3]); // transposed
    check(24, 0, &[4, 2, 3], &[1, 12, 4]); // permuted
    check(1, 0, &[5, 4], &[0, 0]); // expanded from one
    check(3, 0, &[4, 3], &[0, 1]); // rows repeated
    check(3, 0, &[3, 4], &[1, 0]); // columns repeated
    check(6, 0, &[2, 4, 3], &[3, 0, 1]); // in the middle
    check(6, 0, &[2, 2, 3, 2], &[0, 3, 1, 0]); // outside and inside
    check(20, 3, &[4], &[5]); // every fifth
    check(20, 1, &[3, 2], &[6, 2]); // steps in both
    check(8, 0, &[4, 4], &[1, 1]); // windows that overlap
    check(12, 2, &[1, 3, 1, 2], &[999, 4, 77, 1]); // sides of one, whose strides mean nothing
    check(25, 4, &[2, 3], &[12, 4]); // a column
    check(4096, 0, &[4], &[1023]); // far apart
}

/// More than fits in memory at once, so that blocks are cut along a side.
#[test]
fn large_transposed_tensors() {
    for (count, offset, size, stride) in [
        (1601 * 1500, 0, &[1601, 1500][..], &[1, 1601][..]),
        (900 * 3 * 800, 0, &[3, 800, 900], &[800, 1, 2400]),
        (800 * 3, 0, &[800, 1000, 3], &[3, 0, 1]),
        (3_000_000, 1, &[2, 1_200_000], &[1, 2]),
    ] {
        let (storage, object) = one(count, offset, size, stride);
        let expected = file_of(&gathered(&storage, 4, offset, size, stride), size);
        assert!(converted(&zip(&object, &[("0", &storage)])) == expected, "{offset} {size:?} {stride:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_strides(sides in prop::collection::vec((1..5_i32, 0..40_i32), 0..5), offset in 0..20_i32) {
        let (size, stride): (Vec<i32>, Vec<i32>) = sides.into_iter().unzip();
        let last: i32 = size.iter().zip(&stride).map(|(side, step)| (side - 1) * step).sum();
        check(offset + last + 1, offset, &size, &stride);
    }
}
