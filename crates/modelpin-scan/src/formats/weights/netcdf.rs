//! netCDF 3: a head that says where the values of each variable are, then the values
//! (<https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html>, "The NetCDF Classic Format").

use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::{UNCHECKED_FORMAT, UNSCANNED_FORMAT};

/// Marks of the three lists of a head.
const DIMENSIONS: u64 = 10;
const VARIABLES: u64 = 11;
const ATTRIBUTES: u64 = 12;

/// The count of records that is not known.
const STREAMING: u64 = u32::MAX as u64;

/// The first list is one of dimensions, or there is none.
pub(super) fn is_netcdf(head: &[u8]) -> bool {
    matches!(
        head,
        [b'C', b'D', b'F', 1 | 2, _, _, _, _, 0, 0, 0, 0 | 10, ..]
            | [b'C', b'D', b'F', 5, _, _, _, _, _, _, _, _, 0, 0, 0, 0 | 10, ..]
    )
}

/// A head under way.
struct Head<'p> {
    reader: Reader<'p>,
    /// Bytes of a count, and of a place.
    count: usize,
    place: usize,
    /// How long each dimension is; the one of records is 0.
    sides: Vec<u64>,
}

/// Follows the head, and compares where its values end with where the file does.
pub(super) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let [_, _, _, version] = part.array::<4>(0)?;
    let (count, place) = match version {
        1 => (4, 4),
        2 => (4, 8),
        _ => (8, 8),
    };
    let mut head = Head { reader: part.reader(4), count, place, sides: Vec::new() };
    let records = head.count()?;
    for _ in 0..head.list(DIMENSIONS)? {
        scan.budget.step()?;
        head.name()?;
        let side = head.count()?;
        head.sides.push(side);
    }
    head.attributes(scan)?;
    let mut end = 0_u64;
    // A record has a part of each variable that grows.
    let (mut first, mut record) = (None, Vec::new());
    for _ in 0..head.list(VARIABLES)? {
        scan.budget.step()?;
        let (begin, bytes, grows) = head.variable(scan)?;
        if grows {
            record.push(bytes);
            first = Some(first.map_or(begin, |first: u64| first.min(begin)));
        } else {
            end = end.max(begin.saturating_add(bytes));
        }
    }
    end = end.max(head.reader.at());
    if let Some(first) = first {
        if records == STREAMING {
            scan.report(&UNCHECKED_FORMAT, Location::Whole, "netCDF with an unknown count of records");
            return Ok(FullyCovered);
        }
        // The parts of a record are padded, unless there is only one.
        let padded = |bytes: &u64| bytes.checked_next_multiple_of(4).unwrap_or(u64::MAX);
        let long = match record.as_slice() {
            [only] => *only,
            all => all.iter().map(padded).fold(0, u64::saturating_add),
        };
        end = end.max(first.saturating_add(long.saturating_mul(records)));
    }
    if end > part.len() {
        return Err(ScanError::Truncated(part.len()));
    }
    trailing::padded(part, end, 3, scan)?;
    Ok(FullyCovered)
}

impl Head<'_> {
    fn number(&mut self, width: usize) -> Result<u64, ScanError> {
        let mut value = 0_u64;
        for _ in 0..width {
            value = value << 8 | u64::from(self.reader.array::<1>()?[0]);
        }
        Ok(value)
    }

    fn count(&mut self) -> Result<u64, ScanError> {
        self.number(self.count)
    }

    /// The length of a list: its mark and its count, or nothing twice.
    fn list(&mut self, mark: u64) -> Result<u64, ScanError> {
        let at = self.reader.at();
        let found = self.number(4)?;
        let count = self.count()?;
        if found == mark || found == 0 && count == 0 { Ok(count) } else { broken(at, "a list of another kind") }
    }

    fn padded(&mut self, bytes: u64) -> Result<(), ScanError> {
        let at = self.reader.at();
        self.reader.skip(bytes.checked_next_multiple_of(4).ok_or(ScanError::Truncated(at))?)
    }

    fn name(&mut self) -> Result<(), ScanError> {
        let length = self.count()?;
        self.padded(length)
    }

    fn attributes(&mut self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        for _ in 0..self.list(ATTRIBUTES)? {
            scan.budget.step()?;
            self.name()?;
            let width = self.width()?;
            let values = self.count()?;
            self.padded(values.saturating_mul(width))?;
        }
        Ok(())
    }

    /// Bytes of a value of the type that is next.
    fn width(&mut self) -> Result<u64, ScanError> {
        let at = self.reader.at();
        Ok(match self.number(4)? {
            1 | 2 | 7 => 1,
            3 | 8 => 2,
            4 | 5 | 9 => 4,
            6 | 10 | 11 => 8,
            kind => return broken(at, &format!("values of the unknown type {kind}")),
        })
    }

    /// Where a variable begins, its bytes (of one record, if it grows), and whether it grows.
    fn variable(&mut self, scan: &mut Scan<'_>) -> Result<(u64, u64, bool), ScanError> {
        self.name()?;
        let rank = self.count()?;
        let mut values = 1_u64;
        let mut grows = false;
        for axis in 0..rank {
            scan.budget.step()?;
            let at = self.reader.at();
            let index = self.count()?;
            let side = usize::try_from(index).ok().and_then(|index| self.sides.get(index)).copied();
            match side {
                Some(0) if axis == 0 => grows = true,
                Some(side) => values = values.saturating_mul(side),
                None => return broken(at, "a dimension that is not there"),
            }
        }
        self.attributes(scan)?;
        let width = self.width()?;
        // Its size as it says so itself; that of large ones does not fit.
        self.count()?;
        let begin = self.number(self.place)?;
        Ok((begin, values.saturating_mul(width), grows))
    }
}

fn broken<T>(at: u64, what: &str) -> Result<T, ScanError> {
    Err(ScanError::Malformed(&UNSCANNED_FORMAT, Location::Byte(at), what.to_owned()))
}
