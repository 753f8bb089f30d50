//! What the scanner reads: blocks that came, within bounds on what is asked for.

use super::{NoPart, Parts};
use modelpin_scan::{NotRead, Source};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

/// The least that is asked for, and what everything is asked for in multiples of, in bytes: the local headers of an
/// archive are far apart, and each takes a request of its own.
const BLOCK: u64 = 4 << 10;

/// The most blocks of one request: 1 MiB. Whoever reads on gets twice as many each time.
const MOST_AT_ONCE: u64 = 256;

/// The most blocks that are kept: 8 MiB.
const KEPT: usize = 2048;

/// Blocks between two announced places that are asked for with them, since that is cheaper than a request.
const BETWEEN: u64 = 2;

/// Announced places that are read even where there are too many for all of them.
const FIRST: usize = 4;

/// What may be asked for of one file, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Bytes of the first request, where more of the file is asked for than its front.
    pub(crate) head: u64,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Requests.
    pub(crate) requests: u32,
}

/// A file that is read by parts.
pub(crate) struct RangeReader<P> {
    parts: P,
    state: RefCell<State>,
}

struct State {
    bounds: Bounds,
    blocks: BTreeMap<u64, Vec<u8>>,
    /// The blocks that are kept, the oldest first.
    order: VecDeque<u64>,
    /// The block behind the last request, and how many blocks that had.
    next: u64,
    step: u64,
    /// Blocks that were announced and are too many to be read.
    beyond: BTreeSet<u64>,
    /// Blocks and requests so far.
    blocks_read: u64,
    requests: u32,
}

impl<P: Parts> RangeReader<P> {
    pub(crate) fn new(parts: P, bounds: Bounds) -> Self {
        let (blocks, order, beyond) = Default::default();
        let state = State { bounds, blocks, order, next: 0, step: 0, beyond, blocks_read: 0, requests: 0 };
        Self { parts, state: RefCell::new(state) }
    }

    /// Goes on with other bounds. What came so far counts.
    pub(crate) fn extend(&self, bounds: Bounds) {
        let mut state = self.state.borrow_mut();
        state.bounds = bounds;
        state.beyond.clear();
    }

    /// The blocks of the file.
    fn total(&self) -> u64 {
        self.parts.size().div_ceil(BLOCK)
    }

    fn place(&self, first: u64, count: u64) -> (u64, u64) {
        let at = first.saturating_mul(BLOCK);
        (at, count.saturating_mul(BLOCK).min(self.parts.size().saturating_sub(at)))
    }

    /// Asks for the block at `first` and as many behind it as are needed for `want` bytes, or as may well be needed next.
    fn fetch(&self, state: &mut State, at: u64, want: usize) -> io::Result<()> {
        let first = at / BLOCK;
        let wanted = at.saturating_add(want as u64).div_ceil(BLOCK).saturating_sub(first).max(1);
        let step = match first {
            0 => state.bounds.head.div_ceil(BLOCK),
            _ if first == state.next => state.step.saturating_mul(2),
            _ => 1,
        };
        let known = state.blocks.range(first..).next().map_or(self.total(), |(known, _)| *known);
        let count = wanted.max(step).min(MOST_AT_ONCE).min(known.saturating_sub(first)).min(state.left());
        if count == 0 || state.requests >= state.bounds.requests || state.beyond.contains(&first) {
            return Err(self.not_read(state, at));
        }
        let (from, length) = self.place(first, count);
        state.requests += 1;
        match self.parts.part(from, length) {
            Ok(bytes) => {
                state.keep(first, &bytes);
                (state.next, state.step) = (first + count, count);
                Ok(())
            }
            Err(NoPart::Declined) => Err(self.not_read(state, at)),
            Err(NoPart::Failed(error)) => Err(error),
        }
    }

    fn not_read(&self, state: &State, at: u64) -> io::Error {
        let size = self.parts.size();
        let unread = size.saturating_sub(state.blocks_read.saturating_mul(BLOCK)).max(1);
        io::Error::other(NotRead { at, unread, size })
    }

    /// The announced blocks that did not come yet, as stretches: the first block of each and how many it has.
    fn stretches(&self, state: &State, places: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let blocks = places.iter().flat_map(|(at, length)| {
            let end = at.saturating_add(*length).div_ceil(BLOCK).min(self.total());
            (at / BLOCK)..end
        });
        let blocks: BTreeSet<u64> = blocks.filter(|block| !state.blocks.contains_key(block)).collect();
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        for block in blocks {
            match stretches.last_mut() {
                Some((first, count)) if block <= *first + *count + BETWEEN && block - *first < MOST_AT_ONCE => {
                    *count = block - *first + 1;
                }
                _ => stretches.push((block, 1)),
            }
        }
        stretches
    }
}

impl State {
    /// Blocks that may still be asked for.
    fn left(&self) -> u64 {
        self.bounds.bytes.div_ceil(BLOCK).saturating_sub(self.blocks_read)
    }

    fn keep(&mut self, first: u64, bytes: &[u8]) {
        for (block, bytes) in (first..).zip(bytes.chunks(usize::try_from(BLOCK).unwrap_or(usize::MAX))) {
            self.blocks_read += 1;
            if self.blocks.insert(block, bytes.to_vec()).is_none() {
                self.order.push_back(block);
            }
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.blocks.remove(&oldest);
            }
        }
    }
}

impl<P: Parts> Source for RangeReader<P> {
    fn size(&self) -> u64 {
        self.parts.size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let place = at.saturating_add(done as u64);
            if place >= self.parts.size() {
                break;
            }
            let block = place / BLOCK;
            if !state.blocks.contains_key(&block) {
                self.fetch(&mut state, place, rest.len())?;
            }
            let held = state.blocks.get(&block).map(Vec::as_slice).unwrap_or_default();
            let held = held.get(usize::try_from(place % BLOCK).unwrap_or(usize::MAX)..).unwrap_or_default();
            let count = held.len().min(rest.len());
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let (Some(to), Some(from)) = (rest.get_mut(..count), held.get(..count)) {
                to.copy_from_slice(from);
            }
            done += count;
        }
        Ok(done)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn announce(&self, places: &[(u64, u64)]) {
        let mut state = self.state.borrow_mut();
        let mut stretches = self.stretches(&state, places);
        let blocks = stretches.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        let fits = stretches.len()
            <= usize::try_from(state.bounds.requests.saturating_sub(state.requests)).unwrap_or(0)
            && blocks <= state.left()
            && blocks <= KEPT as u64 / 2;
        if !fits {
            // Not all of it can be seen: the first are, and no request is spent on the others one by one.
            let first = places.get(..FIRST.min(places.len())).unwrap_or_default();
            let near = self.stretches(&state, first);
            for (first, count) in stretches {
                state.beyond.extend(first..first + count);
            }
            state.beyond.retain(|block| !near.iter().any(|(first, count)| (*first..first + count).contains(block)));
            stretches = near;
        }
        let asked: Vec<(u64, u64)> = stretches.iter().map(|(first, count)| self.place(*first, *count)).collect();
        for ((first, _), part) in stretches.iter().zip(self.parts.parts(&asked)) {
            state.requests += 1;
            // One that did not come is asked for again when it is read.
            if let Ok(bytes) = part {
                state.keep(*first, &bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Bounds, RangeReader};
    use crate::ranges::{LocalFile, NoPart, Parts};
    use modelpin_scan::{NotRead, Source as _};
    use std::cell::RefCell;

    /// A file that says what was asked of it.
    struct Asked {
        bytes: Vec<u8>,
        places: RefCell<Vec<(u64, u64)>>,
    }

    impl Parts for Asked {
        fn size(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn part(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart> {
            self.places.borrow_mut().push((at / BLOCK, length.div_ceil(BLOCK)));
            LocalFile(&self.bytes[..]).part(at, length)
        }
    }

    fn file(blocks: usize) -> Asked {
        let bytes = (0..blocks * 4096 + 7).map(|at| (at % 251) as u8).collect();
        Asked { bytes, places: RefCell::default() }
    }

    const BOUNDS: Bounds = Bounds { head: 4 * BLOCK, bytes: 64 * BLOCK, requests: 8 };

    fn read(reader: &RangeReader<&Asked>, at: u64, length: usize) -> Result<Vec<u8>, NotRead> {
        let mut into = vec![0; length];
        match reader.read_at(at, &mut into) {
            Ok(count) => Ok(into[..count].to_vec()),
            Err(error) => Err(*error.get_ref().unwrap().downcast_ref::<NotRead>().unwrap()),
        }
    }

    #[test]
    fn reading_on_asks_for_more_each_time_and_nothing_twice() {
        let file = file(40);
        let reader = RangeReader::new(&file, BOUNDS);
        for at in (0..file.size()).step_by(1000) {
            let end = (at as usize + 1000).min(file.bytes.len());
            assert_eq!(read(&reader, at, 1000).unwrap(), &file.bytes[at as usize..end]);
        }
        assert_eq!(*file.places.borrow(), [(0, 4), (4, 8), (12, 16), (28, 13)]);
    }

    #[test]
    fn what_is_beyond_the_bounds_is_not_read_and_said_so() {
        let file = file(400);
        let reader = RangeReader::new(&file, BOUNDS);
        read(&reader, 0, 10).unwrap();
        let refused = read(&reader, 100 * BLOCK, 61 * 4096).unwrap_err();
        assert_eq!((refused.at, refused.size, refused.unread), (160 * BLOCK, file.size(), file.size() - 64 * BLOCK));
        assert_eq!(read(&reader, 3, 5).unwrap(), &file.bytes[3..8], "what came is there");

        let reader = RangeReader::new(&file, BOUNDS);
        for block in 0..8 {
            read(&reader, block * 20 * BLOCK, 1).unwrap();
        }
        assert!(read(&reader, 399 * BLOCK, 1).is_err(), "a ninth request");
        reader.extend(Bounds { requests: 9, ..BOUNDS });
        read(&reader, 399 * BLOCK, 1).unwrap();
    }

    #[test]
    fn announced_places_come_together_and_too_many_do_not_come_at_all() {
        let file = file(400);
        let reader = RangeReader::new(&file, BOUNDS);
        reader.announce(&[(10 * BLOCK, 30), (10 * BLOCK + 4000, 200), (13 * BLOCK, 1), (100 * BLOCK, 9)]);
        assert_eq!(*file.places.borrow(), [(10, 4), (100, 1)]);
        read(&reader, 100 * BLOCK, 4096).unwrap();
        assert_eq!(file.places.borrow().len(), 2);

        let many: Vec<(u64, u64)> = (0..20).map(|at| (at * 20 * BLOCK, 30)).collect();
        let reader = RangeReader::new(&file, BOUNDS);
        reader.announce(&many);
        assert_eq!(file.places.borrow().len(), 6, "the first four of twenty");
        assert!(read(&reader, 19 * 20 * BLOCK, 1).is_err());
        read(&reader, 60 * BLOCK, 1).unwrap();
        read(&reader, 399 * BLOCK, 1).unwrap();
    }
}
