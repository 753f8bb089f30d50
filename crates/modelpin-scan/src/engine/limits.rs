//! What one file may cost, and what it has cost so far.

use super::error::ScanError;
use super::memory::MemoryPermit;
use std::cell::Cell;
use std::rc::Rc;

/// The limits of one scan. Reaching one ends the scan with a finding, never with `safe`.
///
/// There is no clock among them: a verdict is the same on a busy machine. What takes time is charged in steps, by how
/// much there is to do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Opcodes of pickles, members of tables, nodes of trees, stretches of bytes that are searched: units of work.
    pub steps: u64,
    /// Values on a pickle's stack.
    pub stack: usize,
    /// Entries of a pickle's memo.
    pub memo: usize,
    /// Values that a pickle builds from others (tuples, calls).
    pub built: usize,
    /// Archives within archives.
    pub depth: usize,
    /// Members of all archives together.
    pub entries: u64,
    /// Bytes inflated in all.
    pub inflated: u64,
    /// Bytes of inflated members held in memory at one time.
    pub held: u64,
    /// Bytes of a document (Python, template, list of requirements) that is read whole.
    pub document: usize,
    /// Bytes of a JSON document, which is read whole; the largest honest ones are vocabularies.
    pub json: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 50_000_000,
            stack: 1_000_000,
            memo: 1_000_000,
            built: 1_000_000,
            depth: 4,
            entries: 1_000_000,
            inflated: 2 << 30,
            held: 32 << 20,
            document: 4 << 20,
            json: 64 << 20,
        }
    }
}

/// What scanning a file has cost, checked against [`Limits`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Units of work.
    pub steps: u64,
    /// Members of archives.
    pub entries: u64,
    /// Bytes inflated.
    pub inflated: u64,
}

/// Memory set aside for inflated bytes, given back when dropped.
pub(crate) struct Lease {
    pool: Rc<Cell<u64>>,
    bytes: u64,
    turn: Option<MemoryPermit>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.set(self.pool.get().saturating_add(self.bytes));
    }
}

impl Lease {
    /// Waits for the turn to hold much.
    pub(crate) fn wait(&mut self) {
        self.turn.get_or_insert_with(|| MemoryPermit::of(usize::MAX));
    }

    /// Gives back what was not needed.
    pub(crate) fn shrink(&mut self, bytes: u64) {
        let spare = self.bytes.saturating_sub(bytes);
        self.pool.set(self.pool.get().saturating_add(spare));
        self.bytes = self.bytes.saturating_sub(spare);
    }
}

/// How many bytes are searched for one step.
const STRETCH: u64 = 32;

/// The steps that listing a member of an archive costs: looking for where it is and what it is called.
const LISTED: u64 = 16;

/// Bytes of the names of all members together.
const NAMES: u64 = 64 << 20;

/// What is left of the [`Limits`].
pub(crate) struct Budget {
    steps: u64,
    entries: u64,
    names: u64,
    inflated: Meter,
    pool: Rc<Cell<u64>>,
}

/// Counts the bytes that come out of decompressors, wherever one is at work.
#[derive(Clone)]
pub(crate) struct Meter(Rc<Cell<u64>>);

impl Meter {
    /// Counts bytes that were decompressed.
    pub(crate) fn inflate(&self, bytes: u64) -> Result<(), ScanError> {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or(0));
        left.map(drop).ok_or(ScanError::LimitReached("decompressed bytes"))
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            steps: limits.steps,
            entries: limits.entries,
            names: NAMES,
            inflated: Meter(Rc::new(Cell::new(limits.inflated))),
            pool: Rc::new(Cell::new(limits.held)),
        }
    }

    /// What has been used of `limits`, which this budget was made from.
    pub(crate) fn spent(&self, limits: &Limits) -> Usage {
        Usage {
            steps: limits.steps.saturating_sub(self.steps),
            entries: limits.entries.saturating_sub(self.entries),
            inflated: limits.inflated.saturating_sub(self.inflated.0.get()),
        }
    }

    /// Charges one unit of work.
    pub(crate) fn step(&mut self) -> Result<(), ScanError> {
        self.steps(1)
    }

    /// Charges `count` units of work.
    pub(crate) fn steps(&mut self, count: u64) -> Result<(), ScanError> {
        // What does not suffice is used up: nothing that is cheaper gets through afterwards.
        let left = self.steps.checked_sub(count);
        self.steps = left.unwrap_or(0);
        left.map(drop).ok_or(ScanError::LimitReached("steps"))
    }

    /// Charges the work of searching `bytes` bytes.
    pub(crate) fn charge_bytes(&mut self, bytes: usize) -> Result<(), ScanError> {
        self.steps((bytes as u64).div_ceil(STRETCH))
    }

    /// Charges one member of an archive.
    pub(crate) fn entry(&mut self) -> Result<(), ScanError> {
        self.entries = self.entries.checked_sub(1).ok_or(ScanError::LimitReached("archive members"))?;
        self.steps(LISTED)
    }

    /// The names of a member of an archive, which are held while the archive is scanned.
    pub(crate) fn name(&mut self, bytes: usize) -> Result<(), ScanError> {
        let left = self.names.checked_sub(bytes as u64);
        self.names = left.unwrap_or(0);
        left.map(drop).ok_or(ScanError::LimitReached("names of archive members"))
    }

    /// Counts bytes that were decompressed.
    pub(crate) fn inflate(&mut self, bytes: u64) -> Result<(), ScanError> {
        self.inflated.inflate(bytes)
    }

    /// What counts inflated bytes.
    pub(crate) fn meter(&self) -> Meter {
        self.inflated.clone()
    }

    /// All the memory that is left for inflated bytes.
    pub(crate) fn lease(&self) -> Lease {
        Lease { bytes: self.pool.replace(0), pool: Rc::clone(&self.pool), turn: None }
    }
}

impl Lease {
    /// How much was set aside.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}
