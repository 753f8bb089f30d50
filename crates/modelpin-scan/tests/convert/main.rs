//! Checkpoints of torch become safetensors: bit for bit what was worked out by hand, and nothing else does.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

mod build;
mod corpus;
mod index;
mod large;
mod names;
mod refused;
mod strides;
mod written;

use modelpin_scan::convert::{Conversion, ConvertError, convert};
use modelpin_scan::{Limits, Source, Verdict, scan};

/// The plan for a checkpoint under its usual name.
fn plan<S: Source + ?Sized>(source: &S) -> Result<Conversion<'_>, ConvertError> {
    convert(source, "pytorch_model.bin", &Limits::default())
}

/// What a checkpoint becomes. Whatever that is, it has the announced size, is safe, and is the same the next time.
#[track_caller]
fn converted(bytes: &[u8]) -> Vec<u8> {
    let plan = plan(bytes).unwrap_or_else(|refused| panic!("{refused}"));
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    plan.write(&mut once).unwrap();
    plan.write(&mut twice).unwrap();
    assert_eq!(once.len() as u64, plan.size());
    assert_eq!(once, twice);
    let report = scan(&once, "model.safetensors", &Limits::default());
    assert_eq!(report.verdict(), Verdict::Safe, "{:?}", report.findings);
    assert_eq!(report.facts.tensors.len() as u64, plan.tensors());
    once
}

/// A safetensors file with this header, padded, and this data.
fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{header:<0$}", header.len().next_multiple_of(8));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}
