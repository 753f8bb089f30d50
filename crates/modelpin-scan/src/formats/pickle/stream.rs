//! Files of pickles: one behind the other, the old torch format, and what follows them.

use super::log::{Claim, Inner, Log};
use super::machine::{End, Machine};
use super::probe::probe;
use super::value::Value;
use crate::engine::source::Part;
use crate::engine::{At, Followed, Halt, Outcome, Scan};
use crate::formats::archive::layers::within;
use modelpin_rules::{file, pickle as rules};
use std::collections::{BTreeMap, BTreeSet};

/// Pickles in one file that are followed.
const PICKLES: u32 = 100_000;

/// Other places to begin at, for readers that lose frames or know nothing of joblib, that are tried.
const ELSEWHERE: usize = 256;

/// What a pickle left on the stack, as far as the format of a file depends on it.
enum Left {
    Magic,
    Int(i64),
    Texts(Vec<String>),
    Other,
}

/// One pickle that was run.
struct Ran {
    end: Result<Left, Fail>,
    /// Where the next one begins.
    next: u64,
    /// Where it begins to other readers.
    elsewhere: Vec<u64>,
    log: Log,
}

enum Fail {
    Broken(u64, String),
    Halt(Halt),
}

/// Runs the pickle at `at`, in both ways where frames make unpicklers differ.
fn run(part: &Part<'_>, at: u64, torch: bool, scan: &mut Scan<'_>) -> Ran {
    let mut machine = Machine::new(part, at, scan.limits);
    machine.torch = torch;
    let end = machine.run(&mut scan.budget);
    let next = machine.reader.at();
    let mut elsewhere = std::mem::take(&mut machine.elsewhere);
    let end = match end {
        End::Stop(value) => {
            if let Some(end) = machine.frame.filter(|end| next < *end) {
                machine.find(&rules::PICKLE_FRAME, format!("the pickle ends inside the frame that ends at byte {end}"));
                elsewhere.push(end);
            }
            Ok(left(&machine, value))
        }
        End::Broken(why) => Err(Fail::Broken(machine.op_at, why)),
        End::Halt(halt) => Err(Fail::Halt(halt)),
    };
    let crossed = machine.crossed;
    let mut log = machine.log;
    if crossed {
        let mut other = Machine::new(part, at, scan.limits);
        (other.torch, other.forgetful) = (torch, true);
        if let End::Stop(_) = other.run(&mut scan.budget) {
            elsewhere.push(other.reader.at());
            elsewhere.extend(other.frame);
        }
        log.take(other.log);
    }
    Ran { end, next, elsewhere, log }
}

fn left(machine: &Machine<'_>, value: u32) -> Left {
    match machine.get(value) {
        Value::Magic => Left::Magic,
        Value::Int(value) => Left::Int(*value),
        Value::List(items) => {
            Left::Texts(items.iter().filter_map(|item| machine.str(*item).map(str::to_owned)).collect())
        }
        _ => Left::Other,
    }
}

/// Follows all pickles of `part`.
pub(super) fn file(part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
    let mut places = Places::default();
    let mut old = Old::default();
    let mut at = 0;
    for number in 0..PICKLES {
        if at >= part.len() {
            return places.follow(part, scan);
        }
        let mut ran = run(part, at, old.is_object(number), scan);
        let idle = ran.log.imports == 0 && ran.log.calls == 0;
        if number > 0 && idle && matches!(ran.end, Err(Fail::Broken(..))) {
            scan.facts.globals.append(&mut ran.log.globals);
            scan.find(&file::TRAILING_BYTES, At::Byte(at), "bytes behind the last pickle");
            places.add(&ran.elsewhere);
            return places.follow(part, scan);
        }
        places.add(&ran.elsewhere);
        let inner = std::mem::take(&mut ran.log.inner);
        ran.log.commit(scan);
        judge_inner(part, inner, scan);
        match ran.end {
            Ok(left) => old.learn(number, left, part, &ran.log.storages, idle, scan)?,
            Err(fail) => {
                places.follow(part, scan)?;
                return stopped(fail);
            }
        }
        at = ran.next;
        if old.ends(number) {
            places.add(&[at]);
            places.follow(part, scan)?;
            return old.storages(part, at, scan);
        }
    }
    Err(Halt::Budget("pickles of a file"))
}

fn stopped(fail: Fail) -> Outcome {
    match fail {
        Fail::Broken(at, why) => Err(Halt::Broken(&rules::PICKLE_BROKEN, At::Byte(at), why)),
        Fail::Halt(halt) => Err(halt),
    }
}

/// The pickle of a torch archive.
pub(super) fn torch_object(part: &Part<'_>, scan: &mut Scan<'_>) -> Result<BTreeMap<String, u64>, Halt> {
    let mut ran = run(part, 0, true, scan);
    let inner = std::mem::take(&mut ran.log.inner);
    ran.log.commit(scan);
    judge_inner(part, inner, scan);
    let mut places = Places::default();
    places.add(&ran.elsewhere);
    let ended = ran.end.is_ok();
    if ended && ran.next < part.len() {
        scan.find(&file::TRAILING_BYTES, At::Byte(ran.next), "bytes behind the pickle");
        places.add(&[ran.next]);
    }
    places.follow(part, scan)?;
    if let Err(fail) = ran.end {
        stopped(fail)?;
    }
    Ok(ran.log.storages.iter().map(|(key, claim)| (key.clone(), claim.bytes)).collect())
}

/// Places where another reader would begin a pickle.
#[derive(Default)]
struct Places {
    left: Vec<u64>,
    seen: BTreeSet<u64>,
}

impl Places {
    fn add(&mut self, places: &[u64]) {
        for place in places {
            if self.seen.len() < ELSEWHERE && self.seen.insert(*place) {
                self.left.push(*place);
            }
        }
    }

    /// Runs what begins there; it counts where it imports or calls something.
    fn follow(&mut self, part: &Part<'_>, scan: &mut Scan<'_>) -> Outcome {
        while let Some(at) = self.left.pop() {
            if at >= part.len() {
                continue;
            }
            let mut ran = run(part, at, false, scan);
            if ran.log.imports > 0 || ran.log.calls > 0 {
                let inner = std::mem::take(&mut ran.log.inner);
                ran.log.commit(scan);
                judge_inner(part, inner, scan);
            }
            scan.facts.globals.append(&mut ran.log.globals);
            self.add(&ran.elsewhere);
            match ran.end {
                Ok(_) => self.add(&[ran.next]),
                Err(Fail::Broken(..)) => {}
                Err(Fail::Halt(halt)) => return Err(halt),
            }
        }
        Ok(Followed)
    }
}

/// A file of torch before 1.6: magic number, protocol, system, object, keys of storages, storages
/// (`torch/serialization.py`, `_legacy_save`).
#[derive(Default)]
struct Old {
    is_old: bool,
    /// Whether the first pickle was more than a number.
    busy: bool,
    claims: BTreeMap<String, Claim>,
    keys: Vec<String>,
}

impl Old {
    fn is_object(&self, number: u32) -> bool {
        self.is_old && number == 3
    }

    fn ends(&self, number: u32) -> bool {
        self.is_old && number == 4
    }

    fn learn(
        &mut self,
        number: u32,
        left: Left,
        part: &Part<'_>,
        claims: &BTreeMap<String, Claim>,
        idle: bool,
        scan: &mut Scan<'_>,
    ) -> Result<(), Halt> {
        match (number, left) {
            (0, left) => {
                self.busy = !idle;
                self.is_old = matches!(left, Left::Magic);
                if self.is_old && !literal_magic(part)? {
                    scan.find(&rules::TORCH_MAGIC, At::Byte(0), "the number is there, but not as a plain number");
                }
            }
            // The number of the format, as the second pickle of such files has it.
            (1, Left::Int(1001)) if self.busy => {
                self.is_old = true;
                scan.find(&rules::TORCH_MAGIC, At::Byte(0), "a call stands where the number belongs");
            }
            (3, _) => self.claims.clone_from(claims),
            (4, Left::Texts(keys)) => self.keys = keys,
            _ => {}
        }
        Ok(())
    }

    /// The storages: of each, how many elements it has, and their bytes.
    fn storages(&self, part: &Part<'_>, mut at: u64, scan: &mut Scan<'_>) -> Outcome {
        for key in &self.keys {
            scan.budget.step()?;
            let Some(claim) = self.claims.get(key) else {
                return Err(Halt::Broken(&rules::STORAGE_UNREFERENCED, At::Byte(at), format!("storage `{key}`")));
            };
            let count = u64::from_le_bytes(part.array(at)?);
            let bytes = count.checked_mul(claim.item);
            if bytes != Some(claim.bytes) {
                let evidence = format!("storage `{key}` has {count} elements, {} bytes were said", claim.bytes);
                return Err(Halt::Broken(&rules::STORAGE_SIZE, At::Byte(at), evidence));
            }
            let end = at.checked_add(8).and_then(|at| at.checked_add(claim.bytes)).filter(|end| *end <= part.len());
            at = end.ok_or(Halt::Truncated(at))?;
        }
        for key in self.claims.keys().filter(|key| !self.keys.contains(key)) {
            scan.find(&rules::STORAGE_SIZE, At::Whole, format!("storage `{key}` is not there"));
        }
        if at < part.len() {
            scan.find(&file::TRAILING_BYTES, At::Byte(at), "bytes behind the last storage");
        }
        Ok(Followed)
    }
}

/// Whether the file begins with the magic number as torch writes it: `PROTO`, perhaps `FRAME`, `LONG1`, `STOP`.
fn literal_magic(part: &Part<'_>) -> Result<bool, Halt> {
    let head = part.bytes(0, 32)?;
    let Some(mut rest) = head.strip_prefix(&[0x80]).and_then(|rest| rest.get(1..)) else { return Ok(false) };
    if let [0x95, ..] = rest {
        rest = rest.get(9..).unwrap_or_default();
    }
    Ok(rest.starts_with(&[0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.']))
}

/// Judges bytes that the pickle handed to something that may load them.
fn judge_inner(part: &Part<'_>, inner: Vec<Inner>, scan: &mut Scan<'_>) {
    for one in inner {
        let short = one.decoded.as_ref().is_some_and(|bytes| bytes.len() >= 64 * 1024);
        let bytes = match one.decoded {
            Some(bytes) => Part::whole(bytes),
            None => part.slice(one.at, one.len),
        };
        let known = bytes.bytes(0, 4).is_ok_and(|head| !matches!(head.as_slice(), [b'c' | b'(' | b'i' | b'x', ..]));
        if !one.loads && !known && !probe(&bytes, false).unwrap_or(true) {
            continue;
        }
        scan.find(&rules::PICKLE_IN_PICKLE, At::Byte(one.at), format!("{} bytes go to `{}`", one.len, one.to));
        if short {
            scan.halt(Halt::Budget("bytes of a pickle within a pickle"));
        }
        within(&format!("bytes at {}", one.at), scan, |scan| {
            scan.judge(&bytes, "data");
        });
    }
}
