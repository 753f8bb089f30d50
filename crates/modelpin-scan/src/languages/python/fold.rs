//! Constants folded: what string, bytes and number operations give, where all of their operands are known.

use super::value::{LONGEST, Set, Value};
use ruff_python_ast::Operator;

/// How many pairs of values are folded; where there are more, those of the first few, and the rest is unknown.
const PAIRS: usize = 64;
const FEW: usize = 4;

/// `left op right`.
pub(super) fn binary(left: &Set, op: Operator, right: &Set) -> Set {
    let mut all = Set::default();
    let is_wide = left.0.len().saturating_mul(right.0.len()) > PAIRS;
    let most = if is_wide { FEW } else { PAIRS };
    for a in left.0.iter().take(most) {
        for b in right.0.iter().take(most) {
            all.add(pair(a, op, b));
        }
    }
    if is_wide {
        all.add(Value::Unknown);
    }
    if all.0.is_empty() { Set::unknown() } else { all }
}

fn pair(a: &Value, op: Operator, b: &Value) -> Value {
    use Value::{Bytes, Int, Path, Prefix, Seq, Str};
    let first = |set: Set| set.0.into_iter().next().unwrap_or(Value::Unknown);
    match (a, op, b) {
        (Str(a), Operator::Add, Str(b)) => first(Set::text(&format!("{a}{b}"))),
        (Str(a) | Prefix(a), Operator::Add, _) => Prefix(a.clone()),
        (Bytes(a), Operator::Add, Bytes(b)) => first(Set::bytes(&[&**a, &**b].concat())),
        (Seq(a), Operator::Add, Seq(b)) => first(Set::seq(a.items.iter().chain(&b.items).cloned().collect())),
        (Str(text), Operator::Mult, Int(times)) | (Int(times), Operator::Mult, Str(text)) => {
            let times = usize::try_from(*times).unwrap_or(0);
            if text.len().saturating_mul(times) > LONGEST { Value::Unknown } else { Str(text.repeat(times).into()) }
        }
        (Str(pattern), Operator::Mod, _) => percent(pattern, b),
        // Paths of the file system: `Path.home() / ".ssh"`.
        (Str(a), Operator::Div, Str(b)) => first(Set::text(&joined(a, b))),
        (Str(a) | Prefix(a), Operator::Div, _) => Prefix(a.clone()),
        (Path(a), Operator::Div, _) if a.starts_with("pathlib.") => Path("pathlib.Path()".into()),
        // What the environment has more of.
        (Path(a), Operator::BitOr, Value::Map(_)) if &**a == "os.environ" => b.clone(),
        (Int(a), op, Int(b)) => number(*a, op, *b).map_or(Value::Unknown, Int),
        _ => Value::Unknown,
    }
}

fn number(a: i64, op: Operator, b: i64) -> Option<i64> {
    match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::FloorDiv => a.checked_div_euclid(b),
        Operator::Mod => a.checked_rem_euclid(b),
        Operator::BitXor => Some(a ^ b),
        Operator::BitAnd => Some(a & b),
        Operator::BitOr => Some(a | b),
        Operator::LShift => u32::try_from(b).ok().and_then(|b| a.checked_shl(b)),
        Operator::RShift => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)),
        _ => None,
    }
}

/// Two parts of a path, as `os.path.join` puts them together.
pub(super) fn joined(a: &str, b: &str) -> String {
    if b.starts_with('/') || a.is_empty() { b.to_owned() } else { format!("{}/{b}", a.trim_end_matches('/')) }
}

/// `"%s…" % value`, for `%s`, `%d` and `%c`.
fn percent(pattern: &str, value: &Value) -> Value {
    let singles = [Set::of(value.clone())];
    let items: &[Set] = if let Value::Seq(seq) = value { &seq.items } else { &singles };
    let mut items = items.iter();
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match (chars.next(), &mut items) {
            (Some('%'), _) => out.push('%'),
            (Some('s' | 'd' | 'c' | 'i'), items) => match items.next().and_then(Set::one).and_then(shown) {
                Some(text) => out.push_str(&text),
                None => return Value::Prefix(out.into()),
            },
            _ => return Value::Prefix(out.into()),
        }
    }
    if out.len() > LONGEST { Value::Unknown } else { Value::Str(out.into()) }
}

/// A constant as `str()` shows it.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `"{}{x}".format(…)` with plain fields.
pub(super) fn format(pattern: &str, args: &[Set], keywords: &[(String, Set)]) -> Value {
    let mut out = String::new();
    let mut next = 0_usize;
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at..).unwrap_or_default();
        if let Some(after) = tail.strip_prefix("{{").or_else(|| tail.strip_prefix("}}")) {
            out.push_str(tail.get(..1).unwrap_or_default());
            rest = after;
            continue;
        }
        let Some((field, after)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')) else {
            return Value::Prefix(out.into());
        };
        let name = field.split(['!', ':']).next().unwrap_or_default();
        let value = if name.is_empty() {
            next = next.saturating_add(1);
            args.get(next.saturating_sub(1))
        } else if let Ok(index) = name.parse::<usize>() {
            args.get(index)
        } else {
            keywords.iter().find(|(key, _)| key == name).map(|(_, value)| value)
        };
        match value.and_then(Set::one).and_then(shown) {
            Some(text) => out.push_str(&text),
            None => return Value::Prefix(out.into()),
        }
        if out.len() > LONGEST {
            return Value::Unknown;
        }
        rest = after;
    }
    out.push_str(rest);
    Value::Str(out.into())
}

/// A number or bound of a slice.
fn index(at: i64, len: usize) -> usize {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let at = if at < 0 { at.saturating_add(len) } else { at };
    usize::try_from(at.clamp(0, len)).unwrap_or(0)
}

/// `items[lower:upper:step]` as positions.
fn positions(len: usize, lower: Option<i64>, upper: Option<i64>, step: i64) -> Vec<usize> {
    let forward = step > 0;
    let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX).max(1);
    let (low, high) = if forward {
        (lower.map_or(0, |at| index(at, len)), upper.map_or(len, |at| index(at, len)))
    } else {
        let top = lower.map_or(len, |at| index(at, len).saturating_add(1).min(len));
        (upper.map_or(0, |at| index(at, len).saturating_add(1).min(len)), top)
    };
    let all = low..high;
    if forward { all.step_by(step).collect() } else { all.rev().step_by(step).collect() }
}

/// A slice of a constant.
pub(super) fn slice(value: &Value, lower: Option<i64>, upper: Option<i64>, step: i64) -> Set {
    if step == 0 {
        return Set::unknown();
    }
    match value {
        Value::Str(text) => {
            let chars: Vec<char> = text.chars().collect();
            let at = positions(chars.len(), lower, upper, step);
            Set::text(&at.into_iter().filter_map(|at| chars.get(at)).collect::<String>())
        }
        Value::Bytes(bytes) => {
            let at = positions(bytes.len(), lower, upper, step);
            Set::bytes(&at.into_iter().filter_map(|at| bytes.get(at).copied()).collect::<Vec<_>>())
        }
        Value::Seq(seq) => {
            let at = positions(seq.items.len(), lower, upper, step);
            Set::seq(at.into_iter().filter_map(|at| seq.items.get(at).cloned()).collect())
        }
        _ => Set::unknown(),
    }
}

/// One item of a constant.
pub(super) fn item(value: &Value, at: i64) -> Option<Set> {
    let place = |len: usize| {
        let len_i = i64::try_from(len).ok()?;
        let at = if at < 0 { at.checked_add(len_i)? } else { at };
        usize::try_from(at).ok().filter(|at| *at < len)
    };
    match value {
        Value::Str(text) => {
            let count = text.chars().count();
            text.chars().nth(place(count)?).map(|c| Set::text(&c.to_string()))
        }
        Value::Bytes(bytes) => bytes.get(place(bytes.len())?).map(|byte| Set::of(Value::Int(i64::from(*byte)))),
        Value::Seq(seq) => seq.items.get(place(seq.items.len())?).cloned(),
        _ => None,
    }
}

/// The text of constant bytes in one of the encodings that agree on ASCII, or ROT13, hex and base64 as codecs.
pub(super) fn decode(bytes: &[u8], codec: &str) -> Set {
    match codec.to_ascii_lowercase().replace('_', "-").as_str() {
        "" | "utf-8" | "utf8" | "ascii" | "latin-1" | "latin1" | "iso-8859-1" => {
            Set::text(&String::from_utf8_lossy(bytes))
        }
        "rot13" | "rot-13" => Set::text(&rot13(&String::from_utf8_lossy(bytes))),
        "hex" | "hex-codec" => hex(&String::from_utf8_lossy(bytes)).map_or(Set::unknown(), |bytes| Set::bytes(&bytes)),
        "base64" | "base64-codec" => base64(bytes).map_or(Set::unknown(), |bytes| Set::bytes(&bytes)),
        _ => Set::unknown(),
    }
}

/// ROT13.
pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c).saturating_add(13)).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c).saturating_sub(13)).unwrap_or(c),
        c => c,
    };
    text.chars().map(turn).collect()
}

/// Bytes written as hex digits.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high.checked_mul(16)?.checked_add(*low)?).ok(),
            _ => None,
        })
        .collect()
}

/// Base64, also in its alphabet for URLs; what is not a digit is skipped, as Python does.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte.checked_sub(b'A')?,
            b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26)?,
            b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52)?,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(digit)) & 0x00ff_ffff;
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}
