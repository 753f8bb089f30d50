//! Arrays as Flax packs them into extensions (`flax/serialization.py`, `_ndarray_to_bytes`).

/// Whether an extension begins as arrays do: a list of three, the shape, and the name of a type of numbers.
pub(super) fn is_array(body: &[u8]) -> bool {
    const NUMBERS: &[&str] = &["float", "bfloat", "int", "uint", "bool", "complex"];
    let shape = match body {
        [0x93, first @ 0x90..=0x9f, rest @ ..] => numbers(rest, usize::from(first & 15)),
        _ => None,
    };
    let Some([first @ 0xa0..=0xbf, rest @ ..]) = shape else { return false };
    let name = rest.get(..usize::from(first & 31)).unwrap_or_default();
    let name = std::str::from_utf8(name).unwrap_or_default();
    NUMBERS.contains(&name.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default())
}

/// What follows `count` whole numbers.
fn numbers(mut rest: &[u8], count: usize) -> Option<&[u8]> {
    for _ in 0..count {
        let (first, behind) = rest.split_first()?;
        let width = match first {
            0..=0x7f => 0,
            0xcc => 1,
            0xcd => 2,
            0xce => 4,
            0xcf => 8,
            _ => return None,
        };
        rest = behind.get(width..)?;
    }
    Some(rest)
}
