//! Files of pickles: one after another, the old torch format, and what follows them.

use super::log::{Claim, EmbeddedBytes, Log};
use super::machine::{End, Machine};
use super::probe::probe;
use super::value::Value;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::archive::layers::within;
use modelpin_rules::{file, pickle as rules};
use std::collections::{BTreeMap, BTreeSet};

/// Pickles in one file that are followed.
const PICKLES: u32 = 100_000;

/// Other places to begin at, for readers that lose frames or know nothing of joblib, that are tried.
const MAX_ALTERNATIVE_STARTS: usize = 256;

/// What a pickle left on the stack, as far as the format of a file depends on it.
enum StackTop {
    Magic,
    Int(i64),
    Texts(Vec<String>),
    Other,
}

/// One pickle that was run.
struct RunResult {
    end: Result<StackTop, Fail>,
    /// Where the next one begins.
    next: u64,
    /// Where it begins to other readers.
    alternative_starts: Vec<u64>,
    log: Log,
}

enum Fail {
    Broken(u64, String),
    Error(ScanError),
}

/// Runs the pickle at `at`, in both ways where frames make unpicklers differ.
fn run(part: &ByteRange<'_>, at: u64, torch: bool, scan: &mut Scan<'_>) -> RunResult {
    let mut machine = Machine::new(part, at, scan.limits);
    machine.torch = torch;
    let end = machine.run(&mut scan.budget);
    let next = machine.reader.at();
    let mut alternative_starts = std::mem::take(&mut machine.alternative_starts);
    let end = match end {
        End::Stop(value) => {
            if let Some(end) = machine.frame.filter(|end| next < *end) {
                machine
                    .report(&rules::PICKLE_FRAME, format!("the pickle ends inside the frame that ends at byte {end}"));
                alternative_starts.push(end);
            }
            Ok(stack_top(&machine, value))
        }
        End::Broken(why) => Err(Fail::Broken(machine.op_at, why)),
        End::Error(error) => Err(Fail::Error(error)),
    };
    let crossed = machine.crossed;
    let mut log = machine.log;
    if crossed {
        let mut other = Machine::new(part, at, scan.limits);
        (other.torch, other.forgetful) = (torch, true);
        if let End::Stop(_) = other.run(&mut scan.budget) {
            alternative_starts.push(other.reader.at());
            alternative_starts.extend(other.frame);
        }
        log.take(other.log);
    }
    RunResult { end, next, alternative_starts, log }
}

fn stack_top(machine: &Machine<'_>, value: u32) -> StackTop {
    match machine.get(value) {
        Value::Magic => StackTop::Magic,
        Value::Int(value) => StackTop::Int(*value),
        Value::List(items) => {
            StackTop::Texts(items.iter().filter_map(|item| machine.str(*item).map(str::to_owned)).collect())
        }
        _ => StackTop::Other,
    }
}

/// Follows all pickles of `part`.
pub(super) fn file(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut places = Places::default();
    let mut legacy = LegacyTorch::default();
    let mut at = 0;
    for number in 0..PICKLES {
        if at >= part.len() {
            return places.follow(part, scan);
        }
        let mut run_result = run(part, at, legacy.is_object(number), scan);
        let idle = run_result.log.imports == 0 && run_result.log.calls == 0;
        if number > 0 && idle && matches!(run_result.end, Err(Fail::Broken(..))) {
            scan.facts.globals.append(&mut run_result.log.globals);
            scan.report(&file::TRAILING_BYTES, Location::Byte(at), "bytes after the last pickle");
            places.add(&run_result.alternative_starts);
            return places.follow(part, scan);
        }
        places.add(&run_result.alternative_starts);
        let embedded = std::mem::take(&mut run_result.log.embedded);
        run_result.log.commit(scan);
        scan_embedded(part, embedded, scan);
        match run_result.end {
            Ok(stack_top) => legacy.learn(number, stack_top, part, &run_result.log.storages, idle, scan)?,
            Err(fail) => {
                places.follow(part, scan)?;
                return stopped(fail);
            }
        }
        at = run_result.next;
        if legacy.ends(number) {
            places.add(&[at]);
            places.follow(part, scan)?;
            return legacy.storages(part, at, scan);
        }
    }
    Err(ScanError::LimitReached("pickles of a file"))
}

fn stopped(fail: Fail) -> ScanResult {
    match fail {
        Fail::Broken(at, why) => Err(ScanError::Malformed(&rules::PICKLE_BROKEN, Location::Byte(at), why)),
        Fail::Error(error) => Err(error),
    }
}

/// The pickle of a torch archive.
pub(super) fn torch_object(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<BTreeMap<String, u64>, ScanError> {
    let mut run_result = run(part, 0, true, scan);
    let embedded = std::mem::take(&mut run_result.log.embedded);
    run_result.log.commit(scan);
    scan_embedded(part, embedded, scan);
    let mut places = Places::default();
    places.add(&run_result.alternative_starts);
    let ended = run_result.end.is_ok();
    if ended && run_result.next < part.len() {
        scan.report(&file::TRAILING_BYTES, Location::Byte(run_result.next), "bytes after the pickle");
        places.add(&[run_result.next]);
    }
    places.follow(part, scan)?;
    if let Err(fail) = run_result.end {
        stopped(fail)?;
    }
    Ok(run_result.log.storages.iter().map(|(key, claim)| (key.clone(), claim.bytes)).collect())
}

/// Places where another reader would begin a pickle.
#[derive(Default)]
struct Places {
    pending: Vec<u64>,
    seen: BTreeSet<u64>,
}

impl Places {
    fn add(&mut self, places: &[u64]) {
        for place in places {
            if self.seen.len() < MAX_ALTERNATIVE_STARTS && self.seen.insert(*place) {
                self.pending.push(*place);
            }
        }
    }

    /// Runs what begins there; it counts where it imports or calls something.
    fn follow(&mut self, part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
        while let Some(at) = self.pending.pop() {
            if at >= part.len() {
                continue;
            }
            let mut run_result = run(part, at, false, scan);
            if run_result.log.imports > 0 || run_result.log.calls > 0 {
                let embedded = std::mem::take(&mut run_result.log.embedded);
                run_result.log.commit(scan);
                scan_embedded(part, embedded, scan);
            }
            scan.facts.globals.append(&mut run_result.log.globals);
            self.add(&run_result.alternative_starts);
            match run_result.end {
                Ok(_) => self.add(&[run_result.next]),
                Err(Fail::Broken(..)) => {}
                Err(Fail::Error(error)) => return Err(error),
            }
        }
        Ok(FullyCovered)
    }
}

/// A file of torch before 1.6: magic number, protocol, system, object, keys of storages, storages
/// (`torch/serialization.py`, `_legacy_save`).
#[derive(Default)]
struct LegacyTorch {
    is_legacy: bool,
    /// Whether the first pickle was more than a number.
    has_work: bool,
    claims: BTreeMap<String, Claim>,
    keys: Vec<String>,
}

impl LegacyTorch {
    fn is_object(&self, number: u32) -> bool {
        self.is_legacy && number == 3
    }

    fn ends(&self, number: u32) -> bool {
        self.is_legacy && number == 4
    }

    fn learn(
        &mut self,
        number: u32,
        stack_top: StackTop,
        part: &ByteRange<'_>,
        claims: &BTreeMap<String, Claim>,
        idle: bool,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        match (number, stack_top) {
            (0, stack_top) => {
                self.has_work = !idle;
                self.is_legacy = matches!(stack_top, StackTop::Magic);
                if self.is_legacy && !literal_magic(part)? {
                    scan.report(&rules::TORCH_MAGIC, Location::Byte(0), "the magic number is not a plain integer");
                }
            }
            // The number of the format, as the second pickle of such files has it.
            (1, StackTop::Int(1001)) if self.has_work => {
                self.is_legacy = true;
                scan.report(&rules::TORCH_MAGIC, Location::Byte(0), "a call stands in place of the magic number");
            }
            (3, _) => self.claims.clone_from(claims),
            (4, StackTop::Texts(keys)) => self.keys = keys,
            _ => {}
        }
        Ok(())
    }

    /// The storages: of each, how many elements it has, and their bytes.
    fn storages(&self, part: &ByteRange<'_>, mut at: u64, scan: &mut Scan<'_>) -> ScanResult {
        for key in &self.keys {
            scan.budget.step()?;
            let Some(claim) = self.claims.get(key) else {
                return Err(ScanError::Malformed(
                    &rules::STORAGE_UNREFERENCED,
                    Location::Byte(at),
                    format!("storage `{key}`"),
                ));
            };
            let count = u64::from_le_bytes(part.array(at)?);
            let bytes = count.checked_mul(claim.item);
            if bytes != Some(claim.bytes) {
                let evidence = format!("storage `{key}` has {count} elements, but {} bytes are declared", claim.bytes);
                return Err(ScanError::Malformed(&rules::STORAGE_SIZE, Location::Byte(at), evidence));
            }
            let end = at.checked_add(8).and_then(|at| at.checked_add(claim.bytes)).filter(|end| *end <= part.len());
            at = end.ok_or(ScanError::Truncated(at))?;
        }
        for key in self.claims.keys().filter(|key| !self.keys.contains(key)) {
            scan.report(&rules::STORAGE_SIZE, Location::Whole, format!("storage `{key}` is missing"));
        }
        if at < part.len() {
            scan.report(&file::TRAILING_BYTES, Location::Byte(at), "bytes after the last storage");
        }
        Ok(FullyCovered)
    }
}

/// Whether the file begins with the magic number as torch writes it: `PROTO`, perhaps `FRAME`, `LONG1`, `STOP`.
fn literal_magic(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    let head = part.bytes(0, 32)?;
    let Some(mut rest) = head.strip_prefix(&[0x80]).and_then(|rest| rest.get(1..)) else { return Ok(false) };
    if let [0x95, ..] = rest {
        rest = rest.get(9..).unwrap_or_default();
    }
    Ok(rest.starts_with(&[0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.']))
}

/// Scans bytes that the pickle passed to something that may load them.
fn scan_embedded(part: &ByteRange<'_>, embedded: Vec<EmbeddedBytes>, scan: &mut Scan<'_>) {
    for one in embedded {
        let short = one.decoded.as_ref().is_some_and(|bytes| bytes.len() >= 64 * 1024);
        let bytes = match one.decoded {
            Some(bytes) => ByteRange::whole(bytes),
            None => part.slice(one.at, one.len),
        };
        let known = bytes.bytes(0, 4).is_ok_and(|head| !matches!(head.as_slice(), [b'c' | b'(' | b'i' | b'x', ..]));
        if !one.loads && !known && !probe(&bytes, false).unwrap_or(true) {
            continue;
        }
        scan.report(
            &rules::PICKLE_IN_PICKLE,
            Location::Byte(one.at),
            format!("{} bytes are passed to `{}`", one.len, one.to),
        );
        if short {
            scan.record_error(ScanError::LimitReached("bytes of a pickle within a pickle"));
        }
        within(&format!("bytes at {}", one.at), scan, |scan| {
            scan.scan_content(&bytes, "data");
        });
    }
}
