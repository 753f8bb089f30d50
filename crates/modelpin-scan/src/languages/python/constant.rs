//! Builtins and methods that only compute, on constants: the ways in which names are spelled so that nobody
//! reads them.

use super::fold;
use super::value::{Named, Set, Value};

/// Calls that only compute, where the arguments are constants.
pub(super) fn constant_call(path: &str, args: &[Set]) -> Option<Set> {
    let first = args.first()?;
    let value = first.one()?;
    let text = match value {
        Value::Str(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(&**bytes),
        _ => None,
    };
    let bytes = |bytes: Option<Vec<u8>>| bytes.map(|bytes| Set::bytes(&bytes));
    match (path, value) {
        ("builtins.chr", Value::Int(number)) => {
            u32::try_from(*number).ok().and_then(char::from_u32).map(|c| Set::text(&c.to_string()))
        }
        ("builtins.ord", Value::Str(text)) => text.chars().next().map(|c| Set::of(Value::Int(i64::from(u32::from(c))))),
        ("builtins.str", Value::Bytes(raw)) if args.len() > 1 => Some(fold::decode(raw, "")),
        ("builtins.str", value) => fold::shown(value).map(|text| Set::text(&text)),
        ("builtins.int", Value::Int(_)) | ("builtins.bytes", Value::Bytes(_)) => Some(first.clone()),
        ("builtins.int", Value::Str(digits)) => int(digits, args.get(1).and_then(Set::one)),
        ("builtins.bytes" | "builtins.bytearray", Value::Str(text)) => Some(Set::bytes(text.as_bytes())),
        ("builtins.bytes" | "builtins.bytearray", Value::Seq(seq)) => {
            let each = seq.items.iter().map(|item| match item.one() {
                Some(Value::Int(number)) => u8::try_from(*number).ok(),
                _ => None,
            });
            bytes(each.collect())
        }
        ("builtins.list" | "builtins.tuple", Value::Str(text)) if text.len() <= 4096 => {
            Some(Set::seq(text.chars().map(|c| Set::text(&c.to_string())).collect()))
        }
        ("builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.iter", Value::Seq(_)) => Some(first.clone()),
        ("builtins.range", Value::Int(number)) if args.len() == 1 && (0..=512).contains(number) => {
            Some(Set::seq((0..*number).map(|number| Set::of(Value::Int(number))).collect()))
        }
        (
            "base64.b64decode"
            | "base64.standard_b64decode"
            | "base64.urlsafe_b64decode"
            | "base64.decodebytes"
            | "binascii.a2b_base64",
            _,
        ) => bytes(fold::base64(text?)),
        (
            "base64.b16decode"
            | "binascii.unhexlify"
            | "binascii.a2b_hex"
            | "builtins.bytes.fromhex"
            | "builtins.bytearray.fromhex",
            _,
        ) => bytes(fold::hex(&String::from_utf8_lossy(text?))),
        ("codecs.decode" | "codecs.encode", _) => {
            let codec = args.get(1).and_then(|codec| codec.texts().next().map(str::to_owned)).unwrap_or_default();
            Some(fold::decode(text?, &codec))
        }
        (
            "os.path.expanduser" | "os.path.abspath" | "os.path.realpath" | "os.path.expandvars" | "os.fspath"
            | "os.path.normpath",
            _,
        ) => Some(first.clone()),
        ("os.path.join", _) => {
            let mut all = first.clone();
            for part in args.get(1..)? {
                all = fold::binary(&all, ruff_python_ast::Operator::Div, part);
            }
            Some(all)
        }
        _ => None,
    }
}

/// `int(digits, base)`.
fn int(digits: &str, base: Option<&Value>) -> Option<Set> {
    let radix = if let Some(Value::Int(base)) = base { u32::try_from(*base).ok()? } else { 10 };
    let digits = digits.trim_start_matches("0x").trim_start_matches("0b").trim_start_matches("0o");
    let number = (2..=36).contains(&radix).then(|| i64::from_str_radix(digits, radix).ok())??;
    Some(Set::of(Value::Int(number)))
}

/// Methods of constants.
pub(super) fn of_constant(value: &Value, name: &str, args: &[Set], named: &Named) -> Set {
    let text_of = |index: usize| args.get(index).and_then(|arg| arg.texts().next().map(str::to_owned));
    let known = match (value, name) {
        (Value::Str(text), "format") => Some(Set::of(fold::format(text, args, named))),
        (Value::Str(text), "join") => args.first().and_then(|items| joined(text, items)),
        (Value::Bytes(glue), "join") => args.first().and_then(|items| joined_bytes(glue, items)),
        (Value::Str(text), "replace") => {
            let from = text_of(0);
            let to = text_of(1);
            from.zip(to)
                .filter(|(from, to)| !from.is_empty() && to.len() <= from.len().max(64))
                .map(|(from, to)| Set::text(&text.replace(&from, &to)))
        }
        (Value::Str(text), "lower" | "casefold") => Some(Set::text(&text.to_lowercase())),
        (Value::Str(text), "upper") => Some(Set::text(&text.to_uppercase())),
        (Value::Str(text), "swapcase") => {
            let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            Some(Set::text(&text.chars().map(swap).collect::<String>()))
        }
        (Value::Str(text), "strip" | "lstrip" | "rstrip") => match text_of(0) {
            None => Some(Set::text(text.trim())),
            Some(cut) => Some(Set::text(text.trim_matches(|c| cut.contains(c)))),
        },
        (Value::Str(text), "removeprefix" | "removesuffix") => {
            let cut = text_of(0).unwrap_or_default();
            let cut = if name == "removeprefix" { text.strip_prefix(&cut) } else { text.strip_suffix(&cut) };
            Some(Set::text(cut.unwrap_or(text)))
        }
        (Value::Str(text), "split" | "rsplit") => {
            let parts: Vec<Set> = match text_of(0) {
                Some(by) if !by.is_empty() => text.split(&by).take(512).map(Set::text).collect(),
                _ => text.split_whitespace().take(512).map(Set::text).collect(),
            };
            Some(Set::seq(parts))
        }
        (Value::Str(text), "encode") => Some(Set::bytes(text.as_bytes())),
        (Value::Bytes(bytes), "decode") => Some(fold::decode(bytes, &text_of(0).unwrap_or_default())),
        (Value::Bytes(bytes), "hex") => {
            Some(Set::text(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        (Value::Int(number), "to_bytes") => args.first().and_then(|count| match count.one() {
            Some(Value::Int(count)) if (0..=8).contains(count) => {
                let all = number.to_be_bytes();
                all.get(8_usize.saturating_sub(usize::try_from(*count).unwrap_or(8))..).map(Set::bytes)
            }
            _ => None,
        }),
        _ => None,
    };
    known.unwrap_or_else(Set::unknown)
}

/// `glue.join(items)`.
fn joined(glue: &str, items: &Set) -> Option<Set> {
    match items.one()? {
        Value::Seq(seq) => {
            let mut parts = Vec::new();
            for item in &seq.items {
                match item.one() {
                    Some(Value::Str(text)) => parts.push(text.to_string()),
                    _ => return None,
                }
            }
            Some(Set::text(&parts.join(glue)))
        }
        Value::Str(text) if glue.is_empty() => Some(Set::text(text)),
        Value::Str(text) if text.len() < 4096 && glue.len() < 64 => {
            Some(Set::text(&text.chars().map(String::from).collect::<Vec<_>>().join(glue)))
        }
        _ => None,
    }
}

fn joined_bytes(glue: &[u8], items: &Set) -> Option<Set> {
    let Value::Seq(seq) = items.one()? else { return None };
    let one = |item: &Set| if let Some(Value::Bytes(bytes)) = item.one() { Some(bytes.clone()) } else { None };
    let parts: Vec<_> = seq.items.iter().map(one).collect::<Option<_>>()?;
    Some(Set::bytes(&parts.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>().join(glue)))
}
