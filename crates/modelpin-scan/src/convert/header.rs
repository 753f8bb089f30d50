//! The header of the result (<https://github.com/huggingface/safetensors#format>).

use super::error::{ConvertError, Reason};
use super::limits::HEADER;
use super::output_tensor::OutputTensor;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the header is padded to, so that the data is aligned.
const ALIGNED: u64 = 8;

/// The length of the header and the header itself, for tensors in the order of their data.
pub(super) fn of(pieces: &[OutputTensor<'_>], aliases: &BTreeMap<String, String>) -> Result<Vec<u8>, ConvertError> {
    let mut metadata: BTreeMap<&str, &str> = aliases.iter().map(|(name, under)| (&**name, &**under)).collect();
    if metadata.insert("format", "pt").is_some() {
        return Err(ConvertError::new(Reason::Reserved, "format"));
    }
    let metadata: Map<String, Value> =
        metadata.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text))).collect();
    let mut header = format!("{{\"__metadata__\":{}", Value::from(metadata));
    let mut end = 0_u64;
    for piece in pieces {
        let start = end;
        end = start.saturating_add(piece.bytes);
        let name = Value::from(piece.name.as_str());
        let dtype = piece.dtype.name;
        let shape = Value::from(piece.shape.as_slice());
        let _ = write!(header, ",{name}:{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{start},{end}]}}");
        if header.len() as u64 > HEADER {
            break;
        }
    }
    header.push('}');
    while !(header.len() as u64).is_multiple_of(ALIGNED) {
        header.push(' ');
    }
    let length = header.len() as u64;
    if length > HEADER {
        return Err(ConvertError::new(Reason::Header, format!("it has more than {HEADER} bytes")));
    }
    Ok([&length.to_le_bytes()[..], header.as_bytes()].concat())
}
