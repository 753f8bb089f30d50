//! What Python's reader takes and JSON does not have: numbers that are none, and halves of surrogate pairs
//! (`json/decoder.py`, `json/scanner.py`).

/// What Python writes for numbers that JSON has no word for; the longest first.
const NUMBERS: [(&[u8], &[u8]); 3] = [(b"-Infinity", b"-0       "), (b"Infinity", b"0       "), (b"NaN", b"0  ")];

/// The document with something of JSON in the place of each of them, every other byte where it was.
pub(super) fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut quoted = false;
    while let Some((first, tail)) = rest.split_first() {
        let taken = if quoted && *first == b'\\' {
            escape(rest, &mut plain)
        } else if quoted {
            0
        } else {
            // Only where a value may begin: after anything else it is not a number to Python either.
            let begins = plain.last().is_none_or(|before| before.is_ascii_whitespace() || b":,[".contains(before));
            if begins { number(rest, &mut plain) } else { 0 }
        };
        if taken > 0 {
            rest = rest.get(taken..).unwrap_or_default();
            continue;
        }
        quoted ^= *first == b'"';
        plain.push(*first);
        rest = tail;
    }
    plain
}

/// A number that JSON has no word for, or that is larger than any that it has. Says how long it is.
fn number(rest: &[u8], plain: &mut Vec<u8>) -> usize {
    if let Some((word, zero)) = NUMBERS.iter().find(|(word, _)| rest.starts_with(word)) {
        plain.extend_from_slice(zero);
        return word.len();
    }
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(|byte| is_digit(byte)).count();
    let digits = std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default();
    if !digits.parse().is_ok_and(f64::is_infinite) {
        return 0;
    }
    plain.push(b'0');
    plain.extend(std::iter::repeat_n(b' ', length.saturating_sub(1)));
    length
}

/// What follows a backslash in a string, with another character for half of a pair. Says how long it is.
fn escape(rest: &[u8], plain: &mut Vec<u8>) -> usize {
    let kept = match unit(rest) {
        Some(0xd800..=0xdbff) => {
            let is_pair = rest.get(6..).and_then(unit).is_some_and(|low| (0xdc00..=0xdfff).contains(&low));
            if is_pair { 12 } else { 0 }
        }
        Some(0xdc00..=0xdfff) => 0,
        _ => 2,
    };
    if kept == 0 {
        plain.extend_from_slice(b"\\ufffd");
        return 6;
    }
    plain.extend(rest.iter().take(kept));
    kept
}

/// The number of an escape `\uXXXX`.
fn unit(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0_u32, |unit, digit| Some(unit.wrapping_shl(4) | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_json_does_not_have_is_replaced_in_its_place() {
        for (python, json) in [
            ("[NaN, -Infinity,Infinity]", "[0  , -0       ,0       ]"),
            (r#"{"NaN": "NaN -Infinity"}"#, r#"{"NaN": "NaN -Infinity"}"#),
            (r#"["\ud800", "\udc00\ud83d\ude00"]"#, r#"["\ufffd", "\ufffd\ud83d\ude00"]"#),
            (r#"["\\ud800\"NaN"]"#, r#"["\\ud800\"NaN"]"#),
            ("[1e999, 1e9, -1e999]", "[0    , 1e9, 0     ]"),
            ("xNaN", "xNaN"),
        ] {
            assert_eq!(String::from_utf8_lossy(&plain(python.as_bytes())), json, "{python}");
        }
    }
}
