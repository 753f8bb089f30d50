//! A checkpoint of more than four gigabytes, most of it a hole, is converted in small steps.

use crate::build::{Tensor, dict, old};
use crate::plan;
use modelpin_scan::Source;
use std::cell::Cell;
use std::io;

/// Elements of a tensor, and how many tensors there are: 4.5 GiB.
const FLOATS: i32 = 384 << 20;
const BYTES: u64 = 1536 << 20;
const TENSORS: u64 = 3;

/// An old file whose storages are holes but for their count: `counts` and bytes, one after another.
struct Holes {
    head: Vec<u8>,
    largest: Cell<usize>,
    reads: Cell<u64>,
}

impl Source for Holes {
    fn size(&self) -> u64 {
        self.head.len() as u64 + TENSORS * (8 + BYTES)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.largest.set(self.largest.get().max(into.len()));
        self.reads.set(self.reads.get() + 1);
        let count = usize::try_from(self.size().saturating_sub(at)).unwrap().min(into.len());
        let into = &mut into[..count];
        into.fill(0);
        let head = self.head.len() as u64;
        let counts = (0..TENSORS).map(|n| (head + n * (8 + BYTES), (FLOATS as u64).to_le_bytes()));
        let counts: Vec<(u64, [u8; 8])> = counts.collect();
        let parts = std::iter::once((0, &self.head[..])).chain(counts.iter().map(|(at, count)| (*at, &count[..])));
        for (start, bytes) in parts {
            let (from, to) = (start.max(at), (start + bytes.len() as u64).min(at + count as u64));
            if from < to {
                let piece = &bytes[(from - start) as usize..(to - start) as usize];
                into[(from - at) as usize..][..piece.len()].copy_from_slice(piece);
            }
        }
        Ok(count)
    }
}

/// Counts what it gets.
struct Counted(u64, usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        self.1 = self.1.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn four_gigabytes_in_steps_of_one_megabyte() {
    let tensors = ["0", "1", "2"].map(|key| (key, Tensor::new(key, &[FLOATS]).opcodes()));
    let mut head = old(&dict(&tensors), &["0", "1", "2"].map(|key| (key, 4, &b""[..])));
    head.truncate(head.len() - 3 * 8);
    let source = Holes { head, largest: Cell::new(0), reads: Cell::new(0) };
    let plan = plan(&source).unwrap();
    assert!(source.reads.get() < 100, "{} reads before anything is written", source.reads.get());
    let mut sink = Counted(0, 0);
    plan.write(&mut sink).unwrap();
    assert_eq!(sink.0, plan.size());
    assert!(plan.size() > TENSORS * BYTES && plan.size() < TENSORS * BYTES + 1000);
    assert!(source.largest.get() <= 1 << 20, "{} bytes are read at once", source.largest.get());
    assert!(sink.1 <= 1 << 20, "{} bytes are written at once", sink.1);
}
