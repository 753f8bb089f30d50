//! The types of the items of NumPy's arrays, as files and pickles name them.

/// The type of the items of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ItemType {
    /// Bytes of an item, where known.
    pub(crate) size: Option<u64>,
    /// Whether there are Python objects in it.
    pub(crate) object: bool,
    /// Whether items may have any size, as text, raw bytes and records do.
    pub(crate) flexible: bool,
}

/// A dtype by its code (`<f8`, `U10`, `O`).
pub(crate) fn dtype_code(code: &str) -> Option<ItemType> {
    let of = |size, object, flexible| Some(ItemType { size, object, flexible });
    let code = code.strip_prefix(['<', '>', '=', '|']).unwrap_or(code);
    if matches!(code, "object" | "object_" | "object0") {
        return of(Some(8), true, false);
    }
    let (kind, digits) = code.split_at_checked(1)?;
    // `M8[ns]`: the unit of dates.
    let (digits, unit) = digits.split_once('[').map_or((digits, None), |(digits, unit)| (digits, Some(unit)));
    if unit.is_some_and(|unit| !unit.ends_with(']') || !matches!(kind, "M" | "m")) {
        return None;
    }
    let size: Option<u64> = if digits.is_empty() { None } else { Some(digits.parse().ok()?) };
    match kind {
        "O" => of(Some(8), true, false),
        "b" | "i" | "u" | "f" | "c" | "M" | "m" => of(size.or((kind == "b").then_some(1)), false, false),
        "V" | "S" | "a" => of(size, false, true),
        "U" => of(size.map_or(Some(0), |size| size.checked_mul(4)), false, true),
        "?" | "B" if size.is_none() => of(Some(1), false, false),
        _ => None,
    }
}
