//! NumPy's `.npy` format: a header that is a Python literal, then the array (`numpy/lib/format.py`, NEP 1).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::item::dtype_code;
use crate::formats::{pickle, trailing};
use modelpin_rules::file;
use modelpin_rules::tensor::NUMPY_MALFORMED;

/// The longest header that NumPy itself reads without being told to trust the file is 10 000 bytes; this leaves
/// room for record types that honest files have.
const HEADER: usize = 1 << 20;

/// The fields of a header.
#[derive(Debug, Default)]
struct Header {
    /// Bytes of an item, and whether items are Python objects.
    item: Option<(u64, bool)>,
    order: Option<bool>,
    shape: Option<Vec<u64>>,
}

/// Follows an array to its end; where its items are objects, a pickle follows the header.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let malformed =
        |at: u64, why: &str| Err(ScanError::Malformed(&NUMPY_MALFORMED, Location::Byte(at), why.to_owned()));
    let [major, minor] = part.array(6)?;
    let (len, start) = match (major, minor) {
        (1, 0) => (u64::from(u16::from_le_bytes(part.array(8)?)), 10_u64),
        (2 | 3, 0) => (u64::from(u32::from_le_bytes(part.array(8)?)), 12),
        _ => return malformed(6, "unknown version"),
    };
    let Some(size) = usize::try_from(len).ok().filter(|size| *size <= HEADER) else {
        return malformed(8, "the header is too long");
    };
    let bytes = part.bytes(start, size)?;
    if bytes.len() < size {
        return Err(ScanError::Truncated(part.len()));
    }
    let data = start.saturating_add(len);
    let Some(header) = (Literal { rest: &bytes }).header() else {
        scan_unknown(&part.from(data), scan)?;
        return malformed(start, "the header is not the expected dictionary literal");
    };
    let Header { item: Some((item, object)), order: Some(_), shape: Some(shape) } = header else {
        scan_unknown(&part.from(data), scan)?;
        return malformed(start, "a key is missing");
    };
    if object {
        return pickle::scan(&part.from(data), scan);
    }
    let count = shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
    let Some(end) = count.and_then(|count| count.checked_mul(item)).and_then(|bytes| bytes.checked_add(data)) else {
        return malformed(start, "the shape overflows");
    };
    if end > part.len() {
        return malformed(data, "the array is longer than the file");
    }
    if end < part.len() {
        // `numpy.load` on an open file goes on there, as does `pickle.load`.
        let rest = part.from(end);
        if is_pickle(&rest)? {
            scan.report(&file::TRAILING_BYTES, Location::Byte(end), "bytes after the array");
            return pickle::scan(&rest, scan);
        }
        trailing::check(part, end, scan)?;
    }
    Ok(FullyCovered)
}

fn is_pickle(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    Ok(pickle::probe(part, true)? || matches!(part.bytes(0, 2)?.as_slice(), [0x80, 0..=5]))
}

/// Follows what is after a header that is not understood: NumPy may take it for one of objects.
fn scan_unknown(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    if is_pickle(part)? { pickle::scan(part, scan) } else { Ok(FullyCovered) }
}

/// Bytes of an item of a dtype by a whole text, and whether there are objects in it: codes after commas, each perhaps
/// after a count or a shape (`f4,O`, `(2,)O`, `3f8`), as `numpy.dtype` reads them (`numpy/_core/_internal.py`,
/// `_commastring`).
fn dtype_text(text: &str) -> Option<(u64, bool)> {
    let mut literal = Literal { rest: text.as_bytes() };
    let (mut total, mut objects) = (0_u64, false);
    loop {
        literal.space();
        let count = match literal.rest.first()? {
            b'(' => literal.any_sides()?.iter().try_fold(1_u64, |product, side| product.checked_mul(*side))?,
            b'0'..=b'9' => literal.number()?,
            _ => 1,
        };
        let end = literal.rest.iter().position(|byte| *byte == b',').unwrap_or(literal.rest.len());
        let (code, rest) = literal.rest.split_at_checked(end)?;
        let found = dtype_code(std::str::from_utf8(code).ok()?.trim())?;
        total = total.checked_add(found.size?.checked_mul(count)?)?;
        objects |= found.object;
        let Some((_, rest)) = rest.split_first() else { return Some((total, objects)) };
        if rest.trim_ascii().is_empty() {
            return Some((total, objects));
        }
        literal.rest = rest;
    }
}

/// A Python literal, as far as headers need one. No nesting but that of record types.
struct Literal<'b> {
    rest: &'b [u8],
}

impl<'b> Literal<'b> {
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r' | 0x0c, rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn text(&mut self) -> Option<&'b str> {
        self.space();
        let [quote @ (b'\'' | b'"'), rest @ ..] = self.rest else { return None };
        let end = rest.iter().position(|byte| byte == quote)?;
        let text = std::str::from_utf8(rest.get(..end)?).ok()?;
        self.rest = rest.get(end.saturating_add(1)..)?;
        (!text.contains('\\')).then_some(text)
    }

    fn number(&mut self) -> Option<u64> {
        self.space();
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count)?;
        // Python 2 wrote long numbers with an `L`.
        self.rest = rest.strip_prefix(b"L").unwrap_or(rest);
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    fn truth(&mut self) -> Option<bool> {
        self.space();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word.as_bytes()) {
                self.rest = rest;
                return Some(value);
            }
        }
        None
    }

    /// `()`, `(3,)`, `(3, 4)`.
    fn sides(&mut self) -> Option<Vec<u64>> {
        if !self.eat(b'(') {
            return None;
        }
        let mut sides = Vec::new();
        while !self.eat(b')') {
            sides.push(self.number()?);
            if sides.len() > 64 {
                return None;
            }
            if !self.eat(b',') {
                // `(3)` is not a tuple in Python.
                return (sides.len() > 1 && self.eat(b')')).then_some(sides);
            }
        }
        Some(sides)
    }

    /// The same, and `(3)` for one side, as the text of a dtype has it.
    fn any_sides(&mut self) -> Option<Vec<u64>> {
        let before = self.rest;
        self.sides().or_else(|| {
            self.rest = before;
            self.eat(b'(').then_some(())?;
            let side = self.number()?;
            self.eat(b')').then(|| vec![side])
        })
    }

    /// A shape, or the one side of it: how many items there are.
    fn count(&mut self) -> Option<u64> {
        self.space();
        match self.rest.first()? {
            b'(' => self.sides()?.iter().try_fold(1_u64, |product, side| product.checked_mul(*side)),
            _ => self.number(),
        }
    }

    /// A dtype: a code, a list of fields, or a dtype with a shape; with the depth that is left.
    fn dtype(&mut self, depth: u8) -> Option<(u64, bool)> {
        self.space();
        if self.rest.starts_with(b"(") {
            let depth = depth.checked_sub(1)?;
            self.eat(b'(');
            let (item, object) = self.dtype(depth)?;
            self.eat(b',').then_some(())?;
            let count = self.count()?;
            self.eat(b',');
            return self.eat(b')').then_some((item.checked_mul(count)?, object));
        }
        if !self.rest.starts_with(b"[") {
            return dtype_text(self.text()?);
        }
        let depth = depth.checked_sub(1)?;
        self.eat(b'[');
        let mut total = 0_u64;
        let mut objects = false;
        while !self.eat(b']') {
            let (item, object) = self.field(depth)?;
            total = total.checked_add(item)?;
            objects |= object;
            if !self.eat(b',') && !self.rest.starts_with(b"]") {
                return None;
            }
        }
        Some((total, objects))
    }

    /// `('name', dtype)` or `('name', dtype, (3,))`, in brackets of either kind; the name may be a pair with a title.
    fn field(&mut self, depth: u8) -> Option<(u64, bool)> {
        let close = match (self.eat(b'('), self.eat(b'[')) {
            (true, false) => b')',
            (false, true) => b']',
            _ => return None,
        };
        if self.eat(b'(') {
            self.text()?;
            self.eat(b',').then_some(())?;
            self.text()?;
            self.eat(b')').then_some(())?;
        } else {
            self.text()?;
        }
        self.eat(b',').then_some(())?;
        let (mut item, object) = self.dtype(depth)?;
        self.space();
        if self.eat(b',') && !self.rest.starts_with(&[close]) {
            item = item.checked_mul(self.count()?)?;
            self.eat(b',');
        }
        self.eat(close).then_some((item, object))
    }

    fn header(mut self) -> Option<Header> {
        let mut header = Header::default();
        if !self.eat(b'{') {
            return None;
        }
        while !self.eat(b'}') {
            let key = self.text()?;
            self.eat(b':').then_some(())?;
            // A key that is given twice counts for the last time in Python, and for nothing here.
            let twice = match key {
                "descr" => header.item.replace(self.dtype(8)?).is_some(),
                "fortran_order" => header.order.replace(self.truth()?).is_some(),
                "shape" => header.shape.replace(self.sides()?).is_some(),
                _ => return None,
            };
            if twice {
                return None;
            }
            if !self.eat(b',') {
                self.eat(b'}').then_some(())?;
                break;
            }
        }
        self.space();
        self.rest.is_empty().then_some(header)
    }
}
