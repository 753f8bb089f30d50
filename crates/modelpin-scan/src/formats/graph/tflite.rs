//! TensorFlow Lite: a flatbuffer, of which the list of operators is read
//! (<https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::graph::saved_model;
use modelpin_rules::graph::{TF_UNKNOWN_OPERATOR, TFLITE_CUSTOM_OPERATOR, TFLITE_MALFORMED};

/// Fields of a model and of an operator's entry, by their place in the schema.
const MODEL_OPERATORS: u64 = 1;
const OLD_CODE: u64 = 0;
const CUSTOM_NAME: u64 = 1;
const CODE: u64 = 3;

/// Codes of operators: a custom one, a delegate, a call of a custom function, and the last that is known.
const CUSTOM: i32 = 32;
const DELEGATE: i32 = 51;
const CUSTOM_CALL: i32 = 173;
const LAST: i32 = 209;

/// The longest name of an operator.
const NAME: usize = 256;

/// Scans a model.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let buffer = Buffer { part };
    let model = buffer.follow(0)?;
    let Some(operators) = buffer.field(model, MODEL_OPERATORS)? else {
        return scan.give_up(&TFLITE_MALFORMED, "the model has no list of operators");
    };
    let operators = buffer.follow(operators)?;
    let count = u64::from(buffer.u32(operators)?);
    if count.checked_mul(4).is_none_or(|bytes| bytes > part.len()) {
        return Err(malformed(operators, "the list of operators is longer than the file"));
    }
    for index in 0..count {
        scan.budget.step()?;
        let entry = buffer.follow(operators.saturating_add(4).saturating_add(index.saturating_mul(4)))?;
        operator(&buffer, entry, scan)?;
    }
    Ok(FullyCovered)
}

/// One entry of the list of operators.
fn operator(buffer: &Buffer<'_, '_>, entry: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let old = match buffer.field(entry, OLD_CODE)? {
        Some(at) => i32::from(i8::from_le_bytes(buffer.part.array(at)?)),
        None => 0,
    };
    let new = match buffer.field(entry, CODE)? {
        Some(at) => i32::from_le_bytes(buffer.part.array(at)?),
        None => 0,
    };
    let name = match buffer.field(entry, CUSTOM_NAME)? {
        Some(at) => {
            let text = buffer.follow(at)?;
            let length = usize::try_from(buffer.u32(text)?).unwrap_or(usize::MAX).min(NAME);
            String::from_utf8_lossy(&buffer.part.bytes(text.saturating_add(4), length)?).into_owned()
        }
        None => String::new(),
    };
    // Which of the two codes counts depends on the age of the reader.
    for code in [old, new] {
        if !(0..=LAST).contains(&code) || matches!(code, DELEGATE | CUSTOM_CALL) {
            scan.report(&TFLITE_CUSTOM_OPERATOR, Location::Byte(entry), format!("operator with code {code}"));
        }
    }
    if !name.is_empty() || old == CUSTOM || new == CUSTOM {
        // Operators of TensorFlow proper do in a TensorFlow Lite model what they do elsewhere.
        match name.strip_prefix("Flex").and_then(saved_model::operator).filter(|rule| *rule != &TF_UNKNOWN_OPERATOR) {
            Some(rule) => scan.report(rule, Location::Byte(entry), format!("`{name}`")),
            None => scan.report(&TFLITE_CUSTOM_OPERATOR, Location::Byte(entry), format!("`{name}`")),
        }
    }
    Ok(())
}

/// A flatbuffer (<https://flatbuffers.dev/internals/>).
struct Buffer<'p, 'a> {
    part: &'p ByteRange<'a>,
}

impl Buffer<'_, '_> {
    fn u32(&self, at: u64) -> Result<u32, ScanError> {
        Ok(u32::from_le_bytes(self.part.array(at)?))
    }

    fn u16(&self, at: u64) -> Result<u64, ScanError> {
        Ok(u64::from(u16::from_le_bytes(self.part.array(at)?)))
    }

    /// The position that the offset at `at` points to.
    fn follow(&self, at: u64) -> Result<u64, ScanError> {
        let to = at.saturating_add(u64::from(self.u32(at)?));
        if to >= self.part.len() { Err(malformed(at, "an offset points outside the file")) } else { Ok(to) }
    }

    /// The place of a field of the table at `table`, nothing where it is left out.
    fn field(&self, table: u64, number: u64) -> Result<Option<u64>, ScanError> {
        let back = i64::from(i32::from_le_bytes(self.part.array(table)?));
        let fields = table.checked_add_signed(back.saturating_neg()).filter(|at| *at < self.part.len());
        let fields = fields.ok_or_else(|| malformed(table, "a table has no field list"))?;
        let place = number.saturating_mul(2).saturating_add(4);
        if place.saturating_add(2) > self.u16(fields)? {
            return Ok(None);
        }
        Ok(match self.u16(fields.saturating_add(place))? {
            0 => None,
            offset => Some(table.saturating_add(offset)),
        })
    }
}

fn malformed(at: u64, what: &str) -> ScanError {
    ScanError::Malformed(&TFLITE_MALFORMED, Location::Byte(at), what.to_owned())
}
